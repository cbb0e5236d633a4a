//! `owf::channels`: channels, and locks that wait for others.

use super::Lint;
use super::names::{About, Name, method, module, pure, types};

const INSTEAD: &str = "keep it in a variable, or return it from a step; across runs, wait for a signal";

pub(super) const ABOUT: About = About {
    lint: Lint::Channels,
    consequence: "a replay would wait for what arrived there once more",
    why: "What comes through a channel is not recorded, so that a replay waits for something that came already. Who gets a lock first differs each time.",
    bad: "let (tx, rx) = std::sync::mpsc::channel();",
    good: "let approval = step!(\"approval\", fetch_approval(&id).await?).await?;",
    gaps: &[
        "channels and locks that the workflow gets from outside; `recv().await` and its like don't compile without any lint",
        "a local `Mutex` is allowed, as nobody else can hold it",
    ],
    names: NAMES,
    methods: &[
        method("recv_timeout", "waits for a message, and blocks the worker", INSTEAD),
        method("blocking_recv", "waits for a message, and blocks the worker", INSTEAD),
        method("blocking_send", "waits for a reader, and blocks the worker", INSTEAD),
        method("blocking_lock", "waits for a lock, and blocks the worker", INSTEAD),
        method("wait_timeout", "waits for another thread, and blocks the worker", INSTEAD),
        method("wait_timeout_while", "waits for another thread, and blocks the worker", INSTEAD),
    ],
};

const NAMES: &[Name] = &[
    module("std::sync::mpsc", "is a channel between threads", INSTEAD),
    pure("std::sync::mpsc::RecvError"),
    pure("std::sync::mpsc::TryRecvError"),
    types("std::sync::Condvar", "waits for another thread", INSTEAD),
    types("std::sync::Barrier", "waits for other threads", INSTEAD),
    module("tokio::sync", "is shared between tasks", INSTEAD),
    module("futures::channel", "is a channel between tasks", INSTEAD),
    module("futures::lock", "waits for another task", INSTEAD),
    module("flume", "is a channel between threads", INSTEAD),
    module("crossbeam_channel", "is a channel between threads", INSTEAD),
    module("crossbeam::channel", "is a channel between threads", INSTEAD),
    module("async_channel", "is a channel between tasks", INSTEAD),
    module("kanal", "is a channel between threads", INSTEAD),
    module("futures_channel", "is a channel between tasks", INSTEAD),
    module("futures_util::lock", "waits for another task", INSTEAD),
    module("async_lock", "waits for another task", INSTEAD),
    module("async_std::channel", "is a channel between tasks", INSTEAD),
    module("async_std::sync", "is shared between tasks", INSTEAD),
    pure("async_std::sync::Arc"),
    pure("async_std::sync::Weak"),
    module("smol::channel", "is a channel between tasks", INSTEAD),
    module("smol::lock", "waits for another task", INSTEAD),
    module("tokio_util::sync", "is shared between tasks", INSTEAD),
    module("async_broadcast", "is a channel between tasks", INSTEAD),
    module("postage", "is a channel between tasks", INSTEAD),
    module("thingbuf::mpsc", "is a channel between tasks", INSTEAD),
    types("crossbeam::sync::WaitGroup", "waits for other threads", INSTEAD),
    types("crossbeam::sync::Parker", "waits for another thread", INSTEAD),
    types("event_listener::Event", "waits for another task", INSTEAD),
    types("parking_lot::Condvar", "waits for another thread", INSTEAD),
    module("oneshot", "is a channel between threads", INSTEAD),
    module("loole", "is a channel between tasks", INSTEAD),
];
