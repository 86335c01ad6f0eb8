//! Whether a request that may change something is about an object of this run, about nothing that exists, or creates.
//! The module's page names the four cases.

use super::decoded::{decoded, names_one_object};
use super::id_texts::looks_like_id;
use super::literal::{contains_id, is_word, looks_harmless, says_no_id};
use super::path::{ResourcePath, same_segments};
use super::refusal::{Refusal, quoted};
use super::removing::{removing_word, says_removal};
use super::run_values::{ObjectOrigin, Ownership, RunValues};
use super::values::{self, PathSubject};
use crate::suite::{Rendered, has_no_id_mark};

/// What a request may be sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestPurpose {
    /// A step of a case, or a request about an object of a state.
    Any,
    /// Creating an object of a state. The body may name existing objects.
    Creating,
}

/// The last value of a path.
enum Last {
    /// The path has no value.
    None,
    /// An object of this run.
    Object(ObjectOrigin),
    /// A name that the run made up.
    Fresh,
    /// A literal that says that it is no id, at the very end of the path.
    SaysNoId,
    /// Something that exists and that this run did not make, or that may exist. The sentence says why.
    Foreign(Refusal),
}

/// Checks a request.
pub(super) fn check(rendered: &Rendered, known: &RunValues, purpose: RequestPurpose) -> Result<(), Refusal> {
    let removing = removing_word(&rendered.request, &rendered.base_path);
    let method = rendered.request.method.as_str();
    let reads = matches!(method, "GET" | "HEAD" | "OPTIONS");
    let path = ResourcePath::of(rendered)?;
    same_segments(&rendered.request.target, reads)?;
    if reads && removing.is_none() {
        return Ok(());
    }
    let creates = method == "POST" && removing.is_none();
    if creates && purpose == RequestPurpose::Creating {
        return ends_with_no_object(&path, known);
    }
    elements_of_run(rendered, known)?;
    let last = last_value(&path, known);
    let subject = match last {
        Last::Object(origin) => {
            before_object(&path, known, &origin)?;
            same_segment(&path, known)?;
            after_last(&path, rendered)?;
            PathSubject::Object
        }
        Last::Fresh => {
            each_is_one_value(&path, known)?;
            after_last(&path, rendered)?;
            PathSubject::Nothing
        }
        Last::SaysNoId => {
            each_is_one_value(&path, known)?;
            PathSubject::Nothing
        }
        Last::Foreign(_) if creates && only_of_run(&path, known) => {
            ends_with_no_object(&path, known)?;
            after_last(&path, rendered)?;
            PathSubject::Creation
        }
        Last::Foreign(why) => return Err(why),
        Last::None => without_path_value(&path, rendered, known, removing.as_deref())?,
    };
    let named = values::check(&rendered.request, &rendered.elements.outside_path, known, subject)?;
    if matches!(subject, PathSubject::Query) && !named.object {
        return Err(names_nothing(rendered, removing.as_deref()));
    }
    if !creates && !rendered.judged {
        values::literal_query(&rendered.request.target, known)?;
    }
    Ok(())
}

/// Checks each element of a list or map in the path: the request is about every one of them.
fn elements_of_run(rendered: &Rendered, known: &RunValues) -> Result<(), Refusal> {
    for (_, sent) in rendered.elements.in_path.iter().filter_map(|index| rendered.path_values.get(*index)) {
        let value = decoded(sent).map_err(|why| path_value(sent, &why))?;
        names_one_object(&value).map_err(|why| path_value(sent, &why))?;
        let exists_not = says_no_id(&value).is_ok() && !may_be_written(&value, known);
        if !exists_not && !matches!(known.ownership(&value), Ownership::Object(_) | Ownership::Fresh) {
            return Err(path_value(sent, "is an element of a list or map, and is no object of this run")
                .help("name only {{NAME.capture}} and {{uuid}} in a list in the path"));
        }
    }
    Ok(())
}

/// Refuses a creation whose path ends with an id that is not of this run: a POST there changes that object.
fn ends_with_no_object(path: &ResourcePath<'_>, known: &RunValues) -> Result<(), Refusal> {
    let Some(segment) = path.segments.last() else { return Ok(()) };
    let text = decoded(segment.sent).map_err(|why| path_value(segment.sent, &why))?;
    let foreign = match known.ownership(&text) {
        Ownership::Object(_) | Ownership::Fresh => false,
        Ownership::Companion | Ownership::Sendable => true,
        Ownership::Credential | Ownership::Unknown => {
            known.around_fresh(&text).is_none()
                && (is_number(&text) || contains_id(&text) || looks_like_id(&text, true))
        }
    };
    if foreign {
        return Err(path_value(segment.sent, "is at the end of the path, so the POST could change that object").help(
            "a creation names the collection: write the path of the collection, and put the other id into the body",
        ));
    }
    Ok(())
}

/// What the last value of the path is.
fn last_value(path: &ResourcePath<'_>, known: &RunValues) -> Last {
    let Some((index, sent)) = path.last_value() else { return Last::None };
    let refusal = |why: &str| path_value(sent, why);
    // A slash at the very end is another spelling of the same path, if the value is of the run.
    let at_end = index + 1 == path.segments.len();
    let bare = sent.strip_suffix('/').filter(|_| at_end).unwrap_or(sent);
    let value = match decoded(bare).and_then(|value| names_one_object(&value).map(|()| value)) {
        Ok(value) => value,
        Err(why) => return Last::Foreign(refusal(&why)),
    };
    match known.ownership(&value) {
        Ownership::Object(origin) => return Last::Object(origin),
        Ownership::Fresh => return Last::Fresh,
        Ownership::Companion | Ownership::Sendable => {
            return Last::Foreign(
                Refusal::new(format!(
                    "its path names {}, which the run did not make, and no object of the run",
                    quoted(sent)
                ))
                .help(IDENTITY)
                .about(sent),
            );
        }
        Ownership::Credential | Ownership::Unknown => {}
    }
    if let Some((before, after)) = known.around_fresh(&value) {
        if !before.is_empty() && !before.starts_with(|c: char| c.is_alphabetic()) {
            return Last::Foreign(
                refusal(
                    "begins with another character than a letter, so a server could read a number at its beginning",
                )
                .help("begin the value with a letter, such as x-{{uuid}}"),
            );
        }
        if let Some(c) = [before, after].iter().find_map(|text| text.chars().find(|c| !may_stand_beside(*c))) {
            let why = format!("holds a value of this run beside {c:?}, which some servers read as the end of a name");
            return Last::Foreign(refusal(&why));
        }
        let is_id = |text: &str| contains_id(text) || looks_like_id(text, true);
        if !is_id(before) && !is_id(after) && known.around_fresh(after).is_none() {
            return Last::Fresh;
        }
        return Last::Foreign(refusal("holds a value of this run, and something else that could be an id"));
    }
    if let Err((why, help)) = says_no_id(&value) {
        return Last::Foreign(refusal(&why).help(help));
    }
    if may_be_written(&value, known) {
        return Last::Foreign(
            refusal("does not come from this run, and it may exist because a POST, PUT or PATCH of the suites writes that name")
                .help("use {{uuid}}, or a name that no request writes, such as no-such-thing-at-all"),
        );
    }
    // What the document adds inside the segment, such as `.json`, still belongs to that name.
    if at_end { Last::SaysNoId } else { Last::Foreign(words_alone(path, index)) }
}

/// Whether a request of the suites writes this name, so that it may exist.
fn may_be_written(value: &str, known: &RunValues) -> bool {
    known.written.has(value, |gap| known.ownership(gap) != Ownership::Unknown)
}

/// Whether a character may stand in one name with a value that the run made up. No server ends a name there.
fn may_stand_beside(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '@' | '+' | '=' | ':' | ' ')
}

const IDENTITY: &str = "end the path with the object's own id: the capture that its state names with `id`";

/// The refusal of a path that goes on after a literal, such as `/buckets/no-such-bucket/records`. If such a bucket exists
/// after all, the request would be about everything in it.
fn words_alone(path: &ResourcePath<'_>, index: usize) -> Refusal {
    let end: String = path.segments[index + 1..].iter().flat_map(|segment| ["/", segment.sent]).collect();
    Refusal::new(format!("its path has no id of this run, and goes on with {} after the literals", quoted(&end)))
        .help("put {{uuid}} or {{NAME.capture}} into the path, or end the path with the literal")
        .about(path.segments[index].values.last().copied().unwrap_or_default())
}

/// The refusal of a path value. `why` is the end of the sentence.
fn path_value(sent: &str, why: &str) -> Refusal {
    Refusal::new(format!("the path value {} {why}", quoted(sent))).about(sent)
}

/// Checks the values before an object: each must be of the run, captured with the object, or at the same place in the
/// requests of its state.
fn before_object(path: &ResourcePath<'_>, known: &RunValues, origin: &ObjectOrigin) -> Result<(), Refusal> {
    for (before, sent) in path.values_before_last() {
        let refusal = |why: &str| path_value(sent, why);
        let value = decoded(sent).map_err(|why| refusal(&why))?;
        names_one_object(&value).map_err(|why| refusal(&why))?;
        let of_run = matches!(known.ownership(&value), Ownership::Object(_) | Ownership::Fresh)
            || known.around_fresh(&value).is_some();
        let before = decoded(before).unwrap_or_default();
        if !of_run
            && !origin.companions.iter().any(|companion| **companion == *value)
            && !known.scopes.has(origin.state, &before, &value)
            && !has_no_id_mark(&value)
        {
            return Err(refusal(
                "does not come from this run, was not captured with the object, and does not stand at this place in the \
                 requests of its state",
            )
            .help("capture the value when the object is made, or name it in the path of the state's call, `exists` or `undo`"));
        }
    }
    Ok(())
}

/// Checks that each value of the path is one value in every spelling.
fn each_is_one_value(path: &ResourcePath<'_>, known: &RunValues) -> Result<(), Refusal> {
    for (_, sent) in path.values_before_last() {
        let refusal = |why: &str| path_value(sent, why);
        let value = decoded(sent).map_err(|why| refusal(&why))?;
        names_one_object(&value).map_err(|why| refusal(&why))?;
    }
    same_segment(path, known)
}

/// Checks the values in the segment of the last one. A server may read that segment as a list, so each must be of the run, or
/// have come with an object of the run.
fn same_segment(path: &ResourcePath<'_>, known: &RunValues) -> Result<(), Refusal> {
    let Some((index, _)) = path.last_value() else { return Ok(()) };
    let values = path.segments[index].values.split_last().map_or(&[][..], |(_, before)| before);
    values.iter().try_for_each(|sent| {
        let value = decoded(sent).map_err(|why| path_value(sent, &why))?;
        match known.ownership(&value) {
            Ownership::Credential | Ownership::Unknown if known.around_fresh(&value).is_none() => {
                Err(path_value(sent, "does not come from this run, and stands in one segment with the last value"))
            }
            _ => Ok(()),
        }
    })
}

/// Whether every value of the path is of the run, or came with an object of the run.
fn only_of_run(path: &ResourcePath<'_>, known: &RunValues) -> bool {
    let values = path.segments.iter().flat_map(|segment| &segment.values);
    values.into_iter().all(|sent| {
        decoded(sent).is_ok_and(|value| {
            names_one_object(&value).is_ok()
                && (known.around_fresh(&value).is_some()
                    || !matches!(known.ownership(&value), Ownership::Credential | Ownership::Unknown))
        })
    })
}

/// Checks what stands after the last value: the document's fixed segments, or in a call one segment. None may look like an id.
fn after_last(path: &ResourcePath<'_>, rendered: &Rendered) -> Result<(), Refusal> {
    let Some((index, _)) = path.last_value() else { return Ok(()) };
    let after = &path.segments[index + 1..];
    if !rendered.judged && after.len() > 1 {
        let end: String = after.iter().flat_map(|segment| ["/", segment.sent]).collect();
        return Err(Refusal::new(format!("its path goes on with {} after the last value", quoted(&end)))
            .help("in a call, only one fixed segment may follow; write `operation:` if the document has this path"));
    }
    after.iter().try_for_each(|segment| fixed_segment(segment.sent, rendered.judged))?;
    match after.last().filter(|_| !rendered.judged) {
        Some(segment) if decoded(segment.sent).is_ok_and(|text| is_word(&text)) => {
            Err(path_contains(segment.sent, "servers may read as more than one name"))
        }
        _ => Ok(()),
    }
}

fn path_contains(segment: &str, why: &str) -> Refusal {
    Refusal::new(format!("the path contains {}, which {why}", quoted(segment)))
        .help("in a request that changes something, ids must be of this run: {{NAME.capture}} or {{uuid}}")
}

/// Refuses a fixed segment that looks like an id. The suite's own, in a call, must not look like a pattern either.
fn fixed_segment(segment: &str, documented: bool) -> Result<(), Refusal> {
    let text = decoded(segment).map_err(|why| path_contains(segment, &why))?;
    if !documented {
        return looks_harmless(&text).map_err(|why| path_contains(segment, why));
    }
    if is_number(&text) || contains_id(&text) || looks_like_id(&text, true) {
        return Err(path_contains(segment, "could be an id that is not of this run"));
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks a request whose path has no value: a creation, a POST that names an object in its query or body, or an operation
/// that must name one in its query.
fn without_path_value(
    path: &ResourcePath<'_>,
    rendered: &Rendered,
    known: &RunValues,
    removing: Option<&str>,
) -> Result<PathSubject, Refusal> {
    let fixed = || path.segments.iter().try_for_each(|segment| fixed_segment(segment.sent, rendered.judged));
    let last = path.segments.last().and_then(|segment| decoded(segment.sent).ok());
    match rendered.request.method.as_str() {
        // The document says that this creates something, whatever its segments are called. But a segment that is an id names
        // an object that exists. (The first segment may be a version.)
        "POST" if removing.is_none() && rendered.judged => {
            path.segments.iter().skip(1).try_for_each(|segment| fixed_segment(segment.sent, true))?;
            ends_with_no_object(path, known).map(|()| PathSubject::Creation)
        }
        "POST" if removing.is_none() => {
            fixed()?;
            match last.filter(|word| !word.is_empty() && is_word(word)) {
                Some(word) => Err(path_contains(&word, "servers may read as more than one name")),
                None => Ok(PathSubject::Creation),
            }
        }
        "POST" => {
            fixed()?;
            let removes_at = path.segments.iter().position(|segment| says_removal(segment.sent));
            match removes_at.and_then(|at| path.segments.get(at + 1)).filter(|_| !rendered.judged) {
                Some(after) => Err(path_contains(after.sent, "could be the name of what the request removes")),
                None => Ok(PathSubject::Query),
            }
        }
        "DELETE" | "PUT" | "PATCH" if rendered.judged && required_names_object(rendered, known) => {
            fixed().map(|()| PathSubject::Query)
        }
        _ => Err(names_nothing(rendered, removing)),
    }
}

/// Whether a query parameter that the document requires names an object of the run.
fn required_names_object(rendered: &Rendered, known: &RunValues) -> bool {
    let query = rendered.request.target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Ok(name), Ok(value)) = (decoded(name), decoded(value)) else { return false };
        rendered.required_query.iter().any(|required| *required == *name)
            && matches!(known.ownership(&value), Ownership::Object(_))
    })
}

fn names_nothing(rendered: &Rendered, removing: Option<&str>) -> Refusal {
    let method = &rendered.request.method;
    match removing {
        Some(word) => Refusal::new(format!("it says {} and names no object of this run", quoted(word))).help(
            "name the object of the case, {{NAME.capture}}, as the last value of the path or in the body of a POST",
        ),
        None if rendered.judged => Refusal::new(
            "it changes something, and neither its path nor a required query parameter names an object of this run",
        )
        .help("name the object of the case, {{NAME.capture}}, or a {{uuid}} in the path"),
        None => Refusal::new(format!("it is a {method}, and its path names no object of this run")).help(
            "end the path with {{NAME.capture}} or {{uuid}}, or write `operation:` if the document has this path",
        ),
    }
}
