//! A step of a stored run that commits its record together with what its body writes.

use std::future::{pending, poll_fn};

use rusqlite::Connection;

use super::convert;
use super::core::Core;
use super::recorder::{Patience, Recorder};
use crate::failure::Failure;
use crate::record::{StepOutcome, StepRecord};
use crate::store::{Commit, SqliteStore, StoreError, Transacted};
use crate::value::{Json, JsonError};

/// What a step's body needs to commit together with its record.
pub(crate) struct Transaction {
    store: SqliteStore,
    recorder: Recorder,
    /// The record, but for the result and the time of its end.
    step: StepRecord,
}

impl Transaction {
    /// `None` if the runs are in no SQLite file.
    pub(super) fn new(core: &Core, recorder: &Recorder, step: StepRecord) -> Option<Transaction> {
        Some(Transaction { store: core.sqlite.clone()?, recorder: recorder.clone(), step })
    }

    /// Runs a body on the thread that writes, however long the file cannot be written to.
    pub(crate) async fn run<T, F>(self, body: F, encode: fn(&T) -> Result<Json, JsonError>) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Clone + Send + 'static,
    {
        let Transaction { store, recorder, step } = self;
        let id = step.id.clone();
        // What was recorded before has its place before.
        if poll_fn(|cx| recorder.poll_flush_beside(cx)).await.is_err() {
            return pending().await;
        }
        let mut patience = Patience::default();
        loop {
            match attempt(&store, &recorder, step.clone(), body.clone(), encode).await {
                Ok(Transacted::Done(value, _)) => {
                    recorder.transacted(id);
                    return Ok(value);
                }
                Ok(Transacted::Failed(failure)) => return Err(failure),
                Err(error) if error.is_temporary() => patience.wait(recorder.run(), &error).await,
                Err(error) => {
                    // Nobody knows whether it happened, or others go on: the record tells, when the run is taken up again.
                    recorder.fail(error);
                    return pending().await;
                }
            }
        }
    }
}

fn attempt<T, F>(
    store: &SqliteStore,
    recorder: &Recorder,
    mut step: StepRecord,
    body: F,
    encode: fn(&T) -> Result<Json, JsonError>,
) -> impl Future<Output = Result<Transacted<T>, StoreError>> + Send + use<T, F>
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
{
    let (lease, host) = (recorder.lease(), recorder.host());
    let span = tracing::Span::current();
    store.transact(lease.clone(), move |db| {
        let value = span.in_scope(|| body(db))?;
        let unstorable = |problem| Failure::msg(format_args!("its result cannot be stored: {problem}")).into_fatal();
        let output = Some(encode(&value).map_err(unstorable)?);
        step.ended_at = host.now();
        step.outcome = StepOutcome::Succeeded { output };
        let mut commit = Commit::new(lease, step.ended_at);
        commit.memos.extend(convert::memo_of_record(&step));
        Ok((value, commit))
    })
}
