//! Which folder a test target belongs to.

use std::path::{Path, PathBuf};

/// The package's folder, if there is one on this machine. `now` is what the runner says when it starts the test, which
/// comes first: the sources may have moved since the build (`cargo nextest run --workspace-remap`), and the old folder may
/// still be there. `built` is the folder at build time, for a test binary that is started by hand.
pub(super) fn of_package(now: Option<&str>, built: &str) -> Option<PathBuf> {
    let now = now.map(PathBuf::from).filter(|folder| folder.is_dir());
    now.or_else(|| Some(Path::new(built)).filter(|folder| folder.is_dir()).map(Path::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_folder_comes_before_the_one_of_the_build() {
        let (now, built) = (std::env::temp_dir(), env!("CARGO_MANIFEST_DIR"));
        assert_eq!(of_package(now.to_str(), built), Some(now.clone()));
        assert_eq!(of_package(Some("/no/such/folder"), built), Some(built.into()));
        assert_eq!(of_package(None, built), Some(built.into()));
        assert_eq!(of_package(None, "/no/such/folder"), None);
    }
}
