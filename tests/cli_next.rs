//! The command that a report prints for running a case again works when it is copied into a shell.

#[path = "support/command.rs"]
mod command;
#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/served.rs"]
mod served;
#[path = "support/tls.rs"]
mod tls;

use std::process::Command;

use command::{Finished, Folder, conformant};
use served::Served;
use tokio::net::TcpStream;

/// The command that a report names, without the words before it.
fn next(finished: &Finished) -> &str {
    let last = finished.stdout.lines().last().unwrap_or_default();
    let (_, next) = last.split_once(": conformant ").unwrap_or_else(|| panic!("no command:\n{}", finished.stdout));
    next
}

/// Has a shell run such a command, with nothing set but these variables.
fn in_a_shell(next: &str, variables: &[(&str, &str)]) -> Finished {
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_conformant");
    command.args(["-c", &format!("'{program}' {next}")]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env_clear().envs(variables.iter().copied());
    Finished::of(command)
}

#[cfg(unix)]
#[test]
fn it_runs_the_first_case_that_failed() {
    let finished = command::run(&["--cases", "tests/data/doors"]).expect(1);
    let again = in_a_shell(next(&finished), &[]).expect(1);
    assert!(again.stdout.contains("FAIL  doors/fails") && again.stdout.contains("\n1 case in "), "{}", again.stdout);
    let finished = command::run(&["--release", "1.8.0"]).expect(1);
    let first = finished.stdout.lines().find_map(|line| line.strip_prefix("  FAIL  ")?.split(' ').next());
    let again = next(&finished);
    assert_eq!(again.split(' ').next_back(), first, "{}", finished.stdout);
    assert!(in_a_shell(again, &[]).expect(1).stdout.contains("\n1 case in "));
}

/// A target that is reached only with what the command line says: an authority of its own, keys in a file, a gateway's
/// token.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_finds_the_way_to_the_target_again_and_holds_no_secret() {
    let served = Served::start(conformant(&["serve", "--release", "1.8.0"]), 4);
    let upstream = served.base_url().trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    let folder = Folder::new();
    let authority = tls::authority("an authority of a test");
    let acceptor = tls::acceptor(&authority, "localhost", (2010, 2120));
    let front = scripted::Scripted::start(move |socket, _| {
        let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
        async move {
            let Ok(mut client) = acceptor.accept(socket).await else { return };
            let mut target = TcpStream::connect(&upstream).await.expect("what is served");
            let _ = tokio::io::copy_bidirectional(&mut client, &mut target).await;
        }
    })
    .await;
    let keys: String =
        served.variables.iter().skip(1).map(|(name, value)| format!("{name}={value}\n")).collect::<Vec<_>>().concat();
    let (keys, ca) = (folder.file("the keys.env", &keys), folder.file("it's one.pem", &authority.as_ref().pem()));
    let base_url = format!("https://localhost:{}/v1", front.port);
    let way = ["--base-url", &base_url, "--env-file", &keys, "--ca-file", &ca, "--timeout", "20s", "--slow", "9s"];
    let gateway = ["--header", "X-Team: one", "--header", "X-Gateway-Token: a-token-of-a-gateway"];
    let arguments = [&["run"], &way[..], &gateway, &["--profile", "core", "--jobs", "1"]].concat();
    let finished = command::run(&arguments).expect(1);
    let again = next(&finished);
    assert!(again.ends_with(" -v delete_conversation/missing_conversation"), "{again}");
    assert!(!again.contains("a-token") && again.contains("\"${X_GATEWAY_TOKEN:?}\""), "{again}");
    let missing = in_a_shell(again, &[]);
    assert!(missing.status != 0 && missing.stderr.contains("X_GATEWAY_TOKEN"), "{}", missing.stderr);
    assert_eq!(missing.stdout, "", "nothing is sent without it");
    let repeated = in_a_shell(again, &[("X_GATEWAY_TOKEN", "a-token-of-a-gateway")]).expect(1).stdout;
    for part in ["FAIL  delete_conversation/missing", "\n1 case in ", "X-Team: one", "X-Gateway-Token: ******"] {
        assert!(repeated.contains(part), "{part}\n{repeated}");
    }
    assert!(!repeated.contains("a-token-of"), "{repeated}");
    // It does not name itself as what to run next.
    assert!(!repeated.contains("\nnext:"), "{again}\n{repeated}");
}
