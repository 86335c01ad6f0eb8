//! The built test target `conformance`, as a test runner would start it.

use std::path::PathBuf;
use std::process::Command;

/// The newest build of this package's test target `conformance`, which `cargo test` makes beside this one. Another
/// package may keep its own of the same name in the same folder, so each is asked which cases it has.
pub(crate) fn conformance_test() -> PathBuf {
    let own = std::env::current_exe().expect("this test");
    let folder = own.parent().expect("its folder");
    let mut found: Vec<(std::time::SystemTime, PathBuf)> = std::fs::read_dir(folder)
        .expect("the folder of the tests")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("conformance-") && path.extension().is_none_or(|extension| extension == "exe")
        })
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    found.sort();
    let is_own = |path: &PathBuf| {
        let list = Command::new(path).arg("--list").env_clear().output();
        list.is_ok_and(|list| String::from_utf8_lossy(&list.stdout).contains("delete_conversation::success: test"))
    };
    let own = found.into_iter().rev().map(|(_, path)| path).find(is_own);
    own.expect("`cargo test` builds the test target conformance beside this one")
}
