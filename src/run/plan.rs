//! The plan of a run: every request it would send, made and judged by the guard, and not sent.
//!
//! It is made before every run, so that what the guard would refuse is refused before anything is sent; a dry run shows
//! it. Ids that only the target can give are stood in for by UUIDs, which are no ids of anything, and shown by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::literals;
use super::select::Selected;
use crate::case::{Case, Given, Rendered, State, Step, Suite, Values};
use crate::exchange::Request;
use crate::location::InputError;
use crate::object::{Credentials, credentials};
use crate::outcome::{Plan, PlannedCase, PlannedRequest};
use crate::secret::Secrets;
use crate::transport::{BaseUrl, Guard, Options};

/// What a plan is made from.
pub(super) struct Planning<'a> {
    pub(super) suites: &'a [Suite],
    pub(super) selected: &'a [Selected],
    pub(super) credentials: &'a [Credentials],
    /// The values of all of them, each once.
    pub(super) keys: BTreeSet<&'a str>,
    pub(super) secrets: &'a Secrets,
    pub(super) env: &'a Arc<BTreeMap<String, String>>,
    pub(super) base: &'a BaseUrl,
    pub(super) options: &'a Options,
    pub(super) run: &'a str,
}

impl Planning<'_> {
    /// Everything that the selected cases would send.
    pub(super) fn plan(&self) -> Plan {
        Plan { checks: self.checks(), cases: self.selected.iter().map(|one| self.case(one)).collect() }
    }

    fn checks(&self) -> Vec<PlannedRequest> {
        let mut checks = Vec::new();
        for (index, suite) in self.suites.iter().enumerate() {
            let cases = self.selected.iter().filter(|one| one.suite == index && one.skip.is_none());
            let wanted: BTreeSet<usize> =
                cases.flat_map(|one| credentials::needed(suite, &suite.cases[one.case])).collect();
            for credential in wanted.into_iter().map(|index| &suite.credentials[index]) {
                let mut sketch = Sketch::new(self, index);
                if let Some(check) = &credential.check {
                    sketch.send(format!("try {} ({})", credential.env, credential.name), check, Guard::permit);
                }
                checks.extend(sketch.requests);
            }
        }
        checks
    }

    fn case(&self, one: &Selected) -> PlannedCase {
        let suite = &self.suites[one.suite];
        let case = &suite.cases[one.case];
        let mut planned = PlannedCase {
            id: case.id.clone(),
            about: case.about.clone(),
            profile: case.profile,
            skip: one.skip.clone(),
            taken: Vec::new(),
            requests: Vec::new(),
            refused: Vec::new(),
        };
        if planned.skip.is_some() {
            return planned;
        }
        let mut sketch = Sketch::new(self, one.suite);
        for given in &case.given {
            let state = &suite.states[given.state];
            // Whether there is one was decided when the case was selected.
            match state.from_env.as_deref().filter(|variable| self.env.contains_key(*variable)) {
                Some(variable) => {
                    planned.taken.push(format!("{} is one of the objects that {variable} names", given.name));
                }
                None => sketch.send(format!("make {}", given.name), &state.make, Guard::permit_making),
            }
            sketch.capture(state, given);
        }
        sketch.steps(case);
        for given in &case.given {
            sketch.settle(&suite.states[given.state], given);
        }
        planned.requests = sketch.requests;
        planned.refused = literals::refused(suite, case, self.env);
        if planned.refused.is_empty() {
            planned.refused = sketch.refused;
        }
        planned
    }
}

/// The requests of one case (or check) as they are put together.
struct Sketch<'a> {
    planning: &'a Planning<'a>,
    suite: usize,
    guard: Guard,
    values: Values,
    /// What stands in for a value, and its name.
    names: Vec<(String, String)>,
    requests: Vec<PlannedRequest>,
    refused: Vec<InputError>,
}

impl<'a> Sketch<'a> {
    fn new(planning: &'a Planning<'a>, suite: usize) -> Self {
        let guard = Guard::new();
        guard.note_run(planning.run);
        for value in &planning.keys {
            guard.note_credential(value);
        }
        let values = Values {
            user: format!("{}-{:06x}", planning.run, 0),
            run: planning.run.to_owned(),
            env: Arc::clone(planning.env),
            ids: guard.ids().clone(),
            ..Values::default()
        };
        let names = vec![(values.user.clone(), "user".to_owned()), (values.run.clone(), "run".to_owned())];
        Self { planning, suite, guard, values, names, requests: Vec::new(), refused: Vec::new() }
    }

    /// Stands UUIDs in for what an object of this state captures.
    fn capture(&mut self, state: &State, given: &Given) {
        for (index, (name, _)) in state.capture.iter().enumerate() {
            let stand_in = uuid::Uuid::new_v4().to_string();
            if index == 0 {
                // A UUID can always be carried by a path.
                let _ = self.guard.note_captured(&state.name, &stand_in);
            } else {
                self.guard.note_companion(&stand_in);
            }
            self.names.push((stand_in.clone(), format!("{}.{name}", given.name)));
            self.values.captures.entry(given.name.clone()).or_default().insert(name.clone(), stand_in.into());
        }
    }

    fn steps(&mut self, case: &Case) {
        for (index, step) in case.steps.iter().enumerate() {
            let role = if index == 0 { "request".to_owned() } else { format!("then, step {index}") };
            let again = step.within.map(|within| format!(", again for up to {within:?} until it is as expected"));
            self.send(role + &again.unwrap_or_default(), step, Guard::permit);
        }
    }

    /// What settles an object after the steps.
    fn settle(&mut self, state: &State, given: &Given) {
        let captured = self.values.captures.get(&given.name).cloned().unwrap_or_default();
        self.values.captures.insert(String::new(), captured);
        if let Some(exists) = &state.exists {
            self.send(format!("is {} there?", given.name), &exists.call, Guard::permit);
        }
        if let Some(undo) = &state.undo {
            self.send(format!("undo {}, unless it is gone", given.name), undo, Guard::permit);
        }
        self.values.captures.remove("");
    }

    fn send(
        &mut self,
        role: String,
        step: &Step,
        permit: fn(&Guard, &Rendered) -> Result<(), crate::transport::Refusal>,
    ) {
        let Planning { suites, credentials, base, .. } = self.planning;
        let suite = &suites[self.suite];
        let place = || suite.place(step.span);
        let secrets = credentials[self.suite].values();
        let rendered = match step.render(suite, base.origin(), base.base_path(), secrets, &mut self.values) {
            Ok(rendered) => rendered,
            Err(why) => {
                let place = suite.place(why.span());
                self.refused.push(InputError::at(place, format!("{role} cannot be sent: {why}")));
                return;
            }
        };
        let mut names = self.names.clone();
        names.extend(self.values.uuids.values().enumerate().map(|(index, uuid)| {
            let name = if index == 0 { "uuid".to_owned() } else { format!("uuid {}", index + 1) };
            (uuid.to_string(), name)
        }));
        if let Err(refusal) = permit(&self.guard, &rendered) {
            let shown = |text: &str| named(&self.planning.secrets.mask_str(text), &names);
            self.refused.push(InputError {
                message: shown(&refusal.message),
                place: Some(place()),
                help: refusal.help.as_deref().map(shown),
            });
        }
        let Rendered { mut request, judged, .. } = rendered;
        self.planning.options.complete(&mut request);
        let request = request.masked(self.planning.secrets);
        self.requests.push(PlannedRequest { role, judged, times: step.at_once, request: with_names(request, &names) });
    }
}

/// A request with every stand-in replaced by its name.
fn with_names(request: Request, names: &[(String, String)]) -> Request {
    let Request { method, origin, target, fields, body } = request;
    Request {
        method,
        origin,
        target: named(&target, names),
        fields: fields.into_iter().map(|(name, value)| (name, named(&value, names))).collect(),
        body: body.map(|body| match String::from_utf8(body) {
            Ok(text) => named(&text, names).into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        }),
    }
}

/// A text with every stand-in replaced by its name in braces, also as the filters of placeholders write it.
fn named(text: &str, names: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (stand_in, name) in names {
        let percent: String = stand_in.bytes().map(percent_encoding::percent_encode_byte).collect();
        text = text.replace(stand_in, &format!("{{{name}}}"));
        text = text.replace(&stand_in.to_ascii_uppercase(), &format!("{{{name} | upper}}"));
        text = text.replace(&percent, &format!("{{{name} | percent}}"));
    }
    text
}
