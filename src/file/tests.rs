use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::system::{MEMORY, shows_system};
use super::*;

/// A folder of a test's own, removed at the end; without links.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("conformant-file-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("inner")).expect("a folder can be made");
        Self(fs::canonicalize(path).expect("it is there"))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn why(path: &Path) -> String {
    read(path, 8).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).expect_err("refused").to_string()
}

#[test]
fn a_file_is_read_up_to_its_limit() {
    let folder = Folder::new();
    for (bytes, is_read) in [(&b""[..], true), (b"12345678", true), (b"123456789", false)] {
        let path = folder.file("a", bytes);
        assert_eq!(read(&path, 8).ok().as_deref(), is_read.then_some(bytes));
    }
    assert_eq!(why(&folder.0.join("a")), "it has more than 8 bytes");
    assert_eq!(FileError::TooLarge(most::SUITE).to_string(), "it has more than 8 MiB");
    assert_eq!(why(&folder.0), "it is a folder");
    assert!(
        matches!(read(&folder.0.join("missing"), 8), Err(FileError::Unread(error)) if error.kind() == io::ErrorKind::NotFound)
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let folder = Folder::new();
    let pipe = folder.0.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there").success());
    assert_eq!(why(&pipe), "it is a pipe, which may never end");
    let socket = folder.0.join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).expect("a socket can be made");
    assert_eq!(why(&socket), "it is a socket");
    for device in ["/dev/zero", "/dev/null", "/dev/../dev/zero"] {
        assert_eq!(why(Path::new(device)), "it is a device");
    }
    std::os::unix::fs::symlink("/dev/zero", folder.0.join("link")).expect("a link");
    assert_eq!(why(&folder.0.join("link")), "it is a device");
    std::os::unix::fs::symlink("circle", folder.0.join("circle")).expect("a link");
    assert!(matches!(read(&folder.0.join("circle"), 8), Err(FileError::Unread(_))));
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_shows_is_no_file() {
    let folder = Folder::new();
    let link = folder.0.join("link");
    let real = folder.file("real", b"1");
    // Through the system's own folder even a stored file is reached that nobody named.
    let through = PathBuf::from(format!("/proc/self/root{}", real.display()));
    let all =
        ["/proc/self/environ", "/proc/self/status", "/proc/version", "/sys/kernel/uevent_seqnum", "/proc/missing"];
    for path in all.iter().map(PathBuf::from).chain([through]) {
        let root = format!("/{}", path.components().nth(1).expect("a folder").as_os_str().display());
        let expected = format!("it leads into {root}, whose files the system generates");
        assert_eq!(why(&path), expected, "{}", path.display());
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert_eq!(why(&link), expected, "{}", path.display());
    }
    // A descriptor of this process, whatever it is open for.
    let open = File::open(&real).expect("it is there");
    let number = std::os::fd::AsRawFd::as_raw_fd(&open);
    for path in [format!("/proc/self/fd/{number}"), format!("/dev/fd/{number}")] {
        assert!(why(Path::new(&path)).starts_with("it leads into /"), "{path}");
    }
    let stored = PathBuf::from(format!("{MEMORY}/conformant-file-{}", std::process::id()));
    if fs::write(&stored, "1").is_ok() {
        let bytes = read(&stored, 8);
        let _ = fs::remove_file(&stored);
        assert_eq!(bytes.ok().as_deref(), Some(&b"1"[..]), "what lies in memory is stored");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_file_system_tells_what_the_path_does_not() {
    for (path, shows) in [("/proc/version", true), ("/proc", true), ("/sys", true), (env!("CARGO_MANIFEST_DIR"), false)]
    {
        assert_eq!(shows_system(&File::open(path).expect("readable")), shows, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_way_follows_links_as_the_system_does() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new();
    let at = |path: &str| folder.0.join(path);
    fs::create_dir_all(at("inner/deep")).expect("a folder");
    folder.file("outside", b"");
    folder.file("inner/file", b"");
    for (goal, link) in [
        (PathBuf::from("file"), "inner/stays"),
        (at("inner/file"), "inner/whole"),
        (PathBuf::from("../outside"), "inner/leaves"),
        (PathBuf::from("leaves"), "inner/chain"),
        (PathBuf::from(".."), "inner/up"),
        (PathBuf::from("deep/../../outside"), "inner/around"),
        (PathBuf::from("inner/leaves"), "elsewhere"),
        (PathBuf::from("inner"), "other"),
        (PathBuf::from("nowhere"), "inner/nothing"),
    ] {
        symlink(goal, at(link)).expect("a link");
    }
    for (path, end, leaves) in [
        ("inner/file", "inner/file", None),
        ("inner/stays", "inner/file", None),
        ("inner/whole", "inner/file", None),
        ("other/whole", "inner/file", None),
        ("inner/leaves", "outside", Some("inner/leaves")),
        ("other/leaves", "outside", Some("inner/leaves")),
        ("inner/chain", "outside", Some("inner/chain")),
        ("inner/around", "outside", Some("inner/around")),
        ("inner/up/outside", "outside", Some("inner/up")),
        ("inner/up/inner/file", "inner/file", Some("inner/up")),
        ("inner/deep/../../outside", "outside", None),
        ("elsewhere", "outside", Some("inner/leaves")),
        ("inner/nothing", "inner/nowhere", None),
        ("inner/missing/more", "inner/missing/more", None),
    ] {
        let followed = FollowedPath::of(&at(path));
        assert_eq!(followed.end, at(end), "{path}");
        assert_eq!(followed.leaves(&at("inner")), leaves.map(at).as_deref(), "{path}");
        if followed.end.exists() {
            assert_eq!(fs::canonicalize(at(path)).expect("it is there"), followed.end, "{path}");
        }
    }
}
