//! The events of requests: one line where a request is sent says what it is for.

use std::sync::Arc;

use super::parts::test_run::TestRun;
use crate::event::{Announcer, Event, RequestSent};
use crate::suite::{Action, Part, State, Step, Suite};

/// A request is about to be sent, for a case or for none.
pub(crate) fn request(run: &TestRun, case: Option<&str>, role: &str, suite: &Suite, step: &Step) {
    run.record.announcer.emit(|| {
        let path = run.setup.secrets.mask_str(&path(suite, step)).into_owned();
        Event::RequestSent(RequestSent::new(case, role, step.method(&suite.document), path))
    });
}

/// An object of a state is asked for, for a case. It is being made until what this gives is dropped.
pub(crate) fn making(run: &TestRun, case: &str, (suite, state): (&Suite, &State)) -> BeingMade {
    let announcer = Arc::clone(&run.record.announcer);
    announcer.emit(|| Event::ObjectRequested);
    request(run, Some(case), &format!("make {}", state.name), suite, &state.make);
    BeingMade(announcer)
}

/// An object is being made.
pub(crate) struct BeingMade(Arc<Announcer>);

impl Drop for BeingMade {
    fn drop(&mut self) {
        self.0.emit(|| Event::ObjectAnswered);
    }
}

/// The path of a step as the document or the suite writes it, with the names of parameters in braces.
fn path(suite: &Suite, step: &Step) -> String {
    match &step.action {
        Action::Operation(index) => {
            suite.document.operations.get(*index).map(|operation| operation.path.clone()).unwrap_or_default()
        }
        Action::Call { path, .. } => path.parts.iter().fold(String::new(), |written, part| {
            written
                + &match part {
                    Part::Literal(text) => text.clone(),
                    Part::Value(reference, _) => format!("{{{reference}}}"),
                }
        }),
    }
}
