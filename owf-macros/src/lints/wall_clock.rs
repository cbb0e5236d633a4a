//! `owf::wall_clock`: the clock is read outside of a step.

use super::Lint;
use super::names::{About, Name, STEP, function, module, types};

/// `Instant` can't be recorded, so the advice is a time that can.
const SYSTEM_TIME: &str =
    "record a time that can be stored: `{let}step!(\"{id}\", std::time::SystemTime::now()).await?{;}`";

pub(super) const ABOUT: About = About {
    lint: Lint::WallClock,
    consequence: "a replay would read another time",
    why: "A replay happens later. A time that was read before is another one then, and so is every branch, ID and value that depends on it.",
    bad: "let started = SystemTime::now();",
    good: "let started = step!(\"started\", SystemTime::now()).await?;",
    gaps: &[
        "clocks behind functions of other crates, and of files that are not found",
        "clocks behind trait objects, generic parameters and function pointers, unless the file tells what is behind them: `let clock: Box<dyn Clock> = Box::new(Real);`",
        "what serde calls where the value of a workflow's input, of a signal or of an event is read: `#[serde(default = \"today\")]`, a `Deserialize` of your own; `serde_json::from_str` and its like are looked into",
        "methods that read the clock (`started.elapsed()`) are told by the type of their receiver, on which see the probes",
    ],
    names: NAMES,
    methods: &[],
};

const NAMES: &[Name] = &[
    function("std::time::Instant::now", "reads the clock", SYSTEM_TIME),
    function("std::time::Instant::elapsed", "reads the clock", STEP),
    function("std::time::SystemTime::now", "reads the clock", STEP),
    function("std::time::SystemTime::elapsed", "reads the clock", STEP),
    function("chrono::Utc::now", "reads the clock", STEP),
    function("chrono::Local::now", "reads the clock and the time zone", STEP),
    function("chrono::Utc::today", "reads the clock", STEP),
    function("chrono::Local::today", "reads the clock and the time zone", STEP),
    function("chrono::offset::Utc::now", "reads the clock", STEP),
    function("chrono::offset::Local::now", "reads the clock and the time zone", STEP),
    function("time::OffsetDateTime::now_utc", "reads the clock", STEP),
    function("time::OffsetDateTime::now_local", "reads the clock and the time zone", STEP),
    function("time::UtcDateTime::now", "reads the clock", STEP),
    function("time::Instant::now", "reads the clock", SYSTEM_TIME),
    function("jiff::Timestamp::now", "reads the clock", STEP),
    function("jiff::Zoned::now", "reads the clock and the time zone", STEP),
    function("tokio::time::Instant::now", "reads the clock", SYSTEM_TIME),
    function("tokio::time::Instant::elapsed", "reads the clock", STEP),
    function("web_time::Instant::now", "reads the clock", SYSTEM_TIME),
    function("web_time::SystemTime::now", "reads the clock", STEP),
    function("coarsetime::Instant::now", "reads the clock", SYSTEM_TIME),
    module("quanta", "reads the clock", SYSTEM_TIME),
    function("web_time::Instant::elapsed", "reads the clock", STEP),
    function("web_time::SystemTime::elapsed", "reads the clock", STEP),
    function("coarsetime::Instant::elapsed", "reads the clock", STEP),
    function("coarsetime::Instant::recent", "reads the clock", STEP),
    function("coarsetime::Clock::now_since_epoch", "reads the clock", STEP),
    function("coarsetime::Clock::recent_since_epoch", "reads the clock", STEP),
    function("instant::now", "reads the clock", STEP),
    function("instant::Instant::now", "reads the clock", SYSTEM_TIME),
    function("instant::SystemTime::now", "reads the clock", STEP),
    function("minstant::Instant::now", "reads the clock", SYSTEM_TIME),
    function("fastant::Instant::now", "reads the clock", SYSTEM_TIME),
    function("hifitime::Epoch::now", "reads the clock", STEP),
    function("bson::DateTime::now", "reads the clock", STEP),
    function("mongodb::bson::DateTime::now", "reads the clock", STEP),
    function("embassy_time::Instant::now", "reads the clock", SYSTEM_TIME),
    function("uuid::Timestamp::now", "reads the clock", STEP),
    function("uuid::timestamp::Timestamp::now", "reads the clock", STEP),
    function("jsonwebtoken::get_current_timestamp", "reads the clock", STEP),
    function("cron::Schedule::upcoming", "reads the clock", STEP),
    function("tai64::Tai64::now", "reads the clock", STEP),
    function("tai64::Tai64N::now", "reads the clock", STEP),
    function("totp_rs::TOTP::generate_current", "reads the clock", STEP),
    function("totp_rs::TOTP::check_current", "reads the clock", STEP),
    types("governor::RateLimiter", "measures time", STEP),
];
