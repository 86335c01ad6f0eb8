use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::lock::locked;
use super::replace::UNFINISHED;
use super::*;

/// A folder of this test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("conformant-write-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_step_that_is_held_up_is_an_error() {
    let (hold, let_go) = channel::<()>();
    let step = move || {
        let _ = let_go.recv();
        Ok(1)
    };
    let error = within(Duration::from_millis(20), step).expect_err("nobody lets it go");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "the file system has not answered for 20ms");
    drop(hold);
    assert_eq!(within(LIMIT, || Ok(2)).expect("it is done"), 2);
}

#[test]
fn a_worker_that_got_stuck_does_nothing_more() {
    let worker = FileWorker::new(Duration::from_millis(50), Vec::new());
    let add = |worker: &FileWorker<Vec<u32>>, number| {
        worker.ask(move |owned| {
            owned.push(number);
            Ok(owned.clone())
        })
    };
    assert_eq!(add(&worker, 1).expect("it is done"), [1]);
    assert_eq!(add(&worker, 2).expect("it is done"), [1, 2]);
    let (hold, let_go) = channel::<()>();
    let stuck = worker.ask(move |_| {
        let _ = let_go.recv();
        Ok(())
    });
    assert_eq!(stuck.expect_err("nobody lets it go").kind(), ErrorKind::TimedOut);
    drop(hold);
    assert_eq!(add(&worker, 3).expect_err("it is given up").kind(), ErrorKind::TimedOut);
}

#[test]
fn a_file_is_replaced_whole_and_nothing_else_is() {
    let folder = Folder::new();
    let path = folder.0.join("a");
    for text in ["one", "other"] {
        replace(&path, text.into()).expect("it is written");
        assert_eq!(fs::read_to_string(&path).expect("readable"), text);
    }
    assert!(replace(&folder.0, Vec::new()).expect_err("a folder").to_string().contains("no regular file"));
    assert!(replace(&folder.0.join("no/a"), Vec::new()).is_err());
    assert_eq!(fs::read_dir(&folder.0).expect("readable").count(), 1, "nothing else is left there");
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_way_is_not_opened() {
    let folder = Folder::new();
    let (link, goal) = (folder.0.join("link"), folder.0.join("goal"));
    std::os::unix::fs::symlink(&goal, &link).expect("a link");
    assert_eq!(new_file(&link).expect_err("a link is there").kind(), ErrorKind::AlreadyExists);
    assert!(!goal.exists());
}

#[test]
fn what_is_unfinished_goes_with_the_process() {
    let folder = Folder::new();
    let kept = folder.0.join("a");
    let unfinished = Unfinished::beside(&kept);
    drop(new_file(&unfinished.0).expect("a new name"));
    remove_unfinished();
    assert!(!unfinished.0.exists());
    drop(new_file(&unfinished.0).expect("a new name"));
    let path = unfinished.0.clone();
    drop(unfinished);
    assert!(!path.exists() && !locked(&UNFINISHED).contains(&path));
}

/// A reader that takes a byte now and then.
struct Slow(Vec<u8>, u32);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1 += 1;
        match self.1 % 3 {
            0 => Err(ErrorKind::WouldBlock.into()),
            1 => Err(ErrorKind::Interrupted.into()),
            _ => {
                self.0.push(bytes[0]);
                Ok(1)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1 += 1;
        if self.1.is_multiple_of(3) { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) }
    }
}

#[test]
fn a_reader_that_takes_nothing_just_now_is_offered_it_again() {
    let mut slow = Slow(Vec::new(), 0);
    write_all_waiting(&mut slow, b"abc").expect("it is written");
    assert_eq!(slow.0, b"abc");
}
