//! Many runs of every shipped case, behind a proxy that closes connections at bad moments, give no finding and no
//! error. It takes about 20 s on two cores.
//!
//! `cargo test --release --test soak -- --ignored` is the long form, a thousand runs of every case behind each of these
//! proxies. Both print their figures.

#[path = "soak/closing.rs"]
mod closing;
#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;

use std::io::Write as _;
use std::time::{Duration, Instant};

use closing::{Closing, Ends};
use command::{Finished, conformant};
use served::Served;

/// When kept connections end; the short form and the long form try them all.
const ENDINGS: &[Ends] = &[
    Ends::Idle(50),
    Ends::Idle(4),
    Ends::After(1),
    Ends::After(3),
    Ends::AtRequest(1),
    Ends::AtRequest(2),
    Ends::AfterRequest(1),
    Ends::AfterRequest(4),
];

/// Runs every case so often behind each proxy, and says what came of it.
fn soaked(repeat: usize) {
    // Far more than it takes; a run that hangs must end the test.
    let patience = Duration::from_secs(120 + 2 * repeat as u64);
    let mut wrong: Vec<String> = Vec::new();
    for ends in ENDINGS {
        let served = Served::start(conformant(&["serve"]), 4);
        let upstream = served.base_url().trim_start_matches("http://").trim_end_matches("/v1");
        let proxy = Closing::start(upstream.parse().expect("an address"), *ends);
        let mut command = conformant(&["run", "--format", "json", "--repeat", &repeat.to_string(), "--slow", "10m"]);
        command
            .envs(served.variables.iter().cloned())
            .env("API_BASE_URL", format!("http://127.0.0.1:{}/v1", proxy.port));
        let start = Instant::now();
        let finished = Finished::within(patience, command);
        let took = start.elapsed();
        let report: serde_json::Value = serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|error| panic!("{ends:?}: {error}\n{}\n{}", finished.stdout, finished.stderr));
        let cases = report["cases"].as_array().expect("cases");
        let runs: u64 = cases.iter().map(|case| case["runs"].as_u64().expect("a number")).sum();
        assert_eq!(runs, (cases.len() * repeat) as u64, "{ends:?}: every case is run so often");
        // What the document leaves open is noted of every target, and what the API is known to do comes every time.
        let finding = |finding: &&serde_json::Value| finding["level"] != "note" && finding["known"].is_null();
        for case in cases {
            let findings: Vec<_> = case["findings"].as_array().expect("findings").iter().filter(finding).collect();
            let word = if case["verdict"] == "known" { "known" } else { "pass" };
            if case["verdict"] != word || case["counts"][word] != case["runs"] || !findings.is_empty() {
                wrong.push(format!("{ends:?}: {} {} {} {findings:?}", case["id"], case["counts"], case["reason"]));
            }
        }
        let left = report["left_behind"].as_array().expect("a list").len();
        if finished.status != 0 || left > 0 {
            wrong.push(format!("{ends:?}: exit {}, {left} left behind\n{}", finished.status, finished.stderr));
        }
        let (connections, requests, ended) = proxy.counts();
        // A proxy that ends nothing proves nothing.
        assert!(ended >= repeat, "{ends:?}: only {ended} connections were ended");
        let line = format!(
            "{ends:?}: {runs} runs of {} cases, {requests} requests over {connections} connections, {ended} of them ended \
             by the proxy, {:.1} s\n",
            cases.len(),
            took.as_secs_f64()
        );
        // Past libtest, which keeps what a test that passes prints.
        std::io::stdout().write_all(line.as_bytes()).expect("stdout");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn connections_that_end_are_no_finding() {
    soaked(4);
}

#[test]
#[ignore = "a thousand runs take long; see the top of this file"]
fn a_thousand_runs_without_a_finding() {
    soaked(1000);
}
