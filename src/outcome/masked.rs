//! An outcome without secrets that are masked late: those that came to be while it was kept, and those that may be an ordinary
//! word, which answers are judged with.

use std::sync::Arc;

use super::{CaseOutcome, CleanUpResult, Cleaned, KnownStatus, Plan, PlannedRequest, ReportedFinding, RunOutcome};
use crate::finding::Finding;
use crate::location::{InputError, InputErrors, Place, Source};
use crate::secret::Secrets;

impl RunOutcome {
    /// The outcome with the secrets masked that are masked late: a token of a login is one from the moment it is sent, and what
    /// the login answered was kept before. Names and ids that the suites and the document write stay, or nobody could tell
    /// what is meant.
    #[must_use]
    pub fn masked(mut self, secrets: &Secrets) -> Self {
        if !secrets.has_learned() {
            return self;
        }
        let mut sources = Sources::new(secrets);
        self.cases.iter_mut().for_each(|case| sources.case(case));
        for left in &mut self.left_behind {
            for text in [&mut left.id, &mut left.user] {
                *text = secrets.mask_id(text).into_owned();
            }
            secrets.mask_again(&mut left.reason);
        }
        self.notes.iter_mut().for_each(|note| secrets.mask_again(note));
        self.documents.iter_mut().flat_map(|document| &mut document.findings).for_each(|one| sources.finding(one));
        for tried in &mut self.preflight {
            secrets.mask_again(&mut tried.found);
            tried.help.iter_mut().for_each(|help| secrets.mask_again(help));
        }
        if let Some(trouble) = &mut self.trouble {
            secrets.mask_again(&mut trouble.message);
            trouble.help.iter_mut().for_each(|help| secrets.mask_again(help));
        }
        self
    }
}

/// Masks the outcomes of cases while a run goes on. The files that findings quote are masked once, and again only when more
/// secrets are known.
#[derive(Debug)]
pub struct OutcomeMasker {
    secrets: Secrets,
    /// How many secrets were known when these files were masked.
    count: usize,
    files: MaskedFiles,
}

impl OutcomeMasker {
    /// One that has masked nothing yet.
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets, count: 0, files: MaskedFiles::default() }
    }

    /// Masks the secrets in a case's outcome that are masked late.
    pub fn case(&mut self, outcome: &mut CaseOutcome) {
        let count = self.secrets.count_late();
        if count == 0 {
            return;
        }
        if count != self.count {
            self.count = count;
            self.files.clear();
        }
        let mut sources = Sources { secrets: &self.secrets, known: std::mem::take(&mut self.files) };
        sources.case(outcome);
        self.files = sources.known;
    }
}

/// Files that are quoted, each with itself masked.
type MaskedFiles = Vec<(Source, Source)>;

impl Plan {
    /// The plan with the secrets masked that are masked late.
    #[must_use]
    pub fn masked(mut self, secrets: &Secrets) -> Self {
        if !secrets.has_learned() {
            return self;
        }
        let mut sources = Sources::new(secrets);
        let mut requests: Vec<&mut PlannedRequest> = self.checks.iter_mut().collect();
        let mut refused: Vec<&mut InputError> = self.refused.iter_mut().collect();
        for case in &mut self.cases {
            let texts = case.about.iter_mut().chain(&mut case.skip).chain(&mut case.provided);
            texts.for_each(|text| secrets.mask_again(text));
            requests.extend(&mut case.requests);
            refused.extend(&mut case.refused);
        }
        for planned in requests {
            planned.request = planned.request.clone().masked(secrets);
        }
        for error in refused {
            *error = sources.error(error.clone());
        }
        self
    }
}

impl Cleaned {
    /// The same with the secrets masked that are masked late.
    #[must_use]
    pub fn masked(mut self, secrets: &Secrets) -> Self {
        for one in &mut self.remnants {
            for text in one.id.iter_mut().chain([&mut one.user]) {
                *text = secrets.mask_id(text).into_owned();
            }
            if let CleanUpResult::Left(why) = &mut one.result {
                secrets.mask_again(why);
            }
        }
        self
    }
}

/// Masks secrets in findings that belong to no case.
pub fn mask_findings<'f>(findings: impl IntoIterator<Item = &'f mut Finding>, secrets: &Secrets) {
    let mut sources = Sources::new(secrets);
    findings.into_iter().for_each(|finding| sources.finding(finding));
}

impl InputErrors {
    /// The errors with secrets masked, also in the lines that they quote: of a long one only a part is shown, in which a part
    /// of a value would not be recognised.
    #[must_use]
    pub fn masked(self, secrets: &Secrets) -> Self {
        let mut sources = Sources::new(secrets);
        Self(self.0.into_iter().map(|error| sources.error(error)).collect())
    }
}

/// The files that are quoted, masked once each.
struct Sources<'a> {
    secrets: &'a Secrets,
    known: MaskedFiles,
}

impl<'a> Sources<'a> {
    fn new(secrets: &'a Secrets) -> Self {
        Self { secrets, known: Vec::new() }
    }

    fn error(&mut self, mut error: InputError) -> InputError {
        self.secrets.mask_again(&mut error.message);
        error.help.iter_mut().for_each(|help| self.secrets.mask_again(help));
        error.place.iter_mut().for_each(|place| self.place(place));
        error
    }

    fn finding(&mut self, finding: &mut Finding) {
        let said = [&mut finding.expected, &mut finding.actual, &mut finding.advice].into_iter().flatten();
        std::iter::once(&mut finding.message).chain(said).for_each(|text| self.secrets.mask_again(text));
        finding.case.iter_mut().for_each(|place| self.place(place));
    }

    fn case(&mut self, case: &mut CaseOutcome) {
        let secrets = self.secrets;
        let said = case.about.iter_mut().chain(&mut case.reason).chain(&mut case.notes);
        said.for_each(|text| secrets.mask_again(text));
        for ReportedFinding { finding, known, .. } in &mut case.findings {
            self.finding(finding);
            if let Some(KnownStatus::Covers(known) | KnownStatus::Vanished(known) | KnownStatus::Expired(known)) = known
            {
                let known = Arc::make_mut(known);
                for text in [&mut known.reason, &mut known.link] {
                    secrets.mask_again(text);
                }
            }
        }
        let Some(transcript) = &mut case.transcript else { return };
        for step in &mut Arc::make_mut(transcript).steps {
            let texts = [&mut step.role, &mut step.curl];
            texts.into_iter().chain(&mut step.end).for_each(|text| secrets.mask_again(text));
            secrets.mask_again_bytes(&mut step.request);
            secrets.mask_again_bytes(&mut step.answer);
        }
    }

    fn place(&mut self, place: &mut Place) {
        if let Some((_, masked)) = self.known.iter().find(|(known, _)| known.is(&place.source)) {
            place.source = masked.clone();
            return;
        }
        let masked = self.source(&place.source);
        self.known.push((place.source.clone(), masked.clone()));
        place.source = masked;
    }

    /// A file with its secrets masked, and its lines and bytes where they were.
    fn source(&self, source: &Source) -> Source {
        let name = self.secrets.mask_str(source.name());
        let found = self.secrets.find(source.text().as_bytes());
        if found.ranges.is_empty() && name == source.name() {
            return source.clone();
        }
        let mut bytes = source.text().as_bytes().to_vec();
        for range in &found.ranges {
            // A value may hold line breaks, as a key in PEM does.
            bytes[range.clone()].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
        }
        source.with(name, String::from_utf8_lossy(&bytes))
    }
}
