//! `conformant demo --write`: the shipped document, suite and snapshots as files.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::file::SHIPPED;
use crate::location::InputError;

/// Writes the shipped files to a folder, which must be new or empty, and says what was written.
pub(super) fn write(folder: &Path) -> Result<String, InputError> {
    let shown = folder.display();
    let failed = |error: io::Error| {
        InputError::new(format!("the demo cannot be written to {shown}: {error}"))
            .help("name a folder that does not exist yet, or is empty")
    };
    if folder.as_os_str().is_empty() {
        return Err(InputError::new("--write is empty").help("name a folder that does not exist yet, or is empty"));
    }
    fs::create_dir_all(folder).map_err(failed)?;
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        return Err(failed(io::Error::from(io::ErrorKind::DirectoryNotEmpty)));
    }
    for (name, text) in SHIPPED {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
    }
    Ok(format!(
        "{} files are written to {shown}\nnext: run them: conformant --cases {}\n",
        SHIPPED.len(),
        folder.join("cases").display()
    ))
}
