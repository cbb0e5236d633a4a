//! `owf::unordered`: combinators that poll in an order of their own, and record no winner.

use super::Lint;
use super::names::{About, Name, function, macros, method, types};

const RACE: &str = "use `race! { value = step!(..) => .., .. }`, which records the winner";
const JOIN: &str = "use `join!(a, b).await` of steps, or `join_all(..).await`";

pub(super) const ABOUT: About = About {
    lint: Lint::Unordered,
    consequence: "a replay may take another turn",
    why: "Which future is ready first differs between a run and its replay, where all that was recorded is ready at once. `race!` records who won, and `join!` awaits durable operations in an order that stays.",
    bad: "tokio::select! { a = first() => a, b = second() => b }",
    good: "race! { a = step!(\"first\", first().await) => a, b = step!(\"second\", second().await) => b }",
    gaps: &[
        "combinators of other crates than `tokio` and the `futures` family; what they give is awaited, and is no `Durable`",
    ],
    names: NAMES,
    methods: &[
        method("buffer_unordered", "yields in the order of completion", JOIN),
        method("try_buffer_unordered", "yields in the order of completion", JOIN),
        method("for_each_concurrent", "runs in an order of its own", JOIN),
        method("try_for_each_concurrent", "runs in an order of its own", JOIN),
        method("flatten_unordered", "yields in the order of completion", JOIN),
        method("flat_map_unordered", "yields in the order of completion", JOIN),
    ],
};

const NAMES: &[Name] = &[
    macros("tokio::select", "does not record which branch won", RACE),
    macros("futures::select", "does not record which branch won", RACE),
    macros("futures::select_biased", "does not record which branch won", RACE),
    macros("futures_util::select", "does not record which branch won", RACE),
    macros("futures_lite::future::or", "does not record which branch won", RACE),
    macros("tokio::join", "polls plain futures in an order of its own", JOIN),
    macros("tokio::try_join", "polls plain futures in an order of its own", JOIN),
    macros("futures::join", "polls plain futures in an order of its own", JOIN),
    macros("futures::try_join", "polls plain futures in an order of its own", JOIN),
    macros("futures_util::join", "polls plain futures in an order of its own", JOIN),
    macros("futures_util::try_join", "polls plain futures in an order of its own", JOIN),
    types("tokio_stream::StreamMap", "yields in the order of arrival", JOIN),
    function("futures::future::select", "does not record which future won", RACE),
    function("futures::future::select_all", "does not record which future won", RACE),
    function("futures::future::select_ok", "does not record which future won", RACE),
    function("futures::future::try_select", "does not record which future won", RACE),
    function("futures::future::join_all", "polls plain futures in an order of its own", JOIN),
    function("futures::future::try_join_all", "polls plain futures in an order of its own", JOIN),
    function("futures::future::join", "polls plain futures in an order of its own", JOIN),
    function("futures::future::try_join", "polls plain futures in an order of its own", JOIN),
    types("futures::stream::FuturesUnordered", "yields in the order of completion", JOIN),
    types("futures_util::stream::FuturesUnordered", "yields in the order of completion", JOIN),
    function("futures::future::join3", "polls plain futures in an order of its own", JOIN),
    function("futures::future::join4", "polls plain futures in an order of its own", JOIN),
    function("futures::future::join5", "polls plain futures in an order of its own", JOIN),
    function("futures::future::try_join3", "polls plain futures in an order of its own", JOIN),
    function("futures_util::future::select", "does not record which future won", RACE),
    function("futures_util::future::select_all", "does not record which future won", RACE),
    function("futures_util::future::select_ok", "does not record which future won", RACE),
    function("futures_util::future::try_select", "does not record which future won", RACE),
    function("futures_util::future::join", "polls plain futures in an order of its own", JOIN),
    function("futures_util::future::try_join", "polls plain futures in an order of its own", JOIN),
    function("futures_util::future::join_all", "polls plain futures in an order of its own", JOIN),
    function("futures_util::future::try_join_all", "polls plain futures in an order of its own", JOIN),
    macros("futures_util::select_biased", "does not record which branch won", RACE),
    macros("futures::stream_select", "yields in the order of arrival", JOIN),
    function("futures_lite::future::or", "does not record which future won", RACE),
    function("futures_lite::future::race", "does not record which future won", RACE),
    function("futures_lite::future::zip", "polls plain futures in an order of its own", JOIN),
    function("smol::future::or", "does not record which future won", RACE),
    function("smol::future::race", "does not record which future won", RACE),
    function("smol::future::zip", "polls plain futures in an order of its own", JOIN),
    types("futures::stream::FuturesOrdered", "polls plain futures in an order of its own", JOIN),
    types("futures::stream::SelectAll", "yields in the order of arrival", JOIN),
    function("futures::stream::select", "yields in the order of arrival", JOIN),
    function("futures::stream::select_all", "yields in the order of arrival", JOIN),
];
