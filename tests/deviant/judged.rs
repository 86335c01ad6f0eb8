//! Bytes of an answer to a core case's request, judged without a server: read and checked as if they had come over a
//! connection that then ends, or stands open.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use conformant::assess;
use conformant::exchange::{End, Exchange, Limits, Reader, Stage, Timing, Wait};
use conformant::observation::{Observation, ObservedExchange, Role};
use conformant::rule::Level;
use conformant::rules;
use conformant::suite::Values;

use crate::product;

/// How the connection is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Closed,
    Reset,
    Open,
}

/// What is found, as in [`crate::product::Case::finds`], and what it says. Nothing is known of effects.
pub(crate) fn finds(case: &str, bytes: &[u8], left: Left) -> (BTreeSet<String>, Vec<String>) {
    let suite = product::suites().iter().find(|suite| suite.id == "delete_conversation").expect("the shipped suite");
    let case = suite.cases.iter().find(|one| one.id.ends_with(&format!("/{case}"))).expect("a case of it");
    let step = &case.steps[0];
    let mut values = Values { user: "conformance-1".to_owned(), ..Values::default() };
    for (index, given) in case.given.iter().enumerate() {
        let id = format!("00000000-0000-4000-8000-00000000000{index}");
        let captured = suite.states[given.state].capture.iter().map(|(name, _)| (name.clone(), id.clone().into()));
        values.captures.insert(given.name.clone(), captured.collect());
    }
    let secrets = vec![Some("secret-of-the-suite".to_owned().into()); suite.credentials.len()];
    let rendered =
        step.render(suite, "http://127.0.0.1:9", "/v1", &secrets, &mut values).expect("a request can be made");
    let mut reader = Reader::new(&rendered.request.method, Limits::default());
    reader.feed(bytes);
    let answer = reader.finish(match left {
        Left::Closed => End::Complete,
        Left::Reset => End::Reset(Stage::Nothing),
        Left::Open => {
            let limit = Duration::from_secs(5);
            let wait = if bytes.is_empty() { Wait::FirstByte(limit) } else { Wait::Idle(limit) };
            End::TimedOut(Stage::Nothing, wait)
        }
    });
    let exchange = Exchange {
        request: Arc::new(rendered.request),
        answer,
        timing: Timing::default(),
        reused: false,
        repeated_credentials: Vec::new(),
    };
    let taken = [ObservedExchange::new(Role::Judged { step: 0, copy: 0 }, step, exchange)];
    let observation = Observation::new(suite, case, &taken, &values, Duration::from_secs(600));
    let findings = rules::findings(&assess::assess(&observation));
    let told = findings.iter().filter(|finding| finding.level > Level::Note);
    let finds = told.clone().map(|finding| match finding.level {
        Level::Must => finding.rule.id.to_owned(),
        level => format!("{} {level}", finding.rule.id),
    });
    let says = told.clone().map(|finding| {
        format!("{}: {} | {:?} | {:?}", finding.rule.id, finding.message, finding.expected, finding.actual)
    });
    (finds.collect(), says.collect())
}
