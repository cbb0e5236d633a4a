//! `owf::randomness`: chance outside of a step.

use super::Lint;
use super::names::{About, Name, STEP, function, macros, method, module, types};

const SEED: &str = "draw the seed in a step: `step!(\"seed\", rand::random::<u64>()).await?`, and use `seed_from_u64`";

pub(super) const ABOUT: About = About {
    lint: Lint::Randomness,
    consequence: "a replay would draw another one",
    why: "A replay draws again, and gets something else. That goes for IDs made of chance or time, and for hashers with a random state.",
    bad: "let token = Uuid::new_v4();",
    good: "let token = step!(\"token\", Uuid::new_v4()).await?;",
    gaps: &[
        "chance behind functions of other files and crates, trait objects and generic parameters",
        "a generator that the workflow gets from outside; one that is seeded from the input is right, as long as its crate stays the same",
        "the order of a `HashMap`, which is `owf::hash_iteration`",
    ],
    names: NAMES,
    methods: &[
        method("from_os_rng", "seeds a generator by chance", SEED),
        method("try_from_os_rng", "seeds a generator by chance", SEED),
        method("from_entropy", "seeds a generator by chance", SEED),
    ],
};

const NAMES: &[Name] = &[
    function("rand::random", "draws a random value", STEP),
    function("rand::random_range", "draws a random value", STEP),
    function("rand::random_bool", "draws a random value", STEP),
    function("rand::random_ratio", "draws a random value", STEP),
    function("rand::random_iter", "draws random values", STEP),
    function("rand::fill", "draws random bytes", STEP),
    function("rand::rng", "is seeded by chance", SEED),
    function("rand::thread_rng", "is seeded by chance", SEED),
    function("rand::make_rng", "is seeded by chance", SEED),
    types("rand::rngs::OsRng", "draws random values", STEP),
    types("rand::rngs::SysRng", "draws random values", STEP),
    types("rand::rngs::ThreadRng", "is seeded by chance", SEED),
    types("rand_core::OsRng", "draws random values", STEP),
    module("getrandom", "draws random bytes", STEP),
    module("oorandom", "draws a random value", STEP),
    function("fastrand::Rng::new", "is seeded by chance", SEED),
    function("fastrand::seed", "changes the state of the thread", SEED),
    function("fastrand::bool", "draws a random value", STEP),
    function("fastrand::u8", "draws a random value", STEP),
    function("fastrand::u16", "draws a random value", STEP),
    function("fastrand::u32", "draws a random value", STEP),
    function("fastrand::u64", "draws a random value", STEP),
    function("fastrand::usize", "draws a random value", STEP),
    function("fastrand::i32", "draws a random value", STEP),
    function("fastrand::i64", "draws a random value", STEP),
    function("fastrand::f32", "draws a random value", STEP),
    function("fastrand::f64", "draws a random value", STEP),
    function("fastrand::shuffle", "draws random values", STEP),
    function("fastrand::choice", "draws a random value", STEP),
    function("uuid::Uuid::new_v4", "draws a random ID", STEP),
    function("uuid::Uuid::now_v1", "makes an ID of the clock", STEP),
    function("uuid::Uuid::now_v6", "makes an ID of the clock", STEP),
    function("uuid::Uuid::now_v7", "makes an ID of the clock and chance", STEP),
    function("ulid::Ulid::new", "makes an ID of the clock and chance", STEP),
    function("ulid::Ulid::generate", "makes an ID of the clock and chance", STEP),
    types("ulid::Generator", "makes IDs of the clock and chance", STEP),
    function("nanoid::nanoid", "draws a random ID", STEP),
    macros("nanoid::nanoid", "draws a random ID", STEP),
    function("cuid2::create_id", "draws a random ID", STEP),
    function("ksuid::Ksuid::generate", "draws a random ID", STEP),
    types(
        "std::hash::RandomState",
        "is a hasher with a random state",
        "use a hasher of fixed state: `DefaultHasher::new()`",
    ),
    types(
        "std::collections::hash_map::RandomState",
        "is a hasher with a random state",
        "use a hasher of fixed state: `DefaultHasher::new()`",
    ),
    function("ahash::RandomState::new", "is a hasher with a random state", "use `RandomState::with_seeds(1, 2, 3, 4)`"),
];
