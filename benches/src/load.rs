//! A client that asks as fast as it is answered, over keep-alive connections.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Requests to be sent over and over, written out once.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    texts: Arc<Vec<Vec<u8>>>,
}

impl Request {
    pub(crate) fn get(path: &str, token: &str) -> Self {
        Self::get_each([path.to_owned()], token)
    }

    /// One of several paths at a time, in turn.
    pub(crate) fn get_each(paths: impl IntoIterator<Item = String>, token: &str) -> Self {
        let text = |path: String| {
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
                .into_bytes()
        };
        Self { texts: Arc::new(paths.into_iter().map(text).collect()) }
    }

    pub(crate) fn post(path: &str, token: &str, form: &str) -> Self {
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        Self { texts: Arc::new(vec![text.into_bytes()]) }
    }
}

/// How fast answers came.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    /// Processor time of this whole process, clients included, for each answer.
    pub(crate) processor: Duration,
}

impl Measured {
    pub(crate) fn new(mut latencies: Vec<Duration>, elapsed: Duration, processor: Duration) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| {
            latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or_default()
        };
        let count = latencies.len().max(1);
        Self {
            per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
            median: at(0.5),
            p99: at(0.99),
            processor: processor / u32::try_from(count).unwrap_or(u32::MAX),
        }
    }
}

/// The body of the answer to the first of the requests.
pub(crate) fn answer_to(address: SocketAddr, request: &Request) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut connection = Connection::open(address)?;
    connection.ask(&request.texts[0])?;
    Ok(connection.body)
}

/// Asks over `connections` connections for `duration`, after a short warm-up.
pub(crate) fn measure(
    address: SocketAddr,
    request: &Request,
    connections: usize,
    duration: Duration,
) -> Result<Measured, Box<dyn Error>> {
    run(address, request, connections, duration / 5)?;
    run(address, request, connections, duration)
}

fn run(
    address: SocketAddr,
    request: &Request,
    connections: usize,
    duration: Duration,
) -> Result<Measured, Box<dyn Error>> {
    let (begin, processor) = (Instant::now(), processor_time()?);
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            let request = request.clone();
            thread::spawn(move || -> std::io::Result<Vec<Duration>> {
                let mut connection = Connection::open(address)?;
                let mut latencies = Vec::new();
                // Each client begins elsewhere, so that they do not ask for the same thing at the same time.
                let mut next = number * request.texts.len() / connections.max(1);
                while begin.elapsed() < duration {
                    let asked = Instant::now();
                    connection.ask(&request.texts[next % request.texts.len()])?;
                    latencies.push(asked.elapsed());
                    next += 1;
                }
                Ok(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.join().map_err(|_| "a client panicked")??);
    }
    Ok(Measured::new(latencies, begin.elapsed(), processor_time()?.saturating_sub(processor)))
}

struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> std::io::Result<Self> {
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
    fn ask(&mut self, request: &[u8]) -> std::io::Result<()> {
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

/// Processor time this process has used so far, in steps of a hundredth of a second.
pub(crate) fn processor_time() -> std::io::Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may have spaces in it.
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
