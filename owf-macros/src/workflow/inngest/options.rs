//! The options of `inngest(..)`, with the server's own limits.

/// An option.
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// How to write it, for messages.
    pub(super) usage: &'static str,
    pub(super) shape: Shape,
    pub(super) parameters: &'static [Parameter],
    /// How often it may be said.
    pub(super) times_max: usize,
}

/// How an option is written, and what becomes of it.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// `name = value`.
    Value,
    /// `name(..)`: a struct of the runtime, made by its constructor from what is required.
    Struct { name: &'static str, constructor: &'static str },
}

/// One value of an option.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A text, mostly an expression.
    Text,
    Count {
        least: u32,
        most: u32,
    },
    /// In seconds.
    Length {
        least: u64,
        most: u64,
    },
    /// As it is written, and as the runtime calls it.
    Choice(&'static [(&'static str, &'static str)]),
}

const DAY: u64 = 24 * 3600;
const YEAR: u64 = 365 * DAY;
const POSITIVE: Kind = Kind::Count { least: 1, most: u32::MAX };
const PERIOD: Kind = Kind::Length { least: 1, most: YEAR };

const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_required: false }
}

const fn value(name: &'static str, usage: &'static str, parameters: &'static [Parameter]) -> Setting {
    Setting { name, usage, shape: Shape::Value, parameters, times_max: 1 }
}

const fn of_struct(
    name: &'static str,
    usage: &'static str,
    ty: &'static str,
    parameters: &'static [Parameter],
    times_max: usize,
) -> Setting {
    Setting { name, usage, shape: Shape::Struct { name: ty, constructor: "new" }, parameters, times_max }
}

pub(super) const OPTIONS: &[Setting] = &[
    of_struct(
        "concurrency",
        "concurrency(limit = 2, key = \"event.data.customer\", scope = \"fn\")",
        "Concurrency",
        &[
            required("limit", POSITIVE),
            optional("key", Kind::Text),
            optional("scope", Kind::Choice(&[("fn", "Function"), ("env", "Environment"), ("account", "Account")])),
        ],
        2,
    ),
    of_struct(
        "throttle",
        "throttle(limit = 10, period = \"1m\", burst = 2, key = \"..\")",
        "Throttle",
        &[
            required("limit", POSITIVE),
            required("period", PERIOD),
            optional("burst", POSITIVE),
            optional("key", Kind::Text),
        ],
        1,
    ),
    of_struct(
        "rate_limit",
        "rate_limit(limit = 10, period = \"1h\", key = \"..\")",
        "RateLimit",
        &[required("limit", POSITIVE), required("period", PERIOD), optional("key", Kind::Text)],
        1,
    ),
    of_struct(
        "debounce",
        "debounce(period = \"5s\", key = \"..\", timeout = \"1m\")",
        "Debounce",
        &[
            required("period", Kind::Length { least: 1, most: 7 * DAY }),
            optional("key", Kind::Text),
            optional("timeout", PERIOD),
        ],
        1,
    ),
    value("priority", "priority = \"event.data.vip ? 100 : 0\"", &[required("priority", Kind::Text)]),
    of_struct(
        "batch",
        "batch(max_size = 100, timeout = \"5s\", key = \"..\")",
        "Batch",
        &[
            required("max_size", Kind::Count { least: 2, most: 100 }),
            required("timeout", Kind::Length { least: 1, most: 60 }),
            optional("key", Kind::Text),
        ],
        1,
    ),
    of_struct(
        "singleton",
        "singleton(mode = \"skip\", key = \"..\")",
        "Singleton",
        &[required("mode", Kind::Choice(&[("skip", "skip"), ("cancel", "cancel")])), optional("key", Kind::Text)],
        1,
    ),
    value("idempotency", "idempotency = \"event.data.order\"", &[required("idempotency", Kind::Text)]),
    of_struct(
        "cancel_on",
        "cancel_on(event = \"order.cancelled\", when = \"async.data.id == event.data.id\", timeout = \"1d\")",
        "CancelOn",
        &[required("event", Kind::Text), optional("when", Kind::Text), optional("timeout", PERIOD)],
        5,
    ),
    value("start_timeout", "start_timeout = \"10m\"", &[required("start_timeout", PERIOD)]),
    value("finish_timeout", "finish_timeout = \"1h\"", &[required("finish_timeout", PERIOD)]),
    value("when", "when = \"event.data.cents > 100\"", &[required("when", Kind::Text)]),
];

/// What the server refuses together, and why.
pub(super) const EXCLUSIVE: &[(&str, &str, &str)] = &[
    ("batch", "debounce", "both decide with which events a run starts"),
    ("batch", "singleton", "a run of several events has no one key"),
    ("batch", "priority", "a run of several events has no one priority"),
    ("batch", "cancel_on", "a run of several events is not cancelled for one"),
    ("idempotency", "rate_limit", "idempotency is a rate limit of one run a day"),
];
