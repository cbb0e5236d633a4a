//! Runs that are kept in a [`Store`](crate::store::Store), and executed by whichever process has claimed them.
//!
//! All that a durable driver decides is decided here; a store only keeps. A run is [claimed](worker), [executed](execution) with its
//! workflow's future alive, and what happens to it is [recorded](recorder) before its next effect begins. A wait that takes longer drops the
//! future ([`hooks`]); the run is claimed again when its time or its mail has come.

mod admin;
mod client;
mod convert;
mod core;
mod ends;
mod execution;
mod hooks;
mod live;
mod recorder;
mod registry;
mod run;
mod standing;
mod transaction;
mod triggers;
mod worker;

pub(crate) use self::client::StoredClient;
pub(crate) use self::core::Options;
pub(crate) use self::run::StoredRun;
pub(crate) use self::transaction::Transaction;
