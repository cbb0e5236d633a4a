//! What starts runs, for all processes.

use std::time::SystemTime;

use owf_runtime::store::{StoreError, StoredTrigger};

use crate::subjects::{Subject, Verdict, at};

fn event(name: &str) -> StoredTrigger {
    StoredTrigger::Event { name: name.to_owned() }
}

fn cron(expression: &str, timezone: Option<&str>) -> StoredTrigger {
    StoredTrigger::Cron { expression: expression.to_owned(), timezone: timezone.map(str::to_owned) }
}

impl Subject {
    async fn set(
        &self,
        workflow: &str,
        version: u32,
        triggers: &[StoredTrigger],
        now: SystemTime,
    ) -> Result<(), StoreError> {
        self.store.set_triggers(workflow.to_owned(), version, triggers.to_vec(), now).await
    }

    async fn started_by(&self, event: &str) -> Result<Vec<(String, u32)>, StoreError> {
        self.store.triggered_by(event.to_owned()).await
    }

    async fn last_tick(&self, expression: &str, timezone: Option<&str>) -> Result<Option<SystemTime>, StoreError> {
        self.store.last_tick("report".to_owned(), expression.to_owned(), timezone.map(str::to_owned)).await
    }

    async fn ticked(&self, expression: &str, timezone: Option<&str>, tick: SystemTime) -> Result<(), StoreError> {
        self.store.ticked("report".to_owned(), expression.to_owned(), timezone.map(str::to_owned), tick).await
    }
}

fn of(names: &[(&str, u32)]) -> Vec<(String, u32)> {
    names.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect()
}

pub(crate) async fn an_event_starts_the_workflows_that_say_so(subject: &Subject) -> Verdict {
    subject.set("mail", 2, &[event("paid"), event("refused"), cron("paid", None)], at(0)).await?;
    subject.set("invoice", 0, &[event("paid"), event("paid")], at(0)).await?;
    subject.set("report", 0, &[cron("0 2 * * *", None)], at(0)).await?;
    assert_eq!(subject.started_by("paid").await?, of(&[("invoice", 0), ("mail", 2)]));
    assert_eq!(subject.started_by("refused").await?, of(&[("mail", 2)]));
    assert_eq!(subject.started_by("0 2 * * *").await?, []);
    Ok(())
}

pub(crate) async fn triggers_are_replaced_unless_they_are_of_a_newer_version(subject: &Subject) -> Verdict {
    subject.set("mail", 2, &[event("paid")], at(0)).await?;
    subject.set("mail", 2, &[event("refused")], at(0)).await?;
    assert_eq!((subject.started_by("paid").await?, subject.started_by("refused").await?), (vec![], of(&[("mail", 2)])));
    subject.set("mail", 1, &[event("paid")], at(0)).await?;
    assert_eq!((subject.started_by("paid").await?, subject.started_by("refused").await?), (vec![], of(&[("mail", 2)])));
    subject.set("mail", 3, &[], at(0)).await?;
    subject.set("mail", 2, &[event("refused")], at(0)).await?;
    assert_eq!(subject.started_by("refused").await?, [], "the newer one has no triggers, on purpose");
    Ok(())
}

pub(crate) async fn a_cron_trigger_keeps_its_last_tick(subject: &Subject) -> Verdict {
    let berlin = Some("Europe/Berlin");
    assert_eq!(subject.last_tick("0 2 * * *", None).await?, None);
    subject.set("report", 0, &[cron("0 2 * * *", None), cron("0 2 * * *", berlin)], at(5)).await?;
    assert_eq!(subject.last_tick("0 2 * * *", None).await?, Some(at(5)));
    subject.ticked("0 2 * * *", None, at(60)).await?;
    subject.set("report", 1, &[cron("0 2 * * *", None), cron("0 3 * * *", None)], at(70)).await?;
    assert_eq!(subject.last_tick("0 2 * * *", None).await?, Some(at(60)), "it is no new one");
    assert_eq!(subject.last_tick("0 3 * * *", None).await?, Some(at(70)));
    assert_eq!(subject.last_tick("0 2 * * *", berlin).await?, None, "it was dropped");
    subject.set("report", 1, &[cron("0 2 * * *", berlin)], at(80)).await?;
    assert_eq!(subject.last_tick("0 2 * * *", berlin).await?, Some(at(80)));
    Ok(())
}

pub(crate) async fn a_tick_never_moves_backwards(subject: &Subject) -> Verdict {
    let berlin = Some("Europe/Berlin");
    subject.set("report", 0, &[cron("0 2 * * *", None), cron("0 2 * * *", berlin)], at(5)).await?;
    for (tick, last) in [(60, 60), (50, 60), (60, 60), (61, 61)] {
        subject.ticked("0 2 * * *", None, at(tick)).await?;
        assert_eq!(subject.last_tick("0 2 * * *", None).await?, Some(at(last)));
    }
    assert_eq!(subject.last_tick("0 2 * * *", berlin).await?, Some(at(5)), "each has its own");
    subject.ticked("0 9 * * *", None, at(60)).await?;
    assert_eq!(subject.last_tick("0 9 * * *", None).await?, None, "a trigger that is not kept has no ticks");
    Ok(())
}
