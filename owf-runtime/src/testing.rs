//! Tools for tests of workflows: no server, no real time.
//!
//! | what | for |
//! |---|---|
//! | [`#[owf_runtime::test]`](macro@crate::test) and [`TestKit`] | running a workflow in virtual time, with mocks, signals and events |
//! | [`explore`] | what a crash at any place does to a workflow, in every order of parallel steps |
//! | [`check_determinism`] | whether the code does the same when it is entered again |
//! | [`replay`] | whether today's code still accepts a run that was [exported](crate::RunHandle::export) |

mod agenda;
mod clock;
mod determinism;
mod explorer;
mod kit;
mod mocks;
mod replay;
#[cfg(feature = "sqlite")]
mod store_driver;
mod table;

pub use agenda::At;
pub use clock::begins_at;
pub use determinism::{CheckDeterminism, Nondeterminism, check_determinism};
pub use explorer::{
    Coverage, Crash, CrashMoment, Ending, EndingKind, Explorer, MissingUndo, RepeatedEffect, Report, ScheduleId,
    UnfinishedCleanup, explore,
};
#[doc(hidden)]
pub use kit::run_test;
pub use kit::{TestKit, TestOutcome};
pub use mocks::{Mock, MockSaid};
pub use replay::{ReplayError, replay};
#[cfg(feature = "sqlite")]
pub use store_driver::StoreDriver;
