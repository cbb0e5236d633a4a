//! What macros of the file do, which only their expansions tell.

use super::{NOTHING, lints};

#[test]
fn methods_are_those_of_what_a_macro_is_given() {
    let age = "use std::time::UNIX_EPOCH; macro_rules! age { ($t:expr) => { $t.elapsed() } }";
    assert_eq!(lints(age, "let t = UNIX_EPOCH; age!(t);"), ["wall_clock"]);
    let lap = "struct Lap(u64); impl Lap { fn elapsed(&self) -> u64 { self.0 } }";
    assert_eq!(lints(&format!("{age} {lap}"), "let t = Lap(1); age!(t);"), NOTHING);
    let first = "use std::collections::HashMap; macro_rules! first { ($m:expr) => { $m.keys().next() } }";
    assert_eq!(lints(first, "let m: HashMap<u32, u32> = x(); first!(m);"), ["hash_iteration"]);
    assert_eq!(lints(first, "let m: HashMap<u32, u32> = x(); let mut n = first!(m); n.sort();"), NOTHING);
}

#[test]
fn what_a_macro_sorts_or_adds_up_has_no_order() {
    let own =
        "macro_rules! names { ($m:expr) => {{ let mut v: Vec<u32> = $m.keys().copied().collect(); v.sort(); v }} }
        macro_rules! total { ($m:expr) => {{ let mut n = 0u32; for v in $m.values() { n += v; } n }} }";
    let head = &format!("use std::collections::HashMap; {own}");
    for body in ["names!(m);", "total!(m);"] {
        assert_eq!(lints(head, &format!("let m: HashMap<u32, u32> = x(); {body}")), NOTHING, "{body}");
    }
}

#[test]
fn macros_call_what_they_are_given_and_each_other() {
    let twice = "macro_rules! twice { ($f:path) => { ($f(), $f()) } }";
    assert_eq!(
        lints(&format!("{twice} fn now() -> T {{ std::time::SystemTime::now() }}"), "twice!(now);"),
        ["wall_clock"]
    );
    assert_eq!(lints(&format!("{twice} fn now() -> u32 {{ 1 }}"), "twice!(now);"), NOTHING);
    let nested = "macro_rules! a { ($p:expr) => { std::path::Path::new($p).exists() } }
        macro_rules! b { ($($p:expr),*) => { [$(a!($p)),*] } }";
    assert_eq!(lints(nested, "b!(\"x\", \"y\");"), ["io"]);
    assert_eq!(lints("macro_rules! a { ($x:expr) => { a!($x) } }", "a!(1);"), NOTHING);
}

#[test]
fn what_macros_declare_is_looked_into() {
    let getter = "macro_rules! getter { ($n:ident, $e:expr) => { fn $n() -> u64 { $e } } }";
    assert_eq!(lints(&format!("{getter} getter!(now, std::fs::read(\"x\"));"), "now();"), ["io"]);
    assert_eq!(lints(&format!("{getter} getter!(now, 17);"), "now();"), NOTHING);
    let stamped = "trait Stamp { fn stamp(&self) -> u64; } struct A; struct B;
        macro_rules! stamped { ($($t:ty),*) => { $(impl Stamp for $t { fn stamp(&self) -> u64 { now($t) } })* } }
        fn now<T>(t: T) -> u64 { std::process::id() }";
    assert_eq!(lints(&format!("{stamped} stamped!(A, B);"), "B.stamp();"), ["environment"]);
    let module = "macro_rules! inner { ($n:ident) => { pub mod $n { pub fn random() -> u32 { 4 } } } } inner!(rand);";
    assert_eq!(lints(module, "rand::random();"), NOTHING);
}

#[test]
fn the_type_of_what_a_macro_makes_is_known() {
    let job = "struct Job(u32); impl Job { fn run(&self) { std::fs::write(a, b); } }
        macro_rules! job { ($n:expr) => { Job($n) } }";
    assert_eq!(lints(job, "let j = job!(3); j.run();"), ["io"]);
}
