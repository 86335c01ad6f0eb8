//! The security scheme by which a credential is sent with a request of an operation.

use super::strict::names;
use crate::spec::{Document, Operation, ParameterIn, SchemeKind, SecurityScheme};

/// How a credential is sent.
pub(super) enum Scheme<'d> {
    /// By this scheme.
    One(&'d SchemeKind),
    /// The document requires something that this program cannot send; the text names it.
    Unsupported(String),
    /// The document requires no scheme, and does not define exactly one.
    Undeclared,
}

/// How a credential is sent with a request of an operation: by the scheme that has the credential's name, otherwise by
/// the first scheme that can send a credential alone. If the operation requires none, the suite's operation decides, then
/// the document's only scheme.
pub(super) fn scheme<'d>(
    document: &'d Document,
    operation: &Operation,
    suites: Option<&Operation>,
    credential: &str,
) -> Scheme<'d> {
    for operation in std::iter::once(operation).chain(suites) {
        if let Some(named) = alternatives(document, operation).find(|scheme| scheme.name == credential) {
            return Scheme::One(&named.kind);
        }
        let mut other = None;
        for alternative in operation.security.iter() {
            let reason = match alternative.as_slice() {
                [] => continue,
                [name] => match document.scheme(name).map(|scheme| &scheme.kind) {
                    Some(kind) if can_send_alone(kind) => return Scheme::One(kind),
                    Some(SchemeKind::Other(kind)) => format!("`{name}` ({kind})"),
                    Some(_) => format!("`{name}`"),
                    None => format!("`{name}`, which it does not define"),
                },
                several => format!("{} together", names(several)),
            };
            other.get_or_insert(reason);
        }
        if let Some(reason) = other {
            return Scheme::Unsupported(reason);
        }
    }
    let mut usable = document.schemes.iter().map(|scheme| &scheme.kind).filter(|kind| can_send_alone(kind));
    match (usable.next(), usable.next()) {
        (Some(one), None) => Scheme::One(one),
        _ => Scheme::Undeclared,
    }
}

/// The schemes of an operation that can send a credential alone, in the order of the document.
pub(super) fn alternatives<'d>(
    document: &'d Document,
    operation: &Operation,
) -> impl Iterator<Item = &'d SecurityScheme> {
    let alone = operation.security.iter().filter_map(|alternative| match alternative.as_slice() {
        [name] => document.scheme(name),
        _ => None,
    });
    alone.filter(|scheme| can_send_alone(&scheme.kind))
}

fn can_send_alone(kind: &SchemeKind) -> bool {
    match kind {
        SchemeKind::Bearer | SchemeKind::Basic => true,
        SchemeKind::ApiKey(place, _) => *place != ParameterIn::Path,
        SchemeKind::Other(_) => false,
    }
}
