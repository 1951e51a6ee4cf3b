//! Requests. The only place of the program that uses the network, and the only one that names ureq.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::HeaderMap;
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use url::Url;

use super::address;
use super::clock::{Limits, asked_pause, seconds};
use crate::book::is_loopback;
use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};

/// Most redirects that are followed for one request.
const MOST_REDIRECTS: usize = 5;

/// What can go wrong with a request.
pub(super) enum Trouble {
    /// It may pass: try again, after the pause that the server asked for, if it did.
    Passing {
        /// What happened.
        words: String,
        /// The pause the server asks for.
        pause: Option<Duration>,
    },
    /// It will not pass.
    Lasting(Problems),
}

impl Trouble {
    /// Trouble that may pass.
    pub fn passing(words: impl Into<String>) -> Self {
        Trouble::Passing { words: words.into(), pause: None }
    }
}

impl From<Diagnostic> for Trouble {
    fn from(problem: Diagnostic) -> Self {
        Trouble::Lasting(problem.into())
    }
}

impl From<Problems> for Trouble {
    fn from(problems: Problems) -> Self {
        Trouble::Lasting(problems)
    }
}

/// A request for what an address holds.
pub(super) struct Request<'a> {
    /// The address.
    pub url: &'a Url,
    /// Hosts that may be redirected to.
    pub hosts: &'a [String],
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Whether only the headers of the answer are wanted.
    pub head: bool,
}

/// How an answer's end can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// So many bytes.
    Bytes(u64),
    /// It is sent in chunks, the last of which says that it is the last.
    Chunked,
    /// It ends when the connection does, as one that is cut short would too.
    Unknown,
}

/// An answer, whose body is still to be read.
pub(super) struct Answer {
    /// Status.
    pub status: u16,
    /// The address that gave it, after redirects.
    pub url: Url,
    headers: HeaderMap,
    body: Box<dyn Read>,
    limits: Limits,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(|text| text.trim().to_string())
    }

    /// How the body's end is known.
    pub fn length(&self) -> Length {
        if self.header("transfer-encoding").is_some_and(|how| how.to_lowercase().contains("chunked")) {
            return Length::Chunked;
        }
        self.header("content-length").and_then(|text| text.parse().ok()).map_or(Length::Unknown, Length::Bytes)
    }

    /// Reads the next part of the body; 0 at its end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Trouble> {
        self.body.read(buffer).map_err(|error| trouble(ureq::Error::from(error), &self.url, self.limits))
    }

    /// The trouble with an answer that is neither the file nor a redirect to it.
    pub fn refusal(&self) -> Trouble {
        let words = format!("the server says {}", status_words(self.status));
        if matches!(self.status, 408 | 425 | 429 | 500 | 502 | 503 | 504) {
            let pause = self.header("retry-after").and_then(|text| asked_pause(&text));
            return Trouble::Passing { words, pause };
        }
        let problem = Diagnostic::fault("fetch-status", format!("{}: {words}", self.url));
        problem
            .help("official files move when they are re-issued: look at the publisher's page for the new address")
            .into()
    }
}

fn status_words(status: u16) -> String {
    let reason = ureq::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

/// Makes requests.
pub(super) struct Net {
    /// For other machines: by the proxy that the environment names, where it does.
    far: Agent,
    /// For this machine, which no proxy could reach.
    near: Agent,
    /// Limits of time.
    pub limits: Limits,
}

impl Net {
    /// Ready to make requests. Certificates are checked against the authorities in a file, or the usual ones.
    pub fn open(limits: Limits, authorities: Option<&Path>) -> Outcome<Net> {
        let roots = authorities.map(read_authorities).transpose()?.unwrap_or(RootCerts::WebPki);
        let config = || {
            let wait = Some(limits.wait);
            Agent::config_builder()
                .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
                .user_agent(concat!("candour/", env!("CARGO_PKG_VERSION")))
                // A file is kept as it was sent: nothing is unpacked on the way.
                .accept_encoding("identity")
                .http_status_as_error(false)
                // Redirects are followed here, one by one, each checked.
                .max_redirects(0)
                .timeout_resolve(wait)
                .timeout_connect(wait)
                .timeout_send_request(wait)
                .timeout_recv_response(wait)
                .timeout_per_read(wait)
        };
        Ok(Net { far: config().build().into(), near: config().proxy(None).build().into(), limits })
    }

    /// Asks, and follows redirects that may be followed.
    pub fn ask(&self, request: &Request<'_>, left: Duration) -> Result<Answer, Trouble> {
        address::allow(request.url, request.hosts)?;
        let mut seen = vec![request.url.clone()];
        let mut url = request.url.clone();
        loop {
            let answer = self.ask_once(request, &url, left)?;
            let location = answer.header("location").filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
            let Some(location) = location else { return Ok(answer) };
            url = address::redirected(&url, &location, request.hosts)?;
            let first = request.url;
            if seen.contains(&url) {
                let words = format!("{first} redirects in a circle, by way of {url}");
                return Err(Diagnostic::check("fetch-redirect", words).into());
            }
            if seen.len() > MOST_REDIRECTS {
                let words = format!("{first} redirects more than {MOST_REDIRECTS} times, at last to {url}");
                return Err(Diagnostic::check("fetch-redirect", words).into());
            }
            seen.push(url.clone());
        }
    }

    fn ask_once(&self, request: &Request<'_>, url: &Url, left: Duration) -> Result<Answer, Trouble> {
        let agent = if is_loopback(url) { &self.near } else { &self.far };
        let mut call = if request.head { agent.head(url.as_str()) } else { agent.get(url.as_str()) };
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        let answer = call.config().timeout_global(Some(left)).build().call();
        let (parts, body) = answer.map_err(|error| trouble(error, url, self.limits))?.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            url: url.clone(),
            headers: parts.headers,
            body: Box::new(body.into_reader()),
            limits: self.limits,
        })
    }
}

/// Certificates of authorities from a PEM file.
fn read_authorities(path: &Path) -> Outcome<RootCerts> {
    let pem = std::fs::read(path).map_err(|error| io_problem("read", path, &error))?;
    let items: Result<Vec<_>, _> = ureq::tls::parse_pem(&pem).collect();
    let found: Vec<_> = items
        .unwrap_or_default()
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        let words = format!("{} holds no certificate in PEM form", path.display());
        return Err(Diagnostic::fault("fetch-authorities", words).into());
    }
    Ok(RootCerts::Specific(Arc::new(found)))
}

/// What an error means for the work.
fn trouble(error: ureq::Error, url: &Url, limits: Limits) -> Trouble {
    let host = url.host_str().unwrap_or_default();
    match error {
        ureq::Error::Timeout(ureq::Timeout::Global) => {
            let words = format!("{url}: not done within {}", seconds(limits.overall));
            Diagnostic::fault("fetch-failed", words).help("what has arrived is kept: fetch again to go on").into()
        }
        ureq::Error::Timeout(_) => Trouble::passing(format!("no answer within {}", seconds(limits.wait))),
        ureq::Error::Rustls(error) => certificate(host, &error.to_string()),
        ureq::Error::Tls(words) => certificate(host, words),
        ureq::Error::Io(error) => io_trouble(&error, host),
        ureq::Error::HostNotFound => Diagnostic::fault("fetch-failed", format!("{url}: there is no host `{host}`"))
            .help("check the address, and whether this machine has a network")
            .into(),
        ureq::Error::ConnectionFailed | ureq::Error::BodyStalled => Trouble::passing("the connection failed"),
        ureq::Error::Protocol(error) => Trouble::passing(format!("the server does not keep to HTTP: {error}")),
        other => Diagnostic::fault("fetch-failed", format!("{url}: {other}")).into(),
    }
}

fn io_trouble(error: &io::Error, host: &str) -> Trouble {
    let words = error.to_string();
    if words.contains("certificate") {
        return certificate(host, &words);
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Trouble::passing("the connection ended before the answer did"),
        _ => Trouble::passing(words.split(" (os error").next().unwrap_or(&words).to_lowercase()),
    }
}

fn certificate(host: &str, words: &str) -> Trouble {
    Diagnostic::check("fetch-certificate", format!("`{host}` cannot show that it is `{host}`: {words}"))
        .help("where a proxy of your organisation stands between, name its certificate with --authorities FILE")
        .into()
}
