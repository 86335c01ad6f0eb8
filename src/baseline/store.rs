//! The files of a baseline: insta's snapshots, one a case, at `<folder>/<suite>/<case>.snap`.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::Value;

/// The file of a case.
pub(super) fn path(folder: &Path, case: &str) -> PathBuf {
    folder.join(format!("{case}.snap"))
}

/// Reads what was recorded of a case; `None` if nothing was.
pub(super) fn read(folder: &Path, case: &str) -> Result<Option<Value>, String> {
    let path = path(folder, case);
    if !path.is_file() {
        return Ok(None);
    }
    let told = |why: String| format!("{}: {why}", path.display());
    // insta panics on a file without its header.
    let read = quietly(|| insta::Snapshot::from_file(&path).map_err(|error| error.to_string()));
    let snapshot = read.unwrap_or_else(|| Err("it is not a snapshot file".to_owned())).map_err(told)?;
    let text = snapshot.as_text().map(ToString::to_string).unwrap_or_default();
    serde_json::from_str(&text).map(Some).map_err(|error| told(error.to_string()))
}

/// Leaves a proposal beside the file, for `cargo insta review`. Where insta writes none (on CI, by its settings), the
/// finding itself tells what differs.
pub(super) fn propose(folder: &Path, case: &str, text: &str, description: &str) {
    let Ok(folder) = std::path::absolute(folder) else { return };
    let (suite, name) = case.rsplit_once('/').unwrap_or(("", case));
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder.join(suite));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    // The assertion is here for the file that it leaves, so that it fails is expected.
    quietly(|| settings.bind(|| insta::assert_snapshot!(name, text)));
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs something of insta's that may panic; `None` if it did. The panic is not printed.
fn quietly<T>(run: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(run)).ok();
    QUIET.set(false);
    result
}
