//! Lambda's Runtime API for one process: it hands out an event when it is told to, and takes the answer.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::wire::{Message, Messages};
use crate::error::{Failure, Result};

/// How long the template lets the writer run.
const TIMEOUT: Duration = Duration::from_secs(180);

/// What the process did.
pub enum Call {
    /// It waits for an event.
    Next {
        /// Since when.
        at: Instant,
        /// Takes the event, as bytes to be sent.
        event: Sender<Vec<u8>>,
    },
    /// It answered.
    Answer {
        /// When.
        at: Instant,
        /// What.
        body: Vec<u8>,
    },
    /// It reported a failure: of its start or of an event.
    Failed(String),
}

/// The server. It ends with this process.
pub struct RuntimeApi {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it was called for.
    pub calls: Receiver<Call>,
}

impl RuntimeApi {
    /// Starts it.
    ///
    /// # Errors
    /// When the loopback address cannot be listened on.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (tell, calls) = channel();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let tell = tell.clone();
                // A connection that breaks is told by the process's own end.
                std::thread::spawn(move || serve(connection, &tell).ok());
            }
        });
        Ok(Self { address, calls })
    }
}

fn serve(connection: TcpStream, tell: &Sender<Call>) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut requests = Messages::of(connection.try_clone()?);
    let mut connection = connection;
    while let Some(request) = requests.next()? {
        let at = Instant::now();
        if request.line().starts_with("GET ") && request.line().contains("/invocation/next ") {
            let (event, events) = channel();
            if tell.send(Call::Next { at, event }).is_err() {
                return Ok(());
            }
            let Ok(event) = events.recv() else {
                return Ok(());
            };
            connection.write_all(&event)?;
        } else {
            let told = tell.send(called(&request, at));
            connection.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")?;
            if told.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn called(request: &Message, at: Instant) -> Call {
    let path = request.line().split(' ').nth(1).unwrap_or_default();
    if path.ends_with("/response") {
        Call::Answer {
            at,
            body: request.body.clone(),
        }
    } else {
        Call::Failed(format!(
            "{path}: {}",
            String::from_utf8_lossy(&request.body)
        ))
    }
}

/// An event as the process is given it.
pub fn event(id: &str, body: &str) -> Result<Vec<u8>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(|_before| Failure::new("this machine's clock is before 1970"))?;
    let deadline = (now + TIMEOUT).as_millis();
    Ok(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n\
         lambda-runtime-trace-id: Root=1-00000000-000000000000000000000000;Sampled=0\r\n\r\n{body}",
        body.len()
    )
    .into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_goes_out_when_it_is_handed_over_and_the_answer_comes_back() {
        let api = RuntimeApi::start().unwrap();
        let mut process = TcpStream::connect(api.address).unwrap();
        let mut answers = Messages::of(process.try_clone().unwrap());
        process
            .write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n")
            .unwrap();
        let Call::Next { event: hand, .. } = api.calls.recv().unwrap() else {
            panic!("no poll");
        };
        hand.send(event("e1", "{}").unwrap()).unwrap();
        let message = answers.next().unwrap().unwrap();
        assert_eq!(message.header("Lambda-Runtime-Aws-Request-Id"), Some("e1"));
        assert_eq!(message.body, b"{}");
        process
            .write_all(b"POST /2018-06-01/runtime/invocation/e1/response HTTP/1.1\r\ncontent-length: 4\r\n\r\nnull")
            .unwrap();
        let Call::Answer { body, .. } = api.calls.recv().unwrap() else {
            panic!("no answer");
        };
        assert_eq!(body, b"null");
        assert_eq!(answers.next().unwrap().unwrap().status(), 202);
        process
            .write_all(
                b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\ncontent-length: 3\r\n\r\noff",
            )
            .unwrap();
        assert!(matches!(api.calls.recv().unwrap(), Call::Failed(why) if why.ends_with("off")));
    }
}
