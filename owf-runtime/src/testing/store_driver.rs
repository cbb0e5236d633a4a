//! The durable driver over a store of a test's own.

use std::fmt;

use crate::client::Backend;
use crate::client::sealed::{Connect, Connected};
use crate::stored::StoredClient;

/// A durable driver over any [`Store`](crate::store::Store), such as one that [fails by a seed](crate::store::FaultyStore).
///
/// [`SqliteDriverOptions::over`](crate::SqliteDriverOptions::over) makes it.
#[derive(Clone)]
pub struct StoreDriver(pub(crate) StoredClient);

impl crate::client::ClientDriver for StoreDriver {}

impl Connect for StoreDriver {
    fn connect(self) -> Connected {
        Connected(Backend::Stored(self.0))
    }
}

impl fmt::Debug for StoreDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreDriver").finish_non_exhaustive()
    }
}
