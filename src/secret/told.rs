//! What a variable's name and value tell of secrets in it, before anybody knows what it is for.

use percent_encoding::percent_decode_str;

/// Parts of a variable's name that say that its value is secret.
const SECRET_NAMES: &[&str] = &["AUTH", "CREDENTIAL", "KEY", "PASS", "PRIVATE", "SECRET", "TOKEN"];

/// What has `AUTH` in it and nothing to do with it: `GIT_AUTHOR_NAME`.
const NO_SECRET_NAMES: &[&str] = &["AUTHOR_", "AUTHORS"];

/// A name in a URL without a password is taken for a token from this length on, in bytes.
const TOKEN: usize = 16;

/// Whether the name of a variable says that its value is secret.
pub fn says_secret(name: &str) -> bool {
    let mut name = format!("{}_", name.to_ascii_uppercase());
    for other in NO_SECRET_NAMES {
        name = name.replace(other, "");
    }
    SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// What is secret of the logins in a text that holds URLs (`scheme://user:password@host`): each password, and each with its
/// user, as they are written and decoded; and a long user without a password, which is a token.
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

/// As [`logins`], of a value that is one URL, which may lack its scheme: that of a proxy or a target.
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
