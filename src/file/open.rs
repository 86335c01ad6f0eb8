//! Opening and reading.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Read as _;
use std::path::Path;

use super::error::FileError;
use super::path::FollowedPath;
use super::system::shows_system;

/// Reads a regular file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let (file, metadata) = open(path, OpenOptions::new().read(true))?;
    if metadata.len() > most {
        return Err(FileError::TooLarge(most));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The file may grow meanwhile, so one byte more than allowed is read.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLarge(most)) } else { Ok(bytes) }
}

/// Opens a regular file. It never blocks.
pub fn open(path: &Path, options: &mut OpenOptions) -> Result<(File, Metadata), FileError> {
    // Opening alone can have effects: the writer of a pipe continues, and some devices react.
    look(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    // The path may lead to another file by now.
    let metadata = file.metadata()?;
    regular(&metadata)?;
    if shows_system(&file) {
        return Err(FileError::System(super::path::folder_of(path)));
    }
    Ok((file, metadata))
}

/// The metadata of a regular file, without opening it. An error if the path leads to something else.
pub fn look(path: &Path) -> Result<Metadata, FileError> {
    let followed = FollowedPath::of(path);
    let metadata = fs::metadata(path);
    // A folder or a device is reported as such, wherever it lies.
    match metadata.as_ref().map(regular) {
        Ok(Err(refused @ (FileError::Folder | FileError::Device))) => return Err(refused),
        _ => followed.refuse_system()?,
    }
    let metadata = metadata?;
    regular(&metadata)?;
    Ok(metadata)
}

/// Refuses everything but a regular file.
fn regular(metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        return Err(FileError::Folder);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Err(FileError::Pipe);
        }
        if kind.is_socket() {
            return Err(FileError::Socket);
        }
    }
    Err(FileError::Device)
}
