//! Reads a journal after its run has ended. It reads strictly, because `clean` removes from a server what the journal names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::format::{FORMAT, FORMATS, is_same, line, lock_alone};
use crate::file::{self, FileError, most};
use crate::location::InputError;

/// The longest line that is read. The longest line that is written is far shorter.
const LONGEST_LINE: u64 = 1024 * 1024;

/// A journal of a run that has ended, open and locked.
#[derive(Debug)]
pub struct RecordedJournal {
    /// Its path, as given.
    pub path: PathBuf,
    /// The run.
    pub run: String,
    /// The base URL of its target.
    pub target: String,
    /// The day on which it began.
    pub started: String,
    /// The objects that the run asked for and that may still exist, in the order of the creations.
    pub entries: Vec<JournalEntry>,
    file: File,
    /// Where its last whole line ends.
    whole: u64,
}

/// An object that the run asked for and that may still exist.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    /// Its number in the journal.
    pub number: u64,
    /// The id of its suite.
    pub suite: String,
    /// The name of its state.
    pub state: String,
    /// The id of the case that it was made for.
    pub case: String,
    /// The user that it belongs to.
    pub user: String,
    /// Whether the target answered that it made the object.
    pub made: bool,
    /// Its id. `None` if the target did not give it, or it is secret.
    pub id: Option<String>,
    /// The captured values.
    pub captures: BTreeMap<String, Value>,
    /// The names of the values that the journal withholds, because they are secret or too long.
    pub withheld: Vec<String>,
    /// Whether a request was sent that may have removed it.
    pub removing: bool,
    /// Whether the target gave the same id for another object while both existed.
    pub doubted: bool,
    /// Why the run reported it as left behind, if it did.
    pub left: Option<String>,
}

/// The first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    journal: String,
    run: String,
    target: String,
    started: String,
}

/// Any other line. The key that holds the number says which line it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum ObjectLine {
    Asked(AskedLine),
    Made(MadeLine),
    Unmade(UnmadeLine),
    Removing(RemovingLine),
    Kept(KeptLine),
    Removed(RemovedLine),
    Left(LeftLine),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedLine {
    #[serde(rename = "asked")]
    number: u64,
    suite: String,
    state: String,
    case: String,
    user: String,
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MadeLine {
    #[serde(rename = "made")]
    number: u64,
    id: Option<String>,
    captures: BTreeMap<String, Value>,
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnmadeLine {
    #[serde(rename = "unmade")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovingLine {
    #[serde(rename = "removing")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptLine {
    #[serde(rename = "kept")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovedLine {
    #[serde(rename = "removed")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftLine {
    #[serde(rename = "left")]
    number: u64,
    reason: String,
}

impl RecordedJournal {
    /// Opens and reads a journal. The file must belong to this user, nobody else may be able to write it, and its run must have
    /// ended.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let shown = path.display();
        let wrong = |why: &str, help: &str| InputError::new(format!("the journal {shown} {why}")).help(help);
        let unread = |error: &std::io::Error| {
            let help = "name the file that a run printed, or that --journal or CONFORMANT_JOURNAL named; `conformant clean` \
                        without a file lists the journals that it finds";
            wrong(&format!("cannot be opened: {error}"), help)
        };
        // Opening a pipe could wait for ever.
        let there = std::fs::symlink_metadata(path).map_err(|error| unread(&error))?;
        if there.is_symlink() {
            return Err(wrong("is no regular file", "name the file itself, not a link to it"));
        }
        let (file, own) =
            file::open(path, OpenOptions::new().read(true).append(true)).map_err(|refused| match refused {
                FileError::Unread(error) => unread(&error),
                refused => wrong(&format!("is not read: {refused}"), "name the file that a run wrote"),
            })?;
        if !is_same(&file, path) {
            return Err(wrong("was replaced while it was opened", "try again"));
        }
        if own.len() > most::JOURNAL {
            let refused = FileError::TooLarge(most::JOURNAL);
            return Err(wrong(&format!("is not read: {refused}"), "name the file that a run wrote"));
        }
        if let Some((why, help)) = not_trusted(&own) {
            return Err(wrong(&why, help));
        }
        match lock_alone(&file) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Err(wrong(
                    "is still written: its run is under way",
                    "wait until the run has ended; it removes what it made by itself",
                ));
            }
            result => result.map_err(|error| unread(&error))?,
        }
        Self::read(path, file).map_err(|why| match why {
            UnusableJournal::BadLine(number, why) => wrong(
                &format!("cannot be used: line {number} {why}"),
                "nothing was sent; a journal is used as a run wrote it, or not at all",
            ),
            UnusableJournal::Version(other) => wrong(
                &format!("has the format {other:?}, and this program reads {FORMAT:?}"),
                "use the version of conformant that wrote it",
            ),
            UnusableJournal::NoJournal(why) => {
                wrong(&format!("is not a journal: {why}"), "name the file that a run wrote")
            }
            UnusableJournal::Unread(error) => unread(&error),
        })
    }

    fn read(path: &Path, file: File) -> Result<Self, UnusableJournal> {
        let mut lines = JournalLines { reader: BufReader::new(&file), number: 0, whole: 0 };
        let Some(first) = lines.next()? else {
            return Err(UnusableJournal::NoJournal("it is empty".to_owned()));
        };
        let head: Value =
            serde_json::from_str(&first.text).map_err(|_| UnusableJournal::NoJournal(NO_HEAD.to_owned()))?;
        match head.get("journal").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) if other.starts_with(FORMATS) => return Err(UnusableJournal::Version(other.to_owned())),
            _ => return Err(UnusableJournal::NoJournal(NO_HEAD.to_owned())),
        }
        let head = HeadLine::deserialize(head)
            .map_err(|error| UnusableJournal::BadLine(1, format!("is not whole: {error}")))?;
        debug_assert_eq!(head.journal, FORMAT);
        let mut entries = ObjectsRead::default();
        while let Some(next) = lines.next()? {
            match serde_json::from_str::<ObjectLine>(&next.text) {
                Ok(line) => entries.take(line).map_err(|why| UnusableJournal::BadLine(lines.number, why))?,
                // The run was killed while it wrote this line, so before it sent the request.
                Err(_) if !next.ended => break,
                Err(_) => {
                    return Err(UnusableJournal::BadLine(lines.number, "is not one that a run writes".to_owned()));
                }
            }
            lines.whole += next.text.len() as u64 + u64::from(next.ended);
        }
        let whole = lines.whole + first.text.len() as u64 + u64::from(first.ended);
        Ok(Self {
            path: path.to_owned(),
            run: head.run,
            target: head.target,
            started: head.started,
            entries: entries.live.into_values().collect(),
            file,
            whole,
        })
    }

    /// Writes that a request is about to be sent that may remove the object.
    pub fn removing(&mut self, number: u64) {
        self.note(&json!({"removing": number}));
    }

    /// Writes that no such request removed it.
    pub fn kept(&mut self, number: u64) {
        self.note(&json!({"kept": number}));
    }

    /// Writes that the object is gone, so that the next `clean` with this journal leaves it alone.
    pub fn removed(&mut self, number: u64) {
        self.note(&json!({"removed": number}));
    }

    /// Adds a line after the last whole one. If the line cannot be written, the next `clean` asks the target once more.
    fn note(&mut self, value: &Value) {
        let mut text = line(value);
        if self.file.metadata().is_ok_and(|there| there.len() != self.whole) {
            let _ = self.file.set_len(self.whole);
        }
        if self.whole > 0 && !self.ends_in_line() {
            text.insert(0, '\n');
        }
        if self.file.write_all(text.as_bytes()).is_ok() {
            self.whole += text.len() as u64;
        }
    }

    fn ends_in_line(&mut self) -> bool {
        let mut last = [0];
        let read = self.file.seek(SeekFrom::Start(self.whole - 1)).and_then(|_| self.file.read_exact(&mut last));
        read.is_err() || last == *b"\n"
    }

    /// Removes the file, because nothing that it names is left.
    pub fn done(self) -> std::io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Why a journal cannot be used.
enum UnusableJournal {
    Unread(std::io::Error),
    NoJournal(String),
    Version(String),
    BadLine(u64, String),
}

const NO_HEAD: &str = "its first line does not say so";

/// The objects of the lines that have been read.
#[derive(Default)]
struct ObjectsRead {
    live: BTreeMap<u64, JournalEntry>,
    /// The numbers of the objects that are gone.
    gone: BTreeSet<u64>,
}

impl ObjectsRead {
    /// Takes a line. An error says what is wrong with it.
    fn take(&mut self, line: ObjectLine) -> Result<(), String> {
        match line {
            ObjectLine::Asked(AskedLine { number, suite, state, case, user, withheld }) => {
                if self.gone.contains(&number) || self.live.contains_key(&number) {
                    return Err(format!("asks for number {number} a second time"));
                }
                let entry = JournalEntry {
                    number,
                    suite,
                    state,
                    case,
                    user,
                    made: false,
                    id: None,
                    captures: BTreeMap::new(),
                    withheld,
                    removing: false,
                    doubted: false,
                    left: None,
                };
                self.live.insert(number, entry);
            }
            ObjectLine::Made(MadeLine { number, id, captures, withheld }) => {
                if self.find(number)?.made {
                    return Err(format!("makes number {number} a second time"));
                }
                let doubted = id.is_some() && self.doubt(number, id.as_deref())?;
                let entry = self.find(number)?;
                entry.made = true;
                entry.id = id;
                entry.captures = captures;
                entry.withheld.extend(withheld);
                entry.doubted = doubted;
            }
            ObjectLine::Unmade(UnmadeLine { number }) | ObjectLine::Removed(RemovedLine { number }) => {
                self.find(number)?;
                self.live.remove(&number);
                self.gone.insert(number);
            }
            ObjectLine::Removing(RemovingLine { number }) => self.find(number)?.removing = true,
            ObjectLine::Kept(KeptLine { number }) => self.find(number)?.removing = false,
            ObjectLine::Left(LeftLine { number, reason }) => self.find(number)?.left = Some(reason),
        }
        Ok(())
    }

    fn find(&mut self, number: u64) -> Result<&mut JournalEntry, String> {
        self.live
            .get_mut(&number)
            .ok_or_else(|| format!("is about number {number}, which was not asked for or is gone"))
    }

    /// Whether another object of the same state has this id and is not gone. Then the id may name either object.
    fn doubt(&mut self, number: u64, id: Option<&str>) -> Result<bool, String> {
        let own = self.find(number)?.clone();
        let mut doubted = false;
        for other in self.live.values_mut().filter(|other| other.number != number) {
            if (&other.suite, &other.state, other.id.as_deref()) == (&own.suite, &own.state, id) {
                other.doubted = true;
                doubted = true;
            }
        }
        Ok(doubted)
    }
}

/// The lines of a file.
struct JournalLines<'a> {
    reader: BufReader<&'a File>,
    number: u64,
    whole: u64,
}

/// A line without its line end.
struct RawLine {
    text: String,
    /// Whether the file has the line end.
    ended: bool,
}

impl JournalLines<'_> {
    fn next(&mut self) -> Result<Option<RawLine>, UnusableJournal> {
        let mut bytes = Vec::new();
        let read =
            (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(UnusableJournal::Unread)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if read as u64 == LONGEST_LINE {
            return Err(UnusableJournal::BadLine(self.number, format!("is longer than {LONGEST_LINE} bytes")));
        }
        let ended = bytes.pop_if(|last| *last == b'\n').is_some();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(RawLine { text, ended })),
            Err(_) if !ended => Ok(None),
            Err(_) => Err(UnusableJournal::BadLine(self.number, "is no text".to_owned())),
        }
    }
}

/// Why another user may have written the file, and what to do about it.
fn not_trusted(file: &Metadata) -> Option<(String, &'static str)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        const OTHERS: u32 = 0o022;
        if file.uid() != rustix::process::geteuid().as_raw() {
            return Some(("belongs to another user".to_owned(), "run this as the user who ran the cases"));
        }
        if file.mode() & OTHERS != 0 {
            let mode = file.mode() & 0o777;
            return Some((
                format!("can be written by others (mode {mode:03o})"),
                "what it names is removed from the target: make sure that nobody has changed it, then chmod 600 it",
            ));
        }
    }
    let _ = file;
    None
}
