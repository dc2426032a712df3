//! Clients that are slow, many, or want too much; in-process, with little patience.

#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use koinon_server::Config;
use koinon_server::config::{Layer, Patience};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Instance {
    runtime: Runtime,
    address: SocketAddr,
    end: oneshot::Sender<()>,
    served: JoinHandle<Result<(), koinon_server::ServerError>>,
    _data: TempDir,
}

impl Instance {
    fn start(connections: u32, patience: Patience) -> Self {
        let runtime = Runtime::new().unwrap();
        let data = tempfile::tempdir().unwrap();
        let layer = Layer { connections: Some(connections), ..Layer::default() };
        let mut config = Config::new(data.path().to_owned(), layer);
        config.patience = patience;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = ended.await;
        };
        let served = runtime.spawn(async move { koinon_server::serve(config, listener, shutdown).await });
        Self { runtime, address, end, served, _data: data }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        // Reached only when something hangs.
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    fn stop(self) {
        self.end.send(()).unwrap();
        self.runtime.block_on(self.served).unwrap().unwrap();
    }
}

fn impatient() -> Patience {
    Patience { request: Duration::from_millis(200), body_bytes_per_second: 1 << 20, ..Patience::default() }
}

/// Everything up to the end of the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // Bytes that the server never read make it reset the connection instead of closing it.
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8(bytes).unwrap(),
    }
}

/// A response to a request on a connection that goes on.
fn response(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with("\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        text.push(char::from(byte[0]));
    }
    let length = text.to_lowercase();
    let length = length.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

const POST: &str = "POST /api/v1/statuses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
const GET: &[u8] = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[test]
fn a_body_that_does_not_arrive_is_answered_with_408() {
    let instance = Instance::start(10, impatient());
    let mut stream = instance.connect();
    write!(stream, "{POST}content-length: 100\r\n\r\n{{\"status\":").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("connection: close")
            && answer.ends_with("{\"error\":\"The request did not arrive in time\"}"),
        "{answer}"
    );
    instance.stop();
}

#[test]
fn a_head_that_does_not_arrive_ends_the_connection() {
    let instance = Instance::start(10, impatient());
    let mut stream = instance.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    instance.stop();
}

#[test]
fn a_client_that_does_not_read_its_answers_is_cut_off() {
    let instance = Instance::start(10, impatient());
    let mut stream = instance.connect();
    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    let cut_off = loop {
        if let Err(error) = stream.write_all(GET) {
            break error;
        }
    };
    assert!(matches!(cut_off.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{cut_off}");
    instance.stop();
}

#[test]
fn a_long_upload_that_keeps_its_pace_is_not_cut_off() {
    let patience =
        Patience { request: Duration::from_millis(200), body_bytes_per_second: 1, ..Patience::default() };
    let instance = Instance::start(10, patience);
    let mut stream = instance.connect();
    write!(stream, "{POST}content-length: 15\r\nconnection: close\r\n\r\n{{\"status\":").unwrap();
    // Twice the time of a request; the ten bytes above have bought ten seconds.
    thread::sleep(Duration::from_millis(400));
    stream.write_all(b"\"hi\"}").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    instance.stop();
}

#[test]
fn a_connection_serves_many_requests() {
    let instance = Instance::start(10, Patience::default());
    let mut stream = instance.connect();
    for _ in 0..3 {
        stream.write_all(GET).unwrap();
        let answer = response(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"status\":\"ok\""), "{answer}");
    }
    instance.stop();
}

#[test]
fn more_connections_than_allowed_wait_for_their_turn() {
    let instance = Instance::start(1, Patience::default());
    let mut first = instance.connect();
    first.write_all(GET).unwrap();
    response(&mut first);
    let mut second = instance.connect();
    second.write_all(GET).unwrap();
    second.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let waiting = second.read(&mut [0]).unwrap_err();
    assert!(matches!(waiting.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waiting}");
    drop(first);
    second.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    assert!(response(&mut second).starts_with("HTTP/1.1 200 "));
    instance.stop();
}

#[test]
fn heads_that_are_too_large_are_refused_with_their_status() {
    let instance = Instance::start(10, Patience::default());
    let long = "a".repeat(9 << 10);
    let lines = "x: y\r\n".repeat(110);
    for (request, status) in [
        (format!("GET /{long} HTTP/1.1\r\nhost: localhost\r\n\r\n"), "414"),
        (format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {long}{long}\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\nhost: localhost\r\n{lines}\r\n"), "431"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ] {
        let mut stream = instance.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(String::from_utf8_lossy(&start), format!("HTTP/1.1 {status}"));
    }
    instance.stop();
}

#[test]
fn requests_that_do_not_finish_are_cut_off_at_the_end() {
    let patience = Patience { shutdown: Duration::from_millis(200), ..Patience::default() };
    let instance = Instance::start(10, patience);
    let mut stream = instance.connect();
    write!(stream, "{POST}content-length: 100\r\nexpect: 100-continue\r\n\r\n").unwrap();
    let mut continued = [0; 25];
    stream.read_exact(&mut continued).unwrap();
    instance.stop();
    assert_eq!(rest(&mut stream), "");
}
