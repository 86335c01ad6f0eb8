//! What a rule is: its record, its level and where its authority comes from.
//!
//! The records themselves stand in the rules' own files (`rules::FAMILIES`, `lint::RULES`); this module only says what
//! every record has. Anything may use it. It leaves out how a rule is carried out.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// On whose authority a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The OpenAPI document.
    Document,
    /// RFC 9110 (semantics), RFC 9112 (HTTP/1.1) or RFC 8259 (JSON).
    Http,
    /// The suite: what it knows of the real API and the document leaves open.
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

/// The record of one rule. Tables, `rules`, `explain` and report metadata are all made from these.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case, names the defect and not the cure: `status-undocumented`.
    pub id: &'static str,
    /// One line, without a full stop.
    pub summary: &'static str,
    /// The level of its findings, unless a finding says less.
    pub level: Level,
    /// The authority it usually stands on; a finding may name another.
    pub origin: Origin,
    /// The clause it rests on, such as `RFC 9110 §15.3.5`.
    pub clause: &'static str,
    /// The first version that had it.
    pub since: &'static str,
    /// The text of the rule's own source file; its module doc comment is the rule's page.
    pub source: &'static str,
}

impl Rule {
    /// The rule's page: the module doc comment (`//!`) of its file, as Markdown.
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
