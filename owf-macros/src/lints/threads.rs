//! `owf::threads`: threads of the operating system, and thread pools.

use super::Lint;
use super::names::{About, Name, function, method, module, pure, types};

const WHOLE: &str = "do the work in a step: `{let}step!(\"{id}\", { .. }).await?{;}`; for several at once, `join!` or `join_all` of steps";

pub(super) const ABOUT: About = About {
    lint: Lint::Threads,
    consequence: "what a thread does is not recorded for a replay",
    why: "What a thread does is done again in a replay, is lost when the process ends, and happens in another order each time. Workflows move between threads, so the current one says nothing, too.",
    bad: "let sum = std::thread::spawn(move || add(&parts)).join();",
    good: "let sum = step!(\"sum\", add(&parts)).await?;",
    gaps: &[
        "threads behind functions of other crates, and of files that are not found, and pools that the workflow gets from outside",
    ],
    names: NAMES,
    methods: &[
        method("par_iter", "works on a thread pool", WHOLE),
        method("par_iter_mut", "works on a thread pool", WHOLE),
        method("into_par_iter", "works on a thread pool", WHOLE),
        method("par_bridge", "works on a thread pool", WHOLE),
        method("par_chunks", "works on a thread pool", WHOLE),
        method("par_sort", "works on a thread pool", WHOLE),
        method("par_sort_unstable", "works on a thread pool", WHOLE),
        method("par_bytes", "works on a thread pool", WHOLE),
        method("par_chars", "works on a thread pool", WHOLE),
        method("par_chunk_by", "works on a thread pool", WHOLE),
        method("par_chunks_exact", "works on a thread pool", WHOLE),
        method("par_chunks_mut", "works on a thread pool", WHOLE),
        method("par_drain", "works on a thread pool", WHOLE),
        method("par_extend", "works on a thread pool", WHOLE),
        method("par_lines", "works on a thread pool", WHOLE),
        method("par_sort_by", "works on a thread pool", WHOLE),
        method("par_sort_by_cached_key", "works on a thread pool", WHOLE),
        method("par_sort_by_key", "works on a thread pool", WHOLE),
        method("par_sort_unstable_by", "works on a thread pool", WHOLE),
        method("par_sort_unstable_by_key", "works on a thread pool", WHOLE),
        method("par_split", "works on a thread pool", WHOLE),
        method("par_split_whitespace", "works on a thread pool", WHOLE),
        method("par_windows", "works on a thread pool", WHOLE),
    ],
};

const NAMES: &[Name] = &[
    function("std::thread::spawn", "starts a thread", WHOLE),
    function("std::thread::scope", "starts threads", WHOLE),
    types("std::thread::Builder", "starts a thread", WHOLE),
    function(
        "std::thread::current",
        "asks for the current thread, of which a workflow has many",
        "use the run's own data, such as its input",
    ),
    function("std::thread::park", "blocks the worker", "wait for something durable: `sleep`, or a signal"),
    function("std::thread::park_timeout", "blocks the worker", "wait for something durable: `sleep`, or a signal"),
    function("std::thread::yield_now", "yields the thread", "remove it: a workflow yields when it waits"),
    module("rayon", "works on a thread pool", WHOLE),
    pure("rayon::prelude"),
    module("crossbeam::thread", "starts threads", WHOLE),
    module("scoped_threadpool", "works on a thread pool", WHOLE),
    module("crossbeam_utils::thread", "starts threads", WHOLE),
    function("crossbeam::scope", "starts threads", WHOLE),
    types("threadpool::ThreadPool", "works on a thread pool", WHOLE),
];
