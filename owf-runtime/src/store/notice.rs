//! How a store tells what happened, so that nobody has to poll.

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::kernel::RunId;

/// Notices that a slow listener may leave unread; more are told as one [`Notice::Elsewhere`].
const UNREAD_MAX: usize = 4096;

/// Something that happened in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A run became due, or will be at a time that was not known.
    Due,
    /// An owned run got mail.
    Mail(RunId),
    /// A run is over.
    Finished(RunId),
    /// Anything may have happened: in another process, or more than could be told.
    Elsewhere,
}

/// What happens in a store, as it happens.
#[derive(Debug)]
pub struct Notices(broadcast::Receiver<Notice>);

impl Notices {
    /// The next notice; `None` when the store is gone.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.0.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(Notice::Elsewhere),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Where a store tells what happened.
#[derive(Clone, Debug)]
pub(crate) struct Bell(broadcast::Sender<Notice>);

impl Bell {
    pub(crate) fn new() -> Bell {
        Bell(broadcast::Sender::new(UNREAD_MAX))
    }

    pub(crate) fn listen(&self) -> Notices {
        Notices(self.0.subscribe())
    }

    /// Tells whoever listens; `Due` is told once, however often it stands here.
    pub(crate) fn ring(&self, notices: &mut Vec<Notice>) {
        let mut due_told = false;
        for notice in notices.drain(..) {
            if notice == Notice::Due && std::mem::replace(&mut due_told, true) {
                continue;
            }
            // Nobody listens: nobody has to know.
            let _ = self.0.send(notice);
        }
    }
}
