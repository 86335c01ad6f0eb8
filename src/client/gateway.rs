//! What stands in front of an API: fields that a gateway wants in every request, and answers that only something in
//! between can have given, which say what to set.

use memchr::memmem;

use super::{Failure, guard};
use crate::exchange::Answer;
use crate::location::InputError;
use crate::spec::{Document, ParameterIn, SchemeKind};

/// Fields that a request cannot be given from outside, and why.
const REFUSED: &[(&str, &str)] = &[
    (
        "authorization",
        "it is the credential of the API, which the suite sends or leaves out case by case; a key belongs into the \
         variable that the suite names",
    ),
    ("proxy-authorization", "it is for the proxy: write user and password into the proxy's variable"),
    ("accept-encoding", "answers are judged as they are, without a coding"),
    ("content-type", "it describes the body, which is the case's; a suite sets it in `header`"),
    ("content-encoding", "it describes the body, which is the case's"),
    ("expect", "it would ask for another exchange than the one that is judged"),
    ("connection", "it is about this one connection, which the client keeps or ends itself"),
    ("keep-alive", "it is about this one connection, which the client keeps or ends itself"),
    ("proxy-connection", "it is about this one connection, which the client keeps or ends itself"),
    ("te", "it is about this one connection, which the client keeps or ends itself"),
    ("trailer", "requests are framed by the client, without trailers"),
    ("upgrade", "it would ask for another protocol"),
    ("http2-settings", "it would ask for another protocol"),
];

/// Refuses fields for every request that would not be one field each, that would turn a request into another, or that
/// would take the place of what a case sends: a case without a credential must stay without. `from` is the flag or
/// variable that gave them.
pub fn refuse_fields<'a>(
    fields: &[(String, String)],
    from: &str,
    documents: impl Iterator<Item = &'a Document>,
) -> Result<(), InputError> {
    guard::fields_well_formed(fields)
        .map_err(|refusal| InputError::new(format!("{from} cannot be used: {}", refusal.message)))?;
    let documents: Vec<&Document> = documents.collect();
    for (index, (name, value)) in fields.iter().enumerate() {
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(InputError::new(format!("{from}: the field {name} holds a control character")));
        }
        if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| name.eq_ignore_ascii_case(refused)) {
            return Err(InputError::new(format!("{from} cannot set the field {name}: {why}")));
        }
        let is_credential = |document: &&&Document| {
            document.schemes.iter().any(|scheme| {
                matches!(&scheme.kind, SchemeKind::ApiKey(ParameterIn::Header, own) if own.eq_ignore_ascii_case(name))
            })
        };
        if let Some(document) = documents.iter().find(is_credential) {
            return Err(InputError::new(format!(
                "{from} cannot set the field {name}: in {} it is the credential of the API, which the suite sends or \
                 leaves out case by case",
                document.source.name()
            ))
            .help("a key belongs into the variable that the suite names"));
        }
        if fields[..index].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return Err(InputError::new(format!("{from} sets the field {name} more than once"))
                .help("give the field once; where a list is meant, with commas between the values"));
        }
    }
    Ok(())
}

/// The failure that nginx tells of in a page of its own, because it got no client certificate or one that it does not
/// accept: it lets the handshake pass, and tells only then.
pub(super) fn certificate_refused(asked: &str, answer: &Answer) -> Option<Failure> {
    if answer.status() != Some(400) || answer.body.len() > 4096 {
        return None;
    }
    let says = |text: &str| memmem::find(&answer.body, text.as_bytes()).is_some();
    if !says("<center>nginx") && !says("<center>openresty") {
        return None;
    }
    let refused = says("The SSL certificate error");
    (refused || says("No required SSL certificate was sent")).then(|| Failure::certificate(asked, refused, None))
}
