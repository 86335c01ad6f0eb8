//! Which folder a test target belongs to, and how `Cargo.toml` there must name it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The package's folder, if there is one on this machine. `now` is what the runner says when it starts the test, which
/// comes first: the sources may have moved since the build (`cargo nextest run --workspace-remap`), and the old folder may
/// still be there. `built` is the folder at build time, for a test binary that is started by hand.
pub(super) fn of_package(now: Option<&str>, built: &str) -> Option<PathBuf> {
    let now = now.map(PathBuf::from).filter(|folder| folder.is_dir());
    now.or_else(|| Some(Path::new(built)).filter(|folder| folder.is_dir()).map(Path::to_owned))
}

/// Fails the only test of a target that libtest runs, with what to write in `Cargo.toml`. `file` is the source of the
/// target.
///
/// # Panics
///
/// Always: it is the body of a test that must fail.
pub fn harness_is_not_false(file: &str) {
    let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    let name = if name == "main" { parent_of(file) } else { name };
    panic!(
        "no case was judged: conformance!() brings its own test runner. Write this in Cargo.toml:\n\n    [[test]]\n    name = \
         \"{name}\"\n    harness = false\n"
    );
}

/// The name of the folder of a file: `tests/NAME/main.rs` is the target `NAME`.
fn parent_of(file: &str) -> Cow<'_, str> {
    let folder = Path::new(file).parent().and_then(Path::file_name);
    folder.unwrap_or_default().to_string_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "name = \"contract\"\n    harness = false")]
    fn the_target_is_named_after_its_folder_where_its_file_is_main() {
        harness_is_not_false("tests/contract/main.rs");
    }

    #[test]
    fn the_runners_folder_comes_before_the_one_of_the_build() {
        let (now, built) = (std::env::temp_dir(), env!("CARGO_MANIFEST_DIR"));
        assert_eq!(of_package(now.to_str(), built), Some(now.clone()));
        assert_eq!(of_package(Some("/no/such/folder"), built), Some(built.into()));
        assert_eq!(of_package(None, built), Some(built.into()));
        assert_eq!(of_package(None, "/no/such/folder"), None);
    }
}
