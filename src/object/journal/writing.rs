//! Writes the journal while the run goes on.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::format::{FORMAT, NAME_END, NAME_START, is_same, line, lock_alone};
use crate::date::Date;
use crate::object::answers::as_text;
use crate::secret::Secrets;
use crate::write::{self, FileWorker, Unfinished};

/// The size from which a file is file anew without the objects that are gone.
const COMPACT_FROM: u64 = 64 * 1024;
/// A longer value is withheld. No id is as long, and no answer may fill the disk.
const LONGEST: usize = 4 * 1024;
/// A longer reason is cut.
const LONGEST_REASON: usize = 2 * 1024;

/// The journal that a run writes: what it asked the target to make and has not seen gone.
///
/// No method fails. If a line cannot be file, [`Journal::trouble`] says so, and the run goes on.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    secrets: Secrets,
    file: Mutex<JournalFile>,
}

#[derive(Debug)]
struct JournalFile {
    /// Writes the lines. A file system that does not answer delays the run for a limited time only.
    worker: FileWorker<Disk>,
    head: String,
    /// The size of the file.
    size: u64,
    /// The objects that are not gone, by number.
    live: BTreeMap<u64, LiveObject>,
    /// The total size of their lines.
    live_size: u64,
    trouble: Option<String>,
    /// Whether the file was removed.
    ended: bool,
}

/// The open file and its path.
#[derive(Debug)]
struct Disk {
    file: File,
    path: PathBuf,
}

/// An object that is not gone.
#[derive(Debug)]
struct LiveObject {
    /// Its lines.
    lines: String,
    /// Whether the target has given its id.
    made: bool,
    /// Whether a request was sent that may have removed it.
    removing: bool,
    /// Whether the run reported it as left behind.
    left: bool,
}

impl Journal {
    /// Creates the file with its first line. The file must not exist. `target` is the base URL.
    pub fn create(path: &Path, run: &str, target: &str, secrets: &Secrets) -> io::Result<Self> {
        let started = Date::today().to_string();
        let target = secrets.mask_id(target);
        let head = line(&json!({"journal": FORMAT, "run": run, "target": target, "started": started}));
        // The reader of the message may stand in another folder.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (own, first) = (path.clone(), head.clone());
        let file = write::within(write::LIMIT, move || {
            let mut file = new_file(&own)?;
            if let Err(error) = file.write_all(first.as_bytes()) {
                // Without its first line the file is of no use.
                let _ = fs::remove_file(&own);
                return Err(error);
            }
            Ok(file)
        })?;
        let size = head.len() as u64;
        let worker = FileWorker::new(write::LIMIT, Disk { file, path: path.clone() });
        let file = JournalFile { worker, head, size, live: BTreeMap::new(), live_size: 0, trouble: None, ended: false };
        Ok(Self { path, secrets: secrets.clone(), file: Mutex::new(file) })
    }

    /// A new name for a journal in the folder of temporary files.
    pub fn usual_name() -> String {
        format!("{NAME_START}{}{NAME_END}", uuid::Uuid::new_v4().simple())
    }

    /// The run is about to ask for an object.
    pub fn asked(&self, number: u64, suite: &str, state: &str, case: &str, user: &str) {
        let shown = self.secrets.mask_id(user);
        let mut asked = json!({"asked": number, "suite": suite, "state": state, "case": case, "user": shown});
        if shown != user {
            asked["withheld"] = json!(["user"]);
        }
        let mut file = self.lock();
        let live = LiveObject { lines: String::new(), made: false, removing: false, left: false };
        file.live.insert(number, live);
        file.add(number, &asked);
    }

    /// The target has given the id of the object. `captures` holds every value by which it may be named.
    pub fn made(&self, number: u64, id: &str, captures: &BTreeMap<String, Value>) {
        // Without its id an object cannot be removed, so a short secret inside the id does not hide it.
        let hidden = |text: &str| {
            let masked = if text == id { self.secrets.mask_id(text) } else { self.secrets.mask_str(text) };
            text.len() > LONGEST || masked != text
        };
        let mut kept = Map::new();
        let mut withheld = Vec::new();
        for (name, value) in captures {
            if hidden(&as_text(value)) {
                withheld.push(name.as_str());
            } else {
                kept.insert(name.clone(), value.clone());
            }
        }
        let mut made = json!({"made": number, "captures": kept});
        if hidden(id) {
            withheld.push("id");
        } else {
            made["id"] = json!(id);
        }
        if !withheld.is_empty() {
            made["withheld"] = json!(withheld);
        }
        let mut file = self.lock();
        if let Some(live) = file.live.get_mut(&number).filter(|live| !live.made) {
            live.made = true;
            file.add(number, &made);
        }
    }

    /// The target did not make the object.
    pub fn unmade(&self, number: u64) {
        self.gone(number, "unmade");
    }

    /// The answer to the creation was read. If it gave no id and the object was not reported as left behind, the target
    /// made nothing.
    pub fn answered(&self, number: u64) {
        if self.lock().live.get(&number).is_some_and(|live| !live.made && !live.left) {
            self.unmade(number);
        }
    }

    /// The run is about to send a request that may remove the object.
    pub fn removing(&self, number: u64) {
        let mut file = self.lock();
        if let Some(live) = file.live.get_mut(&number).filter(|live| !live.removing) {
            live.removing = true;
            file.add(number, &json!({"removing": number}));
        }
    }

    /// Every request that could have removed the object was answered and did not remove it.
    pub fn kept(&self, number: u64) {
        let mut file = self.lock();
        if let Some(live) = file.live.get_mut(&number).filter(|live| live.removing) {
            live.removing = false;
            file.add(number, &json!({"kept": number}));
        }
    }

    /// The object is gone.
    pub fn removed(&self, number: u64) {
        self.gone(number, "removed");
    }

    /// The run reported the object as left behind.
    pub fn left(&self, number: u64, reason: &str) {
        let reason = self.secrets.mask_str(reason);
        let starts = reason.char_indices().map(|(at, _)| at).chain([reason.len()]);
        let end = starts.take_while(|at| *at <= LONGEST_REASON).last().unwrap_or_default();
        let mut file = self.lock();
        if let Some(live) = file.live.get_mut(&number).filter(|live| !live.left) {
            live.left = true;
            file.add(number, &json!({"left": number, "reason": reason[..end]}));
        }
    }

    /// Why a line could not be file, if one could not.
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// Ends the journal. Removes the file if nothing is left; otherwise returns its path.
    pub fn end(&self) -> Option<&Path> {
        let mut file = self.lock();
        if file.live.is_empty() {
            file.end();
            return None;
        }
        Some(&self.path)
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn gone(&self, number: u64, word: &str) {
        let mut file = self.lock();
        if !file.live.contains_key(&number) {
            return;
        }
        // The line is file before the object is forgotten, so a kill between any two lines loses nothing.
        file.add(number, &json!({ word: number }));
        if let Some(live) = file.live.remove(&number) {
            file.live_size -= live.lines.len() as u64;
        }
        file.compact();
    }

    fn lock(&self) -> MutexGuard<'_, JournalFile> {
        // No panic can interrupt a change, so a poisoned lock holds whole data.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

impl JournalFile {
    /// Adds a line about an object that is not gone.
    fn add(&mut self, number: u64, value: &Value) {
        let line = line(value);
        if let Some(live) = self.live.get_mut(&number) {
            live.lines.push_str(&line);
            self.live_size += line.len() as u64;
        }
        let (size, length) = (self.size, line.len() as u64);
        match self.worker.ask(move |disk| disk.append(&line, size)) {
            Ok(()) => self.size += length,
            Err(error) => _ = self.trouble.get_or_insert(error.to_string()),
        }
    }

    /// Drops the objects that are gone once they make up more than half of the file.
    fn compact(&mut self) {
        if self.size < COMPACT_FROM {
            return;
        }
        let whole = self.head.len() as u64 + self.live_size;
        if whole > self.size / 2 {
            return;
        }
        let result = if self.live.is_empty() {
            self.worker.ask(move |disk| disk.file.set_len(whole))
        } else {
            let mut text = self.head.clone();
            text.extend(self.live.values().map(|live| live.lines.as_str()));
            self.worker.ask(move |disk| disk.write_anew(&text))
        };
        match result {
            Ok(()) => self.size = whole,
            // The old file says all that the new one would.
            Err(error) => _ = self.trouble.get_or_insert(error.to_string()),
        }
    }

    /// Removes the file.
    fn end(&mut self) {
        if !self.ended {
            // A file that cannot be removed names no object that is left.
            let _ = self.worker.ask(|disk| if disk.is_there() { fs::remove_file(&disk.path) } else { Ok(()) });
        }
        self.ended = true;
    }
}

impl Disk {
    /// Adds a line to a file of this size.
    fn append(&mut self, line: &str, size: u64) -> io::Result<()> {
        self.file.write_all(line.as_bytes()).inspect_err(|_| {
            // Half a line would make the next one unreadable.
            let _ = self.file.set_len(size);
        })
    }

    /// Replaces the file. At every moment a whole file is there.
    fn write_anew(&mut self, text: &str) -> io::Result<()> {
        let beside = Unfinished::beside(&self.path);
        let mut file = new_file(&beside.0)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&beside.0, &self.path)?;
        self.file = file;
        Ok(())
    }

    /// Whether the open file is still the one at its path.
    fn is_there(&self) -> bool {
        is_same(&self.file, &self.path)
    }
}

/// Creates and locks a new file for this user alone. Never opens an existing file, not even through a link.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    lock_alone(&file)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
