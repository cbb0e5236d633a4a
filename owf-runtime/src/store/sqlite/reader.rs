//! The threads that read, so that no reader waits for the disk's sync and none keeps the writer waiting.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::store::{StoreError, StoreErrorKind};

/// A long list must not keep a claim waiting.
const READERS: usize = 2;

/// Something to be read.
pub(super) type Read = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    /// `None` once they are being ended.
    sender: Option<Sender<Read>>,
    /// They hand back their connections, to be closed one after the other: of two that are closed at once, none may be the last, which removes the log.
    threads: Vec<JoinHandle<Connection>>,
}

impl Readers {
    pub(super) fn start(connect: impl Fn() -> Result<Connection, StoreError>) -> Result<Readers, StoreError> {
        let (sender, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut readers = Readers { sender: Some(sender), threads: Vec::new() };
        for _ in 0..READERS {
            let (connection, queue) = (connect()?, queue.clone());
            let thread = std::thread::Builder::new().name("owf-reader".to_owned());
            let thread = thread.spawn(move || read_all(connection, &queue)).map_err(|error| {
                StoreError::new("start reading", StoreErrorKind::Io, format!("no thread could be started: {error}"))
            })?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    pub(super) fn send(&self, read: Read) {
        send(self.sender.as_ref(), read);
    }

    /// Where to send what is to be read.
    pub(super) fn sender(&self) -> Option<Sender<Read>> {
        self.sender.clone()
    }
}

pub(super) fn send(readers: Option<&Sender<Read>>, read: Read) {
    // What cannot be sent is dropped, and its answer says that the store is closed.
    if let Some(readers) = readers {
        let _ = readers.send(read);
    }
}

fn read_all(connection: Connection, queue: &Mutex<Receiver<Read>>) -> Connection {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(read) = next() {
        read(&connection);
    }
    connection
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.sender = None;
        for thread in self.threads.drain(..) {
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}
