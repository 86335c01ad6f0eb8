//! Staged requests, sent by reqwest: creating and removing objects needs an ordinary client and not the bytes on the wire.
//!
//! It follows no redirect and repeats nothing. It uses the same addresses and the same proxy as the judged requests, because
//! otherwise it might prepare another server than the one that is judged.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use super::base_url::BaseUrl;
use super::dial::Addresses;
use super::failure::{Failure, alert, speaks_tls};
use super::options::ClientOptions;
use super::proxy::Proxy;
use super::tls::ClientCertificate;
use crate::exchange::{Answer, End, Exchange, Field, Framing, Head, Protocol, Request, Stage, Timing, Wait};
use crate::guard::Refusal;
use crate::location::InputError;

/// The client for staged requests.
pub(super) struct Library {
    client: reqwest::Client,
    addresses: Arc<Addresses>,
    proxy: Option<Proxy>,
    certificate: Arc<ClientCertificate>,
    /// Host and port of the target, for messages.
    asked: String,
    connect: Duration,
    /// The longest time for one exchange.
    total: Duration,
    kept: usize,
}

/// Gives reqwest the addresses that the judged requests use.
struct SharedAddresses(Arc<Addresses>);

impl Resolve for SharedAddresses {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses = Arc::clone(&self.0);
        Box::pin(async move {
            let found = addresses.get().await?.to_vec();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Library {
    pub(super) fn new(
        base: &BaseUrl,
        options: &ClientOptions,
        addresses: Arc<Addresses>,
        tls: ClientConfig,
        certificate: Arc<ClientCertificate>,
    ) -> Result<Self, InputError> {
        let wrong =
            |error: String| InputError::new(format!("the client for staged requests cannot be set up: {error}"));
        let user_agent = HeaderValue::from_str(&options.user_agent).map_err(|error| wrong(error.to_string()))?;
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", user_agent);
        headers.insert("accept", HeaderValue::from_static("*/*"));
        headers.insert("accept-encoding", HeaderValue::from_static("identity"));
        // There is no limit for the first byte: creating an object may take long, which is not judged.
        let builder = reqwest::Client::builder();
        let builder = match &options.proxy {
            Some(proxy) => builder.proxy(through(proxy).map_err(|error| wrong(chain(&error)))?),
            None => builder.no_proxy(),
        };
        #[cfg(feature = "http2")]
        let builder = if options.http2 { builder.http2_prior_knowledge() } else { builder };
        let client = builder
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(SharedAddresses(Arc::clone(&addresses))))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .default_headers(headers)
            .connect_timeout(options.connect)
            .timeout(options.total)
            // No connection is kept, so that late bytes of one response are not read as the next one.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| wrong(chain(&error)))?;
        Ok(Self {
            client,
            addresses,
            proxy: options.proxy.clone(),
            certificate,
            asked: base.authority_with_port(),
            connect: options.connect,
            total: options.total,
            kept: options.limits.body,
        })
    }

    /// Sends a request and reads its response up to the size limit. `within` replaces the limit for the whole exchange. The
    /// `connect` of the timing is zero, because reqwest does not measure it.
    pub(super) async fn carry(&self, request: Arc<Request>, within: Option<Duration>) -> Result<Exchange, Failure> {
        let mut prepared = self.prepare(&request)?;
        let wait = within.map_or(Wait::Total(self.total), Wait::Part);
        if within.is_some() {
            *prepared.timeout_mut() = within;
        }
        // The look-up is done here too, because reqwest does not report its failure as such.
        self.addresses.get().await?;
        let https = prepared.url().scheme() == "https";
        let start = Instant::now();
        let mut timing = Timing::default();
        let mut answer = Answer { protocol: Protocol::Library, ..Answer::default() };
        match self.client.execute(prepared).await {
            Ok(mut response) => {
                timing.first_byte = Some(start.elapsed());
                head(&response, &mut answer);
                answer.end = self.body(&mut response, &mut answer, wait).await;
            }
            Err(error) => {
                let alert = alert(&error);
                let cut = !error.is_timeout() && !error.is_connect();
                let about_certificate =
                    if cut || alert.is_some() { self.certificate.failure(&self.asked, alert) } else { None };
                if let Some(failure) = about_certificate {
                    return Err(failure);
                }
                if error.is_connect() {
                    return Err(self.unconnected(https, &error));
                }
                answer.end = end(&error, Stage::Nothing, wait);
            }
        }
        timing.total = start.elapsed();
        Ok(Exchange { request, answer, timing, reused: false, repeated_credentials: Vec::new() })
    }

    fn unconnected(&self, https: bool, error: &reqwest::Error) -> Failure {
        let failure = Failure::connecting_by_library(&self.asked, https, self.connect, error);
        let Some(proxy) = &self.proxy else { return failure };
        match failure {
            // A connection that breaks without an error of TLS is that to the proxy.
            Failure::Tls { .. } if speaks_tls(error) => failure,
            // The library does not give the response of the proxy.
            Failure::Tls { .. } | Failure::Unreachable { .. } if https => {
                let why = format!("did not open a tunnel to {}: {}", self.asked, chain(error));
                proxy.failure(why, Some(proxy.or_without()))
            }
            failure => proxy.unreached(failure),
        }
    }

    fn prepare(&self, request: &Request) -> Result<reqwest::Request, Failure> {
        let unsendable =
            |why: String| Failure::Unsendable { why: format!("{} {} {why}", request.method, request.target) };
        let url = reqwest::Url::parse(&request.url()).map_err(|error| unsendable(format!("is no URL: {error}")))?;
        // The guard has checked the target as written. The URL standard may change it.
        let sent = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if sent != request.target {
            return Err(Refusal {
                message: format!("{} {} is not sent: as a URL it would become {sent}", request.method, request.target),
                help: Some("write the call's path and query as they are to be sent".to_owned()),
                path_value: None,
            }
            .into());
        }
        let method = request.method.parse().map_err(|_| unsendable("has no method that can be sent".to_owned()))?;
        let mut prepared = self.client.request(method, url);
        for (name, value) in &request.fields {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(unsendable("has a field that cannot be sent".to_owned()));
            };
            prepared = prepared.header(name, value);
        }
        if let Some(body) = &request.body {
            prepared = prepared.body(body.clone());
        }
        prepared.build().map_err(|error| unsendable(format!("cannot be sent: {}", chain(&error))))
    }

    async fn body(&self, response: &mut reqwest::Response, answer: &mut Answer, wait: Wait) -> End {
        loop {
            match response.chunk().await {
                Ok(Some(bytes)) => {
                    let kept = &bytes[..bytes.len().min(self.kept.saturating_sub(answer.body.len()))];
                    answer.take(kept);
                    if kept.len() < bytes.len() {
                        return End::Limit;
                    }
                }
                Ok(None) => {
                    if answer.framing != Framing::Bodiless {
                        answer.framing = Framing::Length(answer.body_size);
                    }
                    return End::Complete;
                }
                Err(error) => return end(&error, Stage::Body, wait),
            }
        }
    }
}

/// The proxy for the library.
fn through(proxy: &Proxy) -> Result<reqwest::Proxy, reqwest::Error> {
    let through = reqwest::Proxy::all(proxy.to_string())?;
    Ok(match proxy.login() {
        Some((user, password)) => through.basic_auth(user, password),
        None => through,
    })
}

/// Copies the head, and writes its bytes as in HTTP/1.1, so that reports can show them.
fn head(response: &reqwest::Response, answer: &mut Answer) {
    let status = response.status();
    let version = format!("{:?}", response.version()).replace("HTTP/2.0", "HTTP/2");
    let reason = status.canonical_reason().unwrap_or_default().to_owned();
    let mut raw = format!("{version} {} {reason}\r\n", status.as_u16()).into_bytes();
    let mut fields = Vec::with_capacity(response.headers().len());
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            raw.extend_from_slice(part);
        }
        fields.push(Field { name: name.as_str().to_owned(), value: value.as_bytes().to_vec() });
    }
    raw.extend_from_slice(b"\r\n");
    if matches!(status.as_u16(), 204 | 304) {
        answer.framing = Framing::Bodiless;
    }
    answer.head = Some(Head { version, status: status.as_u16(), reason, fields, range: 0..raw.len() });
    answer.raw = raw;
}

/// The end of a response, as far as reqwest reports it.
fn end(error: &reqwest::Error, stage: Stage, wait: Wait) -> End {
    if error.is_timeout() {
        return End::TimedOut(stage, wait);
    }
    let text = || chain(error);
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<hyper::Error>() {
            if error.is_incomplete_message() {
                return End::Closed(stage);
            }
            // What cannot be read has come.
            if stage == Stage::Nothing && error.is_parse() {
                return End::Broken(Stage::Head, text());
            }
        }
        match inner.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted) => {
                return End::Reset(stage);
            }
            Some(io::ErrorKind::UnexpectedEof) => return End::Closed(stage),
            _ => cause = inner.source(),
        }
    }
    End::Broken(stage, text())
}

/// An error with its causes, each once, without the URL: that may hold a key.
fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.dedup();
    if texts.is_empty() { "the library does not say why".to_owned() } else { texts.join(": ") }
}
