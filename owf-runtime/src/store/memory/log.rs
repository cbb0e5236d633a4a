//! A run's log: what was recorded, and what was forgotten of it.

use std::collections::HashSet;

use crate::kernel::StepId;
use crate::store::StoredMemo;

/// Only appended to.
#[derive(Default)]
pub(super) struct Log(Vec<Entry>);

enum Entry {
    Memo(StoredMemo),
    /// What was recorded under the ID before counts no more.
    Forgotten {
        position: u64,
        id: StepId,
    },
}

impl Log {
    pub(super) fn append(&mut self, memo: StoredMemo) {
        self.0.push(Entry::Memo(memo));
    }

    pub(super) fn forget(&mut self, position: u64, id: StepId) {
        self.0.push(Entry::Forgotten { position, id });
    }

    /// The latest memo under each ID among those up to a position, in the order of recording.
    pub(super) fn latest(&self, until: u64) -> Vec<StoredMemo> {
        let mut met = HashSet::new();
        let latest = self.0.iter().rev().filter(|entry| entry.position() <= until && met.insert(entry.id()));
        let mut memos: Vec<StoredMemo> = latest.filter_map(Entry::memo).cloned().collect();
        memos.reverse();
        memos
    }

    /// All memos of what was attempted, in the order of recording.
    pub(super) fn attempts(&self) -> Vec<StoredMemo> {
        self.0.iter().filter_map(Entry::memo).filter(|memo| memo.state.is_attempt()).cloned().collect()
    }
}

impl Entry {
    fn memo(&self) -> Option<&StoredMemo> {
        match self {
            Entry::Memo(memo) => Some(memo),
            Entry::Forgotten { .. } => None,
        }
    }

    fn position(&self) -> u64 {
        match self {
            Entry::Memo(memo) => memo.position,
            Entry::Forgotten { position, .. } => *position,
        }
    }

    fn id(&self) -> &StepId {
        match self {
            Entry::Memo(memo) => &memo.id,
            Entry::Forgotten { id, .. } => id,
        }
    }
}
