//! Servers (OpenAPI 3.0.3 §4.7.5), security requirements (§4.7.30) and security schemes (§4.7.27).

use std::collections::{HashMap, HashSet};

use super::builder::Builder;
use super::document::{SchemeKind, SecurityScheme, Server};
use super::objects::ObjectKind;
use super::parameter::ParameterIn;
use super::paths;

/// The servers of the document (with an empty pointer), of a path item or of an operation.
pub(super) fn servers(builder: &mut Builder, pointer: &str) -> Vec<Server> {
    let mut servers = Vec::new();
    for (_, at) in builder.below(&format!("{pointer}/servers")) {
        if !builder.may_build(&at) {
            return servers;
        }
        let template = builder.text(&format!("{at}/url")).unwrap_or_default();
        let mut defaults = HashMap::new();
        let mentioned: HashSet<&str> = paths::names(&template).into_iter().collect();
        let (mut variables, mut values) = (Vec::new(), Vec::new());
        for (name, at) in builder.below(&format!("{at}/variables")) {
            let default = builder.text(&format!("{at}/default")).unwrap_or_default();
            if !mentioned.contains(name.as_str()) {
                builder
                    .remark(&at, format!("the URL of the server has no `{{{name}}}`, so this variable does nothing"));
            }
            let listed = builder.below(&format!("{at}/enum"));
            let listed = listed.iter().filter_map(|(_, at)| builder.text(at));
            values.push(std::iter::once(default.clone()).chain(listed).collect());
            defaults.insert(name.clone(), default);
            variables.push(name);
        }
        let default_url = paths::filled(&template, &defaults);
        if lacks_scheme(&default_url) {
            builder.remark(
                &format!("{at}/url"),
                format!(
                    "the URL of the server has no scheme, so it is a path beside the document; write \
                     https://{default_url} if it names a host"
                ),
            );
        }
        for name in paths::names(&template) {
            if !defaults.contains_key(name) {
                builder.remark(&format!("{at}/url"), format!("the server has no variable `{name}`"));
            }
        }
        servers.push(Server { template, default_url, variables, values, anchor: builder.raw.anchor(&at) });
    }
    servers
}

/// The security requirements of the document or of an operation. `None` if it has no `security`.
pub(super) fn security(builder: &mut Builder, pointer: &str, schemes: &[SecurityScheme]) -> Option<Vec<Vec<String>>> {
    let pointer = format!("{pointer}/security");
    builder.raw.get(&pointer)?.as_array()?;
    let known: HashSet<&str> = schemes.iter().map(|scheme| scheme.name.as_str()).collect();
    let mut requirements = Vec::new();
    for (_, at) in builder.below(&pointer) {
        let mut names = Vec::new();
        for (name, at) in builder.below(&at) {
            if !known.contains(name.as_str()) {
                builder.remark(&at, format!("`components.securitySchemes` has no `{name}`"));
            }
            names.push(name);
        }
        requirements.push(names);
    }
    Some(requirements)
}

/// The security schemes of the document.
pub(super) fn schemes(builder: &mut Builder) -> Vec<SecurityScheme> {
    let mut schemes = Vec::new();
    for (name, at) in builder.below("/components/securitySchemes") {
        let Some(at) = builder.follow(ObjectKind::SecurityScheme, &at) else { continue };
        let text = |key: &str| builder.text(&format!("{at}/{key}")).unwrap_or_default();
        let kind = match text("type").as_str() {
            "http" => match text("scheme").to_ascii_lowercase().as_str() {
                "bearer" => SchemeKind::Bearer,
                "basic" => SchemeKind::Basic,
                _ => SchemeKind::Other(text("scheme")),
            },
            "apiKey" => {
                let place = match text("in").as_str() {
                    "query" => ParameterIn::Query,
                    "cookie" => ParameterIn::Cookie,
                    // Other places are refused earlier.
                    _ => ParameterIn::Header,
                };
                SchemeKind::ApiKey(place, text("name"))
            }
            token @ ("oauth2" | "openIdConnect") => SchemeKind::AccessToken(token.to_owned()),
            other => SchemeKind::Other(other.to_owned()),
        };
        schemes.push(SecurityScheme { name, kind, anchor: builder.raw.anchor(&at) });
    }
    schemes
}

/// Whether the URL of a server seems to name a host but has no scheme. It is then a path relative to the document.
fn lacks_scheme(url: &str) -> bool {
    let host = url.split(['/', '?', '#', ':']).next().unwrap_or_default();
    !url.contains("//") && !host.starts_with('.') && host.contains('.') && !host.contains('{')
}
