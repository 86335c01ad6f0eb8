//! Why a file is not read.

use std::fmt;
use std::io;

/// Why a file is not read.
#[derive(Debug)]
pub enum FileError {
    /// It cannot be opened or read.
    Unread(io::Error),
    /// It is a folder.
    Folder,
    /// It is a pipe.
    Pipe,
    /// It is a socket.
    Socket,
    /// It is a device.
    Device,
    /// It lies in this folder, which the system generates.
    System(String),
    /// It has more bytes than this limit.
    TooLarge(u64),
}

impl FileError {
    /// What to do; none if that depends on the kind of file.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unread(_) => None,
            Self::Folder => Some("Name the file itself."),
            Self::Pipe | Self::Socket | Self::Device | Self::System(_) => {
                Some("Only regular files are read. Write the text to a file, and name that.")
            }
            Self::TooLarge(_) => Some("Was another file meant?"),
        }
    }
}

impl fmt::Display for FileError {
    /// A clause with the subject `it`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(error) => error.fmt(f),
            Self::Folder => f.write_str("it is a folder"),
            Self::Pipe => f.write_str("it is a pipe, which may never end"),
            Self::Socket => f.write_str("it is a socket"),
            Self::Device => f.write_str("it is a device"),
            Self::System(folder) => {
                write!(f, "it leads into {folder}, whose files the system generates")
            }
            Self::TooLarge(most) if most % (1024 * 1024) == 0 => {
                write!(f, "it has more than {} MiB", most / 1024 / 1024)
            }
            Self::TooLarge(most) => write!(f, "it has more than {most} bytes"),
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Unread(error)
    }
}
