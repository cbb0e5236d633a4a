//! What starts runs of workflows.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use crate::store::StoredTrigger;

/// By workflow.
#[derive(Default)]
pub(super) struct Triggers(BTreeMap<String, Kept>);

#[derive(Default)]
struct Kept {
    version: u32,
    /// With the last tick, which means nothing for events.
    triggers: HashMap<StoredTrigger, SystemTime>,
}

impl Triggers {
    pub(super) fn set(&mut self, workflow: String, version: u32, triggers: Vec<StoredTrigger>, now: SystemTime) {
        let kept = self.0.entry(workflow).or_default();
        if kept.version > version {
            return;
        }
        let with_tick = |trigger: StoredTrigger| {
            let last_tick = kept.triggers.get(&trigger).copied().unwrap_or(now);
            (trigger, last_tick)
        };
        *kept = Kept { version, triggers: triggers.into_iter().map(with_tick).collect() };
    }

    pub(super) fn of_event(&self, event: &str) -> Vec<(String, u32)> {
        let trigger = StoredTrigger::Event { name: event.to_owned() };
        let started = self.0.iter().filter(|(_, kept)| kept.triggers.contains_key(&trigger));
        started.map(|(workflow, kept)| (workflow.clone(), kept.version)).collect()
    }

    pub(super) fn tick_of(&mut self, workflow: &str, cron: &StoredTrigger) -> Option<&mut SystemTime> {
        self.0.get_mut(workflow)?.triggers.get_mut(cron)
    }
}
