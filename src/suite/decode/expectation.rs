//! What a suite expects of responses. Every example that an expectation names must be in the document.

use super::context::Decoder;
use crate::location::{Pointer, Span};
use crate::spec::{Operation, Response, Schema};
use crate::suite::expectation::{Expectation, Expected, HeaderExpectation, MatchExpectation, Statuses};
use crate::suite::schema_expectation::SchemaExpectation;
use crate::suite::step::Action;
use crate::suite::strict::{lacks, names, shown, suggestion};
use crate::tree::{Entry, Node, Value};

/// The keys of an expectation that is a mapping.
const KEYS: [&str; 5] = ["status", "example", "free", "header", "match"];

/// What `expect` may be, for help.
const FORMS: &str = "Write a status such as `expect: 204`, a list of them, `documented`, or a mapping with `status`.";

impl Decoder<'_> {
    /// Reads `expect`: for one response, or with `at_once` for several in any order. `action` is what the step asks for,
    /// if it could be read.
    pub(super) fn expected(&mut self, node: &Node, action: Option<&Action>, at_once: usize) -> Expected {
        if at_once == 1 {
            return Expected::One(self.expectation(node, action));
        }
        let help = format!(
            "Write one element for each of the {at_once} responses, in any order: a status, a list of alternatives, \
             `documented` or a mapping."
        );
        let Some(items) = self.strict.sequence(node, "`expect` with `at_once`", &help) else {
            return Expected::AnyOrder(Vec::new());
        };
        if items.len() != at_once {
            let message = format!("`at_once` is {at_once}, but `expect` has {} elements", items.len());
            self.strict.error(node.span, message, help);
        }
        Expected::AnyOrder(items.iter().map(|item| self.expectation(item, action)).collect())
    }

    /// Reads the expectation for one response.
    pub(super) fn expectation(&mut self, node: &Node, action: Option<&Action>) -> Expectation {
        self.expectation_with(node, action, &[])
    }

    /// Reads the expectation for one response, from a mapping that may also have the keys `others`, which the caller
    /// reads.
    pub(super) fn expectation_with(&mut self, node: &Node, action: Option<&Action>, others: &[&str]) -> Expectation {
        let mut expectation = Expectation::empty(node.span);
        if node.entries().is_none() {
            expectation.status = self.statuses(node, action);
            return expectation;
        }
        let keys: Vec<&str> = KEYS.iter().chain(others).copied().collect();
        if self.strict.keys(node, "`expect`", &keys).is_none() {
            return expectation;
        }
        if let Some(status) = node.get("status") {
            expectation.status = self.statuses(status, action);
        } else if lacks(node, "status") {
            let help = "Add `status`: a status, a list of them, or `documented`.";
            self.strict.error(node.span, "`expect` has no `status`", help);
        }
        if let Some(example) = node.get("example") {
            expectation.example =
                self.example(example, &expectation, node.get("status").map(|status| status.span), action);
        }
        if let Some(free) = node.get("free") {
            let help = "Write pointers, such as `free: [/message]`; `*` matches any one segment.";
            for item in self.strict.sequence(free, "`free`", help).unwrap_or_default() {
                if let Some(text) = item.as_str() {
                    expectation.free.push(self.strict.pointer(text, item.span));
                    expectation.free_spans.push(item.span);
                } else {
                    let message = format!("an element of `free` must be a string, not {}", item.kind());
                    self.strict.error(item.span, message, help);
                }
            }
        }
        if let Some(header) = node.get("header") {
            expectation.header = self.header_expectations(header);
        }
        if let Some(matches) = node.get("match") {
            expectation.matches = self.match_expectations(matches);
        }
        expectation
    }

    fn statuses(&mut self, node: &Node, action: Option<&Action>) -> Statuses {
        match &node.value {
            Value::String(text) if text == "documented" => {
                match action {
                    Some(Action::Call { .. }) => {
                        let message =
                            "`documented` has no meaning for a call, because the document does not describe it";
                        self.strict.error(node.span, message, "Write the status that you expect.");
                    }
                    Some(Action::Operation(index)) => self.documents_something(*index, node.span),
                    None => {}
                }
                Statuses::Documented
            }
            Value::Sequence(items) => {
                if items.is_empty() {
                    self.strict.error(node.span, "the list of statuses is empty, so no response could be right", FORMS);
                }
                let mut all = Vec::new();
                for item in items {
                    let Some(status) = self.status(item) else { continue };
                    if all.contains(&status) {
                        self.strict.error(
                            item.span,
                            format!("the status {status} is there twice"),
                            "Keep one of the two.",
                        );
                    }
                    all.push(status);
                }
                Statuses::OneOf(all)
            }
            _ => Statuses::OneOf(self.status(node).into_iter().collect()),
        }
    }

    /// Reads which response means yes, or no: a status, a list of them, or a mapping of `status` and `match`.
    pub(super) fn answer(&mut self, node: &Node, who: &str, action: Option<&Action>) -> Expectation {
        let mut answer = Expectation::empty(node.span);
        let status = if node.entries().is_none() {
            Some(node)
        } else {
            if self.strict.keys(node, who, &["status", "match"]).is_none() {
                return answer;
            }
            if let Some(matches) = node.get("match") {
                answer.matches = self.match_expectations(matches);
            }
            if lacks(node, "status") {
                let help = "Add `status`: a status, or a list of them.";
                self.strict.error(node.span, format!("{who} has no `status`"), help);
            }
            node.get("status")
        };
        if let Some(status) = status {
            answer.status = self.statuses(status, action);
        }
        if answer.status == Statuses::Documented {
            let message = format!("{who} cannot be `documented`");
            self.strict.error(node.span, message, "Write the statuses that mean it.");
        }
        answer
    }

    fn documents_something(&mut self, operation: usize, span: Span) {
        let Some(operation) = self.document.and_then(|document| document.operations.get(operation)) else { return };
        if operation.responses.is_empty() {
            let message = format!("the document lists no response for {}", operation.title());
            self.strict.error(span, message, "Write the status that you expect.");
        }
    }

    /// Reads one status of a final response.
    pub(super) fn status(&mut self, node: &Node) -> Option<u16> {
        let Value::Number(number) = &node.value else {
            let what = match node.as_str() {
                Some(text) => format!("`{}` is not a status", shown(text)),
                None => format!("a status must be a number, not {}", node.kind()),
            };
            self.strict.error(node.span, what, FORMS);
            return None;
        };
        let status = number.0.parse::<u16>().ok().filter(|status| *status == 101 || (200..=599).contains(status));
        if status.is_none() {
            let message = format!("{} is not the status of a final response", shown(&number.0));
            self.strict.error(node.span, message, "A status is a whole number from 200 to 599 (or 101).");
        }
        status
    }

    fn example(
        &mut self,
        node: &Node,
        expectation: &Expectation,
        status_span: Option<Span>,
        action: Option<&Action>,
    ) -> Option<String> {
        let help = "Write the name of an example that the document has under that status.";
        let name = self.strict.string(node, "`example`", help)?;
        let Some(status) = expectation.single_status() else {
            let unreadable = matches!(&expectation.status, Statuses::OneOf(list) if list.is_empty());
            if status_span.is_some() && !unreadable {
                let message = "`example` needs exactly one status: the one under which the document has the example";
                self.strict.error(node.span, message, "Write that status, or remove `example`.");
            }
            return Some(name.to_owned());
        };
        match action? {
            Action::Call { .. } => {
                let message = "a call has no examples, because the document does not describe it";
                self.strict.error(node.span, message, "Write the expected values under `match`.");
            }
            Action::Operation(index) => {
                let operation = self.document?.operations.get(*index)?;
                self.known_example(node, name, (status, status_span.unwrap_or(node.span)), operation);
            }
        }
        Some(name.to_owned())
    }

    fn known_example(&mut self, node: &Node, name: &str, (status, status_span): (u16, Span), operation: &Operation) {
        let title = operation.title();
        let Some(response) = operation.response(status) else {
            let message =
                format!("the document has no response {status} for {title}, and so no example `{}`", shown(name));
            let keys: Vec<&str> = operation.responses.iter().map(|response| response.key.as_str()).collect();
            let help = if keys.is_empty() {
                "It lists no responses.".to_owned()
            } else {
                format!("It lists {}. Without `example` you can expect any status.", names(&keys))
            };
            self.strict.error(status_span, message, help);
            return;
        };
        if response.example(name).is_some() {
            return;
        }
        let known = examples(response);
        let help = if known.is_empty() {
            format!("Response `{}` has no examples. Remove `example`.", response.key)
        } else {
            suggestion(name, &known, &format!("Response `{}` has", response.key))
        };
        let message = format!("the document has no example `{}` under {status} of {title}", shown(name));
        self.strict.error(node.span, message, help);
    }

    fn header_expectations(&mut self, node: &Node) -> Vec<(String, HeaderExpectation, Span)> {
        let help = "Write `Name: value`, `Name: present` or `Name: absent`.";
        let mut found = Vec::new();
        self.distinct_fields(node);
        for entry in self.strict.mapping(node, "`header` of `expect`", help).unwrap_or_default() {
            self.field_name(entry);
            let expectation = match entry.value.as_str() {
                Some("present") => HeaderExpectation::Present,
                Some("absent") => HeaderExpectation::Absent,
                _ => HeaderExpectation::Value(self.strict.text(&entry.value, &format!("`{}`", shown(&entry.key)))),
            };
            found.push((entry.key.clone(), expectation, entry_span(entry)));
        }
        found
    }

    /// Reads a schema of a `match`. `None` if it is faulty, which is then an error.
    fn schema(&mut self, node: &Node) -> Option<SchemaExpectation> {
        if node.entries().is_none() {
            let message = format!("`schema` must be a mapping, not {}", node.kind());
            let help = "Write a schema, such as `{schema: {type: string, minLength: 1}}`. For a value that is a map with the \
                        key `schema`, write `{schema: {enum: [{schema: …}]}}`.";
            self.strict.error(node.span, message, help);
            return None;
        }
        if let Some(span) = placeholder_in(node) {
            let message = "a schema cannot contain placeholders";
            self.strict.error(span, message, "Match the value itself, such as `/id: \"{{mine.id}}\"`.");
            return None;
        }
        match Schema::standalone(self.strict.source, node) {
            Ok(schema) => Some(SchemaExpectation::new(schema, node.to_json())),
            Err(errors) => {
                errors.0.into_iter().for_each(|error| self.strict.push(error));
                None
            }
        }
    }

    /// Reads a `match`: by pointer a value, a list of alternatives, a schema, or `absent`.
    pub(super) fn match_expectations(&mut self, node: &Node) -> Vec<(Pointer, MatchExpectation, Span)> {
        let help = "Write `POINTER: value`, a list of alternatives, `{schema: …}`, or `absent`.";
        let mut found = Vec::new();
        for entry in self.strict.mapping(node, "`match`", help).unwrap_or_default() {
            let pointer = self.strict.pointer(&entry.key, entry.key_span);
            let expectation = match &entry.value.value {
                Value::String(text) if text == "absent" => MatchExpectation::Absent,
                Value::Sequence(items) => {
                    if items.is_empty() {
                        let message = "the list of values is empty, so no value could be right";
                        self.strict.error(
                            entry.value.span,
                            message,
                            "Write the alternatives. To expect an empty array, write `[[]]`.",
                        );
                    }
                    MatchExpectation::OneOf(items.iter().map(|item| self.strict.json(item)).collect())
                }
                Value::Mapping(members) if matches!(members.get(..), Some([only]) if only.key == "schema") => {
                    match self.schema(&members[0].value) {
                        Some(schema) => MatchExpectation::Schema(schema),
                        None => MatchExpectation::Absent,
                    }
                }
                _ => MatchExpectation::OneOf(vec![self.strict.json(&entry.value)]),
            };
            found.push((pointer, expectation, entry_span(entry)));
        }
        found
    }
}

/// Where a schema has a placeholder. Two braces in a pattern are none.
fn placeholder_in(node: &Node) -> Option<Span> {
    match &node.value {
        Value::String(text) => text.contains("{{").then_some(node.span),
        Value::Sequence(items) => items.iter().find_map(placeholder_in),
        Value::Mapping(entries) => {
            entries.iter().filter(|entry| entry.key != "pattern").find_map(|entry| placeholder_in(&entry.value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The place of a name with its value; of the name alone if the value is an alias, which stands elsewhere.
fn entry_span(entry: &Entry) -> Span {
    if entry.value.span.start >= entry.key_span.end {
        Span::new(entry.key_span.start, entry.value.span.end)
    } else {
        entry.key_span
    }
}

/// The names of all examples of a response, each once.
fn examples(response: &Response) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for example in response.content.iter().flat_map(|media| &media.examples) {
        if !found.contains(&example.name.as_str()) {
            found.push(&example.name);
        }
    }
    found
}
