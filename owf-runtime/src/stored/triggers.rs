//! What events and times start, kept in the store, so that all processes know it.

#[cfg(feature = "cron")]
use std::time::SystemTime;

use super::core::Core;
use crate::store::{StoreError, StoredTrigger};
#[cfg(feature = "cron")]
use crate::workflow::AnyWorkflow;
use crate::workflow::Trigger;

/// Stores what was registered since.
pub(super) async fn store(core: &Core) -> Result<(), StoreError> {
    while let Some(workflow) = core.unstored() {
        let triggers: Vec<StoredTrigger> = workflow.triggers().iter().map(stored).collect();
        let (name, version, now) = (workflow.name().to_owned(), workflow.version(), core.host.now());
        core.store.set_triggers(name, version, triggers, now).await?;
        core.stored(&workflow);
    }
    Ok(())
}

fn stored(trigger: &Trigger) -> StoredTrigger {
    match *trigger {
        Trigger::Event { name } => StoredTrigger::Event { name: name.to_owned() },
        Trigger::Cron { expression, timezone } => {
            StoredTrigger::Cron { expression: expression.to_owned(), timezone: timezone.map(str::to_owned) }
        }
    }
}

/// The last time at which a schedule has started a run, or at which it was first registered.
#[cfg(feature = "cron")]
pub(super) async fn last_tick(
    core: &Core,
    workflow: &AnyWorkflow,
    expression: &str,
    timezone: Option<&str>,
) -> Result<Option<SystemTime>, StoreError> {
    store(core).await?;
    let (name, timezone) = (workflow.name().to_owned(), timezone.map(str::to_owned));
    core.store.last_tick(name, expression.to_owned(), timezone).await
}

/// Notes that a schedule has started its run.
#[cfg(feature = "cron")]
pub(super) async fn ticked(
    core: &Core,
    workflow: &AnyWorkflow,
    expression: &str,
    timezone: Option<&str>,
    tick: SystemTime,
) -> Result<(), StoreError> {
    let (name, timezone) = (workflow.name().to_owned(), timezone.map(str::to_owned));
    core.store.ticked(name, expression.to_owned(), timezone, tick).await
}
