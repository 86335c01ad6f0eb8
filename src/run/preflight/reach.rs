//! Whether the target can be reached: its name, its port, and TLS.

use std::net::IpAddr;

use super::tried::{good, untried};
use crate::outcome::{Standing, Tried};
use crate::run::parts::test_run::TestRun;
use crate::transport::Failure;

/// Tries the steps to a connection. Returns whether all succeeded.
pub(super) async fn reach(run: &TestRun, tried: &mut Vec<Tried>) -> bool {
    let base = run.target.client.base();
    let asked = format!("{}:{}", base.host(), base.port());
    let steps = ["resolve", "connect", "TLS"];
    let (reached, failed) = match run.target.client.reach().await {
        Ok(reached) => (Some(reached), None),
        Err(failure) => (None, Some(failure)),
    };
    let wrong_at = failed.as_ref().map(|failure| match failure {
        Failure::Unresolved { .. } => 0,
        Failure::Tls { .. } => 2,
        _ => 1,
    });
    for (at, what) in steps.into_iter().enumerate() {
        let one = match (&failed, wrong_at) {
            (Some(failure), Some(wrong)) if at == wrong => {
                Tried { standing: Standing::Wrong, help: failure.help(), ..good(what, failure.to_string()) }
            }
            (Some(_), Some(wrong)) if at > wrong => match what {
                "TLS" if !base.is_https() => untried(what, "TLS is not used: the base URL begins with http://"),
                _ => untried(what, "not tried"),
            },
            _ => match what {
                "resolve" if run.setup.target.way.proxy.is_some() => {
                    untried(what, &format!("{} is looked up by the proxy", base.host()))
                }
                "resolve" if base.host().parse::<IpAddr>().is_ok() => {
                    good(what, format!("{} is an address", base.host()))
                }
                "resolve" => match reached.as_ref().map(|reached| reached.addresses.as_slice()) {
                    Some([first, rest @ ..]) => {
                        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                        good(what, format!("{} is {}{more}", base.host(), first.ip()))
                    }
                    _ => good(what, format!("{} has an address", base.host())),
                },
                "connect" => good(what, format!("{asked} accepts connections{}", run.setup.target.way)),
                _ => match reached.as_ref().and_then(|reached| reached.tls.as_ref()) {
                    Some(version) if run.setup.target.way.insecure => {
                        good(what, format!("{version}, with any certificate accepted (--insecure)"))
                    }
                    Some(version) => good(what, format!("{version}, and the certificate is for {}", base.host())),
                    None => untried(what, "TLS is not used: the base URL begins with http://"),
                },
            },
        };
        tried.push(one);
    }
    failed.is_none()
}
