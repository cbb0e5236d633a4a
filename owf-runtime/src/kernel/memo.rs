//! What a run has recorded: a map from operation ID to result, in the order of recording.

use std::fmt;
use std::hash::BuildHasher;
use std::time::SystemTime;

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

use super::id::StepId;
use super::operation::OperationKind;
use crate::failure::Failure;
use crate::value::Json;

/// What is recorded of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Memo {
    /// It is over; awaiting it returns the result at once.
    Done {
        /// Its kind.
        kind: OperationKind,
        /// How many attempts it took.
        attempts: u32,
        /// How it ended.
        result: MemoResult,
    },
    /// A step's attempts have failed so far, and it will be tried again.
    Retrying {
        /// The attempts made.
        attempts: u32,
        /// When the next one may be made.
        not_before: SystemTime,
    },
    /// A timer is set, and a replay must not set it anew.
    Waiting {
        /// When it was set.
        since: SystemTime,
        /// When it is over.
        until: SystemTime,
    },
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoResult {
    /// With a value.
    Value(Json),
    /// With an error; awaiting it returns a [`StepError`](crate::StepError).
    Error(Failure),
}

/// All that a run has recorded.
///
/// The order of the finished memos is part of the record: on a replay the results of parallel operations are handed
/// to the workflow in this order, so that a race has the same winner and repeated IDs fall to the same branches.
#[derive(Clone, Default)]
pub struct Memos {
    index: HashTable<Indexed>,
    hasher: DefaultHashBuilder,
    entries: Vec<Entry>,
    /// Positions in `entries`, in the order of recording.
    recorded: Vec<u32>,
    /// The number of the current pass through the workflow.
    pass: u32,
    /// The entry that the workflow will meet next if it goes as it went before.
    predicted: u32,
    /// The entry whose ID was last met again: a loop meets it each time round.
    repeated: u32,
    /// How many of the recorded entries this pass has come to.
    recorded_met: u32,
    scratch: String,
    /// What an engine recorded in a form of its own, and the workflow has not come to yet.
    foreign: Option<Box<Foreign>>,
}

/// How an engine names and writes what it records, where that is not as [`Memos`] do.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The name that it records an ID under.
    pub name: fn(&str) -> StepId,
    /// Reads what it recorded: the result, and how many attempts it took. The kind is that of the operation which the workflow does under
    /// this name. `None` if nothing is recorded of it after all.
    pub read: fn(OperationKind, &Json) -> Option<(MemoResult, u32)>,
    /// What is in the envelope that a value may have come in from outside, if this is one. It is looked into where the value itself is not of the
    /// type that is waited for.
    pub unwrap: fn(&Json) -> Option<Json>,
    /// Whether it has recorded with this error that a child was waited for in vain.
    pub is_timeout: fn(&Failure) -> bool,
}

#[derive(Clone)]
struct Foreign {
    dialect: Dialect,
    /// By the position of their entries, which are the first ones.
    unread: Vec<Option<Json>>,
}

#[derive(Clone)]
struct Entry {
    id: StepId,
    memo: Option<Memo>,
    /// What was added to the name that the workflow's code gave, where that was met before; 0 if nothing was.
    suffix: u32,
    /// The last pass in which the ID was met.
    met_in: u32,
    /// The suffix to try first when the ID is met again in this pass.
    next_suffix: u32,
    /// One more than the position in `recorded`; 0 while there is none.
    order: u32,
}

/// A position in `entries` with the hash of its ID, so that the table grows without looking at the IDs.
#[derive(Clone, Copy)]
struct Indexed {
    hash: u32,
    position: u32,
}

/// A position in the table of memos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct EntryKey(u32);

impl Memos {
    /// No memos: a run that has not begun.
    #[must_use]
    pub fn new() -> Memos {
        Memos::default()
    }

    /// What an engine recorded in its own form, under its own names, in the order of recording.
    ///
    /// Each is read when the workflow comes to its operation, whose kind an engine may not know.
    #[must_use]
    pub fn of_engine(dialect: Dialect, recorded: impl IntoIterator<Item = (StepId, Json)>) -> Memos {
        let mut memos = Memos::new();
        let mut unread = Vec::new();
        for (name, json) in recorded {
            let hash = memos.hash(name.as_str());
            if memos.find_hashed(hash, name.as_str()).is_none() {
                let key = memos.push(hash, name);
                memos.mark_recorded(key);
                unread.push(Some(json));
            }
        }
        memos.foreign = Some(Box::new(Foreign { dialect, unread }));
        memos
    }

    /// Puts a memo under an ID, in place of the one there.
    ///
    /// Finished memos keep the order in which they are first put: insert them as they were recorded.
    pub fn insert(&mut self, id: impl Into<StepId>, memo: Memo) {
        let id = id.into();
        let hash = self.hash(id.as_str());
        let key = match self.find_hashed(hash, id.as_str()) {
            Some(key) => key,
            None => self.push(hash, id),
        };
        self.set(key, memo);
    }

    /// The memo under an ID.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Memo> {
        self.entries[self.find(id)?.0 as usize].memo.as_ref()
    }

    /// All memos: the finished ones in the order of recording, then the others.
    pub fn iter(&self) -> impl Iterator<Item = (&StepId, &Memo)> {
        let finished = self.recorded.iter().map(|&position| &self.entries[position as usize]);
        let others = self.entries.iter().filter(|entry| entry.order == 0);
        finished.chain(others).filter_map(|entry| Some((&entry.id, entry.memo.as_ref()?)))
    }

    /// How many operations have a memo.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.iter().filter(|entry| entry.memo.is_some()).count()
    }

    /// Whether no operation has a memo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.memo.is_none())
    }

    /// Begins a pass: every ID counts as not met.
    pub(crate) fn begin_pass(&mut self) {
        if self.pass == u32::MAX {
            self.pass = 0;
            self.entries.iter_mut().for_each(|entry| entry.met_in = 0);
        }
        self.pass += 1;
        self.predicted = 0;
        self.repeated = 0;
        self.recorded_met = 0;
    }

    /// The workflow came to an operation named `name`: finds the entry it stands for, with a suffix if it was met before.
    pub(crate) fn meet(&mut self, name: &str) -> EntryKey {
        let key = self.find_predicted(name).unwrap_or_else(|| self.meet_unpredicted(name));
        let pass = self.pass;
        let entry = &mut self.entries[key.0 as usize];
        entry.met_in = pass;
        entry.next_suffix = 1;
        self.recorded_met += u32::from(entry.order > 0);
        self.predicted = key.0 + 1;
        key
    }

    /// The operations that the current pass has come to.
    pub(crate) fn met(&self) -> impl Iterator<Item = (&StepId, Option<&Memo>)> {
        let met = self.entries.iter().filter(|entry| entry.met_in == self.pass && self.pass > 0);
        met.map(|entry| (&entry.id, entry.memo.as_ref()))
    }

    /// Whether the pass has recorded operations still before it, so that it goes where another has been.
    pub(crate) fn is_replaying(&self) -> bool {
        (self.recorded_met as usize) < self.recorded.len()
    }

    fn meet_unpredicted(&mut self, name: &str) -> EntryKey {
        if let Some(entry) = self.entries.get(self.repeated as usize)
            && entry.met_in == self.pass
            && entry.id.as_str() == name
        {
            return self.meet_again(EntryKey(self.repeated), name);
        }
        let hash = self.hash(name);
        match self.find_or_adopt(hash, name) {
            None => self.push(hash, StepId::new(name)),
            Some(key) if self.entries[key.0 as usize].met_in != self.pass => key,
            Some(key) => self.meet_again(key, name),
        }
    }

    /// The entry of an ID; one that an engine recorded under another name gets the ID for its name.
    fn find_or_adopt(&mut self, hash: u64, id: &str) -> Option<EntryKey> {
        let found = self.find_hashed(hash, id);
        let Some(foreign) = self.foreign.as_deref().filter(|_| found.is_none()) else { return found };
        let name = (foreign.dialect.name)(id);
        let key = self.find(name.as_str())?;
        self.entries[key.0 as usize].id = StepId::new(id);
        let indexed = Indexed { hash: Indexed::short(hash), position: key.0 };
        self.index.insert_unique(Indexed::spread(indexed.hash), indexed, |other| Indexed::spread(other.hash));
        Some(key)
    }

    /// Reads what an engine recorded of an operation, now that its kind is known.
    pub(crate) fn read(&mut self, key: EntryKey, kind: OperationKind) {
        let Some(foreign) = &mut self.foreign else { return };
        let Some(json) = foreign.unread.get_mut(key.0 as usize).and_then(Option::take) else { return };
        if let Some((result, attempts)) = (foreign.dialect.read)(kind, &json) {
            self.entries[key.0 as usize].memo = Some(Memo::Done { kind, attempts, result });
        }
    }

    /// How the engine wrote that has recorded this, if one has.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        self.foreign.as_ref().map(|foreign| foreign.dialect)
    }

    /// As [`get`](Memos::get), also of what an engine recorded.
    pub(crate) fn recall(&mut self, id: &str, kind: OperationKind) -> Option<&Memo> {
        let key = self.find_or_adopt(self.hash(id), id)?;
        self.read(key, kind);
        self.memo(key)
    }

    /// The name that the workflow's code gave an operation, and the number that was added where that was met before.
    pub(crate) fn written(&self, id: &StepId) -> (StepId, Option<u32>) {
        let suffix = self.find(id.as_str()).map_or(0, |key| self.entries[key.0 as usize].suffix);
        match id.as_str().strip_suffix(&format!(":{suffix}")) {
            Some(name) if suffix > 0 => (StepId::new(name), Some(suffix)),
            _ => (id.clone(), None),
        }
    }

    fn meet_again(&mut self, first: EntryKey, name: &str) -> EntryKey {
        self.repeated = first.0;
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.push_str(name);
        scratch.push(':');
        let key = loop {
            let entry = &mut self.entries[first.0 as usize];
            let suffix = entry.next_suffix;
            entry.next_suffix += 1;
            scratch.truncate(name.len() + 1);
            scratch.push_str(itoa::Buffer::new().format(suffix));
            if let Some(key) = self.find_predicted(&scratch) {
                break key;
            }
            let hash = self.hash(&scratch);
            let key = match self.find_or_adopt(hash, &scratch) {
                None => self.push(hash, StepId::new(&scratch)),
                Some(key) => key,
            };
            if self.entries[key.0 as usize].met_in != self.pass {
                self.entries[key.0 as usize].suffix = suffix;
                break key;
            }
        };
        self.scratch = scratch;
        key
    }

    /// The entry of an ID as it is recorded.
    pub(crate) fn entry(&self, id: &StepId) -> Option<EntryKey> {
        self.find(id.as_str())
    }

    pub(crate) fn id(&self, key: EntryKey) -> &StepId {
        &self.entries[key.0 as usize].id
    }

    pub(crate) fn memo(&self, key: EntryKey) -> Option<&Memo> {
        self.entries[key.0 as usize].memo.as_ref()
    }

    /// The place in the order of recording, from 1; 0 while it is not recorded.
    pub(crate) fn order(&self, key: EntryKey) -> u32 {
        self.entries[key.0 as usize].order
    }

    pub(crate) fn set(&mut self, key: EntryKey, memo: Memo) {
        let finished = matches!(memo, Memo::Done { .. });
        self.entries[key.0 as usize].memo = Some(memo);
        if finished {
            self.mark_recorded(key);
        }
    }

    /// Gives the entry its place in the order of recording.
    pub(crate) fn mark_recorded(&mut self, key: EntryKey) {
        let entry = &mut self.entries[key.0 as usize];
        if entry.order == 0 {
            self.recorded.push(key.0);
            entry.order = u32::try_from(self.recorded.len()).unwrap_or(u32::MAX);
            self.recorded_met += u32::from(entry.met_in == self.pass && self.pass > 0);
        }
    }

    /// The finished operations that this pass has not come to, in the order of recording.
    pub(crate) fn not_met(&self) -> Vec<StepId> {
        let finished = self.recorded.iter().map(|&position| &self.entries[position as usize]);
        finished.filter(|entry| entry.met_in != self.pass).map(|entry| entry.id.clone()).collect()
    }

    /// The workflow mostly meets operations in the order of the entries, which saves the hash.
    fn find_predicted(&self, name: &str) -> Option<EntryKey> {
        let entry = self.entries.get(self.predicted as usize)?;
        (entry.met_in != self.pass && entry.id.as_str() == name).then_some(EntryKey(self.predicted))
    }

    fn hash(&self, name: &str) -> u64 {
        self.hasher.hash_one(name)
    }

    fn find(&self, name: &str) -> Option<EntryKey> {
        self.find_hashed(self.hash(name), name)
    }

    fn find_hashed(&self, hash: u64, name: &str) -> Option<EntryKey> {
        let short = Indexed::short(hash);
        let same =
            |indexed: &Indexed| indexed.hash == short && self.entries[indexed.position as usize].id.as_str() == name;
        self.index.find(Indexed::spread(short), same).map(|indexed| EntryKey(indexed.position))
    }

    fn push(&mut self, hash: u64, id: StepId) -> EntryKey {
        let position = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { id, memo: None, suffix: 0, met_in: 0, next_suffix: 1, order: 0 });
        let indexed = Indexed { hash: Indexed::short(hash), position };
        self.index.insert_unique(Indexed::spread(indexed.hash), indexed, |other| Indexed::spread(other.hash));
        EntryKey(position)
    }
}

impl Indexed {
    fn short(hash: u64) -> u32 {
        (hash >> 32) as u32
    }

    /// The table takes its buckets from the low bits and its tags from the high ones.
    fn spread(hash: u32) -> u64 {
        u64::from(hash) << 32 | u64::from(hash)
    }
}

impl fmt::Debug for Memos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<I: Into<StepId>> FromIterator<(I, Memo)> for Memos {
    fn from_iter<T: IntoIterator<Item = (I, Memo)>>(memos: T) -> Self {
        let mut all = Memos::new();
        for (id, memo) in memos {
            all.insert(id, memo);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Memo {
        let result = MemoResult::Value(Json::encode(&1).expect("a number is JSON"));
        Memo::Done { kind: OperationKind::Step, attempts: 1, result }
    }

    fn meet_all(memos: &mut Memos, names: &[&str]) -> Vec<String> {
        memos.begin_pass();
        names
            .iter()
            .map(|name| {
                let key = memos.meet(name);
                memos.id(key).to_string()
            })
            .collect()
    }

    #[test]
    fn an_id_met_again_gets_the_next_free_suffix() {
        let mut memos = Memos::new();
        assert_eq!(meet_all(&mut memos, &["a", "a", "a"]), ["a", "a:1", "a:2"]);
        assert_eq!(meet_all(&mut memos, &["a:1", "a", "a"]), ["a:1", "a", "a:2"], "a literal `a:1` is not taken twice");
    }

    #[test]
    fn every_pass_counts_anew() {
        let mut memos = Memos::new();
        meet_all(&mut memos, &["a", "a"]);
        assert_eq!(meet_all(&mut memos, &["a", "a", "b"]), ["a", "a:1", "b"]);
    }

    #[test]
    fn what_a_pass_does_not_meet_is_told_in_order() {
        let mut memos: Memos = [("c", done()), ("a", done()), ("b", done())].into_iter().collect();
        meet_all(&mut memos, &["a", "new"]);
        assert_eq!(memos.not_met(), ["c", "b"]);
    }

    #[test]
    fn finished_memos_are_listed_as_recorded() {
        let mut memos = Memos::new();
        let waiting = Memo::Waiting { since: SystemTime::UNIX_EPOCH, until: SystemTime::UNIX_EPOCH };
        memos.insert("timer", waiting.clone());
        memos.insert("b", done());
        memos.insert("a", done());
        let ids: Vec<&str> = memos.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["b", "a", "timer"]);
        memos.insert("timer", done());
        assert_eq!(memos.iter().last().map(|(id, _)| id.as_str()), Some("timer"));
        assert_eq!(memos.len(), 3);
    }

    #[test]
    fn memos_survive_json() {
        let memo = done();
        let text = serde_json::to_string(&memo).expect("a memo is JSON");
        assert_eq!(text, r#"{"done":{"kind":"step","attempts":1,"result":{"value":1}}}"#);
        assert_eq!(serde_json::from_str::<Memo>(&text).expect("reads back"), memo);
    }
}
