//! Escape sequences that set a colour (ECMA-48 SGR), which output may keep.

/// The length of the colour sequence with which a text begins, in bytes; 0 if it begins with none.
pub(super) fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\x1b[") else { return 0 };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|end| rest[*end..].starts_with('m')).map_or(0, |end| end + "\x1b[m".len())
}
