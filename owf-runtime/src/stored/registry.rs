//! The workflows that a process can execute, by name and version.

use std::collections::{BTreeMap, HashMap};

use crate::store::Registered;
use crate::workflow::{AnyWorkflow, Trigger};

/// The workflows that a process can execute.
#[derive(Default)]
pub(super) struct Registry {
    workflows: HashMap<&'static str, BTreeMap<u32, AnyWorkflow>>,
    /// Those that were registered by name, and not only met; and whether the store knows what starts them.
    registered: HashMap<(&'static str, u32), bool>,
    has_learned: bool,
}

impl Registry {
    /// Takes in a workflow that was met; `true` if it is new.
    pub(super) fn learn(&mut self, workflow: &AnyWorkflow) -> bool {
        let versions = self.workflows.entry(workflow.name()).or_default();
        let is_new = !versions.contains_key(&workflow.version());
        if is_new {
            versions.insert(workflow.version(), workflow.clone());
            self.has_learned = true;
        }
        is_new
    }

    /// Whether workflows were met since this was last asked.
    pub(super) fn take_learned(&mut self) -> bool {
        std::mem::take(&mut self.has_learned)
    }

    /// Takes in a workflow that is registered; `false` if it is already.
    pub(super) fn register(&mut self, workflow: &AnyWorkflow) -> bool {
        self.learn(workflow);
        let key = (workflow.name(), workflow.version());
        let is_new = !self.registered.contains_key(&key);
        self.registered.entry(key).or_insert(false);
        is_new
    }

    /// Forgets that a workflow is registered; its runs are executed all the same.
    pub(super) fn unregister(&mut self, workflow: &AnyWorkflow) {
        self.registered.remove(&(workflow.name(), workflow.version()));
    }

    /// A registered workflow of which the store does not know yet what starts it.
    pub(super) fn unstored(&self) -> Option<AnyWorkflow> {
        let ((name, version), _) = self.registered.iter().find(|(_, stored)| !**stored)?;
        self.workflows.get(name)?.get(version).cloned()
    }

    /// The store knows what starts a workflow.
    pub(super) fn stored(&mut self, workflow: &AnyWorkflow) {
        if let Some(stored) = self.registered.get_mut(&(workflow.name(), workflow.version())) {
            *stored = true;
        }
    }

    /// What executes a run: the function of its version, or else the newest.
    pub(super) fn find(&self, workflow: &str, version: u32) -> Option<AnyWorkflow> {
        let versions = self.workflows.get(workflow)?;
        versions.get(&version).or_else(|| versions.values().next_back()).cloned()
    }

    /// What can be claimed.
    pub(super) fn registered(&self) -> Vec<Registered> {
        let newest = |(name, versions): (&&'static str, &BTreeMap<u32, AnyWorkflow>)| {
            let newest = *versions.keys().next_back()?;
            Some(Registered { workflow: (*name).to_owned(), newest })
        };
        self.workflows.iter().filter_map(newest).collect()
    }

    /// The registered workflows of which an event starts runs, with their newest versions.
    pub(super) fn triggered_by(&self, event: &str) -> Vec<(String, u32)> {
        let is_triggered = |workflow: &AnyWorkflow| {
            workflow.triggers().iter().any(|trigger| matches!(trigger, Trigger::Event { name } if *name == event))
        };
        let newest = self.workflows.iter().filter_map(|(name, versions)| Some((*name, versions.iter().next_back()?)));
        newest
            .filter(|(name, (version, workflow))| {
                self.registered.contains_key(&(name, **version)) && is_triggered(workflow)
            })
            .map(|(name, (version, _))| (name.to_owned(), *version))
            .collect()
    }
}
