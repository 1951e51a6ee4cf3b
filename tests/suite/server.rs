//! A web server on this machine that answers as a test tells it to, badly if need be.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// How often this path was asked for before.
    pub before: usize,
}

impl Asked {
    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What a test's server does with a request.
type Answer = dyn Fn(&Asked, &mut dyn Write) + Send + Sync;

/// A server, until it is dropped.
pub struct Server {
    port: u16,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    /// The certificate it shows, in PEM form.
    pub certificate: Option<String>,
}

impl Server {
    /// A server of plain http.
    pub fn start(answer: impl Fn(&Asked, &mut dyn Write) + Send + Sync + 'static) -> Server {
        Server::listen("http", None, Arc::new(answer), |stream| Some(Box::new(stream)))
    }

    /// A server of https, whose certificate nobody but itself has signed.
    pub fn start_https(answer: impl Fn(&Asked, &mut dyn Write) + Send + Sync + 'static) -> Server {
        let names = vec!["localhost".to_string(), "127.0.0.1".to_string()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a server's certificate");
        let config = Arc::new(config);
        Server::listen("https", Some(made.cert.pem()), Arc::new(answer), move |stream| {
            let connection = rustls::ServerConnection::new(config.clone()).ok()?;
            Some(Box::new(rustls::StreamOwned::new(connection, stream)))
        })
    }

    fn listen(
        scheme: &'static str,
        certificate: Option<String>,
        answer: Arc<Answer>,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn ReadWrite>> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port to listen on");
        let port = listener.local_addr().expect("an address").port();
        let (asked, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let server = Server { port, scheme, asked: asked.clone(), stop: stop.clone(), certificate };
        let wrap = Arc::new(wrap);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (asked, answer, wrap) = (asked.clone(), answer.clone(), wrap.clone());
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                    if let Some(mut stream) = wrap(stream)
                        && let Some(request) = read_request(&mut *stream, &asked)
                    {
                        answer(&request, &mut *stream);
                        let _ = stream.flush();
                    }
                });
            }
        });
        server
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }

    /// The same, under the machine's other name.
    pub fn other_url(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.port)
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the requests").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

fn read_request(stream: &mut dyn ReadWrite, asked: &Mutex<Vec<Asked>>) -> Option<Asked> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_string);
    let (method, path) = (first.next()?, first.next()?);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_string())).collect();
    let mut asked = asked.lock().expect("the requests");
    let before = asked.iter().filter(|other| other.path == path).count();
    asked.push(Asked { method, path, headers, before });
    asked.last().cloned()
}

/// Sends an answer's status and headers. Each connection is for one answer.
pub fn head(out: &mut dyn Write, status: u16, headers: &[(&str, &str)]) {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let _ = write!(out, "HTTP/1.1 {status} Test\r\n{lines}connection: close\r\n\r\n");
    let _ = out.flush();
}

/// Sends a whole answer with its length.
pub fn reply(out: &mut dyn Write, status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) {
    let length = body.as_ref().len().to_string();
    head(out, status, &[headers, &[("content-length", &*length)]].concat());
    let _ = out.write_all(body.as_ref());
    let _ = out.flush();
}
