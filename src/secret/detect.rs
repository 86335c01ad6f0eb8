//! Secrets that are recognised without knowing their use: by the name of a variable, or by a login in a URL.

use percent_encoding::percent_decode_str;

/// Parts of the name of a variable whose value is secret.
const SECRET_NAMES: &[&str] = &["AUTH", "CREDENTIAL", "KEY", "PASS", "PRIVATE", "SECRET", "TOKEN"];

/// Parts that hold `AUTH` and have another meaning: `GIT_AUTHOR_NAME`.
const NO_SECRET_NAMES: &[&str] = &["AUTHOR_", "AUTHORS"];

/// The user in a URL without a password is a token if it has this many bytes.
const TOKEN: usize = 16;

/// Whether the name of a variable says that its value is secret.
pub fn says_secret(name: &str) -> bool {
    let mut name = format!("{}_", name.to_ascii_uppercase());
    for other in NO_SECRET_NAMES {
        name = name.replace(other, "");
    }
    SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// The secrets in the URLs of a text (`scheme://user:password@host`): each password alone and with its user, as written and
/// percent-decoded; and each long user without a password, which is a token.
pub fn logins(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        rest = &rest[at + 3..];
        let ends = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\')
        };
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        if let Some((login, _)) = authority.rsplit_once('@') {
            add_login(login, &mut found);
        }
    }
    found
}

/// Like [`logins`], for a value that is the URL of a proxy or a target and may lack its scheme.
pub fn logins_of_url(text: &str) -> Vec<String> {
    if text.contains("://") { logins(text) } else { logins(&format!("none://{}", text.trim())) }
}

fn add_login(login: &str, found: &mut Vec<String>) {
    let decoded = percent_decode_str(login).decode_utf8_lossy().into_owned();
    for login in [login, decoded.as_str()] {
        let mut add = |secret: &str| {
            if !secret.is_empty() && !found.iter().any(|known| known == secret) {
                found.push(secret.to_owned());
            }
        };
        match login.split_once(':') {
            Some((_, password)) if !password.is_empty() => {
                add(password);
                add(login);
            }
            Some((user, _)) if user.len() >= TOKEN => add(user),
            None if login.len() >= TOKEN => add(login),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whether_its_value_is_secret() {
        for name in ["API_KEY", "my_token", "DB_PASSWORD", "PGPASS", "Authorization", "AUTH", "AWS_SECRET", "PRIVATE_X"]
        {
            assert!(says_secret(name), "{name}");
        }
        for name in ["MODE", "GIT_AUTHOR_NAME", "AUTHOR", "AUTHORS", "DATABASE_URL", "LANG", ""] {
            assert!(!says_secret(name), "{name}");
        }
        assert!(says_secret("AUTHOR_TOKEN"));
    }

    #[test]
    fn logins_are_found_in_urls_wherever_they_stand() {
        for (text, expected) in [
            ("postgres://app:hunter22@db.test:5432/app?x=1", &["hunter22", "app:hunter22"][..]),
            ("a https://u:p%40ss@h/ and redis://:only@h", &["p%40ss", "u:p%40ss", "p@ss", "u:p@ss", "only", ":only"]),
            ("amqp://u:a@b@h", &["a@b", "u:a@b"]),
            ("https://ghp_0123456789abcdef@git.test/x", &["ghp_0123456789abcdef"]),
            ("ssh://git@git.test/x https://h/@x https://h:80 mailto:a@b", &[]),
            ("", &[]),
        ] {
            assert_eq!(logins(text), expected, "{text}");
        }
        assert_eq!(logins_of_url("me:hunter22@proxy.test:1"), ["hunter22", "me:hunter22"]);
        assert_eq!(logins_of_url("proxy.test:1"), Vec::<String>::new());
    }
}
