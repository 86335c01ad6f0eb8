//! Asks whether an object exists: sends the looks of a state's `exists`, and reads lists page by page.

use std::collections::HashSet;

use serde_json::Value;

use super::answers::{ExistsAnswer, answered, differs};
use super::expected_answer;
use super::next_page::{ListPage, NextPage, listed};
use super::staging::{self, Staging};
use super::staging_error::StagingError;
use crate::exchange::Exchange;
use crate::location::Pointer;
use crate::suite::{Contains, Exists, Look, Pages, ParameterValue, Part, Step, Text, Values};
use crate::transport::Cue;

/// The most pages of one list that are read.
const MOST_PAGES: u64 = 200;
/// How many exchanges are kept besides the one that decides. A page may be large.
const KEPT: usize = 3;

/// What the target answered to `exists`.
#[derive(Debug)]
pub struct Asked {
    /// What the answers say.
    pub said: ExistsAnswer,
    /// Why they do not say yes.
    pub why: Option<String>,
    /// The look that decides, as an index into [`Exists::looks`].
    pub look: usize,
    /// The exchange that decides.
    pub exchange: Exchange,
    /// The first exchanges before it.
    pub before: Vec<Exchange>,
}

impl Staging<'_> {
    /// Asks whether an object exists. In a dry run the answer is `expected`. The first look that does not say yes decides.
    ///
    /// An error if a look could not be sent or got no answer, or if a list has no end.
    pub async fn ask_exists(
        &self,
        exists: &Exists,
        values: &mut Values,
        expected: ExistsAnswer,
    ) -> Result<Asked, StagingError> {
        let mut before = Vec::new();
        let last = exists.looks.len().saturating_sub(1);
        for (index, look) in exists.looks.iter().enumerate() {
            // In a dry run every look is shown, so only the last one may say no.
            let expected = if index == last { expected } else { ExistsAnswer::Yes };
            let asked = match &look.contains {
                Some(contains) => self.look_through(look, contains, values, expected).await?,
                None => self.ask_once(look, values, expected).await?,
            };
            before.extend(asked.before);
            if asked.said != ExistsAnswer::Yes || index == last {
                before.truncate(KEPT);
                return Ok(Asked { look: index, before, ..asked });
            }
            before.push(asked.exchange);
        }
        Err(StagingError::new("the state has no request that asks whether its object exists"))
    }

    /// Sends a look that one response answers.
    async fn ask_once(&self, look: &Look, values: &mut Values, expected: ExistsAnswer) -> Result<Asked, StagingError> {
        let answer = if expected == ExistsAnswer::Yes { &look.yes } else { &look.no };
        let cue = |values: &Values| expected_answer::cue(self.suite, &look.call, answer, values);
        let exchange = self.send_look(&look.call, values, (allows_401(look), None), &cue).await?;
        let why = differs(&look.yes, &exchange, values);
        Ok(Asked { said: ExistsAnswer::of(look, &exchange, values), why, look: 0, exchange, before: Vec::new() })
    }

    /// Reads a list, and reads it again if it has several pages and not the object: if another object is removed meanwhile, the
    /// others move to an earlier page, which was read already.
    async fn look_through(
        &self,
        look: &Look,
        contains: &Contains,
        values: &mut Values,
        expected: ExistsAnswer,
    ) -> Result<Asked, StagingError> {
        let asked = self.read_list(look, contains, values, expected).await?;
        if asked.said != ExistsAnswer::No || asked.before.is_empty() {
            return Ok(asked);
        }
        self.read_list(look, contains, values, expected).await
    }

    /// Reads a list, page by page, until it has the value of the object or ends.
    async fn read_list(
        &self,
        look: &Look,
        contains: &Contains,
        values: &mut Values,
        expected: ExistsAnswer,
    ) -> Result<Asked, StagingError> {
        let wanted = contains.wanted.render(values).map_err(|unresolved| StagingError::new(unresolved.to_string()))?;
        let first = match &contains.pages {
            Pages::Numbered { query, from, .. } => with_parameter(&look.call, query, from.to_string()),
            _ => look.call.clone(),
        };
        let (mut call, mut page) = (first, None);
        let mut reading = ListReading { look, contains, wanted, read: HashSet::new(), before: Vec::new(), last: None };
        for number in 1..=MOST_PAGES {
            let cue = |values: &Values| self.list_cue(&reading, values, expected);
            let sent = self.send_look(&call, values, (allows_401(look), page.as_deref()), &cue).await;
            let exchange = sent?;
            reading.read.insert(exchange.request.target.clone());
            let next = match reading.read(self, number, &exchange, values) {
                PageRead::Says(said, why) => return Ok(reading.end(said, why, exchange)),
                PageRead::Next(next) => next,
                PageRead::Wrong(why) => return Err(wrong_pages(&why, exchange)),
            };
            let place = match next {
                NextPage::None => {
                    let why = format!("{} is in no item of the list", reading.wanted);
                    return Ok(reading.end(ExistsAnswer::No, Some(why), exchange));
                }
                NextPage::Target(target) => {
                    page = Some(target.clone());
                    target
                }
                NextPage::Parameter(name, value) => {
                    let place = format!("{name}={value}");
                    call = with_parameter(&look.call, &name, value);
                    place
                }
            };
            if !reading.read.insert(place.clone()) {
                let why = format!("page {number} leads back to {place}, which was read before");
                return Err(wrong_pages(&why, exchange));
            }
            if number == MOST_PAGES {
                return Err(wrong_pages(&format!("{MOST_PAGES} pages were read, and the list did not end"), exchange));
            }
            reading.keep(exchange);
        }
        Err(StagingError::new("no page was read"))
    }

    /// In a dry run, the answer with a list that has the object, or with an empty list.
    fn list_cue(&self, reading: &ListReading<'_>, values: &Values, expected: ExistsAnswer) -> Cue {
        let ListReading { look, contains, wanted, .. } = reading;
        let mut cue = expected_answer::cue(self.suite, &look.call, &look.yes, values);
        let is_star = |segment: &String| segment == "*";
        if expected == ExistsAnswer::Yes {
            let indexes =
                contains.values.segments().map(|segment| if is_star(&segment) { "0".to_owned() } else { segment });
            let item = indexes.fold(Pointer::root(), |pointer, segment| pointer.join(segment));
            expected_answer::add(&mut cue, &item, wanted.clone());
        } else {
            let before = contains.values.segments().take_while(|segment| !is_star(segment));
            let list = before.fold(Pointer::root(), |pointer, segment| pointer.join(segment));
            expected_answer::add(&mut cue, &list, Value::Array(Vec::new()));
        }
        cue
    }
}

/// A list while it is read.
struct ListReading<'a> {
    look: &'a Look,
    contains: &'a Contains,
    /// The value of the object.
    wanted: Value,
    /// The pages that were read or are read next: their targets, or the parameter that names them.
    read: HashSet<String>,
    /// The first pages.
    before: Vec<Exchange>,
    /// The values of the last page.
    last: Option<Vec<Value>>,
}

/// What one page says.
enum PageRead {
    /// Whether the object is there, or that nothing can be said; with the reason if it is not there.
    Says(ExistsAnswer, Option<String>),
    /// It has not the value. The next page may.
    Next(NextPage),
    /// The pages do not follow each other as the suite says.
    Wrong(String),
}

impl ListReading<'_> {
    /// Reads one page.
    fn read(&mut self, staging: &Staging<'_>, number: u64, exchange: &Exchange, values: &Values) -> PageRead {
        let answer = &exchange.answer;
        let counted = matches!(self.contains.pages, Pages::Numbered { .. });
        if let Some(why) = differs(&self.look.yes, exchange, values) {
            let is_no = differs(&self.look.no, exchange, values).is_none();
            let is_behind_the_end = number > 1 && counted && answer.status() == Some(404);
            let said = match number {
                1 if is_no => ExistsAnswer::No,
                _ if is_behind_the_end => ExistsAnswer::No,
                _ => ExistsAnswer::Unclear,
            };
            return PageRead::Says(said, Some(why));
        }
        let Ok(body) = serde_json::from_slice::<Value>(answer.content()) else {
            return PageRead::Says(ExistsAnswer::Unclear, Some("the body is not JSON".to_owned()));
        };
        let found = match listed(&body, &self.contains.values) {
            Ok(found) => found,
            Err(why) => return PageRead::Says(ExistsAnswer::Unclear, Some(why)),
        };
        if found.contains(&&self.wanted) {
            return PageRead::Says(ExistsAnswer::Yes, None);
        }
        let is_empty = found.is_empty();
        let found: Vec<Value> = found.into_iter().cloned().collect();
        let repeats = counted && !is_empty && self.last.as_ref() == Some(&found);
        self.last = Some(found);
        if repeats && number == 2 {
            return PageRead::Wrong(
                "pages 1 and 2 are the same, so the target ignores the parameter of `pages`".to_owned(),
            );
        }
        if repeats {
            // Some targets give the last page again for every number above it.
            return PageRead::Next(NextPage::None);
        }
        if self.contains.pages == Pages::Link && exchange.request.method != "GET" {
            // Only GET is sent to a URL that the target gives.
            return PageRead::Next(NextPage::None);
        }
        let page = ListPage { answer, body: &body, target: &exchange.request.target, number, is_empty };
        match page.next(&self.contains.pages, staging.client.base()) {
            Ok(next) => PageRead::Next(next),
            Err(why) => PageRead::Wrong(why),
        }
    }

    fn keep(&mut self, exchange: Exchange) {
        if self.before.len() < KEPT {
            self.before.push(exchange);
        }
    }

    fn end(self, said: ExistsAnswer, why: Option<String>, exchange: Exchange) -> Asked {
        Asked { said, why, look: 0, exchange, before: self.before }
    }
}

/// Whether the suite allows a 401 to a look.
fn allows_401(look: &Look) -> bool {
    [&look.yes, &look.no].into_iter().any(|one| staging::allows_401(std::slice::from_ref(one)))
}

/// A call with one more query parameter.
fn with_parameter(call: &Step, name: &str, value: String) -> Step {
    let mut call = call.clone();
    let span = call.span;
    let text = Text { parts: vec![Part::Literal(value)], span };
    call.query.push((name.to_owned(), ParameterValue::Text(text)));
    call
}

/// The error for pages that do not follow each other as the suite says. No later answer is another one.
fn wrong_pages(why: &str, exchange: Exchange) -> StagingError {
    let message = format!("the list that `exists` reads cannot be read to its end: {}", answered(&exchange, why));
    let help = "correct `next` or `pages` of the suite's state, or have the target list less, such as by a filter under `query`";
    StagingError {
        help: Some(help.to_owned()),
        exchange: Some(Box::new(exchange)),
        is_final: true,
        ..StagingError::new(message)
    }
}
