//! Gateways in front of an API: fields that they require in every request, and responses that come from them and not from the
//! API.

use memchr::memmem;

use super::failure::Failure;
use crate::exchange::Answer;
use crate::location::InputError;
use crate::spec::{Document, ParameterIn, SchemeKind};

/// Fields that cannot be set for every request, and why.
const REFUSED: &[(&str, &str)] = &[
    (
        "authorization",
        "it is the credential of the API, which the suite sends or leaves out case by case; a key belongs into the \
         variable that the suite names",
    ),
    ("proxy-authorization", "it is for the proxy: write user and password into the proxy's variable"),
    ("accept-encoding", "responses are judged without a coding"),
    ("content-type", "it describes the body, which is the case's; a suite sets it in `header`"),
    ("content-encoding", "it describes the body, which is the case's"),
    ("expect", "it would start another exchange than the judged one"),
    ("connection", "it is about this one connection, which the client keeps or ends itself"),
    ("keep-alive", "it is about this one connection, which the client keeps or ends itself"),
    ("proxy-connection", "it is about this one connection, which the client keeps or ends itself"),
    ("te", "it is about this one connection, which the client keeps or ends itself"),
    ("trailer", "requests are framed by the client, without trailers"),
    ("upgrade", "it would ask for another protocol"),
    ("http2-settings", "it would ask for another protocol"),
];

/// Checks the fields for every request. A field is refused if it is malformed, if it would change what is requested, or if it
/// would replace a field of a case: a case without a credential must be sent without it. `from` is the flag or variable that
/// sets the fields.
pub fn refuse_fields<'a>(
    fields: &[(String, String)],
    from: &str,
    documents: impl Iterator<Item = &'a Document>,
) -> Result<(), InputError> {
    crate::guard::operator_fields_well_formed(fields)
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
            .help("put a key into the variable that the suite names"));
        }
        if fields[..index].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return Err(InputError::new(format!("{from} sets the field {name} more than once"))
                .help("give the field once; where a list is meant, with commas between the values"));
        }
    }
    Ok(())
}

/// The failure behind an error page of nginx about the client certificate. nginx completes the handshake even without a valid
/// certificate, and sends this page then.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Reader;

    #[test]
    fn pages_of_nginx_about_certificates_differ_from_other_refusals() {
        let page =
            |server: &str, why: &str| format!("<html><center>{why}</center><hr><center>{server}</center></html>");
        let answer = |status: u16, body: &str| {
            let text = format!("HTTP/1.1 {status} Bad Request\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            certificate_refused("api.test:443", &Reader::read("GET", text.as_bytes()))
                .map(|failure| failure.to_string())
        };
        let (none, wrong) = ("No required SSL certificate was sent", "The SSL certificate error");
        for (server, why, told) in [
            ("nginx", none, "it requires a client certificate"),
            ("nginx/1.27.1", wrong, "it does not accept the client certificate"),
            ("openresty/1.25", none, "it requires a client certificate"),
            ("openresty", wrong, "it does not accept the client certificate"),
        ] {
            let failure = answer(400, &page(server, why)).expect(told);
            assert!(failure.contains(told), "{server}: {failure}");
            assert_eq!(answer(403, &page(server, why)), None, "another status");
        }
        assert_eq!(answer(400, &page("apache", none)), None);
        assert_eq!(answer(400, &page("nginx", "The plain HTTP request was sent to HTTPS port")), None);
        assert_eq!(answer(400, &(page("nginx", none) + &" ".repeat(4096))), None);
    }

    #[test]
    fn a_field_may_hold_a_tab_and_no_other_control_character() {
        let refused = |fields: &[(&str, &str)]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            refuse_fields(&fields, "--header", std::iter::empty()).map_err(|error| error.to_string())
        };
        assert_eq!(refused(&[("X-Env", "a\tb"), ("X-Other", "é")]), Ok(()));
        for value in ["a\u{1b}[0m", "a\u{7f}", "a\u{1}"] {
            assert!(refused(&[("X-Env", value)]).is_err_and(|text| text.contains("control character")), "{value:?}");
        }
        assert!(refused(&[("X-Env", "a"), ("x-env", "b")]).is_err_and(|text| text.contains("more than once")));
        assert!(refused(&[("Authorization", "a")]).is_err_and(|text| text.contains("the credential of the API")));
    }
}
