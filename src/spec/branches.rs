//! One short sentence that says why a value fits none of several schemas, or too many of them.

use std::fmt::Write as _;

use serde_json::Value;

use super::lazy_pointer::LazyPointer;
use super::violation::Violation;

/// A keyword of the document that combines schemas.
pub(super) struct Combination<'c> {
    /// The pointer of the keyword.
    pub(super) pointer: LazyPointer,
    /// `oneOf` or `anyOf`.
    pub(super) keyword: &'c str,
    pub(super) schemas: &'c [Value],
}

/// How many schemas a message describes.
const DESCRIBED: usize = 3;

/// How long their descriptions may be together, in characters.
const WIDTH: usize = 250;

/// Why a value does not fit a combination. `wrong` has the violations of each of its schemas.
pub(super) fn why(combination: &Combination<'_>, wrong: &[Vec<Violation>]) -> String {
    let fitting: Vec<usize> = (0..wrong.len()).filter(|index| wrong[*index].is_empty()).collect();
    if fitting.is_empty() { none(combination, wrong) } else { several(combination, &fitting) }
}

fn none(combination: &Combination<'_>, wrong: &[Vec<Violation>]) -> String {
    let (count, keyword) = (combination.schemas.len(), combination.keyword);
    let mut message = match count {
        1 => format!("it does not fit the schema of `{keyword}`: "),
        _ => format!("it fits none of the {count} schemas of `{keyword}`: "),
    };
    let mut order: Vec<usize> = (0..count).collect();
    if count > DESCRIBED {
        // The schemas with the fewest violations are the likely ones.
        order.sort_by_key(|index| wrong[*index].len());
    }
    let width = WIDTH / count.clamp(1, DESCRIBED);
    let described = order.iter().take(DESCRIBED).filter_map(|index| {
        let (first, more) = wrong[*index].split_first()?;
        let place = if first.instance.is_empty() { String::new() } else { format!("{}: ", first.instance) };
        let text = cut(&format!("{}: {place}{}", name(combination, *index), first.message), width);
        Some(if more.is_empty() { text } else { format!("{text} (and {} more)", more.len()) })
    });
    message.push_str(&described.collect::<Vec<_>>().join("; "));
    if count > DESCRIBED {
        // Writing to a string cannot fail.
        let _ = write!(message, "; and {} more", count - DESCRIBED);
    }
    message
}

fn several(combination: &Combination<'_>, fitting: &[usize]) -> String {
    let mut names: Vec<String> =
        fitting.iter().take(DESCRIBED).map(|index| cut(&name(combination, *index), WIDTH / DESCRIBED)).collect();
    if fitting.len() > DESCRIBED {
        names.push(format!("and {} more", fitting.len() - DESCRIBED));
    }
    let (fitting, count, names) = (fitting.len(), combination.schemas.len(), names.join(", "));
    format!("it fits {fitting} of the {count} schemas of `oneOf` and must fit exactly one: {names}")
}

/// The name of a schema: its reference, else its index in the keyword.
fn name(combination: &Combination<'_>, index: usize) -> String {
    let written = combination.schemas.get(index).and_then(|schema| schema.get("$ref")).and_then(Value::as_str);
    written.map_or_else(|| format!("{}/{index}", combination.keyword), ToOwned::to_owned)
}

fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
