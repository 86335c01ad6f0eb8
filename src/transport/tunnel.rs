//! A tunnel through a proxy (CONNECT, RFC 9110 §9.3.6). After the response of the proxy, all bytes come from the target.

use std::io::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::base_url::BaseUrl;
use super::failure::Failure;
use super::proxy::Proxy;
use crate::exchange::{Limits, Next, Reader};

/// The request for a tunnel to a target.
pub(super) struct Tunnel {
    proxy: Proxy,
    /// Host and port of the target. The proxy looks the name up.
    asked: String,
    request: Vec<u8>,
}

impl Tunnel {
    pub(super) fn new(proxy: &Proxy, base: &BaseUrl, user_agent: &str) -> Self {
        let asked = base.authority_with_port();
        let mut request = Vec::new();
        // Writing into memory cannot fail.
        let _ = write!(request, "CONNECT {asked} HTTP/1.1\r\nHost: {asked}\r\nUser-Agent: {user_agent}\r\n");
        if let Some(authorization) = proxy.authorization() {
            let _ = write!(request, "Proxy-Authorization: {authorization}\r\n");
        }
        request.extend_from_slice(b"\r\n");
        Self { proxy: proxy.clone(), asked, request }
    }

    /// Opens the tunnel on a connection to the proxy.
    pub(super) async fn open(&self, proxy: &mut TcpStream, deadline: Instant) -> Result<(), Failure> {
        let asked = &self.asked;
        match tokio::time::timeout_at(deadline, self.ask(proxy)).await {
            Ok(result) => result,
            Err(_) => Err(self.proxy.failure(
                format!("did not answer the request for a tunnel to {asked} in time"),
                Some(format!("check that it can reach {asked}; {}", self.proxy.or_without())),
            )),
        }
    }

    async fn ask(&self, proxy: &mut TcpStream) -> Result<(), Failure> {
        let asked = &self.asked;
        let ended = |how: String| {
            self.proxy.failure(format!("did not open a usable tunnel to {asked}: {how}"), Some(self.proxy.or_without()))
        };
        proxy.write_all(&self.request).await.map_err(|error| ended(format!("the connection broke: {error}")))?;
        let mut reader = Reader::new("CONNECT", Limits::default());
        let mut input = [0; 4096];
        loop {
            let count =
                proxy.read(&mut input).await.map_err(|error| ended(format!("the connection broke: {error}")))?;
            if count == 0 {
                return Err(ended("it ended the connection without a response".to_owned()));
            }
            let next = reader.feed(&input[..count]);
            let answer = reader.answer();
            match answer.status() {
                Some(200..=299) if answer.body.is_empty() && answer.surplus.is_none() => return Ok(()),
                // A target sends nothing before the first request, so these bytes come from the proxy.
                Some(200..=299) => return Err(ended("it opened one and sent something of its own".to_owned())),
                None if next != Next::Done => {}
                _ => return Err(self.proxy.refused(answer, &format!("a tunnel to {asked}"))),
            }
        }
    }
}
