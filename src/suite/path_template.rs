//! A path template of the document, such as `/things/{id}/parts`.

/// A piece of a path template.
pub(super) enum PathPiece<'t> {
    Literal(&'t str),
    Parameter(&'t str),
}

/// The pieces of a path template. A brace without its partner is literal text.
pub(super) fn pieces(template: &str) -> impl Iterator<Item = PathPiece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let open = rest.find('{');
        let close = open.and_then(|open| rest[open..].find('}').map(|close| open + close));
        match (open, close) {
            (Some(0), Some(close)) => {
                let name = &rest[1..close];
                rest = &rest[close + 1..];
                Some(PathPiece::Parameter(name))
            }
            (Some(open), Some(_)) => {
                let (literal, after) = rest.split_at(open);
                rest = after;
                Some(PathPiece::Literal(literal))
            }
            _ => Some(PathPiece::Literal(std::mem::take(&mut rest))),
        }
    })
}

/// The parameters of a path template, in its order.
pub(super) fn parameters(template: &str) -> impl Iterator<Item = &str> {
    pieces(template).filter_map(|piece| match piece {
        PathPiece::Parameter(name) => Some(name),
        PathPiece::Literal(_) => None,
    })
}
