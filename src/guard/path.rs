//! The path of a request, taken apart with its template.

use super::decoded::decoded;
use super::refusal::{Refusal, quoted};
use super::removing::says_removal;
use crate::suite::Rendered;

/// A path below the base URL.
pub(super) struct ResourcePath<'r> {
    /// Its segments in order. A slash at the end makes no segment.
    pub(super) segments: Vec<PathSegment<'r>>,
}

/// A segment of a path.
pub(super) struct PathSegment<'r> {
    /// As it is sent.
    pub(super) sent: &'r str,
    /// The values in it, as sent: none if the segment is fixed.
    pub(super) values: Vec<&'r str>,
}

impl<'r> ResourcePath<'r> {
    /// Takes the path apart. It must be the base path, and then the template with exactly the values of the case.
    ///
    /// In a call a segment with a placeholder is one value. A segment that the suite writes out is a value too if the
    /// document has a parameter there.
    pub(super) fn of(rendered: &'r Rendered) -> Result<Self, Refusal> {
        let target = rendered.request.target.as_str();
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let Some(below) = path.strip_prefix(rendered.base_path.as_str()).filter(|below| below.starts_with('/')) else {
            return Err(Refusal::new(format!("its path is not below that of the base URL, {}", rendered.base_path)));
        };
        let values = value_ranges(rendered, below)?;
        let mut segments = Vec::new();
        let mut start = 1;
        for sent in below[1..].split('/') {
            let end = start + sent.len();
            let inside = values.iter().filter(|range| range.start < end.max(start + 1) && range.end > start);
            let mut found: Vec<&str> = inside.map(|range| &below[range.clone()]).collect();
            // `POST /users/bulk-delete` is another operation than `POST /users/{id}`, and must name what it removes.
            let removes = || rendered.request.method == "POST" && says_removal(sent);
            let documented = || rendered.documented_values.contains(&segments.len()) && !removes();
            if !rendered.judged && (!found.is_empty() || documented()) {
                found = vec![sent];
            }
            segments.push(PathSegment { sent, values: found });
            start = end + 1;
        }
        if segments.len() > 1 && segments.last().is_some_and(|segment| segment.sent.is_empty()) {
            segments.pop();
        }
        Ok(Self { segments })
    }

    /// The index of the last segment with a value, and the last value in it.
    pub(super) fn last_value(&self) -> Option<(usize, &'r str)> {
        let (index, segment) = self.segments.iter().enumerate().rfind(|(_, segment)| !segment.values.is_empty())?;
        Some((index, segment.values.last()?))
    }

    /// Every value but the last, with the segment before it (empty for the first segment).
    pub(super) fn values_before_last(&self) -> Vec<(&'r str, &'r str)> {
        let mut all: Vec<(&str, &str)> = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            let before = index.checked_sub(1).map_or("", |before| self.segments[before].sent);
            all.extend(segment.values.iter().map(|value| (before, *value)));
        }
        all.pop();
        all
    }
}

/// Where the values stand in the path below the base URL.
fn value_ranges(rendered: &Rendered, below: &str) -> Result<Vec<std::ops::Range<usize>>, Refusal> {
    let other = || Refusal::new(format!("its path is not {} with the values of the case", rendered.template));
    let mut ranges = Vec::new();
    let mut values = rendered.path_values.iter();
    let mut next = values.next();
    let mut template = rendered.template.as_str();
    let mut at = 0;
    while !template.is_empty() {
        if let Some((name, value)) = next
            && let Some(after) = template.strip_prefix('{').and_then(|t| t.strip_prefix(name.as_str()))
            && let Some(after) = after.strip_prefix('}')
        {
            if !below[at..].starts_with(value.as_str()) {
                return Err(other());
            }
            if value.is_empty() {
                return Err(Refusal::new(format!("the path value `{name}` is empty")));
            }
            ranges.push(at..at + value.len());
            at += value.len();
            template = after;
            next = values.next();
        } else {
            // A brace at the very beginning is literal text here, so the search begins after it.
            let brace = template.char_indices().skip(1).find(|(_, c)| *c == '{');
            let (literal, after) = template.split_at(brace.map_or(template.len(), |(at, _)| at));
            if !below[at..].starts_with(literal) {
                return Err(other());
            }
            at += literal.len();
            template = after;
        }
    }
    if at == below.len() { Ok(ranges) } else { Err(other()) }
}

/// Refuses a path whose segments change when a server or proxy decodes it. A request that only reads may contain encoded
/// separators: whatever it names, it reads.
pub(super) fn same_segments(target: &str, reads: bool) -> Result<(), Refusal> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let refusal = |why: &str| Refusal::new(format!("its path {why}"));
    let path_decoded = decoded(path).map_err(|why| refusal(&why))?;
    let unclear = path_decoded.chars().find(|c| matches!(c, '\\' | ';' | '?' | '#') || c.is_control());
    if let Some(c) = unclear.filter(|_| !reads) {
        return Err(refusal(&format!(
            "contains {} when it is decoded, and servers disagree about that character",
            quoted(&c.to_string())
        )));
    }
    if !reads && path_decoded.matches('/').count() != path.matches('/').count() {
        return Err(refusal("has more segments when it is decoded"));
    }
    let mut segments = path_decoded.split(['/', '\\']).skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment.is_empty() && !last && !reads {
            return Err(refusal("has an empty segment, which some servers drop"));
        }
        // Some servers cut a segment at its semicolon before they look at the dots.
        let name = segment.split(';').next().unwrap_or_default();
        if !name.is_empty() && name.chars().all(|c| c == '.' || c.is_whitespace()) {
            return Err(refusal("has a dot segment"));
        }
    }
    Ok(())
}
