//! Methods of traits that code calls without their names.

use super::{NOTHING, lints};

const TRAITS: &str = "
    use std::ops;
    #[derive(Clone, Debug, PartialEq)] struct Row { id: Id, count: u32 }
    struct Id(u64);
    impl Clone for Id { fn clone(&self) -> Self { Id(rand::random()) } }
    impl std::fmt::Debug for Id { fn fmt(&self, f: &mut F) -> R { f.write_str(&std::env::var(\"ID\")) } }
    impl PartialEq for Id { fn eq(&self, other: &Id) -> bool { std::process::id() > 3 } }
    struct Lock;
    impl Drop for Lock { fn drop(&mut self) { std::fs::remove_file(\"lock\"); } }
    struct Held { lock: Lock }
    fn lock() -> Lock { Lock }
    fn borrowed(lock: &Lock) -> &Lock { lock }
    impl Lock { fn id(&self) -> u32 { 3 } }
    struct Table(Vec<u32>);
    impl ops::Deref for Table { type Target = Vec<u32>; fn deref(&self) -> &Vec<u32> { &self.0 } }
    impl ops::DerefMut for Table { fn deref_mut(&mut self) -> &mut Vec<u32> { std::fs::write(\"t\", \"\"); &mut self.0 } }
    impl ops::IndexMut<usize> for Table { fn index_mut(&mut self, at: usize) -> &mut u32 { std::fs::write(\"t\", \"\") } }
    struct Cents(u64);
    impl ops::Mul<u32> for Cents { type Output = Cents; fn mul(self, by: u32) -> Cents { Cents(3) } }
    impl ops::Mul<f64> for Cents { type Output = Cents; fn mul(self, by: f64) -> Cents { std::time::SystemTime::now() } }
    impl ops::Mul<Cents> for f64 { type Output = Cents; fn mul(self, by: Cents) -> Cents { std::time::SystemTime::now() } }
    struct Key(u32);
    impl std::hash::Hash for Key { fn hash<H>(&self, to: &mut H) { rand::random::<u32>().hash(to) } }
    fn row() -> Row { Row { id: Id(1), count: 3 } }
";

#[test]
fn a_derived_trait_calls_those_of_the_fields() {
    assert_eq!(lints(TRAITS, "let row = row(); row.clone();"), ["randomness"]);
    assert_eq!(lints(TRAITS, "let rows = vec![row()]; rows.clone();"), ["randomness"]);
    assert_eq!(lints(TRAITS, "let row = row(); format!(\"{row:?}\");"), ["environment"]);
    assert_eq!(lints(TRAITS, "row() == other;"), ["environment"]);
    assert_eq!(lints(TRAITS, "let row = std::sync::Arc::new(row()); row.clone();"), NOTHING);
    assert_eq!(lints(TRAITS, "let count = row().count.clone();"), NOTHING);
}

#[test]
fn what_is_dropped_within_a_statement_is_found() {
    for body in
        ["lock();", "lock().id();", "let _ = lock();", "let held = Held { lock: Lock };", "Held { lock: Lock };"]
    {
        assert_eq!(lints(TRAITS, body), ["io"], "{body}");
    }
    assert_eq!(lints(TRAITS, "borrowed(&lock).id();"), NOTHING);
}

#[test]
fn places_are_written_through_the_traits_of_their_types() {
    let head = &format!("{TRAITS} fn table() -> Table {{ Table(v) }}");
    for body in ["table[0] = 3;", "table[0] += 3;", "table.push(3);", "let x = &mut table[0];", "*table = v;"] {
        assert_eq!(lints(head, &format!("let mut table = table(); {body}")), ["io"], "{body}");
    }
    assert_eq!(lints(head, "let table = table(); table.len();"), NOTHING);
}

#[test]
fn the_other_operand_tells_which_of_several_operators_is_meant() {
    assert_eq!(lints(TRAITS, "let by: f64 = 1.5; Cents(3) * by;"), ["wall_clock"]);
    assert_eq!(lints(TRAITS, "1.5 * Cents(3);"), ["wall_clock"]);
    assert_eq!(lints(TRAITS, "Cents(3) * 4u32;"), NOTHING);
    assert_eq!(lints(TRAITS, "Cents(3) * 4;"), NOTHING);
}

#[test]
fn keys_are_compared_and_hashed() {
    let head = &format!("{TRAITS} use std::collections::*;");
    assert_eq!(lints(head, "let mut map = HashMap::new(); map.insert(Key(1), 2);"), ["randomness"]);
    assert_eq!(lints(head, "let mut list = Vec::new(); list.insert(0, Key(1));"), NOTHING);
}
