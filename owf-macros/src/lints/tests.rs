//! The lints on files: what they find in the function `w`, and what they leave alone.

use syn::Item;

mod conversions;
mod implied;
mod macros;
mod order;
mod types;

use super::check_names;
use crate::body::{Context, FnBody};
use crate::diagnostics::Diagnostics;
use crate::resolve::FileScope;

/// What is found in the function `w` of a file.
fn found(file: &str) -> Vec<String> {
    found_by(file, FileScope::parse(file))
}

fn found_by(file: &str, scope: FileScope) -> Vec<String> {
    let parsed = syn::parse_file(file).expect("the file is valid");
    let function = parsed.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "w" => Some(function.clone()),
        _ => None,
    });
    let function = function.expect("the file has a function `w`");
    let mut context = Context { scope, ..Context::default() };
    let mut diagnostics = Diagnostics::default();
    if let FnBody::Block(block) = FnBody::Block((*function.block).clone()) {
        context.scope.enter(&block);
        check_names(&block, &function.sig, &context, &mut diagnostics);
    }
    diagnostics.texts()
}

/// The lints that are found in `body`, in a file that begins with `head`.
fn lints(head: &str, body: &str) -> Vec<String> {
    let texts = found(&format!("{head}\nasync fn w(input: u32) {{ {body} }}"));
    texts.iter().map(|text| text.rsplit("owf::").next().unwrap_or_default().to_owned()).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn names_are_found_however_they_are_written() {
    let cases = [
        ("", "std::time::SystemTime::now();"),
        ("", "::std::time::SystemTime::now();"),
        ("use std::time::SystemTime;", "SystemTime::now();"),
        ("use std::time::{self as t};", "t::SystemTime::now();"),
        ("use std::time::SystemTime as Wall;", "let f = Wall::now; f();"),
        ("use std::time::*;", "SystemTime::now();"),
        ("use std::{time, fmt};", "time::SystemTime::now();"),
        ("use std::time; use time::SystemTime;", "SystemTime::now();"),
        ("type Wall = std::time::SystemTime;", "Wall::now();"),
        ("mod a { pub use std::time::SystemTime as T; }", "a::T::now();"),
        ("mod a { pub use std::time::SystemTime as T; } use a::*;", "T::now();"),
        ("", "<std::time::SystemTime>::now();"),
        ("", "use std::time::SystemTime as T; T::now();"),
        ("", "if input > 1 { use std::time::SystemTime as T; T::now(); }"),
        ("", "let v = vec![std::time::SystemTime::now()];"),
        ("", "match input { x if std::time::SystemTime::now() > y => {} _ => {} }"),
        ("", "items.map(|_| std::time::SystemTime::now());"),
        ("", "async { std::time::SystemTime::now() }.await;"),
        ("use std::time::UNIX_EPOCH;", "UNIX_EPOCH.elapsed();"),
        ("macro_rules! now { () => { std::time::SystemTime::now() } }", "now!();"),
    ];
    for (head, body) in cases {
        assert_eq!(lints(head, body), ["wall_clock"], "{head} {body}");
    }
}

#[test]
fn names_of_the_users_own_are_left_alone() {
    let cases = [
        ("struct Instant; impl Instant { fn now() -> Self { Instant } }", "Instant::now();"),
        (
            "mod sim { pub struct Instant; impl Instant { pub fn now() -> Self { Instant } } } use sim::*;",
            "Instant::now();",
        ),
        ("use crate::sim::Instant;", "Instant::now();"),
        ("use super::sim::rand;", "rand::random();"),
        ("mod rand { pub fn random() -> u32 { 4 } }", "rand::random();"),
        ("mod rand;", "rand::random();"),
        ("fn random() -> u32 { 4 }", "random();"),
        ("use rand::random;", "let random = |x: u32| x; random(3);"),
        ("use rand::random;", "fn random() -> u32 { 4 } random();"),
        ("use std::thread::sleep;", "items.map(|sleep| sleep(3));"),
        ("static LIMIT: u32 = 3;", "let x = LIMIT;"),
        ("struct Pool; impl Pool { fn block_on(&self) {} }", "pool.block_on();"),
        ("", "const NOW: u32 = 3; let x = const { NOW };"),
        ("use std::env;", "let x = env::consts::OS; let y = env!(\"X\");"),
        ("", "tracing::info!(\"{:?}\", std::time::SystemTime::now());"),
        ("use std::net::Ipv4Addr;", "let home = Ipv4Addr::LOCALHOST;"),
        ("fn now() -> T { std::time::SystemTime::now() }", "let x = step!(\"now\", now()).await?;"),
        ("#[durable] async fn helper() { std::time::SystemTime::now(); }", "helper().await;"),
    ];
    for (head, body) in cases {
        assert_eq!(lints(head, body), NOTHING, "{head} {body}");
    }
}

#[test]
fn helpers_are_followed_and_the_chain_is_told() {
    let texts = found(
        "fn now_s() -> u64 { std::time::SystemTime::now().elapsed().unwrap().as_secs() }
         fn is_late(due: u32) -> bool { now_s() > due as u64 }
         async fn w(input: u32) -> u32 { if is_late(input) { 1 } else { 0 } }",
    );
    let text = "`is_late` calls `now_s`, which calls `std::time::SystemTime::now`, which reads the clock, \
                and a replay would read another time\n  = help: do it in a step: \
                `step!(\"is-late\", is_late(input)).await?`\n  = note: owf::wall_clock";
    assert_eq!(texts, [text]);
}

#[test]
fn methods_and_associated_functions_of_the_file_are_followed() {
    let head = "struct Real(u32); impl Real { fn new() -> Self { Real(1) } fn at(&self) -> u32 { Self::raw() }
                fn raw() -> u32 { std::process::id() } }";
    assert_eq!(lints(head, "let clock = Real::new(); clock.at();"), ["environment"]);
    assert_eq!(lints(head, "Real::raw();"), ["environment"]);
    assert_eq!(lints(head, "other.at();"), NOTHING);
    assert_eq!(lints("fn a() { b() } fn b() { a() }", "a();"), NOTHING);
}

#[test]
fn shared_state_is_told_from_constants() {
    let atomic = "use std::sync::atomic::AtomicU32; static N: AtomicU32 = AtomicU32::new(0);";
    assert_eq!(lints(atomic, "N.load(o);"), ["shared_state"]);
    assert_eq!(
        lints("use std::sync::atomic::*; static N: AtomicU32 = AtomicU32::new(0);", "N.load(o);"),
        ["shared_state"]
    );
    assert_eq!(lints("use std::sync::Mutex as M; static N: M<u32> = M::new(0);", "N.lock();"), ["shared_state"]);
    assert_eq!(lints("use grid::Cell; static N: Cell = Cell::new(0);", "N.x;"), NOTHING);
    assert_eq!(lints(&format!("{atomic} macro_rules! n {{ () => {{ N.load(o) }} }}"), "n!();"), ["shared_state"]);
    assert_eq!(lints(atomic, "format!(\"{N:?}\");"), ["shared_state"]);
    let within = "use std::sync::Mutex; struct Cache { m: Mutex<u32> } static C: Cache = Cache { m: Mutex::new(0) };";
    assert_eq!(lints(within, "C.m.lock();"), ["shared_state"]);
    assert_eq!(lints("static mut N: u32 = 0;", "let x = N;"), ["shared_state"]);
    assert_eq!(
        lints("mod m { use std::sync::Mutex; pub static N: Mutex<u32> = Mutex::new(0); }", "m::N.lock();"),
        ["shared_state"]
    );
    assert_eq!(
        lints("thread_local! { static N: Cell<u32> = Cell::new(0); }", "N.with(|n| n.get());"),
        ["shared_state"]
    );
    assert_eq!(lints(&format!("{atomic} fn f() -> u32 {{ N.load(o) }}"), "f();"), ["shared_state"]);
}

#[test]
fn ids_are_compared_and_checked() {
    assert_eq!(lints("", "step!(\"a-b\", 1).await; step!(\"a\\u{2d}b\", 2).await;"), ["duplicate_id"]);
    assert_eq!(lints("const ID: &str = \"a\";", "step!(ID, 1).await; step!(\"a\", 2).await;"), ["duplicate_id"]);
    let ids = "struct Ids; impl Ids { const A: &str = B; } const B: &str = \"a\"; static C: &str = B;";
    let spellings =
        ["Ids::A", "C", "\"a\".to_string()", "String::from(B)", "format!(\"a\")", "concat!(\"\", \"a\")", "id"];
    for spelling in spellings {
        let body = format!("let id = \"a\"; step!(\"a\", 1).await; step!({spelling}, 2).await;");
        assert_eq!(lints(ids, &body), ["duplicate_id"], "{spelling}");
    }
    assert_eq!(lints("", "let mut id = \"a\"; step!(id, 1).await; id = \"b\"; step!(id, 2).await;"), NOTHING);
    assert_eq!(lints("", "step!(\"a\".to_string() + \"b\", 1).await; step!(\"a\", 2).await;"), NOTHING);
    assert_eq!(lints("", "for i in 0..3 { step!(\"a\", i).await; }"), NOTHING);
    assert_eq!(lints("", "step!(format!(\"{}\", rand::random::<u32>()), 1).await;"), ["unstable_id"]);
    assert_eq!(lints("", "step!(std::any::type_name::<u32>(), 1).await;"), ["unstable_id"]);
    assert_eq!(lints("", "let name = std::any::type_name::<u32>();"), NOTHING);
}

#[test]
fn steps_must_be_awaited() {
    assert_eq!(lints("", "step!(\"a\", 1);"), ["unawaited_step"]);
    assert_eq!(lints("", "let _ = step!(\"a\", 1);"), ["unawaited_step"]);
    assert_eq!(lints("", "let a = step!(\"a\", 1);"), ["unawaited_step"]);
    assert_eq!(lints("", "let a = async { step!(\"a\", 1).await };"), ["unawaited_step"]);
    assert_eq!(lints("", "drop(step!(\"a\", 1));"), ["unawaited_step"]);
    assert_eq!(lints("", "let all = vec![step!(\"a\", 1)];"), ["unawaited_step"]);
    assert_eq!(lints("", "_ = (step!(\"a\", 1), Some(step!(\"b\", 1)));"), ["unawaited_step"; 2]);
    assert_eq!(lints("use owf_runtime::prelude::*;", "let _ = sleep(\"a\", day);"), ["unawaited_step"]);
    assert_eq!(lints("#[durable] async fn f() {}", "f();"), ["unawaited_step"]);
    assert_eq!(lints("", "let a = step!(\"a\", 1); let _ = a;"), ["unawaited_step"]);
    assert_eq!(lints("", "let a = step!(\"a\", 1); std::mem::drop(a);"), ["unawaited_step"]);
    assert_eq!(
        lints("", "let a = if input > 1 { Some(step!(\"a\", 1)) } else { None }; a.is_some();"),
        ["unawaited_step"]
    );
    assert_eq!(lints("", "let all = vec![step!(\"a\", 1)]; for one in all { let _ = one; }"), ["unawaited_step"]);
    assert_eq!(lints("", "let mut all = vec![]; all.push(step!(\"a\", 1)); for _one in all {}"), ["unawaited_step"]);
    let either = "let a = step!(\"a\", 1); if input > 1 { drop(a); } else { a.await; }";
    assert_eq!(lints("", either), NOTHING);
    assert_eq!(lints("fn drop<T>(t: T) {}", "let a = step!(\"a\", 1); drop(a);"), NOTHING);
    assert_eq!(lints("", "let mut all = vec![]; all.push(step!(\"a\", 1)); join_all(all).await;"), NOTHING);
    assert_eq!(lints("fn sleep(x: u32) {}", "let _ = sleep(3);"), NOTHING);
    assert_eq!(lints("", "let all = vec![step!(\"a\", 1)]; for one in all { one.await; }"), NOTHING);
    assert_eq!(lints("", "let a = step!(\"a\", 1); a.await;"), NOTHING);
    assert_eq!(lints("", "let a = step!(\"a\", 1); let a = a.await;"), NOTHING);
    assert_eq!(lints("", "items.map(|i| step!(\"a\", i))"), NOTHING);
}

#[test]
fn what_only_steps_call_is_done_in_steps() {
    let read = "let read = |p: &str| std::fs::read(p);";
    assert_eq!(lints("", &format!("{read} step!(\"a\", read(\"x\")).await;")), NOTHING);
    assert_eq!(lints("", &format!("{read} join!(step!(\"a\", read(\"x\")), step!(\"b\", 1)).await;")), NOTHING);
    assert_eq!(lints("", &format!("{read} step!(\"a\", read(\"x\")).await; read(\"y\");")), ["io"]);
    assert_eq!(lints("", &format!("{read} step!(read(\"x\"), 1).await;")), ["io"]);
    assert_eq!(lints("", &format!("{read} step!(\"a\", 1).await;")), ["io"]);
    let head = "fn now() -> T { std::time::SystemTime::now() }";
    assert_eq!(lints(head, "let f: fn() -> T = now; step!(\"a\", f()).await;"), NOTHING);
    assert_eq!(lints(head, "let f = now(); step!(\"a\", f).await;"), ["wall_clock"]);
}

#[test]
fn copies_that_a_step_changes_are_lost_if_they_are_read_later() {
    let step = "step!(\"a\", async move { total += 1; total }).await;";
    assert_eq!(lints("", &format!("let mut total = 0; {step} total")), ["lost_mutation"]);
    assert_eq!(lints("", &format!("let mut total = 0; {step} format!(\"{{total}}\")")), ["lost_mutation"]);
    assert_eq!(lints("", &format!("let mut total = 0; for i in 0..3 {{ {step} }}")), ["lost_mutation"]);
    assert_eq!(lints("", &format!("let mut total = 0; {step}")), NOTHING);
}

#[test]
fn without_a_file_full_paths_are_known_and_no_others() {
    let blind = |body: &str| found_by(&format!("async fn w() {{ {body} }}"), FileScope::default()).len();
    assert_eq!(blind("std::time::SystemTime::now();"), 1);
    assert_eq!(blind("use std::time::SystemTime; SystemTime::now();"), 1);
    assert_eq!(blind("SystemTime::now();"), 0);
    assert_eq!(blind("rand::random::<u32>();"), 0);
    assert_eq!(blind("::rand::random::<u32>();"), 1);
    assert_eq!(blind("time::now();"), 0);
}

#[test]
fn addresses_are_told_from_text() {
    assert_eq!(lints("", "format!(\"{:p}\", &x);"), ["addresses"]);
    assert_eq!(lints("", "let p = &x as *const u32; format!(\"{p:?}\");"), ["addresses"]);
    assert_eq!(lints("", "let n = &x as *const u32 as usize;"), ["addresses"]);
    assert_eq!(lints("", "let p = &x as *const u32; let n = p as usize; n as u32"), ["addresses"]);
    assert_eq!(lints("", "format!(\"{:?}\", &x as *const u32);"), ["addresses"]);
    assert_eq!(lints("fn f() {}", "f as usize;"), ["addresses"]);
    assert_eq!(lints("use std::sync::Arc;", "Arc::as_ptr(&x) as usize;"), ["addresses"]);
    assert_eq!(lints("", "vec![1].as_ptr().addr();"), ["addresses"]);
    assert_eq!(lints("", "vec![1].as_ptr() < vec![2].as_ptr();"), ["addresses"]);
    assert_eq!(lints("struct P; impl P { fn as_ptr(&self) -> u32 { 3 } }", "P.as_ptr() as usize;"), NOTHING);
    assert_eq!(lints("enum E { A }", "E::A as usize;"), NOTHING);
    assert_eq!(lints("", "let n = x as usize; format!(\"{{:p}}\")"), NOTHING);
}
