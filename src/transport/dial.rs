//! Opening connections: addresses, TCP, the tunnel of a proxy, TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::base_url::BaseUrl;
use super::connection::Stream;
use super::failure::{Failure, alert};
use super::proxy::Proxy;
use super::tls::ClientCertificate;
use super::tunnel::Tunnel;

/// How long an attempt to connect goes on before the next address is tried too (RFC 8305 §5 recommends 250 ms).
const HEAD_START: Duration = Duration::from_millis(250);

/// How long a server without TLS is given to respond to a trial handshake.
const HELLO: Duration = Duration::from_secs(1);

/// Opens connections to one target.
pub(super) struct Dialer {
    addresses: Arc<Addresses>,
    tunnel: Option<Tunnel>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    certificate: Arc<ClientCertificate>,
    /// Host and port of the target, for messages.
    asked: String,
    limit: Duration,
}

/// The addresses to connect to, looked up once: those of the proxy if there is one, else those of the target. A proxy looks the
/// target up itself.
pub(super) struct Addresses {
    proxy: Option<Proxy>,
    host: String,
    port: u16,
    limit: Duration,
    found: OnceCell<Vec<SocketAddr>>,
    /// The index of the address that was connected last. It is tried first.
    good: AtomicUsize,
}

impl Addresses {
    pub(super) fn new(base: &BaseUrl, proxy: Option<&Proxy>, limit: Duration) -> Self {
        let (host, port, address) = match proxy {
            Some(proxy) => (proxy.host(), proxy.port(), proxy.address()),
            None => (base.host(), base.port(), base.address()),
        };
        let found = address.map(|address| vec![SocketAddr::new(address, port)]);
        Self { proxy: proxy.cloned(), host, port, limit, found: OnceCell::new_with(found), good: AtomicUsize::new(0) }
    }

    /// Host and port, for messages.
    pub(super) fn asked(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The addresses. A failed look-up is repeated at the next call.
    pub(super) async fn get(&self) -> Result<&[SocketAddr], Failure> {
        let addresses = self.found.get_or_try_init(|| self.look_up()).await.map_err(|failure| self.named(failure))?;
        Ok(addresses)
    }

    /// A failure to connect, as a failure of the proxy if there is one.
    pub(super) fn named(&self, failure: Failure) -> Failure {
        match &self.proxy {
            Some(proxy) => proxy.unreached(failure),
            None => failure,
        }
    }

    async fn look_up(&self) -> Result<Vec<SocketAddr>, Failure> {
        let failure = |why: String| Failure::Unresolved { host: self.host.clone(), why };
        let looking = tokio::net::lookup_host((self.host.as_str(), self.port));
        let found = match timeout(self.limit, looking).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return Err(failure(error.to_string())),
            Err(_) => return Err(failure(format!("no response within {:?}", self.limit))),
        };
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() { Err(failure("the name is known, but not where".to_owned())) } else { Ok(addresses) }
    }

    /// The addresses with their indexes. The address that was connected last comes first.
    fn ordered(&self, addresses: &[SocketAddr]) -> Vec<(usize, SocketAddr)> {
        let good = self.good.load(Ordering::Relaxed);
        let mut ordered: Vec<_> = addresses.iter().copied().enumerate().collect();
        ordered.sort_by_key(|(index, _)| *index != good);
        ordered
    }
}

impl Dialer {
    pub(super) fn new(
        base: &BaseUrl,
        addresses: Arc<Addresses>,
        tunnel: Option<Tunnel>,
        tls: Option<(TlsConnector, ServerName<'static>)>,
        certificate: Arc<ClientCertificate>,
    ) -> Self {
        Self { limit: addresses.limit, asked: base.authority_with_port(), addresses, tunnel, tls, certificate }
    }

    /// A new connection, ready to carry a request.
    pub(super) async fn dial(&self) -> Result<Stream, Failure> {
        let addresses = self.addresses.get().await?;
        let deadline = Instant::now() + self.limit;
        let connected = || self.addresses.asked();
        let named = |failure| Err(self.addresses.named(failure));
        let mut tcp = match timeout_at(deadline, self.connect(addresses)).await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return named(Failure::connecting(&connected(), &error)),
            Err(_) => return named(Failure::ConnectTimedOut { asked: connected(), after: self.limit }),
        };
        // Otherwise a request of two segments waits for a delayed acknowledgement.
        tcp.set_nodelay(true).map_err(|error| self.addresses.named(Failure::connecting(&connected(), &error)))?;
        if let Some(tunnel) = &self.tunnel {
            tunnel.open(&mut tcp, deadline).await?;
        }
        let Some((connector, name)) = &self.tls else { return Ok(Stream::Plain(tcp)) };
        let asked = &self.asked;
        match timeout_at(deadline, connector.connect(name.clone(), tcp)).await {
            Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
            Ok(Err(error)) => Err(self.handshake(&error)),
            Err(_) => Err(Failure::Tls {
                asked: asked.clone(),
                why: format!("the handshake was not done within {:?}", self.limit),
                help: None,
            }),
        }
    }

    /// The addresses of the target.
    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        Ok(self.addresses.get().await?.to_vec())
    }

    /// Whether the server responds to a handshake, be it with a certificate that is not trusted.
    pub(super) async fn speaks_tls(&self, connector: &TlsConnector, name: ServerName<'static>) -> bool {
        if self.tunnel.is_some() {
            return false;
        }
        let Ok(addresses) = self.addresses.get().await else { return false };
        let deadline = Instant::now() + self.limit.min(HELLO);
        let Ok(Ok(tcp)) = timeout_at(deadline, self.connect(addresses)).await else { return false };
        match timeout_at(deadline, connector.connect(name, tcp)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => Failure::is_from_tls(&error),
            Err(_) => false,
        }
    }

    fn handshake(&self, error: &io::Error) -> Failure {
        let said = alert(error).and_then(|alert| self.certificate.failure(&self.asked, Some(alert)));
        said.unwrap_or_else(|| Failure::handshake(&self.asked, error))
    }

    /// Tries all addresses. The next attempt begins when one fails, or in parallel after a head start.
    async fn connect(&self, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
        if let [only] = addresses {
            return TcpStream::connect(only).await;
        }
        let mut waiting = self.addresses.ordered(addresses).into_iter();
        let mut trying = JoinSet::new();
        let mut failed = None;
        loop {
            let more = match waiting.next() {
                Some((index, address)) => {
                    trying.spawn(async move { (index, TcpStream::connect(address).await) });
                    true
                }
                None => false,
            };
            let next =
                if more { timeout(HEAD_START, trying.join_next()).await.ok() } else { Some(trying.join_next().await) };
            match next {
                Some(Some(Ok((index, Ok(stream))))) => {
                    self.addresses.good.store(index, Ordering::Relaxed);
                    return Ok(stream);
                }
                // The first error is reported, because the system lists the preferred address first.
                Some(Some(Ok((_, Err(error))))) => failed = failed.or(Some(error)),
                Some(Some(Err(error))) => failed = failed.or_else(|| Some(io::Error::other(error))),
                Some(None) => return Err(failed.unwrap_or_else(|| io::Error::other("it has no address"))),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_answered_last_is_tried_first_and_the_others_in_their_order() {
        let base = BaseUrl::parse("http://api.test:80").expect("a base URL");
        let addresses = Addresses::new(&base, None, Duration::from_secs(1));
        let found: Vec<SocketAddr> = (1..4).map(|last| SocketAddr::from(([127, 0, 0, last], 80))).collect();
        for (good, expected) in [(0, [0, 1, 2]), (1, [1, 0, 2]), (2, [2, 0, 1]), (9, [0, 1, 2])] {
            addresses.good.store(good, Ordering::Relaxed);
            let ordered = addresses.ordered(&found);
            assert_eq!(ordered, expected.map(|index| (index, found[index])), "{good}");
        }
    }

    #[tokio::test]
    async fn a_proxy_is_asked_where_it_is_and_the_target_is_not_looked_up() {
        let base = BaseUrl::parse("https://api.test").expect("a base URL");
        for (proxy, asked, address) in [
            ("http://127.0.0.9:3128", "127.0.0.9:3128", "127.0.0.9:3128"),
            ("http://[::1]:3128", "[::1]:3128", "[::1]:3128"),
            ("http://localhost:3128", "localhost:3128", ":3128"),
        ] {
            let proxy = Proxy::parse(proxy, "HTTPS_PROXY").expect("a proxy");
            let addresses = Addresses::new(&base, Some(&proxy), Duration::from_secs(60));
            assert_eq!(addresses.asked(), asked);
            assert_eq!(addresses.found.get().is_some(), !asked.starts_with('l'), "an address needs no look-up");
            let found = addresses.get().await.expect("addresses");
            assert!(!found.is_empty() && found.iter().all(|found| found.to_string().ends_with(address)), "{found:?}");
        }
    }
}
