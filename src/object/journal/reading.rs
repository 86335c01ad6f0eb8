//! Reading a journal again: strictly, for what stands in it is removed from a server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{FORMAT, FORMATS, is_same, line, lock_alone};
use crate::file::{self, Refused, most};
use crate::location::InputError;

/// The longest line that is read; the longest that is written is far shorter.
const LONGEST_LINE: u64 = 1024 * 1024;

/// A journal of a run that has ended, open and locked.
#[derive(Debug)]
pub struct Recorded {
    /// Its path, as given.
    pub path: PathBuf,
    /// The run.
    pub run: String,
    /// The base URL of its target.
    pub target: String,
    /// The day on which it began.
    pub started: String,
    /// What was asked for and is not known to be gone, in the order in which it was asked for.
    pub entries: Vec<Entry>,
    file: File,
    /// Where its last whole line ends.
    whole: u64,
}

/// What was asked for and is not known to be gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number in the journal.
    pub number: u64,
    /// The id of its suite.
    pub suite: String,
    /// The name of its state.
    pub state: String,
    /// The id of the case it was made for.
    pub case: String,
    /// Whose it is.
    pub user: String,
    /// Whether the target said that it made it.
    pub made: bool,
    /// Its id; none if nobody said it or it is secret.
    pub id: Option<String>,
    /// What was captured with it.
    pub captures: BTreeMap<String, Value>,
    /// What of it is not in the journal: because it is secret, or too long.
    pub withheld: Vec<String>,
    /// Whether a request was sent that may have removed it.
    pub removing: bool,
    /// Whether its id was given for another object too, while both were there.
    pub doubted: bool,
    /// Why it was told of as left behind, if it was.
    pub left: Option<String>,
}

/// The first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    journal: String,
    run: String,
    target: String,
    started: String,
}

/// Any other line. Which one it is says the key that holds the number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Asked(Asked),
    Made(Made),
    Unmade(Unmade),
    Removing(Removing),
    Kept(Kept),
    Removed(Removed),
    Left(Left),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
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
struct Made {
    #[serde(rename = "made")]
    number: u64,
    id: Option<String>,
    captures: BTreeMap<String, Value>,
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unmade {
    #[serde(rename = "unmade")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removing {
    #[serde(rename = "removing")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    #[serde(rename = "kept")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    #[serde(rename = "removed")]
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    #[serde(rename = "left")]
    number: u64,
    reason: String,
}

impl Recorded {
    /// Opens and reads a journal. It must be a file of one's own that nobody else can write, and its run must have ended.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let shown = path.display();
        let wrong = |why: &str, help: &str| InputError::new(format!("the journal {shown} {why}")).help(help);
        let unread = |error: &std::io::Error| {
            let help = "name the file that a run told of, or that --journal or CONFORMANT_JOURNAL named";
            wrong(&format!("cannot be opened: {error}"), help)
        };
        // Opening what is no file, such as a pipe, could wait for ever.
        let there = std::fs::symlink_metadata(path).map_err(|error| unread(&error))?;
        if there.is_symlink() {
            return Err(wrong("is no regular file", "name the file itself, not a link to it"));
        }
        let (file, own) =
            file::open(path, OpenOptions::new().read(true).append(true)).map_err(|refused| match refused {
                Refused::Unread(error) => unread(&error),
                refused => wrong(&format!("is not read: {refused}"), "name the file that a run wrote"),
            })?;
        if !is_same(&file, path) {
            return Err(wrong("was replaced while it was opened", "try again"));
        }
        if own.len() > most::JOURNAL {
            let refused = Refused::TooLarge(most::JOURNAL);
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
            Wrong::Line(number, why) => wrong(
                &format!("cannot be used: line {number} {why}"),
                "nothing was sent; a journal is used as a run wrote it, or not at all",
            ),
            Wrong::Version(other) => wrong(
                &format!("has the format {other:?}, and this program reads {FORMAT:?}"),
                "use the version of conformant that wrote it",
            ),
            Wrong::None(why) => wrong(&format!("is no journal: {why}"), "name the file that a run wrote"),
            Wrong::Unread(error) => unread(&error),
        })
    }

    fn read(path: &Path, file: File) -> Result<Self, Wrong> {
        let mut lines = Lines { reader: BufReader::new(&file), number: 0, whole: 0 };
        let Some(first) = lines.next()? else {
            return Err(Wrong::None("it is empty".to_owned()));
        };
        let head: Value = serde_json::from_str(&first.text).map_err(|_| Wrong::None(NO_HEAD.to_owned()))?;
        match head.get("journal").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) if other.starts_with(FORMATS) => return Err(Wrong::Version(other.to_owned())),
            _ => return Err(Wrong::None(NO_HEAD.to_owned())),
        }
        let head = Head::deserialize(head).map_err(|error| Wrong::Line(1, format!("is not whole: {error}")))?;
        debug_assert_eq!(head.journal, FORMAT);
        let mut entries = Entries::default();
        while let Some(next) = lines.next()? {
            match serde_json::from_str::<Line>(&next.text) {
                Ok(line) => entries.take(line).map_err(|why| Wrong::Line(lines.number, why))?,
                // The run was killed while it wrote this line, so before it sent what the line is about.
                Err(_) if !next.ended => break,
                Err(_) => return Err(Wrong::Line(lines.number, "is none that a run writes".to_owned())),
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

    /// Notes that a request is about to be sent that may remove it.
    pub fn removing(&mut self, number: u64) {
        self.note(&json!({"removing": number}));
    }

    /// Notes that no such request removed it.
    pub fn kept(&mut self, number: u64) {
        self.note(&json!({"kept": number}));
    }

    /// Notes that it is gone, so that whoever goes on with this journal does not ask for it again.
    pub fn removed(&mut self, number: u64) {
        self.note(&json!({"removed": number}));
    }

    /// Adds a line, after the last whole one. If it cannot be written, whoever goes on asks once more.
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

    /// Removes the file: nothing of it is left.
    pub fn done(self) -> std::io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Why a journal cannot be used.
enum Wrong {
    Unread(std::io::Error),
    None(String),
    Version(String),
    Line(u64, String),
}

const NO_HEAD: &str = "its first line does not say so";

/// What was asked for, as far as it has been read.
#[derive(Default)]
struct Entries {
    live: BTreeMap<u64, Entry>,
    /// The numbers of what is gone.
    gone: BTreeSet<u64>,
}

impl Entries {
    /// Takes a line; an error says what is wrong with it.
    fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Asked(Asked { number, suite, state, case, user, withheld }) => {
                if self.gone.contains(&number) || self.live.contains_key(&number) {
                    return Err(format!("asks for number {number} a second time"));
                }
                let entry = Entry {
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
            Line::Made(Made { number, id, captures, withheld }) => {
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
            Line::Unmade(Unmade { number }) | Line::Removed(Removed { number }) => {
                self.find(number)?;
                self.live.remove(&number);
                self.gone.insert(number);
            }
            Line::Removing(Removing { number }) => self.find(number)?.removing = true,
            Line::Kept(Kept { number }) => self.find(number)?.removing = false,
            Line::Left(Left { number, reason }) => self.find(number)?.left = Some(reason),
        }
        Ok(())
    }

    fn find(&mut self, number: u64) -> Result<&mut Entry, String> {
        self.live
            .get_mut(&number)
            .ok_or_else(|| format!("is about number {number}, which was not asked for or is gone"))
    }

    /// Whether this id is that of another object of the same kind that is not gone; then whose it is, nobody knows.
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
struct Lines<'a> {
    reader: BufReader<&'a File>,
    number: u64,
    whole: u64,
}

/// A line without its end.
struct Next {
    text: String,
    /// Whether it has one.
    ended: bool,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Next>, Wrong> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(Wrong::Unread)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if read as u64 == LONGEST_LINE {
            return Err(Wrong::Line(self.number, format!("is longer than {LONGEST_LINE} bytes")));
        }
        let ended = bytes.pop_if(|last| *last == b'\n').is_some();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Next { text, ended })),
            Err(_) if !ended => Ok(None),
            Err(_) => Err(Wrong::Line(self.number, "is no text".to_owned())),
        }
    }
}

/// Why what stands in a file may be somebody else's words: why, and what to do.
fn not_trusted(file: &Metadata) -> Option<(String, &'static str)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        const OTHERS: u32 = 0o022;
        if file.uid() != rustix::process::geteuid().as_raw() {
            return Some(("belongs to another user".to_owned(), "run this as whoever ran the cases"));
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
