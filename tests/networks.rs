//! Verdicts are the same through nginx, HAProxy and squid, over TLS and with client certificates.
//!
//! Tests that need a program are ignored, with the reason, if it is not installed. If `CONFORMANT_REQUIRE` lists it,
//! its absence is a failure.

#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;
#[path = "support/trials.rs"]
mod trials;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::process::{Command, ExitCode};

use command::{Finished, Folder, conformant};
use libtest_mimic::Arguments;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use served::{Listening, Served, nginx_that_listens};
use trials::{Parts, needing, run_at, serve, trial};

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let mut trials = vec![
        needing("nginx_changes_no_verdict", &["nginx"], through_nginx),
        needing("haproxy_changes_no_verdict", &["haproxy"], through_haproxy),
        needing("what_fails_fails_through_all_of_them", &["nginx", "haproxy", "squid"], failing_through_all),
        needing("tls_by_an_own_authority_changes_no_verdict", &["nginx"], over_tls),
        needing("a_client_certificate_changes_no_verdict", &["nginx"], with_a_client_certificate),
        needing("a_missing_client_certificate_is_reported", &["nginx", "haproxy"], without_a_client_certificate),
        needing("client_keys_are_read_in_every_form", &["nginx", "openssl"], keys_in_every_form),
        needing("squid_as_a_tunnel_changes_no_verdict", &["nginx", "squid"], through_a_tunnel_of_squid),
        needing("squid_as_a_plain_proxy_changes_no_verdict", &["squid"], through_plain_squid),
        needing("what_squid_refuses_is_reported", &["squid"], refused_by_squid),
        needing("a_proxy_that_wants_a_login_is_reported", &[], refused_for_want_of_a_login),
        needing("an_expired_certificate_is_reported", &["nginx"], expired),
        needing("http2_changes_no_verdict", &[], over_http2),
        needing("http2_through_nginx_changes_no_verdict", &["nginx"], over_http2_through_nginx),
        needing("a_target_without_http2_is_reported", &["nginx"], without_http2),
    ];
    trials.push(match TcpListener::bind("[::1]:0") {
        Ok(listener) => trial("ipv6_changes_no_verdict", move || over_ipv6(&listener)),
        Err(_) => trial("ipv6_changes_no_verdict (this machine has none)", || ()).with_ignored_flag(true),
    });
    libtest_mimic::run(&args, trials).exit_code()
}

/// The port of what is served.
fn port(served: &Served) -> u16 {
    let authority = served.base_url().trim_start_matches("http://").split('/').next();
    authority.and_then(|authority| authority.split(':').nth(1)?.parse().ok()).expect("a port")
}

/// Every case with its verdict and the rules that it broke.
fn verdicts(finished: &Finished) -> BTreeMap<String, String> {
    let report: serde_json::Value = serde_json::from_str(&finished.stdout).expect("a JSON report");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let cases = report["cases"].as_array().expect("cases").iter();
    cases
        .map(|case| {
            let mut rules: Vec<String> =
                case["findings"].as_array().expect("findings").iter().map(|finding| text(&finding["rule"])).collect();
            rules.sort();
            (text(&case["id"]), format!("{} {}", text(&case["verdict"]), rules.join(" ")))
        })
        .collect()
}

/// Runs the whole suite directly and the other way, and holds the verdicts against each other. Gives the report of the
/// other way.
fn same_verdicts(served: &Served, base_url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> serde_json::Value {
    same_verdicts_ending_in(0, served, base_url, arguments, variables)
}

/// As [`same_verdicts`], for a target with which both runs end in `status`.
fn same_verdicts_ending_in(
    status: i32,
    served: &Served,
    base_url: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> serde_json::Value {
    let direct = verdicts(&run_at(served, served.base_url(), &["--format", "json"], &[]).expect(status));
    let arguments: Vec<&str> = ["--format", "json"].iter().chain(arguments).copied().collect();
    let other = run_at(served, base_url, &arguments, variables);
    let found = verdicts(&other);
    assert!(direct.len() > 20, "{direct:?}");
    for (id, verdict) in &direct {
        assert_eq!(found.get(id), Some(verdict), "{id}\n{}", other.stdout);
    }
    let other = other.expect(status);
    serde_json::from_str(&other.stdout).expect("a JSON report")
}

/// An authority of the test's own, and certificates from it, as PEM files in a folder.
struct Authority<'a> {
    folder: &'a Folder,
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The file with its certificate.
    file: String,
}

impl<'a> Authority<'a> {
    fn new(folder: &'a Folder) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, "an authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let file = folder.file("authority.pem", &issuer.as_ref().pem());
        Self { folder, issuer, file }
    }

    /// The files of a certificate for a name and of its key.
    fn certify(&self, name: &str) -> (String, String) {
        self.certify_until(name, 2120)
    }

    fn certify_until(&self, name: &str, year: i32) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        params.not_before = rcgen::date_time_ymd(2010, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let certificate = self.folder.file(&format!("{name}.pem"), &certificate.pem());
        (certificate, self.folder.file(&format!("{name}.key"), &key.serialize_pem()))
    }
}

/// nginx that speaks TLS for a name, in front of what is served.
fn tls_front(nginx: &Path, folder: &Folder, served: &Served, certificate: &(String, String), more: &str) -> Listening {
    let (certificate, key) = certificate;
    let upstream = served.base_url().trim_end_matches("/v1");
    nginx_that_listens(
        nginx,
        folder.path(),
        " ssl",
        &format!(
            "ssl_certificate {certificate};\n    ssl_certificate_key {key};\n    {more}\n    \
             location / {{ proxy_pass {upstream}; }}"
        ),
    )
}

fn haproxy(program: &Path, folder: &Folder, upstream: u16, bind: &str) -> Listening {
    Listening::start(folder.path(), |port| {
        let config = folder.file(
            "haproxy.cfg",
            &format!(
                "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n\
                 frontend front\n  bind 127.0.0.1:{port} {bind}\n  default_backend back\n\
                 backend back\n  server only 127.0.0.1:{upstream}\n"
            ),
        );
        let mut command = Command::new(program);
        command.args(["-db", "-f", &config]);
        command
    })
}

/// squid as a forward proxy that knows the name `staging.test`, with rules about who may be asked.
fn squid(program: &Path, folder: &Folder, rules: &str) -> Listening {
    let hosts = folder.file("hosts", "127.0.0.1 staging.test\n");
    Listening::start(folder.path(), |port| {
        let config = folder.file(
            "squid.conf",
            &format!(
                "http_port 127.0.0.1:{port}\nhosts_file {hosts}\npid_filename none\naccess_log none\n\
                 cache_log /dev/null\ncache_store_log none\ncache deny all\nshutdown_lifetime 0 seconds\n\
                 visible_hostname proxy.test\npinger_enable off\ndns_nameservers 127.0.0.1\n{rules}\n"
            ),
        );
        let mut command = Command::new(program);
        command.args(["-N", "-n", &format!("conformant{port}"), "-f", &config]);
        command
    })
}

/// The address in brackets, and a name that stands for both addresses of this machine where only one answers.
fn over_ipv6(listener: &TcpListener) {
    let served = serve();
    let (port, upstream) = (listener.local_addr().expect("an address").port(), port(&served));
    let listener = listener.try_clone().expect("one more handle");
    std::thread::spawn(move || {
        while let Ok((client, _)) = listener.accept() {
            let target = TcpStream::connect(("127.0.0.1", upstream)).expect("what is served");
            for (mut from, mut to) in [
                (client.try_clone().expect("one more handle"), target.try_clone().expect("one more handle")),
                (target, client),
            ] {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    // Not every machine calls itself `localhost` by both.
    let both = ("localhost", port).to_socket_addrs().is_ok_and(|mut found| found.any(|one| one.is_ipv6()));
    for host in ["[::1]", "localhost"].into_iter().take(if both { 2 } else { 1 }) {
        for slash in ["", "/"] {
            same_verdicts(&served, &format!("http://{host}:{port}/v1{slash}"), &[], &[]);
        }
    }
}

fn through_nginx(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let upstream = served.base_url().trim_end_matches("/v1");
    let pass = format!("location / {{ proxy_pass {upstream}; }}");
    let front = nginx_that_listens(parts.of("nginx"), folder.path(), "", &pass);
    same_verdicts(&served, &format!("http://127.0.0.1:{}/v1", front.port), &[], &[]);
}

/// A release that answers 204 for what does not exist: the same cases fail, by the same rules.
fn failing_through_all(parts: &Parts) {
    let served = Served::start(conformant(&["serve", "--release", "1.8.0"]), 4);
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let authority = Authority::new(&folders[0]);
    let names = authority.certify("staging.test");
    let nginx = tls_front(parts.of("nginx"), &folders[0], &served, &names, "");
    let haproxy = haproxy(parts.of("haproxy"), &folders[1], port(&served), "");
    let squid = squid(parts.of("squid"), &folders[2], "http_access allow all");
    same_verdicts_ending_in(1, &served, &format!("http://127.0.0.1:{}/v1", haproxy.port), &[], &[]);
    let base_url = format!("https://staging.test:{}/v1", nginx.port);
    let variable = format!("http://127.0.0.1:{}", squid.port);
    let trusting = ["--ca-file", &authority.file];
    same_verdicts_ending_in(1, &served, &base_url, &trusting, &[("HTTPS_PROXY", &variable)]);
}

fn through_haproxy(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let front = haproxy(parts.of("haproxy"), &folder, port(&served), "");
    same_verdicts(&served, &format!("http://127.0.0.1:{}/v1/", front.port), &[], &[]);
}

fn over_tls(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let authority = Authority::new(&folder);
    let front = tls_front(parts.of("nginx"), &folder, &served, &authority.certify("localhost"), "");
    let base_url = format!("https://localhost:{}/v1", front.port);
    same_verdicts(&served, &base_url, &["--ca-file", &authority.file], &[]);
    let report = same_verdicts(&served, &base_url, &[], &[("CONFORMANT_INSECURE", "1")]);
    assert_eq!(report["target"]["insecure"], true);
    assert!(report["notes"].to_string().contains("--insecure"), "{}", report["notes"]);
    let finished = run_at(&served, &base_url, &["--insecure", "--profile", "core"], &[]).expect(0);
    assert!(finished.stdout.lines().take(3).any(|line| line.starts_with("warning:")), "{}", finished.stdout);
    // By the name alone it is not trusted, nor under another.
    let finished = run_at(&served, &base_url, &[], &[]).expect(3);
    assert!(finished.stdout.contains("--ca-file"), "{}", finished.stdout);
    let base_url = format!("https://127.0.0.1:{}/v1", front.port);
    let finished = run_at(&served, &base_url, &["--ca-file", &authority.file], &[]).expect(3);
    assert!(finished.stdout.contains("is for another name"), "{}", finished.stdout);
}

fn demanding(authority: &Authority<'_>) -> String {
    format!("ssl_client_certificate {};\n    ssl_verify_client on;", authority.file)
}

fn with_a_client_certificate(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let authority = Authority::new(&folder);
    let demand = demanding(&authority);
    let front = tls_front(parts.of("nginx"), &folder, &served, &authority.certify("localhost"), &demand);
    let base_url = format!("https://localhost:{}/v1", front.port);
    let (certificate, key) = authority.certify("client");
    let both = ["--ca-file", &authority.file, "--client-cert", &certificate, "--client-key", &key];
    same_verdicts(&served, &base_url, &both, &[]);
    let text = |path: &str| std::fs::read_to_string(path).expect("a file of this test");
    let together = folder.file("together.pem", &(text(&certificate) + &text(&key)));
    run_at(
        &served,
        &base_url,
        &["--profile", "core"],
        &[("CONFORMANT_CA_FILE", &authority.file), ("CONFORMANT_CLIENT_CERT", &together)],
    )
    .expect(0);
}

fn without_a_client_certificate(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let authority = Authority::new(&folder);
    let (certificate, key) = authority.certify("localhost");
    let demand = demanding(&authority);
    let nginx = tls_front(parts.of("nginx"), &folder, &served, &(certificate.clone(), key.clone()), &demand);
    let text = |path: &str| std::fs::read_to_string(path).expect("a file of this test");
    let together = folder.file("front.pem", &(text(&certificate) + &text(&key)));
    let bind = |versions: &str| format!("ssl crt {together} ca-file {} verify required {versions}", authority.file);
    let newest = haproxy(parts.of("haproxy"), &folder, port(&served), &bind("alpn h2,http/1.1"));
    let older = haproxy(parts.of("haproxy"), &folder, port(&served), &bind("ssl-max-ver TLSv1.2"));
    let strangers = Folder::new();
    let stranger = Authority::new(&strangers).certify("stranger");
    for front in [&nginx, &newest, &older] {
        let base_url = format!("https://localhost:{}/v1", front.port);
        let finished = run_at(&served, &base_url, &["--ca-file", &authority.file], &[]).expect(3);
        assert!(finished.stdout.contains("it requires a client certificate, but none is given"), "{}", finished.stdout);
        assert!(finished.stdout.contains("--client-cert"), "{}", finished.stdout);
        let shown = ["--ca-file", &authority.file, "--client-cert", &stranger.0, "--client-key", &stranger.1];
        let finished = run_at(&served, &base_url, &shown, &[]).expect(3);
        assert!(finished.stdout.contains("it does not accept the client certificate"), "{}", finished.stdout);
    }
    let base_url = format!("https://localhost:{}/v1", newest.port);
    let over_http2 = ["--http", "2", "--ca-file", &authority.file];
    let finished = run_at(&served, &base_url, &over_http2, &[]).expect(3);
    assert!(finished.stdout.contains("it requires a client certificate, but none is given"), "{}", finished.stdout);
    let (certificate, key) = authority.certify("client");
    let shown: Vec<&str> =
        over_http2.into_iter().chain(["--client-cert", &certificate, "--client-key", &key]).collect();
    run_at(&served, &base_url, &shown, &[]).expect(0);
}

/// Keys in the forms in which they are made, and one that nobody can read without its password.
fn keys_in_every_form(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let openssl = |arguments: &str| {
        let mut command = Command::new(parts.of("openssl"));
        command.args(arguments.split(' ')).current_dir(folder.path());
        Finished::of(command).expect(0);
    };
    let authority = Authority::new(&folder);
    for (form, make) in [
        ("sec1", "ecparam -name prime256v1 -genkey -out sec1.key"),
        ("pkcs1", "genrsa -traditional -out pkcs1.key 2048"),
        ("pkcs8", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out pkcs8.key"),
        ("ed25519", "genpkey -algorithm ED25519 -out ed25519.key"),
    ] {
        openssl(make);
        openssl(&format!("req -x509 -new -key {form}.key -subj /CN=client -days 30 -out {form}.pem"));
        let file = |ending: &str| folder.path().join(format!("{form}.{ending}")).display().to_string();
        let demand = format!("ssl_client_certificate {};\n    ssl_verify_client on;", file("pem"));
        let front = tls_front(parts.of("nginx"), &folder, &served, &authority.certify("localhost"), &demand);
        let base_url = format!("https://localhost:{}/v1", front.port);
        let (certificate, key) = (file("pem"), file("key"));
        let way = ["--ca-file", &authority.file, "--client-cert", &certificate, "--client-key", &key];
        run_at(&served, &base_url, &[&way[..], &["--profile", "core"]].concat(), &[]).expect(0);
        openssl(&format!("pkcs8 -topk8 -in {form}.key -passout pass:hunter22 -out {form}.locked"));
        let locked = file("locked");
        let way = ["--ca-file", &authority.file, "--client-cert", &certificate, "--client-key", &locked];
        let finished = run_at(&served, &base_url, &way, &[]).expect(2);
        assert!(finished.stderr.contains("(--client-key) is encrypted"), "{}", finished.stderr);
    }
}

fn through_a_tunnel_of_squid(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let authority = Authority::new(&folder);
    let front = tls_front(parts.of("nginx"), &folder, &served, &authority.certify("staging.test"), "");
    let proxy = squid(parts.of("squid"), &folder, "http_access allow all");
    let base_url = format!("https://staging.test:{}/v1", front.port);
    let variable = format!("http://127.0.0.1:{}", proxy.port);
    let report = same_verdicts(&served, &base_url, &["--ca-file", &authority.file], &[("HTTPS_PROXY", &variable)]);
    assert_eq!(report["target"]["proxy"], variable);
    // The name is known to the proxy alone.
    let direct = [("HTTPS_PROXY", variable.as_str()), ("NO_PROXY", ".test")];
    let finished = run_at(&served, &base_url, &["--ca-file", &authority.file], &direct).expect(3);
    assert!(finished.stdout.contains("the host staging.test has no address"), "{}", finished.stdout);
}

fn through_plain_squid(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let proxy = squid(parts.of("squid"), &folder, "http_access allow all");
    let base_url = format!("http://staging.test:{}/v1", port(&served));
    let login = format!("http://somebody:a-long-password@127.0.0.1:{}", proxy.port);
    let report = same_verdicts(&served, &base_url, &[], &[("all_proxy", &login)]);
    assert!(report["notes"].to_string().contains("may have changed them"), "{}", report["notes"]);
    let finished = run_at(&served, &base_url, &["--profile", "core", "-vv"], &[("HTTP_PROXY", &login)]).expect(0);
    let first = finished.stdout.lines().next().unwrap_or_default();
    assert_eq!(first, format!("target: {base_url}, through the proxy http://127.0.0.1:{}", proxy.port));
    assert!(!finished.stdout.contains("a-long-password"), "{}", finished.stdout);
}

fn refused_by_squid(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let proxy = squid(parts.of("squid"), &folder, "http_access deny all");
    let variable = format!("http://127.0.0.1:{}", proxy.port);
    for (scheme, name) in [("https", "HTTPS_PROXY"), ("http", "HTTP_PROXY")] {
        let base_url = format!("{scheme}://staging.test:{}/v1", port(&served));
        let finished = run_at(&served, &base_url, &[], &[(name, &variable)]).expect(3);
        assert!(finished.stdout.contains("403 Forbidden"), "{}", finished.stdout);
        let who = format!("the proxy {variable} ({name}) answered");
        assert!(finished.stdout.contains(&who), "{}", finished.stdout);
    }
    // Nobody listens there.
    let proxy = squid(parts.of("squid"), &folder, "http_access allow all");
    let variable = format!("http://127.0.0.1:{}", proxy.port);
    let finished = run_at(&served, "https://staging.test:1/v1", &[], &[("HTTPS_PROXY", &variable)]).expect(3);
    assert!(finished.stdout.contains("answered 503 Service Unavailable"), "{}", finished.stdout);
    assert!(finished.stdout.contains("ERR_CONNECT_FAIL"), "{}", finished.stdout);
}

/// With and without TLS, and with a login that is not the right one.
fn refused_for_want_of_a_login(_: &Parts) {
    let served = serve();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            std::thread::spawn(move || {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|count| count > 0) {
                    request.push(byte[0]);
                }
                let _ = client.write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\
                      Content-Length: 0\r\nConnection: close\r\n\r\n",
                );
            });
        }
    });
    for (scheme, name) in [("https", "HTTPS_PROXY"), ("http", "HTTP_PROXY"), ("https", "all_proxy")] {
        for (login, told) in
            [("", "requires a login"), ("me:a-wrong-password@", "does not accept the user and password")]
        {
            let variable = format!("http://{login}127.0.0.1:{port}");
            let finished = run_at(&served, &format!("{scheme}://staging.test/v1"), &[], &[(name, &variable)]).expect(3);
            let named = format!("the proxy http://127.0.0.1:{port} ({name}) {told}");
            assert!(finished.stdout.contains(&named), "{}", finished.stdout);
            assert!(!finished.stdout.contains("a-wrong-password"), "{}", finished.stdout);
        }
    }
}

fn expired(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let authority = Authority::new(&folder);
    let front = tls_front(parts.of("nginx"), &folder, &served, &authority.certify_until("localhost", 2011), "");
    let base_url = format!("https://localhost:{}/v1", front.port);
    let finished = run_at(&served, &base_url, &["--ca-file", &authority.file], &[]).expect(3);
    assert!(finished.stdout.contains("its certificate has expired"), "{}", finished.stdout);
    run_at(&served, &base_url, &["--insecure", "--profile", "core"], &[]).expect(0);
}

/// Against the reference as it is, and as it was in a release that keeps no promise about missing conversations.
fn over_http2(_: &Parts) {
    let served = serve();
    let report = same_verdicts(&served, served.base_url(), &["--http", "2"], &[]);
    assert_eq!(report["target"]["http"], "2");
    let finished = run_at(&served, served.base_url(), &["--profile", "core"], &[("CONFORMANT_HTTP", "2")]).expect(0);
    let first = finished.stdout.lines().next().unwrap_or_default();
    assert_eq!(first, format!("target: {}, over HTTP/2", served.base_url()));
    let served = Served::start(conformant(&["serve", "--release", "1.8.0"]), 4);
    same_verdicts_ending_in(1, &served, served.base_url(), &["--http", "2"], &[]);
    let finished = run_at(&served, served.base_url(), &["--http", "2", "--profile", "core"], &[]).expect(1);
    for part in [" HTTP/2\n", "< HTTP/2 204\n", &format!("run --base-url {} --http 2 -v", served.base_url())] {
        assert!(finished.stdout.contains(part), "{part}\n{}", finished.stdout);
    }
    assert!(!finished.stdout.contains("HTTP/1.1"), "{}", finished.stdout);
}

fn over_http2_through_nginx(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let upstream = served.base_url().trim_end_matches("/v1");
    let pass = format!("location / {{ proxy_pass {upstream}; }}");
    let front = nginx_that_listens(parts.of("nginx"), folder.path(), " http2", &pass);
    same_verdicts(&served, &format!("http://127.0.0.1:{}/v1", front.port), &["--http", "2"], &[]);
    let authority = Authority::new(&folder);
    let (certificate, key) = authority.certify("localhost");
    let pass = format!("ssl_certificate {certificate};\n    ssl_certificate_key {key};\n    {pass}");
    let front = nginx_that_listens(parts.of("nginx"), folder.path(), " ssl http2", &pass);
    let base_url = format!("https://localhost:{}/v1", front.port);
    same_verdicts(&served, &base_url, &["--http", "2", "--ca-file", &authority.file], &[]);
}

fn without_http2(parts: &Parts) {
    let (served, folder) = (serve(), Folder::new());
    let authority = Authority::new(&folder);
    let front = tls_front(parts.of("nginx"), &folder, &served, &authority.certify("localhost"), "");
    let base_url = format!("https://localhost:{}/v1", front.port);
    let finished = run_at(&served, &base_url, &["--http", "2", "--ca-file", &authority.file], &[]).expect(3);
    assert!(finished.stdout.contains("does not speak HTTP/2"), "{}", finished.stdout);
    let proxied = [("HTTP_PROXY", "http://127.0.0.1:1")];
    let finished = run_at(&served, "http://staging.test/v1", &["--http", "2"], &proxied).expect(2);
    assert!(finished.stderr.contains("HTTP/2 cannot be spoken with an http:// target"), "{}", finished.stderr);
}
