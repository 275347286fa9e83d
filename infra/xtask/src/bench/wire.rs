//! As much of HTTP/1.1 as a proxy and a Runtime API on the loopback address need: whole messages, with what they hold.

use std::io::{Error, ErrorKind, Read, Result};
use std::net::TcpStream;

/// The largest message that is read.
const LARGEST: usize = 64 * 1024 * 1024;

/// A request or an answer.
#[derive(Debug, Default)]
pub struct Message {
    /// First line and headers, with the blank line behind them.
    pub head: String,
    /// What it holds, without the framing of chunks.
    pub body: Vec<u8>,
    /// All of it as it came.
    pub raw: Vec<u8>,
}

impl Message {
    /// The first line.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// A header's value, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        let status = self.line().split(' ').nth(1);
        status.and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// Reads messages from one end of a connection.
pub struct Messages {
    from: TcpStream,
    buffer: Vec<u8>,
}

impl Messages {
    /// Of a connection.
    pub fn of(from: TcpStream) -> Self {
        Self {
            from,
            buffer: Vec::new(),
        }
    }

    /// The next one; `None` when the other side has closed between two.
    ///
    /// # Errors
    /// When the connection breaks within a message, or it is none, or it is too large.
    pub fn next(&mut self) -> Result<Option<Message>> {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            if !self.more()? {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(ErrorKind::UnexpectedEof.into())
                };
            }
        };
        let mut message = Message {
            head: String::from_utf8_lossy(&self.buffer[..end]).into_owned(),
            ..Message::default()
        };
        let chunked = message
            .header("transfer-encoding")
            .is_some_and(|how| how.to_ascii_lowercase().contains("chunked"));
        let length = message.header("content-length").map(str::parse::<usize>);
        let whole = if chunked {
            self.chunks(end, &mut message.body)?
        } else {
            let length = length
                .unwrap_or(Ok(0))
                .map_err(|_no_number| Error::from(ErrorKind::InvalidData))?;
            self.fill(end.saturating_add(length))?;
            message.body = self.buffer[end..end + length].to_vec();
            end + length
        };
        let rest = self.buffer.split_off(whole);
        message.raw = std::mem::replace(&mut self.buffer, rest);
        Ok(Some(message))
    }

    /// Takes chunks from `at` on, and returns where they end.
    fn chunks(&mut self, mut at: usize, body: &mut Vec<u8>) -> Result<usize> {
        loop {
            let line = loop {
                match find(&self.buffer[at..], b"\r\n") {
                    Some(end) => break at + end,
                    None => self.fill(self.buffer.len() + 1)?,
                }
            };
            let size = String::from_utf8_lossy(&self.buffer[at..line]).into_owned();
            let size = size.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_no_number| Error::from(ErrorKind::InvalidData))?;
            let begin = line + 2;
            let end = begin.saturating_add(size);
            // Trailers are never sent here: the last chunk is followed by a blank line.
            self.fill(end.saturating_add(2))?;
            body.extend_from_slice(&self.buffer[begin..end]);
            at = end + 2;
            if size == 0 {
                return Ok(at);
            }
        }
    }

    fn fill(&mut self, length: usize) -> Result<()> {
        if length > LARGEST {
            return Err(ErrorKind::InvalidData.into());
        }
        while self.buffer.len() < length {
            if !self.more()? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// `false`: the other side has closed.
    fn more(&mut self) -> Result<bool> {
        let mut part = [0; 64 * 1024];
        let read = self.from.read(&mut part)?;
        self.buffer.extend_from_slice(&part[..read]);
        Ok(read > 0)
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::TcpListener;

    fn read(bytes: &[u8]) -> Messages {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        sender.write_all(bytes).unwrap();
        Messages::of(listener.accept().unwrap().0)
    }

    #[test]
    fn messages_are_told_apart_by_their_lengths() {
        let mut messages =
            read(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /x HTTP/1.1\r\n\r\n");
        let first = messages.next().unwrap().unwrap();
        assert_eq!(first.body, b"ab");
        assert_eq!(first.header("content-length"), Some("2"));
        assert!(first.raw.ends_with(b"\r\n\r\nab"));
        let second = messages.next().unwrap().unwrap();
        assert_eq!(second.line(), "GET /x HTTP/1.1");
        assert!(messages.next().unwrap().is_none());
    }

    #[test]
    fn chunks_are_put_together_and_kept_as_they_came() {
        let sent =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        let message = read(sent).next().unwrap().unwrap();
        assert_eq!(
            (message.status(), message.body.as_slice()),
            (200, &b"abcd"[..])
        );
        assert_eq!(message.raw, sent);
    }

    #[test]
    fn a_message_that_breaks_off_is_an_error() {
        assert!(
            read(b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nab")
                .next()
                .is_err()
        );
        assert!(read(b"POST / HT").next().is_err());
    }
}
