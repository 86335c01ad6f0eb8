//! `docs/detection.md`: its tables are made by the tests that come to them, each of which keeps its own section.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

const PAGE: &str = "docs/detection.md";

/// The variable that has the sections written anew.
const UPDATE: &str = "CONFORMANT_UPDATE_DOCS";

/// One section at a time is written.
static WRITING: Mutex<()> = Mutex::new(());

/// Fails unless the section says this; or writes it, when asked to.
#[track_caller]
pub(crate) fn keep(section: &str, text: &str) {
    let known = with_section(section, text);
    assert!(
        known.is_none(),
        "the section `{section}` of {PAGE} is not what came of this test; run {UPDATE}=1 cargo test --test detection \
         --test deviant\n{text}"
    );
}

/// Writes what was measured into the section, when asked to; another run measures something else.
#[allow(dead_code, reason = "only one of the test targets measures")]
pub(crate) fn measured(section: &str, text: &str) {
    with_section(section, text);
}

/// The page with this section, where that is another page than the one there is; none also when it was written.
#[allow(clippy::disallowed_methods, reason = "whether a test writes is no setting of the command")]
#[track_caller]
fn with_section(section: &str, text: &str) -> Option<String> {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page");
    let begin = format!("<!-- {section} -->\n");
    let start = page.find(&begin).unwrap_or_else(|| panic!("{PAGE} has no section `{section}`")) + begin.len();
    let length = page[start..].find("<!-- end -->").unwrap_or_else(|| panic!("`{section}` has no end"));
    let new = format!("{}{}\n{}", &page[..start], text.trim_end(), &page[start + length..]);
    if new == page {
        return None;
    }
    if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
        std::fs::write(&path, new).expect("the page can be written");
        return None;
    }
    Some(new)
}
