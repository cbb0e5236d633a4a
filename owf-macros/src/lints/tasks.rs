//! `owf::tasks`: tasks beside the workflow, and futures that are polled by hand.

use super::Lint;
use super::names::{About, Name, function, macros, method, module, pure, types};

const STEP_AWAIT: &str = "await it in a step: `{let}step!(\"{id}\", { .. }).await?{;}`";
const SEVERAL: &str = "await a step for each at once: `join!(step!(..), step!(..)).await`, or `join_all(..).await`";

pub(super) const ABOUT: About = About {
    lint: Lint::Tasks,
    consequence: "a replay would run it again, beside what the run records",
    why: "A task is not part of the run: nothing of it is recorded, it is started again in each replay, and it dies with the process. A future that is polled by hand escapes the check that each `.await` has.",
    bad: "let mail = tokio::spawn(send_mail(order));",
    good: "join!(step!(\"mail\", send_mail(&order).await?), step!(\"ship\", ship(&order).await?)).await",
    gaps: &[
        "tasks that are started by functions of other crates, and of files that are not found, or through a handle that the workflow gets from outside",
        "`poll` that is called by hand within a function of another crate",
    ],
    names: NAMES,
    methods: &[
        method("now_or_never", "polls a future once, without the run knowing", STEP_AWAIT),
        method("block_on", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
        method("spawn_blocking", "starts a task", STEP_AWAIT),
        method("spawn_local", "starts a task", STEP_AWAIT),
        method("spawn_pinned", "starts a task", STEP_AWAIT),
        method("remote_handle", "makes a task of a future", STEP_AWAIT),
    ],
};

/// `future.poll(&mut context)`, which is told by its argument.
pub(super) const POLL: Name = method("poll", "polls a future by hand, without the run knowing", STEP_AWAIT);

const NAMES: &[Name] = &[
    function("tokio::spawn", "starts a task", SEVERAL),
    module("tokio::task", "starts a task", SEVERAL),
    pure("tokio::task::JoinError"),
    function("tokio::task::yield_now", "yields the task", "remove it: a workflow yields when it waits"),
    function("tokio::task::id", "asks for the current task", "use the run's own data, such as its input"),
    function("tokio::task::spawn_blocking", "starts a task", STEP_AWAIT),
    function("tokio::task::block_in_place", "blocks the worker", STEP_AWAIT),
    types("tokio::runtime::Handle", "starts tasks", STEP_AWAIT),
    types("tokio::runtime::Runtime", "starts tasks", STEP_AWAIT),
    types("tokio::runtime::Builder", "starts tasks", STEP_AWAIT),
    module("futures::executor", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    module("futures_executor", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    module("futures_lite::future::block_on", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    module("pollster", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    function("async_std::task::spawn", "starts a task", SEVERAL),
    function("async_std::task::block_on", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    function("smol::spawn", "starts a task", SEVERAL),
    function("async_std::task::spawn_blocking", "starts a task", STEP_AWAIT),
    function("async_std::task::spawn_local", "starts a task", SEVERAL),
    function("async_std::task::current", "asks for the current task", "use the run's own data, such as its input"),
    function("async_std::task::yield_now", "yields the task", "remove it: a workflow yields when it waits"),
    function("smol::unblock", "starts a task", STEP_AWAIT),
    function("blocking::unblock", "starts a task", STEP_AWAIT),
    function("smol::future::block_on", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    function("smol::future::yield_now", "yields the task", "remove it: a workflow yields when it waits"),
    function("async_io::block_on", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    types("async_executor::Executor", "starts tasks", STEP_AWAIT),
    types("async_executor::LocalExecutor", "starts tasks", STEP_AWAIT),
    types("smol::Executor", "starts tasks", STEP_AWAIT),
    types("smol::LocalExecutor", "starts tasks", STEP_AWAIT),
    types("tokio_util::task::TaskTracker", "starts tasks", SEVERAL),
    module("async_global_executor", "starts tasks", SEVERAL),
    function("wasm_bindgen_futures::spawn_local", "starts a task", SEVERAL),
    function("actix_web::rt::spawn", "starts a task", SEVERAL),
    function("actix_rt::spawn", "starts a task", SEVERAL),
    function("smol::block_on", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
    macros("futures_util::poll", "polls a future once, without the run knowing", STEP_AWAIT),
    macros("futures::pending", "waits without the run knowing", STEP_AWAIT),
    function("futures_util::future::poll_fn", "polls by hand, without the run knowing", STEP_AWAIT),
    function("futures_lite::future::poll_fn", "polls by hand, without the run knowing", STEP_AWAIT),
    function("futures_lite::future::poll_once", "polls a future once, without the run knowing", STEP_AWAIT),
    function("futures_lite::future::yield_now", "yields the task", "remove it: a workflow yields when it waits"),
    macros("futures::poll", "polls a future once, without the run knowing", STEP_AWAIT),
    function("std::future::Future::poll", "polls by hand, without the run knowing", STEP_AWAIT),
    function("std::future::poll_fn", "polls by hand, without the run knowing", STEP_AWAIT),
    function("futures::future::poll_fn", "polls by hand, without the run knowing", STEP_AWAIT),
    function("futures::poll", "polls a future once, without the run knowing", STEP_AWAIT),
    module("futures_util::executor", "runs a future on the spot, and blocks the worker", STEP_AWAIT),
];
