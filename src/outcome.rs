//! What a run came to: per case its verdict, findings and what was sent and came; of the whole, target, document and
//! what was left behind. Everything here is masked already; reports read nothing else.
//!
//! It leaves out how a verdict looks on paper (`report`).

mod cleaned;
mod masked;
mod plan;
mod preflight;
mod rerun;

use std::sync::Arc;
use std::time::Duration;

use crate::date::Date;
use crate::exchange::Protocol;
use crate::finding::Finding;
use crate::location::Place;
use crate::rule::Level;
use crate::suite::Profile;

pub use cleaned::{CleanUpResult, Cleaned, Remnant};
pub use masked::{OutcomeMasker, mask_findings};
pub use plan::{Plan, PlannedCase, PlannedRequest};
pub use preflight::{API, CheckStatus, Tried, Trouble};
pub use rerun::{Rerun, RerunWord};

/// A whole run.
#[derive(Debug)]
pub struct RunOutcome {
    /// Who was asked.
    pub target: TargetInfo,
    /// The documents, usually one, in the order in which suites name them.
    pub documents: Vec<DocumentInfo>,
    /// What the command that runs a case again says besides target and case.
    pub rerun: Rerun,
    /// The profile that was run.
    pub profile: Profile,
    /// Every selected case, in the order of the files.
    pub cases: Vec<CaseOutcome>,
    /// The cases in the order in which they ended: indexes into [`RunOutcome::cases`].
    pub ended: Vec<usize>,
    /// What was made and could not be removed.
    pub left_behind: Vec<LeftBehind>,
    /// What a reader should know about the run as a whole, one sentence each.
    pub notes: Vec<String>,
    /// What was tried before the first case.
    pub preflight: Vec<Tried>,
    /// Why nothing could be judged, if so: the target cannot be reached, a key is wrong. No case was run then.
    pub trouble: Option<Trouble>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// From start to end.
    pub elapsed: Duration,
}

/// Who was asked.
#[derive(Clone, Debug)]
pub struct TargetInfo {
    /// The base URL.
    pub url: String,
    /// Whether it is the embedded reference.
    pub kind: TargetKind,
    /// The release that the embedded reference behaves as, if one was picked.
    pub release: Option<String>,
    /// How it was asked.
    pub route: TargetRoute,
}

/// The way to a target, where it is not the plain one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetRoute {
    /// The proxy, without its login.
    pub proxy: Option<String>,
    /// Whether any certificate was accepted.
    pub insecure: bool,
    /// Whether it was asked over HTTP/2.
    pub http2: bool,
}

impl std::fmt::Display for TargetRoute {
    /// What follows the target's address in a line about it: nothing, or such as `, over HTTP/2, through the proxy
    /// http://proxy.test:3128`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.http2 {
            f.write_str(", over HTTP/2")?;
        }
        if let Some(proxy) = &self.proxy {
            write!(f, ", through the proxy {proxy}")?;
        }
        Ok(())
    }
}

/// The kinds of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// The embedded reference server.
    Reference,
    /// A server that the settings name.
    Remote,
}

/// A document and what was found about it rather than about a case.
#[derive(Clone, Debug)]
pub struct DocumentInfo {
    /// The file's name.
    pub file: String,
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Findings about the document, such as statuses that it does not list.
    pub findings: Vec<Finding>,
}

/// What a case came to, in the order of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It was judged, and there is no finding of level must.
    Pass,
    /// It was not run, for a reason.
    Skipped,
    /// It fails by known deviations only.
    Known,
    /// It has at least one finding of level must.
    Fail,
    /// It could not be judged.
    Error,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Verdict {
    /// The word that reports use.
    #[doc(hidden)]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skipped => "skipped",
            Self::Known => "known",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// How many of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `pass`.
    pub pass: u64,
    /// `fail`.
    pub fail: u64,
    /// `known`.
    pub known: u64,
    /// `skipped`.
    pub skipped: u64,
    /// `error`.
    pub error: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::Known => self.known += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Error => self.error += 1,
        }
    }
}

/// What in the document the response to a case's own request was checked against, weakest first. Reports for programs call
/// the first three `nothing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PinnedBy {
    /// Nothing: the case sent no request of its own that is judged.
    Nothing,
    /// Nothing: no response came, or none with a status.
    NoResponse,
    /// Nothing: neither the document nor the case names the status that came.
    Undocumented,
    /// The status alone.
    Status,
    /// A documented status without a body.
    Bodiless,
    /// A documented example.
    Example,
    /// A schema (and examples, where there are some).
    Schema,
}

impl PinnedBy {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing | Self::NoResponse | Self::Undocumented => "nothing",
            Self::Status => "status",
            Self::Bodiless => "bodiless",
            Self::Example => "example",
            Self::Schema => "schema",
        }
    }
}

/// A case over all its repetitions.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// `suite/case`.
    pub id: String,
    /// What it is about.
    pub about: Option<String>,
    /// Its profile.
    pub profile: Profile,
    /// Where its name stands.
    pub place: Place,
    /// Its suite's document: an index into [`RunOutcome::documents`].
    pub document: usize,
    /// The worst verdict of its runs.
    pub verdict: Verdict,
    /// Why it was skipped, or could not be judged.
    pub reason: Option<String>,
    /// What its response was checked against.
    pub pinned_by: PinnedBy,
    /// How many times it ran (0 if skipped).
    pub runs: u64,
    /// Its runs by verdict.
    pub counts: Counts,
    /// The time of all its runs.
    pub duration: Duration,
    /// What was found, each rule and message once with its count, the weightiest first.
    pub findings: Vec<ReportedFinding>,
    /// What a reader should know about this case, one sentence each.
    pub notes: Vec<String>,
    /// What was sent and came in the first run that failed or could not be judged; of a passing case only if it was
    /// asked for (`-v`).
    pub transcript: Option<Arc<Transcript>>,
}

/// A finding over all repetitions.
#[derive(Clone, Debug)]
pub struct ReportedFinding {
    /// The finding, as first seen.
    pub finding: Finding,
    /// What a known deviation has to do with it, if one has.
    pub known: Option<KnownStatus>,
    /// In how many runs it was.
    pub count: u64,
}

/// What a known deviation has to do with a finding.
#[derive(Clone, Debug)]
pub enum KnownStatus {
    /// The finding is the known deviation, so it fails nothing.
    Covers(Arc<KnownDeviation>),
    /// The finding is a note: the known deviation did not occur where it applies.
    Vanished(Arc<KnownDeviation>),
    /// The finding is a note: the known deviation was accepted until a day that has passed.
    Expired(Arc<KnownDeviation>),
}

/// A deviation that is known and accepted for a time.
#[derive(Clone, Debug)]
pub struct KnownDeviation {
    /// Why it is accepted.
    pub reason: String,
    /// Where more is said about it.
    pub link: String,
    /// The last day on which it is accepted.
    pub until: Date,
    /// Where it is listed.
    pub place: Place,
}

impl ReportedFinding {
    /// A finding that came once.
    pub fn once(finding: Finding, known: Option<KnownStatus>) -> Self {
        Self { finding, known, count: 1 }
    }

    /// Whether another run's finding is the same one. Messages may quote generated values, so the rule and its place
    /// are what counts, and which known deviation it is, lest what is known hides what is not.
    pub fn is(&self, finding: &Finding, known: Option<&KnownStatus>) -> bool {
        let same_known = match (&self.known, known) {
            (None, None) => true,
            (Some(KnownStatus::Covers(own)), Some(KnownStatus::Covers(other))) => Arc::ptr_eq(own, other),
            _ => false,
        };
        same_known
            && self.finding.rule == finding.rule
            && self.finding.level == finding.level
            && self.finding.step == finding.step
            && self.finding.spec == finding.spec
    }

    /// The known deviation that the finding is, if it is one.
    pub fn covered(&self) -> Option<&KnownDeviation> {
        match &self.known {
            Some(KnownStatus::Covers(deviation)) => Some(deviation),
            _ => None,
        }
    }

    /// The known deviation that the finding is or speaks of.
    pub fn deviation(&self) -> Option<&KnownDeviation> {
        match self.known.as_ref()? {
            KnownStatus::Covers(deviation) | KnownStatus::Vanished(deviation) | KnownStatus::Expired(deviation) => {
                Some(deviation)
            }
        }
    }

    /// Whether a strict run fails by it: level should and above unless it is known, and a known deviation that vanished.
    pub fn fails_strict(&self) -> bool {
        match self.known {
            Some(KnownStatus::Covers(_) | KnownStatus::Expired(_)) => false,
            Some(KnownStatus::Vanished(_)) => true,
            None => self.finding.level >= Level::Should,
        }
    }
}

/// What was sent and came in one case run, for people. Bounded, whatever came.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// In order; [`Finding::step`] is an index into it.
    pub steps: Vec<TranscriptStep>,
}

/// One exchange of a transcript.
#[derive(Clone, Debug)]
pub struct TranscriptStep {
    /// Its part: `request`, `then, step 2`, `making mine`, `exists mine`, `clean-up request for mine`.
    pub role: String,
    /// The request as a curl line, secrets masked.
    pub curl: String,
    /// The first bytes of the request as they were sent, secrets masked: at most 4 KiB, or all of them with `-vv`.
    pub request: Vec<u8>,
    /// How many bytes of request there were.
    pub request_size: u64,
    /// How the response was read. Only over HTTP/1.x are its bytes those that came; otherwise its head is written anew.
    pub protocol: Protocol,
    /// The first bytes of the response, secrets masked: at most 4 KiB, or 128 KiB with `-vv`.
    pub answer: Vec<u8>,
    /// How many bytes of answer there were.
    pub answer_size: u64,
    /// How the answer ended if not as it should, in words.
    pub end: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl TranscriptStep {
    /// How the role of a request begins that removes an object after its case.
    pub(crate) const CLEAN_UP: &str = "clean-up request";
}

/// An object that was made and could not be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftBehind {
    /// The state's name.
    pub state: String,
    /// The object's id: the value of the first capture that its state names with `id`.
    pub id: String,
    /// The user it belongs to.
    pub user: String,
    /// The case it was made for.
    pub case: String,
    /// Why it could not be removed.
    pub reason: String,
}

impl LeftBehind {
    /// Stands for the case of an object that no case needs: it was made to check the target before the first case.
    pub(crate) const CHECKS: &str = "checks";

    /// Whether it is a creation of which nobody knows whether it made an object: no usable response came.
    pub(crate) fn is_unknown(&self) -> bool {
        self.id.is_empty()
    }

    /// How many objects and creations there are, in words. `also` follows the objects.
    pub(crate) fn counted(left: &[Self], also: &str) -> String {
        let unknown = left.iter().filter(|one| one.is_unknown()).count();
        let count = |count: usize, noun: &str| match count {
            0 => None,
            1 => Some(format!("1 {noun}")),
            many => Some(format!("{many} {noun}s")),
        };
        let objects = count(left.len() - unknown, "object").map(|objects| objects + also);
        let creations = count(unknown, "creation").map(|creations| creations + " whose result is unknown");
        objects.into_iter().chain(creations).collect::<Vec<_>>().join(", ")
    }

    /// What an object was made for, in words, from its case.
    pub(crate) fn purpose(case: &str) -> &str {
        if case == Self::CHECKS { "the checks before the first case" } else { case }
    }
}

/// The exit statuses of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: conforms.
    Conforms,
    /// 1: at least one case failed.
    Fails,
    /// 2: bad input.
    BadInput,
    /// 3: could not be judged.
    NotJudged,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::Fails => 1,
            Self::BadInput => 2,
            Self::NotJudged => 3,
            Self::Interrupted => 130,
        }
    }
}

impl RunOutcome {
    /// Cases by verdict.
    pub fn summary(&self) -> Counts {
        let mut counts = Counts::default();
        for case in &self.cases {
            counts.add(case.verdict);
        }
        counts
    }

    /// The cases in the order in which they ended.
    pub fn as_they_ended(&self) -> impl Iterator<Item = &CaseOutcome> {
        self.ended.iter().filter_map(|index| self.cases.get(*index))
    }

    /// The exit status: any error outranks any failure; with `strict`, a finding of level
    /// should and a vanished known deviation fail too; nothing judged is no pass.
    pub fn exit(&self, strict: bool) -> Exit {
        let counts = self.summary();
        let judged = counts.pass + counts.fail + counts.known;
        if self.interrupted {
            Exit::Interrupted
        } else if self.trouble.is_some() || counts.error > 0 || judged == 0 {
            Exit::NotJudged
        } else if counts.fail > 0 || (strict && self.fails_strict()) {
            Exit::Fails
        } else {
            Exit::Conforms
        }
    }

    /// The exit status of what was only tried and not run.
    pub fn doctor_exit(&self) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.trouble.is_some() {
            Exit::NotJudged
        } else {
            Exit::Conforms
        }
    }

    /// Whether a strict run fails by something that no case fails by.
    fn fails_strict(&self) -> bool {
        self.cases.iter().flat_map(|case| &case.findings).any(ReportedFinding::fails_strict)
    }
}
