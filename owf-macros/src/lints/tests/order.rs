//! Where hash maps and sets are walked, as far as the types tell that are written in the file.

use super::{NOTHING, lints};

const HEAD: &str = "use std::collections::{BTreeMap, HashMap, HashSet}; type Map = HashMap<String, u32>;";

fn of_helper(helper: &str) -> Vec<String> {
    lints(&format!("{HEAD} {helper}"), "f(x);")
}

#[test]
fn helpers_that_depend_on_the_order_are_found() {
    let helpers = [
        "fn f(m: &Map) -> Vec<String> { m.keys().cloned().collect() }",
        "fn f(m: Map) -> Option<String> { m.into_keys().next() }",
        "fn f(m: &Map) -> String { m.keys().cloned().collect::<Vec<_>>().join(\",\") }",
        "fn f(m: &Map) -> String { let mut s = String::new(); for (k, _) in m { s.push_str(k); } s }",
        "fn f(m: &HashSet<u32>) -> u32 { for x in m { return *x; } 0 }",
        "fn f(m: &HashMap<u32, f64>) -> f64 { m.values().sum::<f64>() }",
        "fn f(v: Vec<u32>) -> Vec<u32> { v.into_iter().collect::<HashSet<_>>().into_iter().collect() }",
        "fn f(x: u32) -> Vec<u32> { let mut m = HashMap::new(); m.insert(x, 1); m.into_keys().collect() }",
        "fn f(m: &Map) -> String { format!(\"{m:?}\") }",
        "fn f(m: &Map) -> Vec<u32> { let mut v = Vec::new(); v.extend(m.values()); v }",
        "fn f(m: &HashMap<u32, u32, Fixed>) -> Option<u32> { m.keys().next().copied() }",
        "fn f(m: &rustc_hash::FxHashMap<u32, u32>) -> Vec<u32> { m.keys().copied().collect() }",
        "fn f(m: &ahash::AHashMap<u32, u32>) -> Vec<u32> { m.keys().copied().collect() }",
    ];
    for helper in helpers {
        assert_eq!(of_helper(helper), ["hash_iteration"], "{helper}");
    }
}

#[test]
fn helpers_that_may_not_depend_on_the_order_are_left_alone() {
    let helpers = [
        "fn f(m: &Map) -> Vec<String> { let mut v: Vec<_> = m.keys().cloned().collect(); v.dedup(); v.sort(); v }",
        "fn f(m: Map) -> BTreeMap<String, u32> { m.into_iter().collect() }",
        "fn f(m: &Map) -> u32 { let mut n = 0; for (_, v) in m { n += v; } n }",
        "fn f(m: &Map) -> u32 { m.values().sum() }",
        "fn f(m: &Map) -> bool { for (k, _) in m { if k.len() > 3 { return true; } } false }",
        "fn f(m: &Map, out: &mut Map) { for (k, v) in m { out.insert(k.clone(), *v); } }",
        "fn f(m: &Map) -> Option<&u32> { m.get(\"a\") }",
        "fn f(m: &own::HashMap) -> Option<u32> { m.keys().next() }",
        "fn f() -> own::Map { let m = HashMap::default(); for k in &m { v.push(k); } m }",
    ];
    for helper in helpers {
        assert_eq!(of_helper(helper), NOTHING, "{helper}");
    }
}

#[test]
fn what_takes_a_map_as_it_comes_is_found() {
    let with_map = |rest: &str| lints(HEAD, &format!("let m: Map = given; let mut v: Vec<u32> = Vec::new(); {rest}"));
    assert_eq!(with_map("v.extend(m);"), ["hash_iteration"]);
    assert_eq!(with_map("(0..3).zip(&m);"), ["hash_iteration"]);
    assert_eq!(with_map("let w: Vec<u32> = (0..3).chain(m).collect();"), ["hash_iteration"]);
    assert_eq!(with_map("HashMap::keys(&m).next();"), ["hash_iteration"]);
    assert_eq!(with_map("format!(\"{:?}\", (1, &m));"), ["hash_iteration"]);
    assert_eq!(with_map("v.extend(m); v.sort();"), NOTHING);
    assert_eq!(with_map("let w: HashSet<u32> = (0..3).chain(m).collect();"), NOTHING);
    assert_eq!(with_map("let mut w: HashSet<u32> = HashSet::new(); w.extend(m);"), NOTHING);
    assert_eq!(with_map("format!(\"{:?}\", (1, m.len()));"), NOTHING);
}

#[test]
fn an_iterator_of_a_helper_that_a_variable_keeps_is_found() {
    let helpers = [
        "fn keys(m: &HashMap<u32, u32>) -> impl Iterator<Item = &u32> { m.keys() }",
        "fn keys(m: &HashMap<u32, u32>) -> Box<dyn Iterator<Item = &u32> + '_> { Box::new(m.keys()) }",
    ];
    for helper in helpers {
        let head = format!("use std::collections::HashMap; {helper}");
        assert_eq!(lints(&head, "let kept = keys(&given);"), ["hash_iteration"], "{helper}");
    }
}

#[test]
fn a_struct_shows_the_maps_in_it_if_its_debug_is_derived() {
    let cart = "struct Cart { items: HashMap<u32, u32> }";
    let of = |derives: &str| lints(&format!("{HEAD} {derives} {cart}"), "let c: Cart = given; format!(\"{c:?}\");");
    assert_eq!(of("#[derive(Debug)]"), ["hash_iteration"]);
    assert_eq!(of(""), NOTHING);
    let body = "let c: Cart = given; serde_json::to_string(&c);";
    assert_eq!(lints(&format!("{HEAD} #[derive(Serialize)] {cart}"), body), ["hash_iteration"]);
}

#[test]
fn a_helper_that_takes_one_of_several_entries_depends_on_the_order() {
    let bodies = [
        "m.iter().find(|(_, v)| **v > 3).map(|(k, _)| *k)",
        "m.iter().max_by_key(|(_, v)| **v).map(|(k, _)| *k)",
        "{ let mut gone = Vec::new(); m.retain(|k, v| { gone.push(*k); *v > 0 }); gone.pop() }",
    ];
    let fine = [
        "m.iter().find(|(k, _)| **k == 3).map(|(k, _)| *k)",
        "m.iter().max_by_key(|(k, v)| (**v, **k)).map(|(k, _)| *k)",
        "{ m.retain(|_, v| *v > 0); None }",
    ];
    let head = |body: &str| {
        format!("use std::collections::HashMap; fn f(m: &mut HashMap<u32, u32>) -> Option<u32> {{ {body} }}")
    };
    for body in bodies {
        assert_eq!(lints(&head(body), "f(&mut m);"), ["hash_iteration"], "{body}");
    }
    for body in fine {
        assert_eq!(lints(&head(body), "f(&mut m);"), NOTHING, "{body}");
    }
}

#[test]
fn a_closure_returns_what_is_expected_of_its_call() {
    let next = |ty: &str, made: &str| {
        format!(
            "use std::collections::{{BTreeSet, HashMap, HashSet}}; struct Graph {{ edges: HashMap<u32, HashSet<u32>> }}
            impl Graph {{ fn next(&self) -> {ty} {{ self.edges.get(&3){made} }} }}"
        )
    };
    let cases = [
        ("Vec<u32>", ".map(|s| s.iter().copied().collect()).unwrap_or_default()"),
        ("Vec<u32>", ".map_or_else(Vec::new, |s| s.iter().copied().collect())"),
        ("Option<Vec<u32>>", ".map(|s| s.iter().copied().collect())"),
        ("Result<Vec<u32>, u8>", ".map(|s| s.iter().copied().collect()).ok_or(3)"),
    ];
    for (ty, made) in cases {
        assert_eq!(lints(&next(ty, made), "let g: Graph = graph; g.next();"), ["hash_iteration"], "{made}");
        let set = ty.replace("Vec", "BTreeSet");
        assert_eq!(lints(&next(&set, made), "let g: Graph = graph; g.next();"), NOTHING, "{made}");
    }
}
