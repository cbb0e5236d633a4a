//! What has an order, or needs none.
#![deny(warnings)]
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

use owf_runtime::prelude::*;

#[workflow]
async fn lookups(n: u32) -> u32 {
    let mut map: HashMap<u32, u32> = (0..n).map(|i| (i, i)).collect();
    map.insert(n, n);
    map.entry(1).or_default();
    let known: HashSet<u32> = [1, 2].into_iter().collect();
    map.retain(|k, v| known.contains(k) && *v > 0);
    map.get(&1).copied().unwrap_or(0) + u32::from(map.contains_key(&1)) + u32::try_from(map.len()).unwrap_or(0)
}

#[workflow]
async fn without_order(n: u32) -> u32 {
    let map: HashMap<u32, u32> = (0..n).map(|i| (i, i)).collect();
    let total: u32 = map.values().sum();
    let most = map.values().map(|v| v * 2).max().unwrap_or(0);
    let all = map.iter().all(|(k, v)| k == v);
    let product = map.keys().product::<u32>();
    if map.values().any(|v| *v == 3) && all {
        return total;
    }
    total + most + product
}

#[workflow]
async fn put_in_order(n: u32) -> Vec<(u32, u32)> {
    let map: HashMap<u32, u32> = (0..n).map(|i| (i, i)).collect();
    let mut keys = map.keys().copied().collect::<Vec<_>>();
    keys.sort();
    let set = map.values().map(|v| v / 2).collect::<BTreeSet<_>>();
    for half in &set {
        keys.push(*half);
    }
    let copy = BTreeMap::from_iter(map.iter().map(|(k, v)| (*k, v + 1)));
    let sorted: BTreeMap<u32, u32> = map.into_iter().collect();
    sorted.into_iter().chain(copy).collect()
}

#[workflow]
async fn allowed(n: u32) -> WorkflowResult<u32> {
    let map: HashMap<u32, u32> = (0..n).map(|i| (i, i)).collect();
    let mut last = 0;
    #[owf::allow(hash_iteration, reason = "nobody looks at which one it is")]
    for key in map.keys() {
        last = *key;
    }
    Ok(last)
}

#[derive(Clone)]
struct Shelf(Vec<u32>);

impl Shelf {
    fn iter(&self) -> impl Iterator<Item = &u32> {
        self.0.iter()
    }

    fn drain(&mut self) -> u32 {
        self.0.drain(..).count() as u32
    }

    fn keys(self) -> Vec<u32> {
        self.0
    }

    fn values(&self) -> HashMap<u32, u32> {
        self.0.iter().map(|n| (*n, *n)).collect()
    }

    fn retain(&mut self, mut keep: impl FnMut(u32)) {
        keep(1);
    }
}

fn sum<I>(of: I) -> u32
where
    I: IntoIterator<Item = u32>,
{
    of.into_iter().sum()
}

#[workflow]
async fn methods_of_the_same_names(n: u32) -> u32 {
    let mut shelf = Shelf(vec![n]);
    let mut total = 0;
    for n in shelf.iter() {
        total += n;
    }
    let drained = shelf.drain();
    shelf.retain(|n| total += n);
    let found = shelf.values().get(&n).copied().unwrap_or(drained);
    let keys = shelf.clone().keys();
    let boxed: Box<dyn Iterator<Item = u32> + Send> = Box::new(keys.into_iter());
    let texts: Vec<&dyn std::fmt::Display> = [&1u32 as &dyn std::fmt::Display].iter().map(|d| *d).collect();
    let first = Mutex::new(vec![n, 2]).lock().unwrap().iter().copied().max().unwrap_or(0);
    let empty: Vec<u32> = Vec::new().into_iter().collect();
    let mut list = vec![1, 2];
    list.push(list.iter().count() as u32);
    for (at, item) in list.iter_mut().enumerate() {
        *item += at as u32;
    }
    for item in list.drain(..) {
        total += item;
    }
    for part in [Some(1), None].into_iter().flatten() {
        total += part;
    }
    for character in String::from("abc").chars() {
        total += character as u32;
    }
    while let Some(last) = list.iter().next() {
        total += last;
    }
    total + found + sum(boxed) + texts.len() as u32 + first + empty.len() as u32
}

fn to_string(map: &HashMap<u32, u32>) -> String {
    map.len().to_string()
}

#[workflow]
async fn debug_texts(n: u32) -> String {
    let map = HashMap::from([(n, n)]);
    let ordered = BTreeMap::from([(n, "a")]);
    let (list, width) = (vec![n, 2], 5);
    println!("{map:?} {:?}", map);
    let mut text = format!("{list:?} {ordered:#?} {:?} {:>width$} {{map:?}} {width:?}", Some("p:"), n);
    text += &format!("{:.*?} {0:?} {2} {named:?}", width, 1.5, n, named = map.len());
    std::fmt::Write::write_fmt(&mut text, format_args!("{:?} {text_of:?}", n + 1, text_of = n)).unwrap();
    text += &serde_json::to_string(&(&ordered, &list)).unwrap();
    text += &to_string(&map);
    #[owf::allow(hash_iteration, reason = "one entry has one order")]
    let one = format!("{map:?}");
    format!("{text:?} {:?} {:?}", String::from("temporary").as_str(), list.iter().map(|n| n + 1).collect::<Vec<_>>()) + &one
}

fn main() {}
