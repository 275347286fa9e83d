//! A Runtime API on the loopback address that tells when it is polled for the first time, and never answers; and an AWS
//! that nobody should ask.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::error::Result;

/// The longest request that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// One request to the Runtime API.
pub struct Asked {
    /// When its head was there.
    pub at: Instant,
    /// Its first line.
    pub line: String,
    /// What followed the head, as far as it came with it.
    pub body: String,
    /// Kept open, so that the function waits.
    _connection: TcpStream,
}

/// The server.
pub struct RuntimeApi {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it was asked.
    pub asked: Receiver<Asked>,
    /// An address at which an AWS call would arrive.
    pub aws: TcpListener,
}

impl RuntimeApi {
    /// Starts it. It ends with this process.
    ///
    /// # Errors
    /// When the loopback address cannot be listened on.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let aws = TcpListener::bind(("127.0.0.1", 0))?;
        aws.set_nonblocking(true)?;
        let (tell, asked) = channel();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if !take(connection, &tell) {
                    return;
                }
            }
        });
        Ok(Self {
            address,
            asked,
            aws,
        })
    }
}

/// Reads one request. `false`: nobody listens any more.
fn take(mut connection: TcpStream, tell: &Sender<Asked>) -> bool {
    let _unlimited = connection.set_read_timeout(Some(PATIENCE));
    let mut text = Vec::new();
    let mut part = [0; 4096];
    let head = loop {
        if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match connection.read(&mut part) {
            Ok(read) if read > 0 && text.len() < LONGEST => {
                text.extend_from_slice(&part[..read]);
            }
            // Closed, too slow or too long: no request.
            _ => return true,
        }
    };
    let at = Instant::now();
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_at((head + 4).min(text.len()));
    let line = head.lines().next().unwrap_or_default().to_owned();
    if !line.starts_with("GET ") {
        // A report of a failed start: taken, so that the function can end in order.
        let _gone = connection.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
    }
    tell.send(Asked {
        at,
        line,
        body: body.to_owned(),
        _connection: connection,
    })
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_and_the_body_of_a_request_are_told() {
        let api = RuntimeApi::start().unwrap();
        let mut one = TcpStream::connect(api.address).unwrap();
        one.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        let asked = api.asked.recv_timeout(PATIENCE).unwrap();
        assert_eq!(
            asked.line,
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1"
        );
        let mut two = TcpStream::connect(api.address).unwrap();
        two.write_all(b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\n\r\n{}")
            .unwrap();
        let asked = api.asked.recv_timeout(PATIENCE).unwrap();
        assert_eq!(asked.body, "{}");
    }
}
