//! Why a value fits none of several schemas, or too many of them: in one short sentence, with the pointers.

use std::fmt::Write as _;

use serde_json::Value;

use super::Violation;
use super::combined::Site;
use super::raw::Raw;

/// How many schemas are told of.
const TOLD: usize = 3;

/// How long what is told of all of them may be, in characters.
const WIDTH: usize = 250;

/// Why a value does not fit a site, by what is wrong with it in each of the schemas there.
pub(super) fn why(raw: &Raw, site: &Site, wrong: &[Vec<Violation>]) -> String {
    let fitting: Vec<usize> = (0..wrong.len()).filter(|index| wrong[*index].is_empty()).collect();
    if fitting.is_empty() { none(raw, site, wrong) } else { several(raw, site, &fitting) }
}

fn none(raw: &Raw, site: &Site, wrong: &[Vec<Violation>]) -> String {
    let (count, keyword) = (site.count, site.keyword());
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
        let told = cut(&format!("{}: {place}{}", name(raw, site, *index), first.message), width);
        Some(if more.is_empty() { told } else { format!("{told} (and {} more)", more.len()) })
    });
    message.push_str(&told.collect::<Vec<_>>().join("; "));
    if count > TOLD {
        // Writing to a string cannot fail.
        let _ = write!(message, "; and {} more", count - TOLD);
    }
    message
}

fn several(raw: &Raw, site: &Site, fitting: &[usize]) -> String {
    let mut names: Vec<String> =
        fitting.iter().take(TOLD).map(|index| cut(&name(raw, site, *index), WIDTH / TOLD)).collect();
    if fitting.len() > TOLD {
        names.push(format!("and {} more", fitting.len() - TOLD));
    }
    let (fitting, count, names) = (fitting.len(), site.count, names.join(", "));
    format!("it fits {fitting} of the {count} schemas of `oneOf` and must fit exactly one: {names}")
}

/// What a schema is called: what its reference says, else its place in the keyword.
fn name(raw: &Raw, site: &Site, index: usize) -> String {
    let written = raw.get(&format!("{}/{index}/$ref", site.pointer)).and_then(Value::as_str);
    written.map_or_else(|| format!("{}/{index}", site.keyword()), ToOwned::to_owned)
}

fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
