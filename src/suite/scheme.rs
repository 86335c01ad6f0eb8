//! The security scheme by which a credential is sent with a request of an operation.

use std::borrow::Cow;

use super::step::Auth;
use super::strict::names;
use crate::spec::{Document, Operation, ParameterIn, SchemeKind, SecurityScheme};

/// How a credential is sent.
pub(super) enum Scheme<'d> {
    /// By this scheme, which is the document's, or the cookie of its login.
    One(Cow<'d, SchemeKind>),
    /// The document requires something that this program cannot send; the text names it.
    Unsupported(String),
    /// The document requires no scheme, and does not define exactly one.
    Undeclared,
}

/// How each credential of an `auth` is sent with a request of an operation, in the order of the `auth`. `sent` gives the name
/// of a credential and, if its login gives a cookie, the name of the cookie.
pub(super) fn schemes<'d, 's>(
    document: &'d Document,
    operation: &Operation,
    suites: Option<&Operation>,
    auth: &Auth,
    sent: impl Fn(usize) -> (&'s str, Option<&'s str>),
) -> Vec<(usize, Scheme<'d>)> {
    let all: Vec<(&str, Option<&str>)> = auth.credentials().iter().map(|index| sent(*index)).collect();
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let together = together(document, operation, suites, auth, &names).map(|together| together.kinds);
    let scheme = |(at, (name, cookie)): (usize, &(&str, Option<&str>))| match (cookie, &together) {
        (Some(cookie), _) => Scheme::One(Cow::Owned(SchemeKind::ApiKey(ParameterIn::Cookie, (*cookie).to_owned()))),
        (None, Some(kinds)) => Scheme::One(Cow::Borrowed(kinds[at])),
        (None, None) => scheme(document, operation, suites, name),
    };
    auth.credentials().iter().copied().zip(all.iter().enumerate().map(scheme)).collect()
}

/// Credentials that are sent together because one security requirement names several schemes.
pub(super) struct Together<'d> {
    /// The scheme of each credential, in the order of the credentials.
    pub(super) kinds: Vec<&'d SchemeKind>,
    /// The schemes that were given to credentials of other names, by the order of both.
    pub(super) by_order: Vec<&'d SecurityScheme>,
}

/// How a list of credentials is sent by the schemes of one security requirement: each by the scheme of its name, the others
/// in their order, if there is a credential for each scheme. The requirement with the most such names is used. If the operation
/// requires none, the suite's operation decides. `None` if no requirement fits, or if `auth` is no list.
pub(super) fn together<'d>(
    document: &'d Document,
    operation: &Operation,
    suites: Option<&Operation>,
    auth: &Auth,
    credentials: &[&str],
) -> Option<Together<'d>> {
    if !matches!(auth, Auth::Several(_)) {
        return None;
    }
    let requires = |operation: &&Operation| operation.security.iter().any(|requirement| !requirement.is_empty());
    let operation = std::iter::once(operation).chain(suites).find(requires)?;
    let mut best: Option<Together<'_>> = None;
    for requirement in operation.security.iter().filter(|requirement| requirement.len() > 1) {
        let Some(fits) = fit(document, requirement, credentials) else { continue };
        if best.as_ref().is_none_or(|best| best.by_order.len() > fits.by_order.len()) {
            best = Some(fits);
        }
    }
    best
}

/// How credentials are sent by the schemes of one requirement. `None` if a credential has no scheme there that can be sent.
fn fit<'d>(document: &'d Document, requirement: &[String], credentials: &[&str]) -> Option<Together<'d>> {
    let is_whole = requirement.len() == credentials.len();
    let others = requirement.iter().filter(|scheme| is_whole && !credentials.contains(&scheme.as_str()));
    let mut others = others.map(|name| document.scheme(name));
    let mut by_order = Vec::new();
    let kinds = credentials.iter().map(|credential| {
        let scheme = if requirement.iter().any(|name| name == credential) {
            document.scheme(credential)?
        } else {
            let scheme = others.next()??;
            by_order.push(scheme);
            scheme
        };
        can_send(&scheme.kind).then_some(&scheme.kind)
    });
    let kinds = kinds.collect::<Option<Vec<_>>>()?;
    Some(Together { kinds, by_order })
}

/// How a credential is sent alone with a request of an operation: by the scheme that has the credential's name, otherwise by
/// the first scheme that can send a credential alone. If the operation requires none, the suite's operation decides, then
/// the document's only scheme.
fn scheme<'d>(
    document: &'d Document,
    operation: &Operation,
    suites: Option<&Operation>,
    credential: &str,
) -> Scheme<'d> {
    for operation in std::iter::once(operation).chain(suites) {
        let usable = alone(document, operation);
        if let Some(scheme) = usable.iter().find(|scheme| scheme.name == credential).or(first(&usable)) {
            return Scheme::One(Cow::Borrowed(&scheme.kind));
        }
        let reasons = operation.security.iter().filter_map(|requirement| match requirement.as_slice() {
            [] => None,
            [name] => Some(match document.scheme(name).map(|scheme| &scheme.kind) {
                Some(SchemeKind::Other(kind)) => format!("`{name}` ({kind})"),
                Some(_) => format!("`{name}`"),
                None => format!("`{name}`, which it does not define"),
            }),
            several => Some(format!("{} together", names(several))),
        });
        if let Some(reason) = reasons.into_iter().next() {
            return Scheme::Unsupported(reason);
        }
    }
    let keys: Vec<&SecurityScheme> = document.schemes.iter().filter(|scheme| is_key(&scheme.kind)).collect();
    let all: Vec<&SecurityScheme> = document.schemes.iter().filter(|scheme| can_send(&scheme.kind)).collect();
    match (keys.as_slice(), all.as_slice()) {
        ([one], _) | ([], [one]) => Scheme::One(Cow::Borrowed(&one.kind)),
        _ => Scheme::Undeclared,
    }
}

/// The schemes among which an operation leaves the choice to a credential without the name of one of them, in the order of
/// the document. A scheme for tokens of another server (`oauth2`, `openIdConnect`) is among them only if there is no other.
pub(super) fn alternatives<'d>(document: &'d Document, operation: &Operation) -> Vec<&'d SecurityScheme> {
    let usable = alone(document, operation);
    let keys: Vec<&SecurityScheme> = usable.iter().copied().filter(|scheme| is_key(&scheme.kind)).collect();
    if keys.is_empty() { usable } else { keys }
}

/// The first scheme of an operation for a credential without the name of one of them.
fn first<'a, 'd>(usable: &'a [&'d SecurityScheme]) -> Option<&'a &'d SecurityScheme> {
    usable.iter().find(|scheme| is_key(&scheme.kind)).or(usable.first())
}

/// The schemes of an operation that can send a credential alone, in the order of the document.
fn alone<'d>(document: &'d Document, operation: &Operation) -> Vec<&'d SecurityScheme> {
    let alone = operation.security.iter().filter_map(|requirement| match requirement.as_slice() {
        [name] => document.scheme(name),
        _ => None,
    });
    alone.filter(|scheme| can_send(&scheme.kind)).collect()
}

fn can_send(kind: &SchemeKind) -> bool {
    is_key(kind) || matches!(kind, SchemeKind::AccessToken(_))
}

/// Whether the API itself gives out what the scheme sends. A credential is sent by such a scheme first.
fn is_key(kind: &SchemeKind) -> bool {
    match kind {
        SchemeKind::Bearer | SchemeKind::Basic => true,
        SchemeKind::ApiKey(place, _) => *place != ParameterIn::Path,
        SchemeKind::AccessToken(_) | SchemeKind::Other(_) => false,
    }
}

/// Where a scheme writes a credential, in words. Two credentials cannot have the same place.
pub(super) fn place(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey(ParameterIn::Query, name) => format!("the query parameter `{name}`"),
        SchemeKind::ApiKey(ParameterIn::Cookie, name) => format!("the cookie `{name}`"),
        SchemeKind::ApiKey(_, name) if !name.eq_ignore_ascii_case("authorization") => format!("the field `{name}`"),
        _ => "the field `Authorization`".to_owned(),
    }
}

/// Whether two schemes write into the same place of a request.
pub(super) fn same_place(one: &SchemeKind, other: &SchemeKind) -> bool {
    let (one, other) = (place(one), place(other));
    one == other || one.starts_with("the field") && one.eq_ignore_ascii_case(&other)
}
