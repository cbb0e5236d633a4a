//! Where open operations are kept: places that are used again, and keys that go stale when they are.

use super::open::OpenOperation;

/// An open operation; stale once that is dropped and its slot used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotKey {
    index: u32,
    generation: u32,
}

impl SlotKey {
    /// The key of no operation.
    pub(super) const NONE: SlotKey = SlotKey { index: u32::MAX, generation: u32::MAX };
}

/// All open operations of a session.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    operation: Option<OpenOperation>,
}

impl Slots {
    pub(super) fn insert(&mut self, operation: OpenOperation) -> SlotKey {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let slot = &mut self.slots[index as usize];
        slot.operation = Some(operation);
        SlotKey { index, generation: slot.generation }
    }

    pub(super) fn get(&self, key: SlotKey) -> Option<&OpenOperation> {
        let slot = self.slots.get(key.index as usize)?;
        if slot.generation != key.generation { None } else { slot.operation.as_ref() }
    }

    pub(super) fn get_mut(&mut self, key: SlotKey) -> Option<&mut OpenOperation> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation != key.generation { None } else { slot.operation.as_mut() }
    }

    /// Drops an operation where it stands, as it is large to move.
    pub(super) fn remove(&mut self, key: SlotKey) {
        if let Some(operation) = self.vacate(key) {
            *operation = None;
        }
    }

    pub(super) fn take(&mut self, key: SlotKey) -> Option<OpenOperation> {
        self.vacate(key)?.take()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OpenOperation> {
        self.slots.iter().filter_map(|slot| slot.operation.as_ref())
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (SlotKey, &mut OpenOperation)> {
        self.slots.iter_mut().enumerate().filter_map(|(index, slot)| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let key = SlotKey { index, generation: slot.generation };
            Some((key, slot.operation.as_mut()?))
        })
    }

    /// Makes the slot of an operation free for another, which the caller takes out: its keys are stale from here on.
    fn vacate(&mut self, key: SlotKey) -> Option<&mut Option<OpenOperation>> {
        let slot = self.slots.get_mut(key.index as usize).filter(|slot| slot.generation == key.generation)?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(key.index);
        Some(&mut slot.operation)
    }
}
