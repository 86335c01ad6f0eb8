//! The network path to the target, from the settings: proxy, trust, client certificate, header fields for gateways.

use crate::exchange::Limits;
use crate::location::{InputError, InputErrors};
use crate::outcome::TargetRoute;
use crate::secret::Secrets;
use crate::settings::{Network, Settings};
use crate::suite::Suite;
use crate::transport::{self, BaseUrl, ClientOptions, Identity, Proxy};

/// A part of a gateway's header field that is at least this long is masked by itself too. Its token may come back without the
/// words around it.
const LONG: usize = 12;
/// A shorter value is part of too many ordinary texts. It is not masked while answers are read.
const SHORT: usize = 8;

/// The options of the client, and what reports say about the network path. Adds notes for the reader.
pub(crate) fn options(
    settings: &Settings,
    suites: &[Suite],
    base: &BaseUrl,
    secrets: &mut Secrets,
    notes: &mut Vec<String>,
) -> Result<(ClientOptions, TargetRoute), InputErrors> {
    let network = &settings.network;
    let fields: Vec<(String, String)> =
        network.headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
    let mut errors = Vec::new();
    let documents = suites.iter().map(|suite| &*suite.document);
    errors.extend(transport::refuse_fields(&fields, network.headers_from, documents).err());
    let authorities = network.ca_file.as_ref().map(|file| transport::authorities(&file.path, file.from)).transpose();
    if base.is_https() && !network.insecure {
        errors.extend(machine(settings).err());
    }
    let identity = identity(network);
    let proxy = proxy(network, base);
    let (Ok(authorities), Ok(identity), Ok(proxy), true) = (&authorities, &identity, &proxy, errors.is_empty()) else {
        errors.extend(authorities.err().into_iter().chain(identity.err()).chain(proxy.err()));
        return Err(InputErrors(errors));
    };
    let url = base.to_string();
    let texts = suites.iter().flat_map(|suite| [suite.source.text(), suite.document.source.text()]);
    let known: Vec<&str> = texts.chain([url.as_str()]).collect();
    register(&fields, proxy.as_ref(), &known, secrets);
    let way = network_path(network, proxy.as_ref(), base, notes)?;
    let options = ClientOptions {
        total: settings.timeout,
        first_byte: settings.first_byte,
        idle: settings.idle,
        linger: settings.linger,
        limits: Limits { body: settings.max_body, ..Limits::default() },
        rate: settings.rate,
        alone: settings.jobs == 1,
        fields,
        authorities: authorities.clone().unwrap_or_default(),
        insecure: way.insecure,
        identity: identity.clone(),
        proxy: proxy.clone(),
        http2: way.http2,
        ..ClientOptions::default()
    };
    Ok((options, way))
}

/// What reports say about the network path. Adds notes for the reader. An error if the path cannot be used.
fn network_path(
    network: &Network,
    proxy: Option<&Proxy>,
    base: &BaseUrl,
    notes: &mut Vec<String>,
) -> Result<TargetRoute, InputError> {
    if let Some(proxy) = proxy.filter(|_| network.http2 && !base.is_https()) {
        return Err(InputError::new(format!(
            "HTTP/2 cannot be spoken with an http:// target through the proxy {proxy} ({})",
            proxy.from()
        ))
        .help("leave out --http 2, or name the target's host in NO_PROXY"));
    }
    let way = TargetRoute {
        proxy: proxy.map(Proxy::to_string),
        insecure: network.insecure && base.is_https(),
        http2: network.http2,
    };
    if way.insecure {
        notes.push(
            "any certificate was accepted (--insecure): another server may have answered in place of the target and got \
             the keys"
                .to_owned(),
        );
    }
    if let Some(proxy) = proxy.filter(|_| !base.is_https()) {
        notes.push(format!(
            "the proxy {proxy} ({}) passed every request and answer on and may have changed them: what is found may be \
             its doing; NO_PROXY names hosts that are asked directly",
            proxy.from()
        ));
    }
    Ok(way)
}

/// Checks the variables that the platform's TLS reads by itself.
fn machine(settings: &Settings) -> Result<(), InputError> {
    let unreadable = |name: &&str| settings.env.has(name) && settings.env.get(name).is_none();
    if let Some(name) = transport::MACHINE.iter().find(|name| unreadable(name)) {
        return Err(InputError::new(format!("the variable {name} holds something that is not Unicode text"))
            .help(format!("set {name} to plain text, or unset it")));
    }
    transport::machine(transport::MACHINE.map(|name| settings.env.get(name)))
}

fn identity(network: &Network) -> Result<Option<Identity>, InputError> {
    let Some(certificate) = &network.client_cert else { return Ok(None) };
    let key = network.client_key.as_ref().map(|file| (file.path.as_path(), file.from));
    Identity::read((&certificate.path, certificate.from), key).map(Some)
}

/// The proxy for this target. A malformed proxy for other targets is not an error.
fn proxy(network: &Network, base: &BaseUrl) -> Result<Option<Proxy>, InputError> {
    let proxies = &network.proxies;
    if transport::goes_direct(base, proxies.none_for.as_ref().map(|variable| variable.value.as_str())) {
        return Ok(None);
    }
    let own = if base.is_https() { &proxies.https } else { &proxies.http };
    let variable = own.as_ref().or(proxies.all.as_ref());
    variable.map(|variable| Proxy::parse(&variable.value, variable.name)).transpose()
}

/// Registers the values that gateways and proxies get as secrets. A value in the base URL, in a document or in a suite is not
/// secret, and a mask would change what is judged: `Accept: application/json` is a field too.
fn register(fields: &[(String, String)], proxy: Option<&Proxy>, known: &[&str], secrets: &mut Secrets) {
    let mut add = |name: &str, value: &str, least: usize| {
        if known.iter().any(|text| text.contains(value)) {
            return;
        }
        if value.len() >= least {
            secrets.add(name, value);
        } else if least == SHORT {
            secrets.mask_late(value, false);
        }
    };
    for (name, value) in fields {
        let name = format!("in the field {name}");
        add(&name, value, SHORT);
        for part in value.split([' ', ';', ',', '=', '"']).filter(|part| *part != value) {
            add(&name, part, LONG);
        }
    }
    if let Some((proxy, (user, password))) = proxy.and_then(|proxy| Some((proxy, proxy.login()?))) {
        let name = format!("in {}", proxy.from());
        add(&name, password, SHORT);
        add(&name, &format!("{user}:{password}"), SHORT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_a_suite_or_a_document_holds_is_not_masked() {
        let fields: Vec<(String, String)> = [
            ("Accept", "application/json"),
            ("X-Tenant", "short"),
            ("X-Hop", "abc"),
            ("X-Gateway", "Token 0123456789abcdef"),
            ("Cookie", "session=abcdefghijkl; theme=dark"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let proxy = Proxy::parse("http://me:hunter22@proxy.test:1", "HTTPS_PROXY").expect("a proxy");
        let mut secrets = Secrets::none();
        let known = ["content: {application/json: {}}", "https://staging.test"];
        register(&fields, Some(&proxy), &known, &mut secrets);
        for shown in ["application/json", "abc", "Token", "session", "theme=dark", "proxy.test", "me:"] {
            assert_eq!(secrets.mask_str(shown), shown);
        }
        assert_eq!(secrets.from_the_start().mask_str("short"), "short", "answers are judged with it");
        for (hidden, left) in [
            ("a 0123456789abcdef b", "a **************** b"),
            ("{\"sid\":\"abcdefghijkl\"}", "{\"sid\":\"************\"}"),
            ("hunter22", "********"),
            ("short", "*****"),
        ] {
            assert_eq!(secrets.mask_str(hidden), left);
        }
    }
}
