//! Calls over connections that this process opens (Inngest *Connect*), in place of HTTP requests that come to it: nothing has to be reached from
//! outside.
//!
//! `worker.rs` is the whole of it: events, taken one at a time. `handshake.rs` makes a connection, over a `socket.rs`, and `link.rs` keeps it;
//! `calls.rs` are carried out by `execution.rs`; `replies.rs` are sent until the server has them; `gateways.rs` says when to connect where.

mod api;
mod calls;
mod execution;
mod gateways;
mod handshake;
mod link;
mod messages;
mod problem;
mod replies;
mod socket;
mod worker;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use self::worker::{Event, Worker};
use super::InngestDriver;
use super::client::InngestError;
use super::settings::Mode;
use super::signature::Unsigned;

/// How many events wait, before whatever makes them does.
const EVENTS_MAX: usize = 64;

impl InngestDriver {
    /// Serves by connections that this process opens, so that the server need not reach it.
    ///
    /// One call is one invocation, as over HTTP, and all else that the [module](super) tells holds, too. Several processes may connect for the same app: the
    /// server spreads the calls. A connection that is lost is made anew, and calls that are under way go on meanwhile. A step that blocks the only thread
    /// of its runtime keeps the worker from saying that it is there.
    ///
    /// ```no_run
    /// # use owf_runtime::inngest::InngestDriver;
    /// # use owf_runtime::prelude::*;
    /// # #[workflow(event = "user.joined")]
    /// # async fn greet(name: String) -> String { name }
    /// # async fn stopped() {}
    /// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    /// let driver = InngestDriver::new("my-app").function(greet);
    /// let worker = driver.connect().start().await?; // connected: events start runs
    /// stopped().await; // `tokio::signal::ctrl_c()`, for one
    /// worker.shut_down().await; // what runs comes to its end
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(self) -> Connect {
        let options = Options {
            instance_id: instance_id(),
            max_worker_concurrency: self.settings.max_worker_concurrency,
            gateway_url: self.settings.gateway_url.clone(),
        };
        Connect { driver: self, options }
    }
}

/// How a worker connects.
///
/// What is not said is read from the process's environment: `INNGEST_CONNECT_MAX_WORKER_CONCURRENCY` and `INNGEST_CONNECT_GATEWAY_URL`.
#[must_use = "it does nothing until it is started"]
pub struct Connect {
    driver: InngestDriver,
    options: Options,
}

struct Options {
    instance_id: String,
    max_worker_concurrency: Option<NonZeroU32>,
    gateway_url: Option<String>,
}

impl Connect {
    /// What the server calls this process: a name that stays the same when it starts anew, and that no other process has. It is the name of the
    /// machine, if nothing else is said.
    pub fn instance_id(mut self, id: impl Into<String>) -> Connect {
        self.options.instance_id = id.into();
        self
    }

    /// How many calls are carried out at a time. Without, it is as many as the server sends.
    pub fn max_worker_concurrency(mut self, max: NonZeroU32) -> Connect {
        self.options.max_worker_concurrency = Some(max);
        self
    }

    /// Where the gateway is, in place of what the server says: `ws://localhost:8289/v0/connect`, as where it is reached by a proxy.
    pub fn gateway_url(mut self, url: impl Into<String>) -> Connect {
        self.options.gateway_url = Some(url.into());
        self
    }

    /// Connects. From then on events start runs, and the worker serves them until it is [shut down](ConnectWorker::shut_down), or dropped.
    ///
    /// A server that cannot be reached is tried again, for as long as it takes.
    ///
    /// # Errors
    ///
    /// When the server does not accept the signing key, or no further connection; and when there are
    /// [`problems`](InngestDriver::problems), or no name or key.
    pub async fn start(self) -> Result<ConnectWorker, InngestError> {
        if let Some(problem) = self.problem() {
            return Err(InngestError::refused(problem));
        }
        let (events, happening) = mpsc::channel(EVENTS_MAX);
        let (first, connected) = oneshot::channel();
        let (is_connected, watched) = watch::channel(false);
        let worker = Worker::new(Arc::new(self.driver), self.options, events.clone(), first, is_connected);
        let worker = ConnectWorker { events, is_connected: watched, task: tokio::spawn(worker.run(happening)) };
        let stopped = || InngestError::refused("the worker has stopped before it was connected".to_owned());
        connected.await.map_err(|_| stopped())??;
        Ok(worker)
    }

    /// What keeps the worker from being started.
    fn problem(&self) -> Option<String> {
        let Connect { driver, options } = self;
        if driver.settings.mode == Mode::Cloud && driver.settings.signing_key.is_none() {
            return Some(Unsigned::NoKey.reason().to_owned());
        }
        if options.instance_id.trim().is_empty() {
            return Some("the worker has no name: say `instance_id(\"worker-1\")`".to_owned());
        }
        driver.problems().into_iter().next()
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("instance_id", &self.options.instance_id).finish_non_exhaustive()
    }
}

/// A worker that is connected, or about to be again.
///
/// When it is dropped, its connection breaks, and each step that runs stops at its next `.await`; the server calls another worker for it once the call's
/// lease is over, which takes some minutes.
#[must_use = "a worker stops when it is dropped: keep it, and shut it down in the end"]
pub struct ConnectWorker {
    events: mpsc::Sender<Event>,
    is_connected: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl ConnectWorker {
    /// Whether there is a connection now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        !self.task.is_finished() && *self.is_connected.borrow()
    }

    /// Takes no more calls, finishes those that are under way, sees to it that the server has the replies, and closes the connection.
    ///
    /// It takes as long as the steps do that run; a timeout around it ends them, as dropping the worker does.
    pub async fn shut_down(mut self) {
        // A worker that is gone has nothing to be shut down.
        let _ = self.events.send(Event::ShutDown).await;
        let _ = (&mut self.task).await;
    }
}

impl Drop for ConnectWorker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for ConnectWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectWorker").field("is_connected", &self.is_connected()).finish_non_exhaustive()
    }
}

/// The name of this machine, where it can be told.
fn instance_id() -> String {
    let named = ["HOSTNAME", "COMPUTERNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"].into_iter();
    let mut names = named.chain(files.filter_map(|file| std::fs::read_to_string(file).ok()));
    let name = names.find(|name| !name.trim().is_empty());
    name.map_or_else(|| "unknown".to_owned(), |name| name.trim().to_owned())
}
