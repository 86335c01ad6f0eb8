//! The secrets that are known before any file is read, so that an error in a flag, a file of variables or a suite does not
//! quote one.

use std::path::Path;

use super::env_file;
use super::environment::Environment;
use super::flag::{Flag, SecretIn};
use super::mistyped;
use super::table::{CASES, ENV_FILE, FLAGS, is_target};
use crate::secret::{Secrets, logins, logins_of_url, says_secret};
use crate::suite;

/// The fewest characters of a secret that no suite names: a shorter value also occurs in unrelated texts, which must stay
/// readable.
const SHORTEST: usize = 8;

/// Every value that may be a secret: of variables whose name says so, of variables that the suites name, logins in URLs, and
/// header fields for gateways. `arguments` are the words of the command line. Mistakes in them, in files of variables and in
/// suites are passed over here; the code that uses these files reports them.
pub fn hidden(arguments: &[String], env: Environment) -> Secrets {
    let secrets = Secrets::none();
    let env_file = given(arguments, &ENV_FILE.flag).or_else(|| env.get(ENV_FILE.flag.variable()).map(str::to_owned));
    // A pipe can be read only once.
    let env_file = env_file.filter(|file| Path::new(file.trim()).is_file());
    let variables = env_file.and_then(|file| env_file::read(Path::new(file.trim()), ENV_FILE.flag.name).ok());
    let env = env.over(variables.unwrap_or_default());
    let cases = given(arguments, &CASES.flag).or_else(|| env.get(CASES.flag.variable()).map(str::to_owned));
    let named = suite::variable_names(&cases.map_or_else(|| CASES.default(), |cases| cases.trim().into()));
    let hide = |value: &str| secrets.mask_late(value, false);
    for (name, value) in env.iter() {
        let is_url = is_target(name) || name.to_ascii_lowercase().ends_with("_proxy");
        let found = if is_url { logins_of_url(value) } else { logins(value) };
        for login in found {
            hide(&login);
        }
        let says = says_secret(name) && !mistyped::is_setting(name) && value.len() >= SHORTEST;
        if is_secret(name, &named) || says {
            hide(value);
        }
    }
    let with_fields = || FLAGS.iter().filter(|flag| flag.secret == SecretIn::HeaderField);
    let in_variables = with_fields().filter_map(|flag| env.get(flag.variable?)).map(str::to_owned);
    let fields = with_fields().flat_map(|flag| given_all(arguments, flag)).chain(in_variables);
    for field in fields.flat_map(|fields| fields.lines().map(str::to_owned).collect::<Vec<_>>()) {
        let Some((name, value)) = field.split_once(':') else { continue };
        // Not every value is a secret: `application/json` is none, and no key.
        let like_a_key = value.trim().len() >= SHORTEST && value.bytes().any(|byte| byte.is_ascii_digit());
        if says_secret(name) || like_a_key {
            hide(value.trim());
        }
    }
    let with_urls = FLAGS.iter().filter(|flag| flag.secret == SecretIn::Url);
    let targets: Vec<String> = with_urls.flat_map(|flag| given_all(arguments, flag)).collect();
    let in_targets = targets.iter().flat_map(|target| logins_of_url(target));
    for login in arguments.iter().flat_map(|argument| logins(argument)).chain(in_targets) {
        hide(&login);
    }
    secrets
}

/// Whether a suite uses a variable as a secret.
fn is_secret(name: &str, named: &suite::VariableNames) -> bool {
    let is_known = is_target(name) || hands_over(name, named) && !says_secret(name);
    named.credentials.contains(name) || named.texts.contains(name) && !named.public.contains(name) && !is_known
}

/// Whether a variable holds the ids of objects that the suite may use up, or the name of their owner.
fn hands_over(name: &str, named: &suite::VariableNames) -> bool {
    let ids = name.strip_suffix("_USER").map(|stem| format!("{stem}_IDS"));
    named.objects.contains(name) || ids.is_some_and(|ids| named.objects.contains(&ids))
}

/// The last value that a command line gives a flag.
fn given(arguments: &[String], flag: &Flag) -> Option<String> {
    given_all(arguments, flag).pop()
}

/// Every value that a command line gives a flag, as `--flag value` or `--flag=value`.
fn given_all(arguments: &[String], flag: &Flag) -> Vec<String> {
    let behind = arguments.iter().skip(1).map(Some).chain([None]);
    let all = arguments.iter().zip(behind).filter_map(|(argument, next)| {
        let rest = argument.strip_prefix(flag.name)?;
        if rest.is_empty() { next.cloned() } else { rest.strip_prefix('=').map(str::to_owned) }
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: [&str; 10] = [
        "1234567",
        "client-key.pem",
        "application/json",
        "open-for-all",
        "row-1",
        "somebody",
        "nothing-special",
        "db.test",
        "proxy.test",
        "app",
    ];
    const HIDDEN: [&str; 10] = [
        "correct-horse",
        "flat",
        "hunter22",
        "app:hunter22",
        "proxy-pass",
        "second-value",
        "tok-from-file",
        "flag-value-1",
        "target-pass",
        "argument-pass",
    ];

    #[test]
    fn values_are_hidden_by_name_by_login_and_by_what_suites_name() {
        let folder = std::env::temp_dir().join(format!("conformant-hidden-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let suite = folder.join("a.yaml");
        let text = "public: [OPEN_VALUE]\nstates: {a: {from_env: ROW_IDS}}\ncases: [{{env.PLAIN}} {{env.OPEN_VALUE}} {{env.ROW_USER}}";
        std::fs::write(&suite, text).expect("a file");
        let file = folder.join("staging.env");
        std::fs::write(&file, "FROM_FILE_TOKEN=tok-from-file\n").expect("a file");
        let env: Environment = [
            ("MY_PASSWORD", "correct-horse"),
            ("SHORT_KEY", "1234567"),
            ("CONFORMANT_CLIENT_KEY", "client-key.pem"),
            ("PLAIN", "flat"),
            ("OPEN_VALUE", "open-for-all"),
            ("ROW_IDS", "row-1,row-2"),
            ("ROW_USER", "somebody"),
            ("DATABASE_URL", "postgres://app:hunter22@db.test/app"),
            ("HTTPS_PROXY", "me:proxy-pass@proxy.test:1"),
            ("CONFORMANT_HEADER", "X-Team: blue-team\nX-Token: second-value\nAccept: application/json"),
            ("UNRELATED", "nothing-special"),
        ]
        .into_iter()
        .collect();
        let (cases, file) = (suite.display().to_string(), file.display().to_string());
        let arguments = [
            "run",
            "--cases",
            &cases,
            &format!("--env-file={file}"),
            "--header",
            "X-A: flag-value-1",
            "--base-url",
            "u:target-pass@h",
            "x://a:argument-pass@h",
        ]
        .map(str::to_owned);
        let secrets = hidden(&arguments, env);
        for shown in SHOWN {
            assert_eq!(secrets.mask_str(shown), shown);
        }
        for value in HIDDEN {
            assert_eq!(secrets.mask_str(value), "*".repeat(value.len()), "{value}");
        }
        std::fs::remove_dir_all(&folder).expect("it was made");
    }
}
