//! `owf::timers`: waits that the run does not record.

use super::Lint;
use super::names::{About, Name, function, module, pure, types};

const SLEEP: &str = "wait durably: `sleep(\"{id}\", {args}).await?`";
const TIMEOUT: &str = "race it with a durable wait: `race! { value = .. => .., _ = sleep(\"too-late\", limit) => .. }`, or give the step a `timeout = ..`";

const SLEEP_RETRY: &str = "do it in a step, which is tried again by itself: `step!(\"{id}\", retries = 5, ..).await?`";

pub(super) const ABOUT: About = About {
    lint: Lint::Timers,
    consequence: "a replay would wait all over again",
    why: "A timer of the process starts anew with each replay, is lost when the process ends, and what it decides is not recorded. A durable `sleep` is over when it is over, and holds nothing meanwhile.",
    bad: "tokio::time::sleep(Duration::from_secs(60)).await;",
    good: "sleep(\"pause\", Duration::from_secs(60)).await?;",
    gaps: &[
        "timers behind functions of other crates, and of files that are not found; one that is awaited does not compile without any lint",
    ],
    names: NAMES,
    methods: &[],
};

const NAMES: &[Name] = &[
    function("std::thread::sleep", "blocks the worker", SLEEP),
    function("std::thread::sleep_until", "blocks the worker", SLEEP),
    function("std::thread::sleep_ms", "blocks the worker", SLEEP),
    function("futures_time::task::sleep", "is a timer of this process", SLEEP),
    function("async_std::stream::interval", "is a timer of this process", SLEEP),
    function("spin_sleep::sleep", "blocks the worker", SLEEP),
    types("tokio_util::time::DelayQueue", "is a timer of this process", SLEEP),
    module("tokio::time", "is a timer of this process", SLEEP),
    function("tokio::time::sleep", "is a timer of this process", SLEEP),
    function("tokio::time::timeout", "is a timer of this process", TIMEOUT),
    function("tokio::time::timeout_at", "is a timer of this process", TIMEOUT),
    types("tokio::time::Interval", "is a timer of this process", SLEEP),
    function(
        "tokio::time::interval",
        "is a timer of this process",
        "use a loop with a durable wait: `sleep(\"{id}\", {args}).await?`",
    ),
    pure("tokio::time::Duration"),
    pure("tokio::time::error"),
    pure("tokio::time::Instant"),
    module("futures_timer", "is a timer of this process", SLEEP),
    types("async_io::Timer", "is a timer of this process", SLEEP),
    types("smol::Timer", "is a timer of this process", SLEEP),
    function("async_std::task::sleep", "is a timer of this process", SLEEP),
    function("async_std::future::timeout", "is a timer of this process", TIMEOUT),
    function("backoff::retry", "waits between its attempts, and blocks the worker", SLEEP_RETRY),
    module("retry", "waits between its attempts, and blocks the worker", SLEEP_RETRY),
    pure("retry::delay"),
    module("gloo_timers", "is a timer of this process", SLEEP),
];
