//! The record of a rule: its id, its level and its authority.
//!
//! Each rule defines its record in its own file. The lists are `rules::FAMILIES` and `lint::RULES`. How a rule is carried out
//! is defined there too.

use std::fmt;

/// The level of a finding: how severe it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Informs; never changes a verdict.
    Note,
    /// A likely client breaker, a SHOULD, or a changed free text: reported, and a failure only under `--strict`.
    Should,
    /// Breaks the document, a MUST of HTTP or JSON, the case's expectation, or an effect: fails the case.
    Must,
}

impl Level {
    /// The word that reports use.
    #[doc(hidden)]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Should => "should",
            Self::Must => "must",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The authority that a finding rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The OpenAPI document.
    Document,
    /// RFC 9110 (semantics), RFC 9112 (HTTP/1.1) or RFC 8259 (JSON).
    Http,
    /// The suite: what it says of the API where the document says nothing.
    Suite,
}

impl Origin {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Http => "http",
            Self::Suite => "suite",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The record of one rule. The tables in the docs, the commands `rules` and `explain`, and the metadata of reports are made
/// from it.
#[derive(Debug)]
pub struct Rule {
    /// In kebab-case. It names the defect and not the remedy: `status-undocumented`.
    pub id: &'static str,
    /// One line, without a full stop.
    pub summary: &'static str,
    /// The level of its findings; a finding may have a lower one.
    pub level: Level,
    /// The authority of its findings; a finding may name another.
    pub origin: Origin,
    /// The clause it rests on, such as `RFC 9110 §15.3.5`.
    pub clause: &'static str,
    /// The first version that had it.
    pub since: &'static str,
    /// The source file of the rule. Its module doc comment is the page of the rule.
    pub source: &'static str,
}

impl Rule {
    /// The page of the rule as Markdown: the module doc comment (`//!`) of its source file.
    pub fn page(&self) -> String {
        let mut page = String::new();
        for line in self.source.lines().map_while(|line| line.strip_prefix("//!")) {
            page.push_str(line.strip_prefix(' ').unwrap_or(line));
            page.push('\n');
        }
        page
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
