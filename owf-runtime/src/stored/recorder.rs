//! What is to be recorded of a run, and when that is done.
//!
//! A result need not be durable before the workflow's code goes on with it: that code has no effects, or it would not compile. It has to be
//! before the next effect begins. So records are collected here, and written in one commit when a step is about to start, when the run
//! waits, and when it ends.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use super::client::why_other;
use super::convert;
use super::live::Live;
use crate::client::NO_ID;
use crate::driver::Hook;
use crate::error::{DriverError, RunError, RunErrorReason};
use crate::failure::Failure;
use crate::host::{BoxFuture, Host};
use crate::kernel::{Action, Mail, MemoResult, Operation, OperationKind, RunId, StepId};
use crate::record::StepRecord;
use crate::store::{
    Child, Commit, Committed, Created, Delivery, Event, Lease, MailContent, NewMail, NewRun, Store, StoreError, Then,
};
use crate::value::Json;

/// The waits between attempts to write to a store that cannot be written to now: a disk that is full, a lock that is held.
const RETRY_WAITS: [Duration; 3] = [Duration::from_millis(20), Duration::from_millis(200), Duration::from_secs(1)];

/// Records what happens to one run. Clones are the same recorder.
#[derive(Clone)]
pub(super) struct Recorder(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    host: Arc<dyn Host>,
    live: Arc<Live>,
    content: Mutex<Content>,
}

struct Content {
    pending: Pending,
    writing: Option<BoxFuture<'static, Result<Vec<Mail>, StoreError>>>,
    /// Steps that wait for it, each in a place of its own.
    beside: Vec<Waker>,
    error: Option<DriverError>,
    /// The operations whose wait is recorded, or about to be.
    waiting: HashSet<StepId>,
    /// Results that a step's own transaction has recorded.
    transacted: HashSet<StepId>,
}

/// What the next commit will hold.
struct Pending {
    commit: Commit,
    asked: Asked,
}

/// Whom a commit's answers are for.
#[derive(Default)]
struct Asked {
    /// For each piece of mail the operation that sends it, and to whom; `None` for a cancellation.
    sends: Vec<Option<(StepId, RunId)>>,
    events: Vec<StepId>,
    children: Vec<(StepId, &'static str, NewRun)>,
}

impl Recorder {
    pub(super) fn new(
        store: Arc<dyn Store>,
        host: Arc<dyn Host>,
        live: Arc<Live>,
        waiting: HashSet<StepId>,
    ) -> Recorder {
        let pending = Pending::new(&live, &*host);
        let (writing, error, beside) = (None, None, Vec::new());
        let content = Content { pending, writing, beside, error, waiting, transacted: HashSet::new() };
        Recorder(Arc::new(Inner { store, host, live, content: Mutex::new(content) }))
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what ended.
    pub(super) fn ended(&self, record: &StepRecord) {
        let content = &mut *self.content();
        let commit = &mut content.pending.commit;
        content.waiting.remove(&record.id);
        if !content.transacted.remove(&record.id) {
            commit.memos.extend(convert::memo_of_record(record));
        }
        match record.mail {
            Some(letter) => commit.consumed.extend(self.0.live.used(letter)),
            // Nothing came: what it waited for is still to come.
            None if matches!(record.kind, OperationKind::WaitForEvent | OperationKind::Invoke) => {
                content.pending.drop_wait(&record.id);
            }
            None => {}
        }
    }

    /// Takes in an operation that was found; what it is called for is told apart by its kind.
    pub(super) fn found(&self, operation: &Operation) {
        let now = self.0.host.now();
        let run = &self.0.live.lease.run;
        let content = &mut *self.content();
        let Pending { commit, asked } = &mut content.pending;
        let id = &operation.id;
        let about = match &operation.action {
            Action::SendSignal { run: to, name, payload, sent_as } => {
                let (name, payload, sent_as) = (name.clone(), payload.clone(), Some((*sent_as).to_owned()));
                let mail = MailContent::Signal { name, payload, sent_as };
                commit.sends.push(NewMail { to: to.clone(), content: mail, key: Some(format!("{run}/{id}")) });
                return asked.sends.push(Some((id.clone(), to.clone())));
            }
            Action::SendEvent { name, payload } => {
                commit.events.push(Event { name: name.clone(), payload: payload.clone(), key: Some(id.to_string()) });
                return asked.events.push(id.clone());
            }
            Action::SendEvents { events } => {
                for (number, (name, payload)) in events.iter().enumerate() {
                    let key = Some(format!("{id} {number}"));
                    commit.events.push(Event { name: name.clone(), payload: payload.clone(), key });
                }
                return asked.events.push(id.clone());
            }
            // Values are made in place, where the session is not told otherwise.
            Action::Run { .. } | Action::Value => return,
            Action::Sleep { .. } => None,
            Action::WaitForSignal { name, .. } => Some(name.clone()),
            Action::WaitForEvent { event, .. } => Some(event.name.clone()),
            Action::Invoke { run, .. } => Some(run.to_string()),
        };
        if let Action::Invoke { workflow, run, .. } = &operation.action
            && run.as_str().is_empty()
        {
            let refused = RunError::new(workflow.name(), run.clone(), RunErrorReason::Refused(NO_ID.to_owned()));
            return self.0.live.answer(answer(id.clone(), Err(refused)));
        }
        if !content.waiting.insert(id.clone()) {
            return;
        }
        commit.memos.push(convert::memo_of_wait(operation, now, about));
        match &operation.action {
            Action::WaitForEvent { event, .. } => commit.waits.push(convert::event_wait(id, event)),
            Action::Invoke { workflow, run, input, .. } => {
                let run = NewRun {
                    id: run.clone(),
                    workflow: workflow.name().to_owned(),
                    version: workflow.version(),
                    input: input.clone(),
                    created_at: now,
                    due_at: now,
                };
                commit.children.push(Child { operation: id.clone(), run: run.clone() });
                asked.children.push((id.clone(), workflow.name(), run));
            }
            _ => {}
        }
    }

    /// Takes in that nobody waits for an operation any more.
    pub(super) fn given_up(&self, operation: &Operation) {
        let content = &mut *self.content();
        if !content.waiting.remove(&operation.id) {
            return;
        }
        content.pending.drop_wait(&operation.id);
        if let Action::Invoke { run: child, detached: false, .. } = &operation.action {
            content.cancel(&self.0.live, child.clone());
        }
    }

    pub(super) fn details(&self, details: &Json) {
        self.content().pending.commit.details = Some(details.clone());
    }

    /// A step's own transaction has recorded its result.
    pub(super) fn transacted(&self, step: StepId) {
        self.content().transacted.insert(step);
    }

    /// The record is not to be gone on with: it ends the invocation.
    pub(super) fn fail(&self, error: StoreError) {
        self.content().error = Some(DriverError::of_store(error));
    }

    pub(super) fn run(&self) -> &RunId {
        &self.0.live.lease.run
    }

    pub(super) fn lease(&self) -> Lease {
        self.0.live.lease.clone()
    }

    pub(super) fn host(&self) -> Arc<dyn Host> {
        self.0.host.clone()
    }

    /// An answer that is there when all that was collected is durable.
    pub(super) fn flushed(&self) -> Hook<()> {
        let content = self.content();
        if content.error.is_none() && content.writing.is_none() && content.pending.is_empty() {
            return Hook::now(Ok(()));
        }
        drop(content);
        let recorder = self.clone();
        Hook::later(poll_fn(move |cx| recorder.poll_flush(cx).map_ok(drop)))
    }

    /// As [`poll_flush`](Recorder::poll_flush), for a step, which is woken even if the session polls what it waits for.
    pub(super) fn poll_flush_beside(&self, cx: &mut Context<'_>) -> Poll<Result<bool, DriverError>> {
        let flushed = self.poll_flush(cx);
        if flushed.is_pending() {
            self.content().beside.push(cx.waker().clone());
        }
        flushed
    }

    /// Writes what is collected; ready when all of it is durable, and tells whether anything was written by this call.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<bool, DriverError>> {
        let mut has_written = false;
        loop {
            let mut content = self.content();
            if let Some(error) = &content.error {
                return Poll::Ready(Err(error.clone()));
            }
            if let Some(writing) = &mut content.writing {
                let written = ready!(writing.as_mut().poll(cx));
                content.writing = None;
                content.beside.drain(..).for_each(Waker::wake);
                has_written = true;
                match written {
                    Ok(answers) => {
                        drop(content);
                        answers.into_iter().for_each(|answer| self.0.live.answer(answer));
                    }
                    Err(error) => content.error = Some(DriverError::of_store(error)),
                }
            } else if content.pending.is_empty() {
                return Poll::Ready(Ok(has_written));
            } else {
                let Pending { commit, asked } =
                    std::mem::replace(&mut content.pending, Pending::new(&self.0.live, &*self.0.host));
                let (writing, store, live) = (self.write(commit), self.0.store.clone(), self.0.live.clone());
                content.writing = Some(Box::pin(async move {
                    let committed = writing.await?;
                    if asked.may_have_mailed(&live.lease.run) {
                        // What a run sends itself is there when it has been sent.
                        live.fetch_mail(&*store).await;
                    }
                    Ok(asked.answers(committed, &*store).await)
                }));
            }
        }
    }

    /// Writes what is left, and what the run is from now on.
    pub(super) async fn leave(&self, then: Then, attempt: Option<u32>) -> Result<(), StoreError> {
        // What is being written has its place before this.
        let writing = self.content().writing.take();
        if let Some(writing) = writing {
            writing.await?;
        }
        let mut commit = self.take_pending().commit;
        (commit.then, commit.attempt) = (then, attempt);
        self.write(commit).await.map(drop)
    }

    fn take_pending(&self) -> Pending {
        let mut content = self.content();
        let fresh = Pending::new(&self.0.live, &*self.0.host);
        match content.error {
            None => std::mem::replace(&mut content.pending, fresh),
            // Something that came before was not recorded, and nothing may be recorded in front of it.
            Some(_) => fresh,
        }
    }

    /// Makes a commit, however long the store cannot be written to.
    fn write(&self, mut commit: Commit) -> impl Future<Output = Result<Committed, StoreError>> + Send + use<> {
        commit.now = self.0.host.now();
        let (store, run) = (self.0.store.clone(), self.0.live.lease.run.clone());
        // Its place in the order is that of this call, not that of the first poll.
        let mut writing = store.commit(vec![commit.clone()]);
        async move {
            let mut patience = Patience::default();
            loop {
                match writing.await.pop() {
                    Some(Err(error)) if error.is_temporary() => {
                        patience.wait(&run, &error).await;
                        writing = store.commit(vec![commit.clone()]);
                    }
                    Some(written) => return written,
                    None => return Ok(Committed::default()),
                }
            }
        }
    }
}

/// How long a run waits for a store that fails.
#[derive(Default)]
pub(super) struct Patience {
    failures: usize,
}

impl Patience {
    /// Waits after a failure, until it makes sense to try again.
    pub(super) async fn wait(&mut self, run: &RunId, error: &StoreError) {
        tracing::error!(target: "owf", run = run.as_str(), "{error}; it is tried again, and nothing is lost");
        tokio::time::sleep(RETRY_WAITS[self.failures.min(RETRY_WAITS.len() - 1)]).await;
        self.failures += 1;
    }
}

impl Asked {
    /// Whether the run itself may have got mail by this.
    fn may_have_mailed(&self, run: &RunId) -> bool {
        !self.events.is_empty() || self.sends.iter().flatten().any(|(_, to)| to == run)
    }

    /// What a commit's answers mean for whoever asked.
    async fn answers(self, committed: Committed, store: &dyn Store) -> Vec<Mail> {
        let mut answers = Vec::new();
        for (sent, delivery) in self.sends.into_iter().zip(committed.deliveries) {
            let Some((id, to)) = sent else { continue };
            let outcome = match delivery {
                Delivery::Delivered => Ok(()),
                Delivery::NoSuchRun => Err(RunErrorReason::Unknown),
                Delivery::RunIsOver => Err(RunErrorReason::Over),
            };
            answers.push(answer(id, outcome.map_err(|reason| RunError::new("", to, reason))));
        }
        answers.extend(self.events.into_iter().map(|id| answer(id, Ok(()))));
        for ((id, workflow, run), created) in self.children.into_iter().zip(committed.children) {
            if created == Created::Other {
                answers.push(answer(id, Err(why_other(store, run.id, workflow, &run.input).await)));
            }
        }
        answers
    }
}

fn answer(id: StepId, outcome: Result<(), RunError>) -> Mail {
    let result = match outcome {
        Ok(()) => MemoResult::Value(Json::null()),
        Err(error) => MemoResult::Error(Failure::msg(error).into_fatal()),
    };
    Mail::Answer { id, result }
}

impl Pending {
    fn new(live: &Live, host: &dyn Host) -> Pending {
        Pending { commit: Commit::new(live.lease.clone(), host.now()), asked: Asked::default() }
    }

    /// Ends a wait, which may not have been written yet.
    fn drop_wait(&mut self, operation: &StepId) {
        self.commit.waits.retain(|wait| wait.operation != *operation);
        self.commit.dropped.push(operation.clone());
    }

    fn is_empty(&self) -> bool {
        let Commit { memos, consumed, dropped, waits, sends, events, children, details, .. } = &self.commit;
        memos.is_empty()
            && consumed.is_empty()
            && dropped.is_empty()
            && waits.is_empty()
            && sends.is_empty()
            && events.is_empty()
            && children.is_empty()
            && details.is_none()
    }
}

impl Content {
    /// Cancels a child that nobody waits for any more.
    fn cancel(&mut self, live: &Live, child: RunId) {
        let run = &live.lease.run;
        let reason = format!("its parent, run `{run}`, does not wait for it any more");
        let reason = Json::encode(&reason).unwrap_or_else(|_| Json::null());
        let key = Some(format!("cancelled by {run}"));
        self.pending.commit.sends.push(NewMail { to: child, content: MailContent::Cancel { reason }, key });
        self.pending.asked.sends.push(None);
    }
}
