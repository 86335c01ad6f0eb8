//! The variables that suites name, found in their text before it is decoded: an error about a suite may quote the file,
//! and must not show a secret.

use std::collections::BTreeSet;
use std::path::Path;

use super::load;

/// The variables that suites name, by their use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableNames {
    /// For credentials: `env: NAME`.
    pub credentials: BTreeSet<String>,
    /// In texts: `{{env.NAME}}`.
    pub texts: BTreeSet<String>,
    /// For objects that the run may use up: `from_env: NAME`.
    pub objects: BTreeSet<String>,
    /// With values that are not secrets: `public: [NAME]`.
    pub public: BTreeSet<String>,
}

/// The variables that the suites of a path name, even if the suites have errors. A file that cannot be read names none.
pub fn variable_names(cases: &Path) -> VariableNames {
    let mut names = VariableNames::default();
    for source in load::sources(cases) {
        names.add(source.text());
    }
    names
}

impl VariableNames {
    fn add(&mut self, text: &str) {
        const ENV: &str = "env";
        for at in memchr::memmem::find_iter(text.as_bytes(), ENV) {
            let (before, rest) = (&text[..at], &text[at + ENV.len()..]);
            let after_key = rest.trim_start_matches(['"', '\'']).trim_start();
            let (names, value) = if let Some(value) = after_key.strip_prefix(':') {
                (if before.ends_with("from_") { &mut self.objects } else { &mut self.credentials }, scalar(value))
            } else if let Some(value) = rest.strip_prefix('.') {
                (&mut self.texts, value)
            } else {
                continue;
            };
            names.extend(variable(value));
        }
        let mut in_list = false;
        for line in text.lines() {
            let listed = if let Some(rest) = line.trim_start_matches(['"', '\'']).strip_prefix("public") {
                let rest = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':');
                in_list = rest.is_some();
                rest.unwrap_or_default()
            } else {
                // The list continues on lines that are indented, begin with `-`, or close it.
                in_list &= line.is_empty() || line.starts_with([' ', '\t', '-', ']', '#']);
                if in_list { line } else { "" }
            };
            let listed = listed.split('#').next().unwrap_or_default();
            self.public.extend(listed.split(|c: char| !is_name(c)).filter_map(variable));
        }
    }
}

/// The text of a scalar, without white space, anchor, tag or quote before it.
fn scalar(text: &str) -> &str {
    let mut text = text.trim_start();
    while text.starts_with(['&', '!']) {
        text = text.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
    }
    text.trim_start_matches(['"', '\''])
}

/// The name of a variable at the beginning of a text.
fn variable(text: &str) -> Option<String> {
    let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_text_that_is_no_suite() {
        let mut names = VariableNames::default();
        names.add(
            "public: [MODE, \"LANG_1\"] # not REMARK\nstates:\n  a: {from_env: 'IDS', auth: ]\ncredentials:\n  k: { env: API_KEY }\n  \
             l: {\"env\" : &x \"OTHER\"}\n  m:\n    env:\n      LAST\ncases: [[[{{ env.TOKEN }} {{env.DB_URL | upper}} {{env.\nenvironment: no",
        );
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
        let expected = VariableNames {
            credentials: set(&["API_KEY", "LAST", "OTHER"]),
            texts: set(&["DB_URL", "TOKEN"]),
            objects: set(&["IDS"]),
            public: set(&["LANG_1", "MODE"]),
        };
        assert_eq!(names, expected);
        let mut names = VariableNames::default();
        names.add("'public':\n  - ONE\n\n  - TWO\n- THREE\ncases:\n  FOUR: x\n");
        assert_eq!(names.public, set(&["ONE", "THREE", "TWO"]));
    }

    #[test]
    fn what_cannot_be_read_names_nothing() {
        assert_eq!(variable_names(Path::new("/no/such/folder")), VariableNames::default());
    }
}
