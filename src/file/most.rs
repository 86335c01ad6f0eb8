//! The largest file of each kind that is read, in bytes. `docs/safety.md` has them in a table.

const MIB: u64 = 1024 * 1024;

/// Of a suite.
pub const SUITE: u64 = 8 * MIB;
/// Of a file with known deviations.
pub const KNOWN_DEVIATIONS: u64 = 8 * MIB;
/// Of a document. The largest public ones have about 15 MiB.
pub const DOCUMENT: u64 = 64 * MIB;
/// Of a file of variables.
pub const VARIABLES: u64 = MIB;
/// Of a file with certificates or a key. The bundles of operating systems have about 300 KiB.
pub const CERTIFICATES: u64 = 4 * MIB;
/// Of all files together in the folders that `SSL_CERT_DIR` names.
pub const CERTIFICATE_FOLDERS: u64 = 16 * MIB;
/// Of the recorded behaviour of one case.
pub const SNAPSHOT: u64 = 16 * MIB;
/// Of a journal.
pub const JOURNAL: u64 = 64 * MIB;
