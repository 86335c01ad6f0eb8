//! Mistakes in flags for the network (proxy, certificates, gateway fields) end the command before it sends anything.

#[path = "support/command.rs"]
mod command;

use command::{Finished, Folder, conformant};
use rcgen::{CertificateParams, KeyPair};

/// A certificate and its key, as PEM.
fn certified() -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["client.test".to_owned()]).expect("parameters");
    (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
}

fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = conformant(&["run", "--base-url", "https://staging.invalid/v1"]);
    command.args(arguments).envs([("API_KEY", "app-0123456789"), ("WRONG_MODE_API_KEY", "app-9876543210")]);
    command.envs(variables.iter().copied());
    let finished = Finished::of(command).expect(2);
    assert_eq!(finished.stdout, "", "nothing was judged");
    finished.stderr
}

#[test]
fn files_of_certificates_and_keys_are_read_strictly() {
    let folder = Folder::new();
    let (certificate, key) = certified();
    let own = folder.file("own.pem", &certificate);
    let own_key = folder.file("own.key", &key);
    let other_key = folder.file("other.key", &certified().1);
    let empty = folder.file("empty.pem", "");
    let text = folder.file("text.pem", "a certificate, please\n");
    let damaged = folder.file("damaged.pem", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    let nonsense = folder.file("nonsense.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let request =
        folder.file("request.pem", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    let encrypted = folder
        .file("encrypted.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let older = folder.file("older.key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    let missing = folder.path().join("missing.pem").display().to_string();
    for (arguments, parts) in [
        (&["--ca-file", &missing][..], &["--ca-file names", "cannot be read"][..]),
        (&["--ca-file", &empty], &["holds no certificate in PEM form", "BEGIN CERTIFICATE"]),
        (&["--ca-file", &text], &["holds no certificate in PEM form"]),
        (&["--ca-file", &damaged], &["is damaged"]),
        (&["--ca-file", &nonsense], &["certificate 1 in", "cannot be used"]),
        (&["--ca-file", &request], &["holds a CERTIFICATE REQUEST and no certificate"]),
        (&["--ca-file", &own_key], &["(--ca-file) holds a private key and no certificate"]),
        (&["--client-cert", &missing], &["--client-cert names", "cannot be read"]),
        (&["--client-cert", &own], &["(--client-cert) holds no private key", "name the key's file with --client-key"]),
        (&["--client-cert", &own, "--client-key", &own], &["(--client-key) holds no private key"]),
        (&["--client-cert", &own, "--client-key", &other_key], &["(--client-cert) is for another key"]),
        (&["--client-cert", &own, "--client-key", &encrypted], &["(--client-key) is encrypted", "openssl pkey"]),
        (&["--client-cert", &own, "--client-key", &older], &["(--client-key) is encrypted"]),
        (&["--client-cert", &own_key, "--client-key", &own_key], &["(--client-cert) holds a private key"]),
        (&["--client-key", &own_key], &["--client-key names a key, and no certificate is named"]),
    ] {
        let stderr = refused(arguments, &[]);
        for part in parts {
            assert!(stderr.contains(part), "{arguments:?}: {part}\n{stderr}");
        }
    }
}

#[test]
fn fields_that_a_gateway_may_not_set_are_refused() {
    for (field, part) in [
        ("Authorization: Bearer hunter22", "it is the credential of the API"),
        ("proxy-authorization: Basic hunter22", "it is for the proxy"),
        ("Host: hunter22", "the field Host must not be set"),
        ("Content-Length: 4", "the field Content-Length must not be set"),
        ("Content-Type: text/plain", "it describes the body"),
        ("Accept-Encoding: gzip", "without a coding"),
        ("Connection: close", "about this one connection"),
        ("X-HTTP-Method-Override: GET", "some servers take the method from it"),
        ("X-Forwarded-Host: hunter22", "some servers and proxies take the host or the path from it"),
        ("TE: trailers", "it changes what the connection is used for"),
        ("X Token: hunter22", "has characters that HTTP does not allow"),
        ("no colon", "--header has no colon"),
        ("X-Token:", "has no value after the colon"),
    ] {
        let stderr = refused(&["--header", field], &[]);
        assert!(stderr.contains("--header") && stderr.contains(part), "{field}: {stderr}");
        assert!(!stderr.contains("hunter22"), "{stderr}");
    }
    let keys = [("PRESS_KEY", "press-0123456789"), ("PRESS_READ_KEY", "press-9876543210")];
    let other = ["--cases", "examples/print_jobs/cases", "--header", "x-press-key: hunter22"];
    let stderr = refused(&other, &keys);
    assert!(stderr.contains("--header cannot set the field x-press-key: in examples/print_jobs/"), "{stderr}");
    let stderr = refused(&["--header", "X-A: 1", "--header", "x-a: 2"], &[]);
    assert!(stderr.contains("--header sets the field x-a more than once"), "{stderr}");
    let stderr = refused(&[], &[("CONFORMANT_HEADER", "X-A: 1\nAuthorization: hunter22")]);
    assert!(stderr.contains("CONFORMANT_HEADER cannot set the field Authorization"), "{stderr}");
}

#[test]
fn a_proxy_that_cannot_be_one_is_refused_only_where_it_is_used() {
    for (variable, value, part) in [
        ("HTTPS_PROXY", "socks5://u:hunter22@proxy.test", "the proxy in HTTPS_PROXY is a SOCKS proxy"),
        ("https_proxy", "https://u:hunter22@proxy.test", "the proxy in https_proxy has an https:// URL"),
        ("ALL_PROXY", "http://u:hunter22@proxy.test:0", "the proxy in ALL_PROXY has the port 0"),
    ] {
        let stderr = refused(&[], &[(variable, value)]);
        assert!(stderr.contains(part) && !stderr.contains("hunter22"), "{stderr}");
    }
    // Neither the reference inside nor a target that NO_PROXY names has to do with it.
    let mut command = conformant(&["run", "--profile", "core"]);
    command.envs([("HTTP_PROXY", "socks5://proxy.test"), ("HTTPS_PROXY", "what?"), ("ALL_PROXY", "ftp://")]);
    Finished::of(command).expect(0);
}
