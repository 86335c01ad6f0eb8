//! Why a value fits none of several schemas, or too many of them: in one short sentence, with the pointers.

use std::fmt::Write as _;

use serde_json::Value;

use super::Violation;
use super::telling::Way;

/// A place in the document where schemas are combined.
pub(super) struct Site<'c> {
    /// Where the keyword stands.
    pub(super) way: Way,
    /// `oneOf` or `anyOf`.
    pub(super) keyword: &'c str,
    pub(super) schemas: &'c [Value],
}

/// How many schemas are told of.
const TOLD: usize = 3;

/// How long what is told of all of them may be, in characters.
const WIDTH: usize = 250;

/// Why a value does not fit a site, by what is wrong with it in each of the schemas there.
pub(super) fn why(site: &Site<'_>, wrong: &[Vec<Violation>]) -> String {
    let fitting: Vec<usize> = (0..wrong.len()).filter(|index| wrong[*index].is_empty()).collect();
    if fitting.is_empty() { none(site, wrong) } else { several(site, &fitting) }
}

fn none(site: &Site<'_>, wrong: &[Vec<Violation>]) -> String {
    let (count, keyword) = (site.schemas.len(), site.keyword);
    let mut message = match count {
        1 => format!("it does not fit the schema of `{keyword}`: "),
        _ => format!("it fits none of the {count} schemas of `{keyword}`: "),
    };
    let mut order: Vec<usize> = (0..count).collect();
    if count > TOLD {
        // Those that are missed by the least are the likely ones.
        order.sort_by_key(|index| wrong[*index].len());
    }
    let width = WIDTH / count.clamp(1, TOLD);
    let told = order.iter().take(TOLD).filter_map(|index| {
        let (first, more) = wrong[*index].split_first()?;
        let place = if first.instance.is_empty() { String::new() } else { format!("{}: ", first.instance) };
        let told = cut(&format!("{}: {place}{}", name(site, *index), first.message), width);
        Some(if more.is_empty() { told } else { format!("{told} (and {} more)", more.len()) })
    });
    message.push_str(&told.collect::<Vec<_>>().join("; "));
    if count > TOLD {
        // Writing to a string cannot fail.
        let _ = write!(message, "; and {} more", count - TOLD);
    }
    message
}

fn several(site: &Site<'_>, fitting: &[usize]) -> String {
    let mut names: Vec<String> =
        fitting.iter().take(TOLD).map(|index| cut(&name(site, *index), WIDTH / TOLD)).collect();
    if fitting.len() > TOLD {
        names.push(format!("and {} more", fitting.len() - TOLD));
    }
    let (fitting, count, names) = (fitting.len(), site.schemas.len(), names.join(", "));
    format!("it fits {fitting} of the {count} schemas of `oneOf` and must fit exactly one: {names}")
}

/// What a schema is called: what its reference says, else its place in the keyword.
fn name(site: &Site<'_>, index: usize) -> String {
    let written = site.schemas.get(index).and_then(|schema| schema.get("$ref")).and_then(Value::as_str);
    written.map_or_else(|| format!("{}/{index}", site.keyword), ToOwned::to_owned)
}

fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
