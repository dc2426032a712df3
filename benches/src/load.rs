//! A client that asks as fast as it is answered, over keep-alive connections.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::Failure;
use crate::measured::{Step, Work};

/// Requests to be sent one after the other, written out once. Clones go on where the others are.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    texts: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
}

impl Requests {
    pub(crate) fn get(path: &str, token: &str) -> Self {
        Self::get_each([path.to_owned()], token)
    }

    /// Each path once; from the beginning again when all were asked for.
    pub(crate) fn get_each(paths: impl IntoIterator<Item = String>, token: &str) -> Self {
        let text = |path: String| {
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
                .into_bytes()
        };
        Self::new(paths.into_iter().map(text).collect())
    }

    pub(crate) fn post(path: &str, token: &str, form: &str) -> Self {
        Self::post_each([path.to_owned()], token, form)
    }

    /// To each path once; from the beginning again when all were asked for.
    pub(crate) fn post_each(paths: impl IntoIterator<Item = String>, token: &str, form: &str) -> Self {
        let text = |path: String| {
            format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
                form.len()
            )
            .into_bytes()
        };
        Self::new(paths.into_iter().map(text).collect())
    }

    fn new(texts: Vec<Vec<u8>>) -> Self {
        Self { texts: Arc::new(texts), next: Arc::default() }
    }

    /// How many of them differ.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// How often one was taken.
    pub(crate) fn taken(&self) -> usize {
        self.next.load(Ordering::Relaxed)
    }

    pub(crate) fn take(&self) -> &[u8] {
        &self.texts[self.next.fetch_add(1, Ordering::Relaxed) % self.texts.len()]
    }

    /// Asking for them, each thread over a connection of its own.
    pub(crate) fn work(&self, address: SocketAddr) -> Work {
        let requests = self.clone();
        Arc::new(move || {
            let (mut connection, requests) = (Connection::open(address)?, requests.clone());
            let step: Step = Box::new(move |_| Ok(connection.ask(requests.take())?));
            Ok(step)
        })
    }

    /// The body of the answer to the next one.
    pub(crate) fn ask_once(&self, address: SocketAddr) -> Result<Vec<u8>, Failure> {
        let mut connection = Connection::open(address)?;
        connection.ask(self.take())?;
        Ok(connection.body)
    }
}

/// A connection that is kept alive.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            line: String::new(),
            body: Vec::new(),
        })
    }

    /// Sends one request and reads the whole answer, which has to be a 200 with a `Content-Length`.
    pub(crate) fn ask(&mut self, request: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(request)?;
        let mut length = 0;
        for number in 0.. {
            self.line.clear();
            self.stream.read_line(&mut self.line)?;
            let line = self.line.trim_end();
            if number == 0 && !line.starts_with("HTTP/1.1 200") {
                return Err(std::io::Error::other(format!("answered {line:?}")));
            }
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)
    }
}
