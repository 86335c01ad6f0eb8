#![no_main]

#[path = "../../tests/support/holds.rs"]
mod holds;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Where the suite's file is written anew for every input.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("conformant-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the suite");
    folder
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi_chatflow.yaml");
    holds::suite(data, &FOLDER, &document);
});
