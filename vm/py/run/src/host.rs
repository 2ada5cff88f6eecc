//! The way from the VM's thread to the host, which stays on its caller's.

use crate::floor::{Host, ReadError};
use std::sync::mpsc::{Receiver, Sender};

/// What the VM asks of the host.
#[derive(Debug)]
pub(crate) enum Request {
    Read(String, u64),
    Write(Vec<u8>),
    /// Writes to the standard error.
    Complain(Vec<u8>),
    /// Asks for a line of the standard input.
    Line,
}

/// What the host answers.
#[derive(Debug)]
pub(crate) enum Reply {
    Bytes(Result<Vec<u8>, ReadError>),
    Done(Result<(), String>),
    Line(Option<Vec<u8>>),
}

/// The VM's end.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) requests: Sender<Request>,
    pub(crate) replies: Receiver<Reply>,
}

impl Link {
    fn ask(&mut self, request: Request) -> Option<Reply> {
        self.requests.send(request).ok()?;
        self.replies.recv().ok()
    }

    pub(crate) fn read(&mut self, path: &str, most: u64) -> Option<Vec<u8>> {
        match self.ask(Request::Read(path.to_owned(), most)) {
            Some(Reply::Bytes(Ok(bytes))) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn write(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        match self.ask(Request::Write(bytes)) {
            Some(Reply::Done(done)) => done,
            _ => Err("the host is gone".to_owned()),
        }
    }

    pub(crate) fn complain(&mut self, bytes: Vec<u8>) {
        self.ask(Request::Complain(bytes));
    }

    pub(crate) fn line(&mut self) -> Option<Vec<u8>> {
        match self.ask(Request::Line) {
            Some(Reply::Line(line)) => line,
            _ => None,
        }
    }
}

/// How much of the standard error an outcome keeps. The host gets all of it.
const MAX_STDERR_BYTES: usize = 1 << 20;

/// Serves requests until the VM's end is dropped. The beginning of what it complains is kept in
/// `stderr`.
pub(crate) fn serve(
    host: &mut dyn Host,
    requests: &Receiver<Request>,
    replies: &Sender<Reply>,
    stderr: &mut Vec<u8>,
) {
    while let Ok(request) = requests.recv() {
        let reply = match request {
            Request::Read(path, most) => Reply::Bytes(host.read(&path, most)),
            Request::Write(bytes) => Reply::Done(host.write(&bytes).map_err(|e| e.to_string())),
            Request::Complain(bytes) => {
                let room = MAX_STDERR_BYTES.saturating_sub(stderr.len());
                stderr.extend_from_slice(&bytes[..bytes.len().min(room)]);
                Reply::Done(host.write_error(&bytes).map_err(|e| e.to_string()))
            }
            Request::Line => Reply::Line(host.read_line()),
        };
        if replies.send(reply).is_err() {
            return;
        }
    }
}
