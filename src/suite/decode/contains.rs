//! `contains` of a look: the list that has the object if it exists, and how its pages follow each other.

use super::bind::{Captures, Scope, sent_uuids};
use super::context::Decoder;
use crate::location::Pointer;
use crate::suite::expectation::{Expectation, MatchExpectation};
use crate::suite::state::{Contains, Pages};
use crate::suite::step::Step;
use crate::suite::strict::{lacks, shown};
use crate::suite::template::{JsonTemplate, Reference};
use crate::tree::{Entry, Node, Value};

/// The keys of `pages`.
const PAGES_KEYS: [&str; 4] = ["query", "from", "step", "cursor"];

/// What `contains` may be, for help.
const CONTAINS: &str = "Write one pointer, in which `*` is any one segment, and the capture that stands there, such as \
                        `contains: {/items/*/id: \"{{id}}\"}`.";

impl Decoder<'_> {
    /// Reads `contains`, with `next` and `pages`, which say how the next page is found.
    pub(super) fn contains(&mut self, look: &Entry, who: &str, capture: &Captures, call: &Step) -> Option<Contains> {
        let node = &look.value;
        let Some(contains) = node.entry("contains") else {
            for key in ["next", "pages"] {
                if let Some(entry) = node.entry(key).filter(|_| lacks(node, "contains")) {
                    let message = format!("`{key}` says how a list goes on, and {who} has no `contains`");
                    self.strict.error(entry.key_span, message, CONTAINS);
                }
            }
            return None;
        };
        if self.document.is_some_and(|document| call.method(document) == "HEAD") {
            let message = "the response to HEAD has no body, and so no list";
            self.strict.error(contains.key_span, message, "Write `call: GET` and the path.");
        }
        let pages = self.pages(node, who, call);
        if let (Pages::Body(_) | Pages::Field(_), Some(next)) = (&pages, node.entry("next"))
            && self.document.is_some_and(|document| !matches!(call.method(document), "" | "GET" | "HEAD"))
        {
            let message = "only GET is sent to a URL that the target gives, so no other request can have `next`";
            self.strict.error(next.key_span, message, "Use `pages`, if the API has a parameter for the page.");
        }
        let (values, wanted) = self.listed(&contains.value, capture, call)?;
        Some(Contains { values, wanted, pages })
    }

    /// Reads the pointer into the list, and the value that must be there.
    fn listed(&mut self, node: &Node, capture: &Captures, call: &Step) -> Option<(Pointer, JsonTemplate)> {
        let entries = self.strict.mapping(node, "`contains`", CONTAINS)?;
        let [entry] = entries else {
            let message = format!("`contains` has {} pointers, and must have one", entries.len());
            self.strict.error(node.span, message, CONTAINS);
            return None;
        };
        let values = self.strict.pointer(&entry.key, entry.key_span);
        if entry.key.starts_with('/') && !values.segments().any(|segment| segment == "*") {
            let message = format!("`{}` names one value and no list", shown(&entry.key));
            self.strict.error(entry.key_span, message, CONTAINS);
        }
        let wanted = self.strict.json(&entry.value);
        let names = |reference: &Reference| matches!(reference, Reference::Capture { .. });
        let names_object = matches!(&wanted, JsonTemplate::Text(text) if text.references().any(names));
        if !names_object {
            let message = "`contains` looks for a value that does not name the object";
            self.strict.error(entry.value.span, message, CONTAINS);
        }
        let matches = vec![(values.clone(), MatchExpectation::OneOf(vec![wanted.clone()]), entry.value.span)];
        let expectation = Expectation { matches, ..Expectation::empty(entry.value.span) };
        self.check_expectation(&expectation, Scope::State(capture), &sent_uuids(call));
        Some((values, wanted))
    }

    fn pages(&mut self, look: &Node, who: &str, call: &Step) -> Pages {
        let (next, pages) = (look.entry("next"), look.entry("pages"));
        match (next, pages) {
            (Some(next), Some(pages)) => {
                let second = if pages.key_span > next.key_span { pages } else { next };
                let message = format!("`next` and `pages` of {who} exclude each other");
                self.strict.error(second.key_span, message, "Keep the one that the API documents.");
                Pages::Link
            }
            (Some(next), None) => self.next_url(&next.value),
            (None, Some(pages)) => self.counted(pages, call).unwrap_or(Pages::Link),
            (None, None) => Pages::Link,
        }
    }

    /// Reads `next`: where a response has the URL of the next page.
    fn next_url(&mut self, node: &Node) -> Pages {
        const HELP: &str = "Write where the URL of the next page is: `next: /pointer`, or `next: {header: NAME}`. \
                            `Link: <…>; rel=next` is followed without it.";
        if node.entries().is_some() {
            let Some(header) = self.strict.keys(node, "`next`", &["header"]).and_then(|node| node.entry("header"))
            else {
                if lacks(node, "header") {
                    self.strict.error(node.span, "`next` has no `header`", HELP);
                }
                return Pages::Link;
            };
            let name = self.strict.string(&header.value, "`header` of `next`", HELP).unwrap_or_default().to_owned();
            if !name.is_empty() {
                self.field_name(&Entry { key: name.clone(), key_span: header.value.span, value: header.value.clone() });
            }
            return Pages::Field(name);
        }
        match self.strict.string(node, "`next`", HELP) {
            Some(text) => Pages::Body(self.strict.pointer(text, node.span)),
            None => Pages::Link,
        }
    }

    /// Reads `pages`: the query parameter that asks for a page.
    fn counted(&mut self, entry: &Entry, call: &Step) -> Option<Pages> {
        const HELP: &str = "Write `{query: page, from: 1}` for pages that are counted, `{query: offset, from: 0, step: 20}` for \
                            items that are counted, or `{cursor: /pointer, query: NAME}`.";
        let node = self.strict.keys(&entry.value, "`pages`", &PAGES_KEYS)?;
        let Some(query) = node.get("query") else {
            if lacks(node, "query") {
                self.strict.error(entry.key_span, "`pages` has no `query`, the parameter that asks for a page", HELP);
            }
            return None;
        };
        let at = query.span;
        let query = self.strict.string(query, "`query` of `pages`", HELP)?.to_owned();
        if call.query.iter().any(|(name, _)| *name == query) {
            let message = format!("`{}` is set under `query`, and `pages` sets it too", shown(&query));
            self.strict.error(at, message, "Remove it under `query`; `from` of `pages` is its first value.");
        }
        if let Some(cursor) = node.get("cursor") {
            for key in ["from", "step"] {
                if let Some(entry) = node.entry(key) {
                    let message = format!("`{key}` and `cursor` exclude each other");
                    self.strict.error(entry.key_span, message, HELP);
                }
            }
            let text = self.strict.string(cursor, "`cursor` of `pages`", HELP)?;
            return Some(Pages::Cursor { cursor: self.strict.pointer(text, cursor.span), query });
        }
        let from = node.get("from").map_or(Some(1), |node| self.count(node, "`from` of `pages`", 0));
        let step = node.get("step").map_or(Some(1), |node| self.count(node, "`step` of `pages`", 1));
        Some(Pages::Numbered { query, from: from?, step: step? })
    }

    /// A whole number that is not below `least`.
    fn count(&mut self, node: &Node, what: &str, least: u64) -> Option<u64> {
        /// No list has more items.
        const MOST: u64 = 1_000_000_000;
        let help = format!("Write a whole number from {least} to {MOST}.");
        let Value::Number(number) = &node.value else {
            self.strict.error(node.span, format!("{what} must be a number, not {}", node.kind()), help);
            return None;
        };
        let count = number.0.parse::<u64>().ok().filter(|count| (least..=MOST).contains(count));
        if count.is_none() {
            self.strict.error(node.span, format!("{what} cannot be {}", shown(&number.0)), help);
        }
        count
    }
}
