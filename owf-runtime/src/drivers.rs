//! The drivers: where a run's state lives.

mod checkpoint;
mod in_memory;
#[cfg(feature = "inngest")]
pub mod inngest;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use checkpoint::CheckpointInMemoryDriver;
pub use in_memory::InMemoryDriver;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteDriver, SqliteDriverOptions};
