//! What the behaviours of `tests/conformance` use of a client, by what the server offers: runs are started by events, signals and events are sent to
//! it, and a run is cancelled there.
//!
//! Where a client of this library keeps a signal for a run, this one sends it again until the run waits for it, those of a name one after the
//! other, as a workflow's own `send_signal` does.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use owf_runtime::inngest::InngestEvent;
use owf_runtime::{
    BoxFuture, InMemoryDriver, Json, OnDivergence, RunError, RunId, RunStatus, StepRecord, Workflow, WorkflowClient,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ends;
use crate::engine::{End, Engine, Running};

#[derive(Clone)]
pub(crate) struct Client(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    /// The server is there as long as this is.
    _running: Running,
    cancels: Cancels,
    /// Refuses what any client refuses, and has the words for it.
    local: WorkflowClient,
    /// Workflows that the server is to be told of before anything else.
    untold: Mutex<Vec<BoxFuture<'static, ()>>>,
    /// What runs are called here, and at the server.
    names: Mutex<HashMap<RunId, String>>,
    /// What is sent again until it is taken, by run and name.
    unsent: Mutex<HashMap<(String, String), VecDeque<Json>>>,
}

/// How a run is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancels {
    /// By the server, which does not call it any more.
    AtServer,
    /// By asking it to end.
    Asking,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    pub(crate) fn new((engine, running): (Arc<Engine>, Running), cancels: Cancels) -> Client {
        let local = WorkflowClient::new(InMemoryDriver::new());
        let (untold, names, unsent) = Default::default();
        Client(Arc::new(Inner { engine, _running: running, cancels, local, untold, names, unsent }))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// A step's values are the server's, and shown to whoever may see the run.
    pub(crate) fn keep_values(self, _: bool) -> Client {
        self
    }

    pub(crate) fn on_divergence(self, policy: OnDivergence) -> Client {
        self.0.engine.on_divergence(policy);
        self
    }

    pub(crate) async fn invoke<W: Workflow>(&self, workflow: W, input: W::Input) -> Result<W::Output, RunError> {
        self.start(workflow, input).await?.result().await
    }

    pub(crate) fn start<W: Workflow>(&self, workflow: W, input: W::Input) -> Start<W> {
        Start { client: self.clone(), workflow, input, id: None }
    }

    /// Has the server know a workflow, before anything else is done.
    pub(crate) fn knows<W: Workflow>(&self, workflow: W) {
        let engine = self.0.engine.clone();
        lock(&self.0.untold).push(Box::pin(async move {
            engine.serve(workflow).await;
        }));
    }

    pub(crate) fn register<W: Workflow>(&self, workflow: W) -> Result<(), RunError> {
        self.0.local.register(workflow)?;
        self.knows(workflow);
        Ok(())
    }

    pub(crate) async fn send_event<T: Serialize + ?Sized>(
        &self,
        name: impl AsRef<str>,
        value: &T,
    ) -> Result<Vec<RunId>, RunError> {
        // Refused as anywhere.
        WorkflowClient::new(InMemoryDriver::new()).send_event(name.as_ref(), value).await?;
        self.tell().await;
        let event = InngestEvent::new(name.as_ref(), value).expect("it has a form in JSON");
        let ids = self.0.engine.client().send([event]).await.expect("the server is there");
        let started: Vec<String> = ids.iter().flat_map(|id| self.0.engine.runs_of(id)).collect();
        Ok(started.into_iter().map(|run| self.named(None, run)).collect())
    }

    pub(crate) async fn handle<W: Workflow>(&self, workflow: W, run: impl Into<RunId>) -> Result<Run<W>, RunError> {
        let id = run.into();
        match self.run_of(&id) {
            Some(run) => Ok(Run { client: self.clone(), id, run, workflow: PhantomData }),
            None => Err(self.0.local.handle(workflow, id).await.expect_err("nothing was started there")),
        }
    }

    pub(crate) async fn signal<T: Serialize + ?Sized>(
        &self,
        run: impl Into<RunId>,
        name: impl Into<String>,
        value: &T,
    ) -> Result<(), RunError> {
        let (id, name) = (run.into(), name.into());
        match (self.live(&id), Json::encode(value)) {
            (Some(run), Ok(value)) => {
                self.post(run, name, value);
                Ok(())
            }
            _ => {
                self.end_there(&id).await;
                self.0.local.signal(id, name, value).await
            }
        }
    }

    pub(crate) async fn cancel(&self, run: impl Into<RunId>, reason: impl Into<String>) -> Result<(), RunError> {
        let (id, reason) = (run.into(), reason.into());
        match (self.live(&id), self.0.cancels) {
            (Some(run), Cancels::AtServer) => {
                self.0.engine.cancel(&run);
                Ok(())
            }
            (Some(run), Cancels::Asking) => {
                if !self.ask_to_end(&run, &reason).await {
                    let client = self.clone();
                    tokio::spawn(async move { client.ask_until_heard(run, reason).await });
                }
                Ok(())
            }
            (None, _) => {
                self.end_there(&id).await;
                self.0.local.cancel(id, reason).await
            }
        }
    }

    /// The server's ID of a run that is not over.
    fn live(&self, id: &RunId) -> Option<String> {
        self.run_of(id).filter(|run| self.0.engine.look(run, |run| run.end.is_none()) == Some(true))
    }

    fn run_of(&self, id: &RunId) -> Option<String> {
        let named = lock(&self.0.names).get(id).cloned();
        let started = || self.0.engine.runs_of(id.as_str()).into_iter().next();
        named.or_else(started).or_else(|| self.0.engine.look(id.as_str(), |_| id.to_string()))
    }

    /// Notes what a run is called here.
    fn named(&self, id: Option<RunId>, run: String) -> RunId {
        let id = id.unwrap_or_else(|| RunId::new(&run));
        lock(&self.0.names).insert(id.clone(), run);
        id
    }

    /// A run that is over at the server is over for the client that refuses.
    async fn end_there(&self, id: &RunId) {
        if self.run_of(id).is_some() {
            ends::begin_and_end(&self.0.local, id).await;
        }
    }

    /// The server is told of the workflows that it is to know.
    async fn tell(&self) {
        let untold = std::mem::take(&mut *lock(&self.0.untold));
        for telling in untold {
            telling.await;
        }
    }

    /// Sends a signal until the run takes it, after those that were sent before.
    fn post(&self, run: String, name: String, value: Json) {
        let key = (run, name);
        let mut unsent = lock(&self.0.unsent);
        let is_posting = unsent.contains_key(&key);
        unsent.entry(key.clone()).or_default().push_back(value);
        drop(unsent);
        if !is_posting {
            let (client, signal) = (self.clone(), format!("{}/{}", key.0, key.1));
            // Before anybody else goes on: the clock waits for what is on its way.
            self.0.engine.announce(&signal);
            tokio::spawn(async move { client.post_all(key, signal).await });
        }
    }

    /// Asks a run to end; whether it hears of it, or is ending already.
    async fn ask_to_end(&self, run: &str, reason: &str) -> bool {
        let is_heard = self.0.engine.client().cancel(run, reason).await.expect("the server is there");
        is_heard || self.0.engine.look(run, |run| run.end.is_some() || run.has_been_asked()) == Some(true)
    }

    async fn ask_until_heard(&self, run: String, reason: String) {
        loop {
            let mut happened = pin!(self.0.engine.happened.notified());
            happened.as_mut().enable();
            if self.ask_to_end(&run, &reason).await {
                return;
            }
            happened.await;
        }
    }

    async fn post_all(&self, key: (String, String), signal: String) {
        let engine = &self.0.engine;
        loop {
            let mut happened = pin!(engine.happened.notified());
            happened.as_mut().enable();
            let Some(next) = self.next_unsent(&key) else { break };
            if engine.look(&key.0, |run| run.end.is_some()) == Some(true) {
                break;
            }
            let is_taken = engine.waits_for(&signal)
                && engine.client().signal(&signal, &next).await.expect("the server is there").is_some();
            if is_taken {
                lock(&self.0.unsent).get_mut(&key).and_then(VecDeque::pop_front);
            } else {
                happened.await;
            }
        }
        engine.withdraw(&signal);
    }

    /// What is to be sent next; nobody sends any more if there is nothing.
    fn next_unsent(&self, key: &(String, String)) -> Option<Json> {
        let mut unsent = lock(&self.0.unsent);
        let next = unsent.get(key).and_then(|values| values.front().cloned());
        if next.is_none() {
            unsent.remove(key);
        }
        next
    }

    async fn begin<W: Workflow>(&self, workflow: W, input: W::Input, id: Option<RunId>) -> Result<Run<W>, RunError> {
        self.tell().await;
        let driver = self.0.engine.serve(workflow).await;
        let client = driver.client();
        let mut start = client.start(workflow, input);
        if let Some(id) = &id {
            start = start.id(id.as_str());
        }
        let event = start.await.expect("the server is there");
        let started = self.0.engine.runs_of(&event);
        let is_of = |run: &String| self.0.engine.look(run, |run| run.is_of(W::NAME)) == Some(true);
        let run = started.into_iter().find(is_of).expect("the event has started a run of it");
        Ok(Run { client: self.clone(), id: self.named(id, run.clone()), run, workflow: PhantomData })
    }
}

/// A run that is about to start.
pub(crate) struct Start<W: Workflow> {
    client: Client,
    workflow: W,
    input: W::Input,
    id: Option<RunId>,
}

impl<W: Workflow> Start<W> {
    pub(crate) fn id(mut self, id: impl Into<RunId>) -> Start<W> {
        self.id = Some(id.into());
        self
    }
}

impl<W: Workflow> IntoFuture for Start<W> {
    type Output = Result<Run<W>, RunError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Start { client, workflow, input, id } = self;
            client.begin(workflow, input, id).await
        })
    }
}

/// A run at the server.
pub(crate) struct Run<W> {
    client: Client,
    id: RunId,
    run: String,
    workflow: PhantomData<fn() -> W>,
}

impl<W: Workflow> Run<W> {
    pub(crate) fn id(&self) -> &RunId {
        &self.id
    }

    pub(crate) async fn result(&self) -> Result<W::Output, RunError> {
        loop {
            let mut happened = pin!(self.client.0.engine.happened.notified());
            happened.as_mut().enable();
            match self.end() {
                Some(End::Completed(output)) => {
                    let output = Json::encode(&output).expect("it is JSON");
                    return Ok(output.decode().expect("the output is of the workflow's type"));
                }
                Some(End::Failed(failed)) => return Err(ends::failed::<W>(&self.id, failed.error()).await),
                Some(End::Cancelled) => return Err(ends::cancelled::<W>(&self.id).await),
                None => happened.await,
            }
        }
    }

    pub(crate) async fn status(&self) -> Result<RunStatus, RunError> {
        Ok(match self.end() {
            None => RunStatus::Running,
            Some(End::Completed(_)) => RunStatus::Completed,
            Some(End::Failed(failed)) if failed.error().is_cancelled() => RunStatus::Cancelled,
            Some(End::Failed(_)) => RunStatus::Failed,
            Some(End::Cancelled) => RunStatus::Cancelled,
        })
    }

    pub(crate) async fn steps(&self) -> Result<Vec<StepRecord>, RunError> {
        Ok(self.client.0.engine.look(&self.run, |run| run.records.clone()).expect("it was started"))
    }

    /// The server knows no details.
    pub(crate) async fn details<T: DeserializeOwned>(&self) -> Result<Option<T>, RunError> {
        Ok(None)
    }

    pub(crate) async fn signal<T: Serialize + ?Sized>(
        &self,
        name: impl Into<String>,
        value: &T,
    ) -> Result<(), RunError> {
        self.client.signal(self.id.clone(), name, value).await
    }

    pub(crate) async fn cancel(&self, reason: impl Into<String>) -> Result<(), RunError> {
        self.client.cancel(self.id.clone(), reason).await
    }

    fn end(&self) -> Option<End> {
        self.client.0.engine.look(&self.run, |run| run.end.clone()).expect("it was started")
    }
}

impl<W> fmt::Debug for Run<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("id", &self.id).field("run", &self.run).finish_non_exhaustive()
    }
}

impl<W> Clone for Run<W> {
    fn clone(&self) -> Self {
        Run { client: self.client.clone(), id: self.id.clone(), run: self.run.clone(), workflow: PhantomData }
    }
}
