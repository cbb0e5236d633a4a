//! A server that takes many runs to their ends: it keeps what they record, calls the driver for what is due, and answers what the driver asks.
//!
//! It does as the server's executor does (`pkg/execution/executor`): an operation that ends has the function called again when nothing else of its
//! plan is left, or at once if it is racing; a signal goes to the one wait for its name; an event to all whose expression holds; a run that is over
//! loses all that waits. It differs in two things: a failed attempt is followed by the next at once where the answer names no time, and the clock is
//! that of the test.

mod api;
mod clock;
mod expression;
mod operations;
mod run;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use owf_runtime::inngest::{InngestClient, InngestDriver, InngestFunction};
use owf_runtime::{Host, OnDivergence, Workflow};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use self::clock::Timer;
pub(crate) use self::run::{End, Run};
use crate::probe::waits_for_others;
use crate::server::{Answered, post};

/// The step that stands for a call without one.
const ANY_STEP: &str = "step";

/// How often a function is tried that says nothing of it.
const ATTEMPTS_DEFAULT: u32 = 5;

/// A server that is there.
pub(crate) struct Running(#[expect(dead_code, reason = "it ends the server when it is dropped")] oneshot::Sender<()>);

/// Whose time the server keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// The clock is moved on when nothing else can happen.
    Jumps,
    /// The test moves it.
    IsDriven,
}

/// How the drivers are configured that serve functions to it, and the functions.
#[derive(Clone, Copy)]
pub(crate) struct Configure {
    pub(crate) driver: fn(InngestDriver) -> InngestDriver,
    pub(crate) function: fn(InngestFunction) -> InngestFunction,
}

pub(crate) struct Engine {
    host: Arc<dyn Host>,
    time: Time,
    configure: Configure,
    origin: String,
    divergence: Mutex<OnDivergence>,
    serving: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// How often something happened.
    progress: AtomicU64,
    /// Woken whenever something happens.
    pub(crate) happened: Notify,
}

#[derive(Default)]
struct State {
    functions: HashMap<String, Served>,
    /// In the order of their start.
    runs: BTreeMap<String, Run>,
    /// What the IDs of events stand for: another event of the same ID starts nothing.
    events: HashMap<String, Vec<String>>,
    pauses: Vec<Pause>,
    timers: Vec<Timer>,
    calls_under_way: usize,
    /// The names of signals that are sent until they are taken.
    unsent: Vec<String>,
    numbers: u64,
}

/// A function that was registered.
struct Served {
    driver: Arc<InngestDriver>,
    /// Names and expressions of the events that start it.
    starts: Vec<(String, Option<String>)>,
    attempts_max: u32,
}

/// An operation that waits for something to come.
struct Pause {
    run: String,
    operation: Value,
    waits_for: WaitsFor,
}

enum WaitsFor {
    Signal(String),
    Event {
        name: String,
        condition: Option<String>,
    },
    /// The end of a run that was invoked with this.
    End {
        correlation: String,
    },
}

/// A call of a run's function.
#[derive(Clone)]
struct Call {
    run: String,
    step: String,
    /// How many attempts came before.
    attempt: u32,
}

impl Engine {
    /// A server on a thread of its own, where the runs' code is executed as well.
    pub(crate) fn start(host: Arc<dyn Host>, time: Time, configure: Configure) -> (Arc<Engine>, Running) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("it may be");
        let engine = Arc::new(Engine {
            host,
            time,
            configure,
            origin: format!("http://{}", listener.local_addr().expect("it is bound")),
            divergence: Mutex::default(),
            serving: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            progress: AtomicU64::new(0),
            happened: Notify::new(),
        });
        let (running, stopped) = oneshot::channel();
        let serving = engine.clone();
        std::thread::spawn(move || {
            waits_for_others();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime");
                let routes = api::routes(serving.clone());
                tokio::spawn(async move { axum::serve(listener, routes).await });
                if serving.time == Time::Jumps {
                    tokio::spawn(serving.keep_time());
                }
                // Nobody ever sends anything; it ends when the other side is gone.
                let _ = stopped.await;
            });
        });
        (engine, Running(running))
    }

    /// Has a driver serve a workflow, and tell this server so; returns the driver.
    pub(crate) async fn serve<W: Workflow>(self: &Arc<Self>, workflow: W) -> Arc<InngestDriver> {
        let id = format!("app-{}", W::NAME);
        let _one_at_a_time = self.serving.lock().await;
        if let Some(served) = self.state().functions.get(&id) {
            return served.driver.clone();
        }
        // Whatever else starts it, the test can.
        let function = InngestFunction::new(workflow).event(format!("start/{}", W::NAME));
        let driver = Arc::new(self.driver().function((self.configure.function)(function)));
        let sync = http::Request::put("http://served.test/api/inngest").body(bytes::Bytes::new()).expect("a request");
        let synced = Answered::of(&driver.handle(sync).await);
        assert_eq!(synced.status, 200, "{synced:?}");
        let mut state = self.state();
        for (name, served) in &mut state.functions {
            // The function, and the one that is told of its failures.
            if name.strip_prefix(&id).is_some_and(|rest| rest.is_empty() || rest == "-failure") {
                served.driver = driver.clone();
            }
        }
        driver
    }

    fn driver(&self) -> InngestDriver {
        let driver = InngestDriver::new("app").dev(true).host(self.host.clone()).base_url(&self.origin);
        let on_divergence = *self.divergence.lock().unwrap_or_else(PoisonError::into_inner);
        let driver = driver.body_limit(usize::MAX).serve_origin("http://served.test").on_divergence(on_divergence);
        (self.configure.driver)(driver)
    }

    /// What drivers of functions that are served from now on do when what is recorded and the code disagree.
    pub(crate) fn on_divergence(&self, policy: OnDivergence) {
        *self.divergence.lock().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    /// Notes that a signal is sent until somebody takes it.
    pub(crate) fn announce(&self, signal: &str) {
        self.state().unsent.push(signal.to_owned());
    }

    /// Notes that it is sent no more.
    pub(crate) fn withdraw(&self, signal: &str) {
        let mut state = self.state();
        let place = state.unsent.iter().position(|unsent| unsent == signal);
        if let Some(place) = place {
            state.unsent.swap_remove(place);
        }
    }

    /// Whether anybody waits for a signal.
    pub(crate) fn waits_for(&self, signal: &str) -> bool {
        self.state().waits_for(signal)
    }

    /// A client of this server.
    pub(crate) fn client(&self) -> InngestClient {
        self.driver().client()
    }

    /// Runs that an event has started.
    pub(crate) fn runs_of(&self, event: &str) -> Vec<String> {
        self.state().events.get(event).cloned().unwrap_or_default()
    }

    /// The runs of a function, in the order of their start.
    pub(crate) fn runs_named(&self, function: &str) -> Vec<String> {
        let state = self.state();
        state.runs.values().filter(|run| run.function == function).map(|run| run.id.clone()).collect()
    }

    /// What is known of a run.
    pub(crate) fn look<T>(&self, run: &str, look: impl FnOnce(&Run) -> T) -> Option<T> {
        self.state().runs.get(run).map(look)
    }

    /// As `DELETE /v1/runs/{id}`: the run is not called again.
    pub(crate) fn cancel(self: &Arc<Self>, run: &str) -> bool {
        let mut state = self.state();
        let is_there = state.runs.get(run).is_some_and(|run| run.end.is_none());
        if is_there {
            self.finish(&mut state, run, End::Cancelled);
        }
        is_there
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_progress(&self) {
        self.progress.fetch_add(1, Ordering::Relaxed);
        self.happened.notify_waiters();
    }

    /// Has a call made now.
    fn call(self: &Arc<Self>, state: &mut State, call: Call) {
        state.calls_under_way += 1;
        let engine = self.clone();
        tokio::spawn(async move { engine.make(call).await });
    }

    async fn make(self: Arc<Self>, call: Call) {
        let prepared = {
            let state = self.state();
            let run = state.runs.get(&call.run).filter(|run| run.end.is_none());
            run.map(|run| (state.functions[&run.function].driver.clone(), run.function.clone(), run.body(call.attempt)))
        };
        let answer = match prepared {
            Some((driver, function, body)) => Some(post(&driver, &function, &call.step, &body).await),
            None => None,
        };
        let mut state = self.state();
        state.calls_under_way -= 1;
        if let Some(answer) = answer {
            self.hear(&mut state, &call, &answer);
        }
        drop(state);
        self.note_progress();
    }

    /// An ID as the server makes them: the time, and a number.
    fn ulid(&self, state: &mut State) -> String {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        state.numbers += 1;
        let millis = self.host.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let bits = (millis << 80) | u128::from(state.numbers);
        (0..26)
            .rev()
            .map(|place| char::from(DIGITS[usize::try_from((bits >> (5 * place)) & 31).unwrap_or(0)]))
            .collect()
    }

    fn millis(&self) -> u64 {
        let now = self.host.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Call {
    /// A call without a step to run.
    fn again(run: &str) -> Call {
        Call::of_step(run, ANY_STEP)
    }

    fn of_step(run: &str, step: &str) -> Call {
        Call { run: run.to_owned(), step: step.to_owned(), attempt: 0 }
    }
}

impl State {
    fn run_mut(&mut self, run: &str) -> &mut Run {
        self.runs.get_mut(run).expect("it was started")
    }

    /// Whether a signal is on its way to somebody who waits for it.
    fn is_about_to_hear(&self) -> bool {
        self.unsent.iter().any(|name| self.waits_for(name))
    }

    fn waits_for(&self, signal: &str) -> bool {
        self.pauses.iter().any(|pause| matches!(&pause.waits_for, WaitsFor::Signal(name) if name == signal))
    }
}

impl Pause {
    fn is(&self, run: &str, id: &str) -> bool {
        self.run == run && self.operation["id"] == id
    }
}

/// What the server keeps of an event.
fn event(id: &str, name: &str, data: Value, ts: u64) -> Value {
    json!({ "id": id, "name": name, "data": data, "ts": ts })
}
