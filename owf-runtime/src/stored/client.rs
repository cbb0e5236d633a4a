//! What a client asks of a durable driver.

use std::sync::{Arc, OnceLock};
use std::time::Duration;
#[cfg(feature = "cron")]
use std::time::SystemTime;

use super::core::{Core, Options};
use super::run::StoredRun;
#[cfg(feature = "cron")]
use super::triggers;
use super::{convert, worker};
use crate::client::{NO_DATABASE, NO_ID, Settings, needs_tokio};
use crate::error::{DriverError, RunError, RunErrorReason};
use crate::host::Host;
use crate::kernel::{Mail, RunId};
use crate::store::{Created, Delivery, NewMail, NewRun, SqliteStore, Store, StoreError};
use crate::value::Json;
use crate::workflow::AnyWorkflow;

/// The most runs that are created in one go, so that others' records wait for them no longer than for a few commits.
const CREATE_MAX: usize = 500;

/// A durable driver in this process. Clones are the same; with the last of them, and of the handles to its runs, the execution of runs ends.
#[derive(Clone)]
pub(crate) struct StoredClient(Arc<Process>);

struct Process {
    core: Arc<Core>,
    started: OnceLock<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.core.close();
    }
}

/// An error of the store, as the answer to a client.
pub(super) fn unavailable(error: StoreError) -> RunErrorReason {
    RunErrorReason::Unavailable(DriverError::of_store(error))
}

/// Why a run cannot be started under an ID that another has.
pub(super) async fn why_other(store: &dyn Store, id: RunId, workflow: &'static str, input: &Json) -> RunError {
    let text = match store.run(id.clone()).await {
        Ok(Some(known)) if known.summary.workflow != workflow => {
            format!("a run of this ID exists, of workflow `{}`: choose another ID", known.summary.workflow)
        }
        Ok(Some(known)) if !known.input.is_same_value(input) => {
            "a run of this ID exists, with another input: choose another ID, or start it with the same input".to_owned()
        }
        _ => "a run of this ID existed, and has changed since: start it again".to_owned(),
    };
    RunError::new(workflow, id, RunErrorReason::Refused(text))
}

impl StoredClient {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        sqlite: Option<SqliteStore>,
        host: Arc<dyn Host>,
        options: Options,
    ) -> StoredClient {
        let core = Arc::new(Core::new(store, sqlite, host, options));
        StoredClient(Arc::new(Process { core, started: OnceLock::new() }))
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    #[cfg(feature = "cron")]
    pub(crate) fn host(&self) -> Arc<dyn Host> {
        self.core().host.clone()
    }

    pub(crate) fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.core().configure(change);
    }

    /// Begins to claim runs, and to hear of what happens.
    pub(super) fn run(&self) -> Result<(), RunErrorReason> {
        let runtime = needs_tokio()?;
        self.core().set_runtime(&runtime);
        if self.0.started.get().is_none() {
            let mut outcome = Ok(());
            self.0.started.get_or_init(|| outcome = worker::start(self.core()));
            outcome.map_err(|error| {
                RunErrorReason::Unavailable(DriverError::new("start the thread that claims runs", error))
            })?;
        }
        Ok(())
    }

    /// Refuses a workflow that the store has no database for.
    fn check_fits(&self, workflow: &AnyWorkflow) -> Result<(), RunErrorReason> {
        if workflow.has_transactions() && self.core().sqlite.is_none() {
            return Err(RunErrorReason::Refused(NO_DATABASE.to_owned()));
        }
        Ok(())
    }

    pub(crate) fn register(&self, workflow: AnyWorkflow) -> Result<bool, RunErrorReason> {
        self.check_fits(&workflow)?;
        self.run()?;
        let is_new = self.core().registry().register(&workflow);
        if is_new {
            self.core().wake.notify_one();
        }
        Ok(is_new)
    }

    pub(crate) fn unregister(&self, workflow: &AnyWorkflow) {
        self.core().registry().unregister(workflow);
    }

    pub(crate) fn new_id(&self) -> RunId {
        let host = &self.core().host;
        RunId::from(format!("{:016x}{:016x}", host.random(), host.random()))
    }

    /// Finds the run of that ID, or begins it.
    pub(crate) async fn begin(
        &self,
        workflow: AnyWorkflow,
        input: Json,
        id: Option<RunId>,
    ) -> Result<StoredRun, RunError> {
        let id = id.unwrap_or_else(|| self.new_id());
        let mut runs = self.begin_all(workflow, vec![(id.clone(), input)]).await?;
        runs.pop().ok_or_else(|| RunError::new("", id, RunErrorReason::Unknown))
    }

    /// Finds or begins runs of one workflow.
    pub(crate) async fn begin_all(
        &self,
        workflow: AnyWorkflow,
        runs: Vec<(RunId, Json)>,
    ) -> Result<Vec<StoredRun>, RunError> {
        let name = workflow.name();
        let refused = |id: &RunId, reason| RunError::new(name, id.clone(), reason);
        if let Some((id, _)) = runs.iter().find(|(id, _)| id.as_str().is_empty()) {
            return Err(refused(id, RunErrorReason::Refused(NO_ID.to_owned())));
        }
        self.check_fits(&workflow).and_then(|()| self.run()).map_err(|reason| refused(&RunId::new(""), reason))?;
        let core = self.core();
        core.learn(&workflow);
        core.has_stood().await;
        let mut handles = Vec::with_capacity(runs.len());
        for chunk in runs.chunks(CREATE_MAX) {
            let now = core.host.now();
            let new = chunk.iter().map(|(id, input)| NewRun {
                id: id.clone(),
                workflow: name.to_owned(),
                version: workflow.version(),
                input: input.clone(),
                created_at: now,
                due_at: now,
            });
            let watched: Vec<_> = chunk.iter().map(|(id, _)| core.ends.watch(id)).collect();
            let created = core.create(new.collect()).await;
            let created = created.map_err(|error| refused(&chunk[0].0, unavailable(error)))?;
            for (((id, input), created), ends) in chunk.iter().zip(created).zip(watched) {
                if created == Created::Other {
                    return Err(why_other(&*core.store, id.clone(), name, input).await);
                }
                let is_new = matches!(created, Created::New(_));
                handles.push(StoredRun::new(self.clone(), id.clone(), name.to_owned(), Some(ends), is_new));
            }
        }
        Ok(handles)
    }

    pub(crate) async fn send(&self, run: &RunId, mail: Mail) -> Result<(), RunErrorReason> {
        let mail = NewMail { to: run.clone(), content: convert::mail_content(mail), key: None };
        let deliveries = self.core().store.send(vec![mail], self.core().host.now()).await.map_err(unavailable)?;
        match deliveries.first() {
            Some(Delivery::Delivered) => {
                // Where the run is executed here, it has it when this returns.
                self.core().fetch_mail(self.core().live(run).into_iter().collect()).await;
                Ok(())
            }
            Some(Delivery::RunIsOver) => Err(RunErrorReason::Over),
            Some(Delivery::NoSuchRun) | None => Err(RunErrorReason::Unknown),
        }
    }

    pub(crate) async fn publish(&self, name: &str, payload: &Json) -> Result<Vec<RunId>, RunError> {
        let core = self.core();
        let failed = |error| RunError::new("", RunId::new(""), unavailable(error));
        self.run().map_err(|reason| RunError::new("", RunId::new(""), reason))?;
        let event = crate::store::Event { name: name.to_owned(), payload: payload.clone(), key: None };
        core.store.publish(vec![event], core.host.now()).await.map_err(failed)?;
        core.has_stood().await;
        core.start_triggered(name, payload, self.new_id().as_str()).await.map_err(failed)
    }

    /// The run of that ID; `None` if there is none.
    pub(crate) async fn find(&self, run: &RunId) -> Result<Option<StoredRun>, RunErrorReason> {
        let found = self.core().store.run(run.clone()).await.map_err(unavailable)?;
        Ok(found.map(|found| StoredRun::new(self.clone(), run.clone(), found.summary.workflow, None, false)))
    }

    /// Stops executing runs: what runs may end within the time, the rest is handed back.
    pub(crate) async fn shut_down(&self, within: Duration) {
        let core = self.core();
        core.stop();
        let all_left = async {
            loop {
                let left = core.left.notified();
                if core.lives().is_empty() {
                    return;
                }
                left.await;
            }
        };
        if tokio::time::timeout(within, all_left).await.is_err() {
            core.lives().iter().for_each(|live| live.abort());
        }
        core.retire();
        if self.0.started.get().is_some() {
            // Then what is left of the runs is in the store's hands, and the process may end.
            core.ended().await;
        }
    }

    #[cfg(feature = "cron")]
    pub(crate) async fn last_tick(
        &self,
        workflow: &AnyWorkflow,
        expression: &str,
        timezone: Option<&str>,
    ) -> Option<SystemTime> {
        match triggers::last_tick(self.core(), workflow, expression, timezone).await {
            Ok(last) => last,
            Err(error) => {
                tracing::error!(target: "owf", workflow = workflow.name(), "{error}: times that were missed are not made up for");
                None
            }
        }
    }

    #[cfg(feature = "cron")]
    pub(crate) async fn ticked(
        &self,
        workflow: &AnyWorkflow,
        expression: &str,
        timezone: Option<&str>,
        tick: SystemTime,
    ) {
        if let Err(error) = triggers::ticked(self.core(), workflow, expression, timezone, tick).await {
            // The run has the ID of its time: made up for once more, it is the same run.
            tracing::warn!(target: "owf", workflow = workflow.name(), "{error}");
        }
    }
}
