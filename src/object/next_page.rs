//! Where a list goes on: the URL or the parameter of its next page, as a response says it.

use serde_json::Value;

use crate::exchange::Answer;
use crate::location::Pointer;
use crate::printable::escaped_line;
use crate::suite::Pages;
use crate::transport::BaseUrl;

/// How much of a value of the target a message shows.
const SHOWN: usize = 100;

/// How the next page of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextPage {
    /// There is none.
    None,
    /// By this path and query. It may lead to a path that the guard refuses.
    Target(String),
    /// By a query parameter: its name and value.
    Parameter(String, String),
}

/// A page of a list.
pub(super) struct ListPage<'a> {
    /// The response.
    pub(super) answer: &'a Answer,
    /// Its body.
    pub(super) body: &'a Value,
    /// The path and query by which it was asked for.
    pub(super) target: &'a str,
    /// Its number, from 1.
    pub(super) number: u64,
    /// Whether it has no items.
    pub(super) is_empty: bool,
}

/// The values of a list at a pointer, in which `*` is any one segment. An error says why the body has no such list: then it
/// says nothing about what the list has.
pub(super) fn listed<'b>(body: &'b Value, pointer: &Pointer) -> Result<Vec<&'b Value>, String> {
    let segments: Vec<String> = pointer.segments().collect();
    let star = segments.iter().position(|segment| segment == "*").unwrap_or(segments.len());
    let (before, after) = segments.split_at(star);
    let place = before.iter().fold(Pointer::root(), |place, segment| place.join(segment));
    let place_in_words = if before.is_empty() { "the top".to_owned() } else { place.to_string() };
    let list = body.pointer(place.as_str()).filter(|list| list.is_array() || list.is_object());
    let list = list.ok_or_else(|| format!("the body has no list at {place_in_words}"))?;
    let found = below(list, after);
    let has_items = !below(list, &after[..after.len().min(1)]).is_empty();
    if found.is_empty() && has_items {
        return Err(format!("no item of the list at {place_in_words} has a value at {pointer}"));
    }
    Ok(found)
}

/// Every value at a path of segments.
fn below<'b>(value: &'b Value, segments: &[String]) -> Vec<&'b Value> {
    let Some((first, rest)) = segments.split_first() else { return vec![value] };
    let children: Vec<&Value> = match value {
        Value::Array(items) if first == "*" => items.iter().collect(),
        Value::Object(members) if first == "*" => members.values().collect(),
        Value::Array(items) => first.parse().ok().and_then(|index: usize| items.get(index)).into_iter().collect(),
        Value::Object(members) => members.get(first).into_iter().collect(),
        _ => Vec::new(),
    };
    children.into_iter().flat_map(|child| below(child, rest)).collect()
}

impl ListPage<'_> {
    /// How the page after this one is asked for. An error says why it cannot be.
    pub(super) fn next(&self, pages: &Pages, base: &BaseUrl) -> Result<NextPage, String> {
        match pages {
            Pages::Link => match next_link(self.answer) {
                Some(url) => self.at(&url, base),
                None => Ok(NextPage::None),
            },
            Pages::Field(name) => match self.answer.value(name) {
                Some(url) if !url.trim().is_empty() => self.at(url.trim(), base),
                _ => Ok(NextPage::None),
            },
            Pages::Body(pointer) => match self.body.pointer(pointer.as_str()) {
                None | Some(Value::Null | Value::Bool(false)) => Ok(NextPage::None),
                Some(Value::String(url)) if url.is_empty() => Ok(NextPage::None),
                Some(Value::String(url)) => self.at(url, base),
                Some(other) => Err(self.odd(pointer, other, "URL")),
            },
            Pages::Numbered { .. } if self.is_empty => Ok(NextPage::None),
            Pages::Numbered { query, from, step } => {
                let value = from.saturating_add(step.saturating_mul(self.number));
                Ok(NextPage::Parameter(query.clone(), value.to_string()))
            }
            Pages::Cursor { cursor, query } => match self.body.pointer(cursor.as_str()) {
                None | Some(Value::Null | Value::Bool(false)) => Ok(NextPage::None),
                Some(Value::String(text)) if text.is_empty() => Ok(NextPage::None),
                Some(Value::String(text)) => Ok(NextPage::Parameter(query.clone(), text.clone())),
                Some(Value::Number(number)) => Ok(NextPage::Parameter(query.clone(), number.to_string())),
                Some(other) => Err(self.odd(cursor, other, "cursor")),
            },
        }
    }

    fn odd(&self, pointer: &Pointer, value: &Value, what: &str) -> String {
        let value = escaped_line(&value.to_string(), SHOWN);
        format!("{pointer} of page {} is {value}, which is no {what}", self.number)
    }

    /// The page at a URL, which may be relative to this one. It must be on the same origin.
    fn at(&self, url: &str, base: &BaseUrl) -> Result<NextPage, String> {
        let elsewhere = || {
            format!(
                "page {} leads to {}, which is not below the base URL, {base}",
                self.number,
                escaped_line(url, SHOWN)
            )
        };
        let here = url::Url::parse(&format!("{}{}", base.origin(), self.target)).map_err(|_| elsewhere())?;
        let next = here.join(url).map_err(|_| elsewhere())?;
        let below =
            next.path().strip_prefix(base.base_path()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if next.origin().ascii_serialization() != base.origin() || !below {
            return Err(elsewhere());
        }
        let query = next.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(NextPage::Target(format!("{}{query}", next.path())))
    }
}

/// The URL that a `Link` field with `rel=next` has (RFC 8288 §3).
fn next_link(answer: &Answer) -> Option<String> {
    answer.values("link").find_map(|value| {
        let mut rest: &str = &value;
        while let Some((_, after)) = rest.split_once('<') {
            let (url, after) = after.split_once('>')?;
            let end = end_of_link(after);
            if is_next(&after[..end]) {
                return Some(url.to_owned());
            }
            rest = &after[end..];
        }
        None
    })
}

/// The length of the parameters of one link: up to a comma outside of quotes.
fn end_of_link(parameters: &str) -> usize {
    let mut quoted = false;
    let end = parameters.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ',' && !quoted
    });
    end.map_or(parameters.len(), |(at, _)| at)
}

/// Whether the parameters of a link have the relation `next`.
fn is_next(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else { return false };
        let relations = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel")
            && relations.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchange::Reader;

    fn pointer(text: &str) -> Pointer {
        Pointer::parse(text).expect("a pointer")
    }

    fn answer(fields: &str) -> Answer {
        Reader::read("GET", format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 0\r\n\r\n").as_bytes())
    }

    fn next(pages: &Pages, fields: &str, body: &Value) -> Result<NextPage, String> {
        let base = BaseUrl::parse("https://api.example/v1").expect("a URL");
        let page = ListPage { answer: &answer(fields), body, target: "/v1/notes?a=b", number: 2, is_empty: false };
        page.next(pages, &base)
    }

    #[test]
    fn a_star_is_any_one_segment() {
        let body = json!({"items": [{"id": 1}, {"id": "2"}, {}], "map": {"a": {"id": 3}, "b": {"id": 4}}});
        assert_eq!(listed(&body, &pointer("/items/*/id")), Ok(vec![&json!(1), &json!("2")]));
        assert_eq!(listed(&body, &pointer("/map/*/id")), Ok(vec![&json!(3), &json!(4)]));
        assert_eq!(listed(&body, &pointer("/*/*/id")).map(|all| all.len()), Ok(4));
        assert_eq!(listed(&json!([7, 8]), &pointer("/*")), Ok(vec![&json!(7), &json!(8)]));
        assert_eq!(listed(&json!({"items": []}), &pointer("/items/*/id")), Ok(vec![]));
    }

    #[test]
    fn a_body_without_the_list_says_nothing() {
        for (body, at, why) in [
            (json!({}), "/items/*/id", "the body has no list at /items"),
            (json!({"items": "none"}), "/items/*/id", "the body has no list at /items"),
            (json!(null), "/*", "the body has no list at the top"),
            (json!({"items": [{"key": 1}]}), "/items/*/id", "no item of the list at /items has a value at /items/*/id"),
        ] {
            assert_eq!(listed(&body, &pointer(at)), Err(why.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_page_may_say_where_the_next_one_is() {
        let target = |target: &str| Ok(NextPage::Target(target.to_owned()));
        let nothing = json!({});
        for (fields, expected) in [
            ("Link: </v1/notes?page=3>; rel=\"next\"\r\n", target("/v1/notes?page=3")),
            ("Link: <?page=1>; rel=prev, <?page=3>; title=\"a, b\"; rel=\"last next\"\r\n", target("/v1/notes?page=3")),
            ("Link: <https://api.example:443/v1/notes/p,3>;REL=Next\r\n", target("/v1/notes/p,3")),
            ("Link: <?page=1>; rel=prev\r\nLink: <?page=4>; rel=next\r\n", target("/v1/notes?page=4")),
            ("Link: <?page=1>; rel=nextpage\r\n", Ok(NextPage::None)),
            ("Link: broken\r\n", Ok(NextPage::None)),
            ("", Ok(NextPage::None)),
        ] {
            assert_eq!(next(&Pages::Link, fields, &nothing), expected, "{fields}");
        }
        let field = Pages::Field("Next-Page".to_owned());
        assert_eq!(next(&field, "next-page: /v1/x\r\n", &nothing), target("/v1/x"));
        assert_eq!(next(&field, "", &nothing), Ok(NextPage::None));
        let body = Pages::Body(pointer("/next"));
        assert_eq!(next(&body, "", &json!({"next": "notes?cursor=x"})), target("/v1/notes?cursor=x"));
        for end in [json!({}), json!({"next": null}), json!({"next": ""}), json!({"next": false})] {
            assert_eq!(next(&body, "", &end), Ok(NextPage::None), "{end}");
        }
        assert!(next(&body, "", &json!({"next": 3})).is_err_and(|why| why.contains("/next of page 2 is 3")));
    }

    #[test]
    fn no_page_leads_out_of_the_base_url() {
        let body = Pages::Body(pointer("/next"));
        for url in [
            "https://other.example/v1/notes",
            "http://api.example/v1/notes",
            "https://api.example:8443/v1/notes",
            "//other.example/v1/notes",
            "https://user@other.example/v1",
            "/v2/notes",
            "/v10/notes",
            "../../admin",
            "/v1/../admin",
            "javascript:alert(1)",
            "https://",
        ] {
            let refused = next(&body, "", &json!({ "next": url }));
            assert!(refused.as_ref().is_err_and(|why| why.contains("not below the base URL")), "{url}: {refused:?}");
        }
    }

    #[test]
    fn pages_are_counted_or_follow_a_cursor() {
        let parameter = |value: &str| Ok(NextPage::Parameter("q".to_owned(), value.to_owned()));
        let numbered = |from, step| Pages::Numbered { query: "q".to_owned(), from, step };
        let body = json!({"meta": {"next": "abc", "number": 7, "list": []}});
        assert_eq!(next(&numbered(1, 1), "", &body), parameter("3"));
        assert_eq!(next(&numbered(0, 20), "", &body), parameter("40"));
        let cursor = |at: &str| Pages::Cursor { cursor: pointer(at), query: "q".to_owned() };
        assert_eq!(next(&cursor("/meta/next"), "", &body), parameter("abc"));
        assert_eq!(next(&cursor("/meta/number"), "", &body), parameter("7"));
        assert_eq!(next(&cursor("/meta/other"), "", &body), Ok(NextPage::None));
        assert!(next(&cursor("/meta/list"), "", &body).is_err());
    }
}
