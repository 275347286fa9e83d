//! Stands before MiniStack and counts what one side asks for. Every side has one, so that all pay alike for the detour.

use std::io::{ErrorKind, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use super::meter::{Counted, Meter};
use super::tables::Table;
use super::wire::Messages;
use crate::error::{Failure, Result};

/// A running proxy. It ends with this process.
pub struct Proxy {
    /// What clients are given as the endpoint.
    pub endpoint: String,
    meter: Arc<Mutex<Meter>>,
}

impl Proxy {
    /// Starts one before an endpoint, `http://127.0.0.1:<port>`.
    ///
    /// # Errors
    /// When the loopback address cannot be listened on, or the endpoint is not of this machine.
    pub fn start(endpoint: &str, tables: &[Table]) -> Result<Self> {
        let behind: SocketAddr = endpoint
            .trim_start_matches("http://")
            .parse()
            .map_err(|error| Failure::new(format!("{endpoint}: {error}")))?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let own = listener.local_addr()?;
        let meter = Arc::new(Mutex::new(Meter::new(tables)));
        let counts = Arc::clone(&meter);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let counts = Arc::clone(&counts);
                // A connection that breaks is its client's to mend: he asks again, and is counted again.
                std::thread::spawn(move || pass(client, behind, &counts).ok());
            }
        });
        Ok(Self {
            endpoint: format!("http://{own}"),
            meter,
        })
    }

    /// What was counted since it was taken last.
    pub fn take(&self) -> Counted {
        self.meter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// Passes requests on, one after the other, until the client closes.
fn pass(client: TcpStream, behind: SocketAddr, meter: &Mutex<Meter>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut requests = Messages::of(client.try_clone()?);
    let mut client = client;
    let mut server = Server::connect(behind)?;
    while let Some(request) = requests.next()? {
        if server.has_closed() {
            // It ends connections that were quiet for some seconds.
            server = Server::connect(behind)?;
        }
        server.connection.write_all(&request.raw)?;
        let answer = server.answers.next()?.ok_or(ErrorKind::UnexpectedEof)?;
        meter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .note(&request, &answer);
        client.write_all(&answer.raw)?;
    }
    Ok(())
}

struct Server {
    connection: TcpStream,
    answers: Messages,
}

impl Server {
    fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let connection = TcpStream::connect(address)?;
        connection.set_nodelay(true)?;
        Ok(Self {
            answers: Messages::of(connection.try_clone()?),
            connection,
        })
    }

    fn has_closed(&self) -> bool {
        let asked = self.connection.set_nonblocking(true);
        let peeked = self.connection.peek(&mut [0]);
        let back = self.connection.set_nonblocking(false);
        let waits = matches!(&peeked, Err(error) if error.kind() == ErrorKind::WouldBlock);
        asked.is_err() || back.is_err() || !waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_pass_unchanged_and_are_counted() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        std::thread::spawn(move || {
            // Each connection answers once and is closed, as a server does with quiet ones.
            for connection in server.incoming().flatten() {
                let mut messages = Messages::of(connection.try_clone().unwrap());
                let request = messages.next().unwrap().unwrap();
                let mut connection = connection;
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                    request.body.len()
                );
                connection.write_all(head.as_bytes()).unwrap();
                connection.write_all(&request.body).unwrap();
            }
        });
        let proxy = Proxy::start(&format!("http://{address}"), &[]).unwrap();
        let mut client = TcpStream::connect(proxy.endpoint.trim_start_matches("http://")).unwrap();
        let mut answers = Messages::of(client.try_clone().unwrap());
        for _ in 0..2 {
            client
                .write_all(b"POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.GetItem\r\ncontent-length: 2\r\n\r\n{}")
                .unwrap();
            assert_eq!(answers.next().unwrap().unwrap().body, b"{}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert_eq!(proxy.take().requests, 2);
        assert!(Proxy::start("http://example.com", &[]).is_err());
    }
}
