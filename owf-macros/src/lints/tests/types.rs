//! Whose method a call means, as far as the file tells.

use super::{NOTHING, lints};

/// A clock, and a stand-in for it.
const CLOCKS: &str = "
    use std::sync::Arc;
    trait Clock { fn unix(&self) -> u64; fn late(&self) -> bool { self.unix() > 3 } fn stamp() -> u64 where Self: Sized; }
    struct Real;
    struct Fixed(u64);
    impl Clock for Real { fn unix(&self) -> u64 { std::time::UNIX_EPOCH.elapsed() } fn stamp() -> u64 { Real.unix() } }
    impl Clock for Fixed { fn unix(&self) -> u64 { self.0 } fn stamp() -> u64 { 3 } }
    impl Default for Real { fn default() -> Self { std::time::SystemTime::now(); Real } }
    #[derive(Default)] struct Plain;
    struct Env<C> { clock: C, shared: Arc<Real> }
    impl<C: Clock> Env<C> { fn age(&self) -> u64 { self.clock.unix() } }
    fn real() -> Real { Real }
    fn find() -> Option<Real> { Some(Real) }
    fn is_late<C: Clock>(clock: &C) -> bool { clock.late() }
    fn is_later(clock: &dyn Clock) -> bool { clock.unix() > 5 }
    fn stamp<C: Clock>() -> u64 { C::stamp() }
";

#[test]
fn methods_are_followed_by_the_type_of_their_receiver() {
    let bodies = [
        "real().unix();",
        "let clock = real(); clock.unix();",
        "find().unwrap().unix();",
        "if let Some(clock) = find() { clock.unix(); }",
        "find().map(|clock| clock.unix());",
        "let mut clocks = vec![real()]; clocks.sort_by_key(|clock| clock.unix());",
        "let mut clocks = vec![real()]; clocks.sort_by(|one, other| one.unix().cmp(&3));",
        "vec![Real][0].unix();",
        "for clock in &[Real] { clock.unix(); }",
        "Real.late();",
        "Clock::unix(&Real);",
        "Real::unix(&Real);",
        "<Real as Clock>::unix(&Real);",
        "let clock: Box<dyn Clock> = Box::new(Real); clock.unix();",
        "is_late(&Real);",
        "is_later(&Real);",
        "stamp::<Real>();",
        "let env: Env<Real> = Env { clock: Real, shared: Arc::new(Real) }; env.age();",
        "let env = Env { clock: Fixed(3), shared: Arc::new(Real) }; env.shared.unix();",
        "let clock: Real = Default::default();",
        "match Real { clock if clock.late() => {} _ => {} }",
    ];
    for body in bodies {
        assert_eq!(lints(CLOCKS, body), ["wall_clock"], "{body}");
    }
}

#[test]
fn a_step_is_what_its_body_makes_or_returns() {
    let head = &format!("{CLOCKS} fn open() -> Result<Real, String> {{ Ok(Real) }}");
    let bodies = [
        "step!(\"real\", real()).await?.unix();",
        "let clock = step!(\"real\", real()).await?; clock.unix();",
        "let clock = step!(\"open\", open()?).await.unwrap(); clock.unix();",
        "let clock = step!(\"open\", open()).await?; clock.unix();",
        "let Ok(clock) = step!(\"open\", open().await?).await else { return; }; clock.unix();",
    ];
    for body in bodies {
        assert_eq!(lints(head, body), ["wall_clock"], "{body}");
    }
    assert_eq!(lints(head, "let fixed = step!(\"fixed\", Fixed(3)).await?; fixed.unix();"), NOTHING);
}

#[test]
fn a_list_is_of_what_is_put_into_it() {
    let bodies = [
        "let mut clocks = Vec::new(); clocks.push(real()); clocks[0].unix();",
        "let mut clocks = vec![]; if input > 1 { clocks.push(real()); } for clock in &clocks { clock.unix(); }",
        "let mut clocks = std::collections::VecDeque::new(); clocks.push_back(Real); clocks.pop().unwrap().unix();",
    ];
    for body in bodies {
        assert_eq!(lints(CLOCKS, body), ["wall_clock"], "{body}");
    }
    assert_eq!(lints(CLOCKS, "let mut fixed = Vec::new(); fixed.push(Fixed(3)); fixed[0].unix();"), NOTHING);
}

#[test]
fn another_type_of_the_same_trait_is_left_alone() {
    let bodies = [
        "Fixed(3).late();",
        "Clock::unix(&Fixed(3));",
        "<Fixed as Clock>::unix(&Fixed(3));",
        "let clock: Box<dyn Clock> = Box::new(Fixed(3)); clock.unix();",
        "is_late(&Fixed(3));",
        "is_later(&Fixed(3));",
        "stamp::<Fixed>();",
        "let env: Env<Fixed> = Env { clock: Fixed(3), shared: Arc::new(Real) }; env.age();",
        "let clock: Plain = Default::default();",
        // What is not known is not guessed.
        "given.unix();",
        "let env = env(); env.clock.unix();",
    ];
    for body in bodies {
        assert_eq!(lints(CLOCKS, body), NOTHING, "{body}");
    }
}

#[test]
fn types_of_one_name_in_two_modules_are_two() {
    let head = "mod real { pub struct Clock; impl Clock { pub fn now(&self) { std::time::SystemTime::now(); } } }
                mod sim { pub struct Clock; impl Clock { pub fn now(&self) {} } }";
    assert_eq!(lints(head, "real::Clock.now();"), ["wall_clock"]);
    assert_eq!(lints(head, "sim::Clock.now();"), NOTHING);
}

#[test]
fn functions_that_call_each_other_are_looked_into_from_either_side() {
    let head = "fn even(n: u32) -> bool { n == 0 || odd(n - 1) }
                fn odd(n: u32) -> bool { if n == 0 { std::process::id() > 3 } else { even(n - 1) } }";
    assert_eq!(lints(head, "odd(3); even(3);"), ["environment", "environment"]);
    assert_eq!(lints(head, "even(3); odd(3);"), ["environment", "environment"]);
}

#[test]
fn functions_behind_constants_are_followed() {
    assert_eq!(lints("const NOW: fn() -> T = std::time::SystemTime::now;", "NOW();"), ["wall_clock"]);
    assert_eq!(lints("fn f() {} static F: fn() = f;", "F();"), NOTHING);
}

#[test]
fn the_arm_of_a_macro_that_is_used_decides() {
    let head = "fn now() { std::time::SystemTime::now(); }
                macro_rules! time { (real) => { now() }; (fixed) => { 3 } }";
    assert_eq!(lints(head, "time!(real);"), ["wall_clock"]);
    assert_eq!(lints(head, "time!(fixed);"), NOTHING);
    assert_eq!(lints("macro_rules! raw { ($e:expr) => { unsafe { $e } } }", "raw!(x());"), ["unsafe_code"]);
    assert_eq!(lints("fn now() { id() } macro_rules! m { () => { let now = 3; now } }", "m!();"), NOTHING);
}

#[test]
fn a_glob_brings_the_variants_of_an_enum_and_hides_nothing_else() {
    let head =
        "enum Store { Disk(String), Memory } use Store::*; impl Store { fn load(&self) -> u32 { std::process::id() } }";
    assert_eq!(lints(head, "let store = Disk(path); store.load();"), ["environment"]);
    assert_eq!(lints(head, "Memory.load();"), ["environment"]);
    assert_eq!(lints(head, "std::thread::spawn(f); rand::random();"), ["threads", "randomness"]);
}

#[test]
fn what_a_trait_object_is_is_told_by_what_was_made() {
    let head = &format!(
        "{CLOCKS}
         struct App {{ clock: Box<dyn Clock> }}
         impl App {{
             fn new() -> App {{ App {{ clock: Box::new(Real) }} }}
             fn with(clock: Box<dyn Clock>) -> Self {{ Self {{ clock }} }}
             fn age(&self) -> u64 {{ self.clock.unix() }}
         }}
         fn clock() -> Box<dyn Clock> {{ Box::new(Real) }}
         fn hidden() -> impl Clock {{ Real }}
         struct Limit<C = Real> {{ clock: C }}
         impl Limit {{ fn new() -> Limit {{ Limit {{ clock: Real }} }} }}
         impl<C: Clock> Limit<C> {{ fn left(&self) -> u64 {{ self.clock.unix() }} }}"
    );
    let bodies = [
        "clock().unix();",
        "hidden().unix();",
        "let clock: &dyn Clock = if input > 1 { &Real } else { &Fixed(3) }; clock.unix();",
        "let clock: Box<dyn Clock> = match input { 0 => Box::new(Fixed(0)), _ => Box::new(Real) }; clock.unix();",
        "let clocks: Vec<Box<dyn Clock>> = vec![Box::new(Fixed(3)), Box::new(Real)]; for clock in &clocks { clock.unix(); }",
        "let mut clocks: Vec<Box<dyn Clock>> = Vec::new(); clocks.push(Box::new(Fixed(3))); clocks.push(Box::new(Real));
         clocks.iter().all(|clock| clock.unix() > 3);",
        "App::new().age();",
        "App::with(Box::new(Real)).age();",
        "let app: App = App { clock: Box::new(Real) }; app.age();",
        "Limit::new().left();",
    ];
    for body in bodies {
        assert_eq!(lints(head, body), ["wall_clock"], "{body}");
    }
    let fixed = [
        "let clock: &dyn Clock = if input > 1 { &Fixed(1) } else { &Fixed(3) }; clock.unix();",
        "let clocks: Vec<Box<dyn Clock>> = vec![Box::new(Fixed(3)), Box::new(Fixed(4))]; clocks[0].unix();",
        "App::with(Box::new(Fixed(3))).age();",
        "Limit { clock: Fixed(3) }.left();",
    ];
    for body in fixed {
        assert_eq!(lints(head, body), NOTHING, "{body}");
    }
}

#[test]
fn a_path_says_of_what_type_its_owner_is() {
    let head = &format!(
        "{CLOCKS} struct Token<C>(C); type RealToken = Token<Real>;
         impl<C: Clock> Token<C> {{ fn issue() -> u64 {{ C::stamp() }} }}"
    );
    assert_eq!(lints(head, "Token::<Real>::issue();"), ["wall_clock"]);
    assert_eq!(lints(head, "RealToken::issue();"), ["wall_clock"]);
    assert_eq!(lints(head, "Token::<Fixed>::issue();"), NOTHING);
}

#[test]
fn addresses_are_not_compared() {
    let body = "let mut v = vec![std::sync::Arc::new(1)]; v.sort_by(|a, b| Arc::as_ptr(a).cmp(&Arc::as_ptr(b)));";
    assert_eq!(lints("use std::sync::Arc;", body), ["addresses"]);
    assert_eq!(lints("", "let v = vec![1]; let at = v.as_ptr_range().start as usize;"), ["addresses"]);
}

#[test]
fn an_alias_keeps_its_arguments() {
    let head = "use std::collections::HashMap; type ById<T> = HashMap<u32, T>; type Tree = Vec<ById<u32>>;
                fn names(all: &ById<u32>) -> Vec<u32> { all.keys().copied().collect() }
                fn first(tree: &Tree) -> u32 { tree[0].keys().next().copied().unwrap_or(0) }";
    assert_eq!(lints(head, "names(&all);"), ["hash_iteration"]);
    assert_eq!(lints(head, "first(&tree);"), ["hash_iteration"]);
    assert_eq!(lints("type Own = Own;", "let own: Own = input.into();"), NOTHING);
}

#[test]
fn methods_of_traits_for_other_types_are_followed() {
    let head = "trait Load { fn load(&self) -> String; } impl Load for str { fn load(&self) -> String { std::fs::read(self) } }
                trait Pick<T> { fn pick(&self) -> &T; } impl<T> Pick<T> for [T] { fn pick(&self) -> &T { rand::random::<T>() } }
                trait Own { fn own(&self); } struct A; impl Own for A { fn own(&self) { std::process::id(); } }";
    assert_eq!(lints(head, "\"x\".load(); String::new().load(); unknown().load();"), ["io", "io", "io"]);
    assert_eq!(lints(head, "vec![1, 2].pop().pick(); vec![1].pick();"), ["randomness", "randomness"]);
    assert_eq!(lints(head, "unknown().own();"), NOTHING);
    assert_eq!(lints(head, "let f = [A]; f.iter().map(Own::own);"), ["environment"]);
}

#[test]
fn what_is_awaited_is_what_the_operation_says() {
    let head = &format!(
        "use owf_runtime::prelude::*; {CLOCKS}
        #[durable] async fn made() -> WorkflowResult<Real> {{ x() }}
        #[workflow] async fn child(n: u32) -> WorkflowResult<Real> {{ x() }}"
    );
    let bodies = [
        "let clock = step!(\"real\", { let made = real(); made }).await?; clock.unix();",
        "let clock = step!(\"real\", async move { let made = real(); Ok(made) }).await?; clock.unix();",
        "let (a, b) = join!(step!(\"a\", Fixed(3)), step!(\"b\", Real)).await; b?.unix();",
        "let clock = wait_for_signal::<Real>(\"a\", \"b\").await?; clock.unix();",
        "if let Some(clock) = wait_for_event::<Real>(\"a\", \"b\").timeout(day).await? { clock.unix(); }",
        "let clock = made().await?; clock.unix();",
        "let clock = invoke(\"child\", child, 3).await?; clock.unix();",
        "race! { clock = wait_for_signal::<Real>(\"a\", \"b\") => clock?.unix(), _ = sleep(\"c\", day) => 0 };",
    ];
    for body in bodies {
        assert_eq!(lints(head, body), ["wall_clock"], "{body}");
    }
    assert_eq!(lints(head, "let a = wait_for_signal::<Fixed>(\"a\", \"b\").await?; a.unix();"), NOTHING);
    // Which of the two it is, only what is around the block tells.
    assert_eq!(lints(head, "let clock = real(); let c = { let clock = Fixed(3); clock }; c.unix();"), NOTHING);
}

#[test]
fn adapters_and_collections_pass_types_on() {
    let bodies = [
        "let clocks = (0..3).map(|_| real()).collect::<Vec<_>>(); clocks[0].unix();",
        "let clocks: Vec<_> = ids.iter().filter_map(|id| Some(Real)).collect(); for clock in clocks { clock.unix(); }",
        "let sum = (0..3).map(|_| Real).map(|clock| clock.unix()).count();",
        "for (at, clock) in vec![Real].into_iter().enumerate() { clock.unix(); }",
        "for (fixed, clock) in vec![Fixed(3)].iter().zip(&[Real]) { clock.unix(); }",
        "let mut clocks: BTreeMap<u32, Box<dyn Clock>> = BTreeMap::new(); clocks.get(&3).unwrap().unix();",
    ];
    let head = &format!("use std::collections::BTreeMap; {CLOCKS}");
    let only = &head.replace("impl Clock for Fixed", "impl Other for Fixed");
    for body in bodies {
        assert_eq!(lints(if body.contains("dyn") { only } else { head }, body), ["wall_clock"], "{body}");
    }
    assert_eq!(lints(head, "for (fixed, _) in vec![Fixed(3)].iter().zip(&[Real]) { fixed.unix(); }"), NOTHING);
}

#[test]
fn the_types_of_a_trait_are_those_of_its_impl() {
    let head = |clock: &str| {
        format!(
            "{CLOCKS} trait Backend {{ type Clock: Clock; fn at(&self) -> u64 {{ Self::Clock::stamp() }} }}
            struct Prod; impl Backend for Prod {{ type Clock = {clock}; }} fn at<B: Backend>(b: &B) -> u64 {{ B::Clock::stamp() }}"
        )
    };
    for body in ["Prod.at();", "at(&Prod);"] {
        assert_eq!(lints(&head("Real"), body), ["wall_clock"], "{body}");
        assert_eq!(lints(&head("Fixed"), body), NOTHING, "{body}");
    }
}

#[test]
fn what_is_there_for_tests_is_behind_no_object_of_the_rest() {
    let head = "trait Clock { fn now(&self) -> u64; } fn read(clock: &dyn Clock) -> u64 { clock.now() }";
    let real = "struct Real; impl Clock for Real { fn now(&self) -> u64 { std::process::id() } }";
    assert_eq!(lints(&format!("{head} {real}"), "read(given());"), ["environment"]);
    assert_eq!(
        lints(&format!("{head} #[cfg(test)] mod tests {{ use super::Clock; {real} }}"), "read(given());"),
        NOTHING
    );
    assert_eq!(lints(&format!("{head} {}", real.replace("impl", "#[cfg(test)] impl")), "read(given());"), NOTHING);
}

#[test]
fn patterns_and_single_elements_have_the_types_of_what_they_are_of() {
    let head = &format!("enum Either {{ One(Real), Other(Real), None(Fixed) }} {CLOCKS}");
    let bodies = [
        "let [a, b] = [Real, Real]; a.unix();",
        "if let [first, .., last @ Real] = vec![Real].as_slice() { last.unix(); }",
        "match Either::One(Real) { Either::One(clock) | Either::Other(clock) => clock.unix(), _ => 0 };",
        "match real() { clock @ Real => clock.unix() };",
        "let all = vec![Real]; all.iter().fold(0, |sum, clock| sum + clock.unix());",
        "let mut all = vec![Real].into_iter(); while let Some(clock) = all.next() { clock.unix(); }",
        "let clock = vec![Real].into_iter().filter(|_| true).next(); clock.unwrap().unix();",
        "find().and_then(|clock| Some(clock)).map(|clock| clock.unix());",
        "let clock = find().map(|clock| (clock, 3)); clock.unwrap().0.unix();",
    ];
    for body in bodies {
        assert_eq!(lints(head, body), ["wall_clock"], "{body}");
    }
    assert_eq!(lints(head, "match Either::One(Real) { Either::None(fixed) => fixed.unix(), _ => 0 };"), NOTHING);
    assert_eq!(lints(head, "vec![Real].iter().fold(Fixed(3), |fixed, _| { fixed.unix(); fixed });"), NOTHING);
}
