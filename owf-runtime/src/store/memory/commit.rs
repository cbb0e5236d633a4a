//! Commits, and the mail that comes of them.

use std::time::SystemTime;

use serde_json::Value;

use super::state::{Run, State, Topic, Wait};
use crate::kernel::{RunId, StepId};
use crate::store::matching::{Pattern, tree};
use crate::store::{
    Child, Commit, Committed, Created, Delivery, End, Event, Mail, MailContent, NewMail, Notice, Status, StoreError,
    StoredMemo, Then,
};
use crate::value::Json;

impl State {
    pub(super) fn commit(&mut self, commit: Commit, notices: &mut Vec<Notice>) -> Result<Committed, StoreError> {
        let key = commit.lease.key;
        let owned = |run: &&mut Run| run.token == commit.lease.token && run.worker.is_some();
        let Some(run) = self.runs.get_mut(&key).filter(owned) else {
            return Err(StoreError::lease_lost(format!("record what happened to run `{}`", commit.lease.run)));
        };
        let patterns =
            commit.waits.iter().map(|wait| Pattern::of_wait(&wait.matches)).collect::<Result<Vec<_>, _>>()?;
        let trees = commit.events.iter().map(|event| tree(&event.payload)).collect::<Result<Vec<_>, _>>()?;

        run.claims = 0;
        run.mail.retain(|mail| !commit.consumed.contains(&mail.seq));
        run.details = commit.details.or(run.details.take());
        run.attempt = commit.attempt.unwrap_or(run.attempt);
        let mut committed = Committed::default();
        for memo in commit.memos {
            committed.positions.push(self.append(key, memo));
        }
        for operation in &commit.dropped {
            self.drop_wait(key, operation);
        }
        for (wait, Pattern { pointers, expected }) in commit.waits.into_iter().zip(patterns) {
            self.wait(key, Topic::Event { name: wait.name, pointers, expected }, wait.operation);
        }
        let now = commit.now;
        committed.deliveries = commit.sends.iter().map(|send| self.deliver(send, now, notices)).collect();
        for (event, tree) in commit.events.iter().zip(&trees) {
            let is_first = self.runs.get_mut(&key).is_none_or(|run| match &event.key {
                Some(key) => run.delivered.insert(format!("event {key}")),
                None => true,
            });
            committed.matched.push(if is_first { self.publish(event, tree, now, notices) } else { 0 });
        }
        for child in commit.children {
            committed.children.push(self.begin_child(key, child, now, notices));
        }
        self.leave(key, commit.then, now, notices);
        Ok(committed)
    }

    fn append(&mut self, key: u64, mut memo: StoredMemo) -> u64 {
        self.position_last += 1;
        memo.position = self.position_last;
        if let Some(run) = self.runs.get_mut(&key) {
            run.log.append(memo);
        }
        self.position_last
    }

    fn wait(&mut self, run: u64, topic: Topic, operation: StepId) {
        self.drop_wait(run, &operation);
        self.waits.insert(Wait { topic, run, operation });
    }

    fn drop_wait(&mut self, run: u64, operation: &StepId) {
        self.waits.retain(|wait| wait.run != run || wait.operation != *operation);
    }

    fn begin_child(&mut self, parent: u64, child: Child, now: SystemTime, notices: &mut Vec<Notice>) -> Created {
        let id = child.run.id.clone();
        let created = self.create(child.run, None, notices);
        if created == Created::Other {
            return created;
        }
        match self.run(&id).and_then(|(_, run)| run.end.clone()) {
            Some(end) => {
                let content = MailContent::Result { operation: child.operation, result: end.result() };
                self.deposit(parent, content, now, notices);
            }
            None => self.wait(parent, Topic::End(id), child.operation),
        }
        created
    }

    fn leave(&mut self, key: u64, then: Then, now: SystemTime, notices: &mut Vec<Notice>) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        match then {
            Then::Keep => {}
            Then::Suspend { until, seen } => {
                let has_unseen = run.mail.iter().any(|mail| mail.seq > seen);
                run.due_at = if has_unseen { Some(now) } else { until };
                (run.status, run.worker) = (Status::Suspended, None);
                if run.due_at.is_some() {
                    notices.push(Notice::Due);
                }
            }
            Then::Park { reason } => {
                (run.status, run.worker, run.parked) = (Status::Parked, None, Some(reason));
            }
            Then::Finish(end) => {
                (run.status, run.worker, run.finished_at) = (end.status(), None, Some(now));
                run.end = Some(end.clone());
                let id = run.new.id.clone();
                self.waits.retain(|wait| wait.run != key);
                self.tell_of_end(&id, &end, now, notices);
                notices.push(Notice::Finished(id));
            }
        }
    }

    fn tell_of_end(&mut self, id: &RunId, end: &End, now: SystemTime, notices: &mut Vec<Notice>) {
        let topic = Topic::End(id.clone());
        self.answer(&end.result(), now, notices, |wait| wait.topic == topic);
    }

    pub(super) fn deliver(&mut self, mail: &NewMail, now: SystemTime, notices: &mut Vec<Notice>) -> Delivery {
        let found = self.keys.get(&mail.to).copied();
        let Some((key, run)) = found.and_then(|key| Some((key, self.runs.get_mut(&key)?))) else {
            return Delivery::NoSuchRun;
        };
        if mail.key.as_ref().is_some_and(|key| run.delivered.contains(key)) {
            return Delivery::Delivered;
        }
        if run.status.is_over() {
            return Delivery::RunIsOver;
        }
        run.delivered.extend(mail.key.clone());
        self.deposit(key, mail.content.clone(), now, notices);
        Delivery::Delivered
    }

    fn deposit(&mut self, key: u64, content: MailContent, now: SystemTime, notices: &mut Vec<Notice>) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        let wakes = match run.status {
            Status::Suspended => true,
            // A run that was never begun waits for its time, and only a cancellation changes that.
            Status::Pending => matches!(content, MailContent::Cancel { .. }),
            _ => false,
        };
        if wakes {
            run.due_at = Some(run.due_at.map_or(now, |due_at| due_at.min(now)));
            notices.push(Notice::Due);
        }
        if run.status == Status::Running {
            notices.push(Notice::Mail(run.new.id.clone()));
        }
        run.mail_seq += 1;
        run.mail.push(Mail { seq: run.mail_seq, arrived_at: now, content });
    }

    pub(super) fn publish(
        &mut self,
        event: &Event,
        payload: &Value,
        now: SystemTime,
        notices: &mut Vec<Notice>,
    ) -> u64 {
        self.answer(&Ok(event.payload.clone()), now, notices, |wait| match &wait.topic {
            Topic::Event { name, pointers, expected } => {
                *name == event.name && Pattern::expected_of(pointers, payload).as_ref() == Some(expected)
            }
            Topic::End(_) => false,
        })
    }

    /// Turns waits into mail; tells how many there were.
    fn answer(
        &mut self,
        result: &Result<Json, Json>,
        now: SystemTime,
        notices: &mut Vec<Notice>,
        is_meant: impl Fn(&Wait) -> bool,
    ) -> u64 {
        let meant: Vec<Wait> = self.waits.extract_if(.., |wait| is_meant(wait)).collect();
        for wait in &meant {
            let content = MailContent::Result { operation: wait.operation.clone(), result: result.clone() };
            self.deposit(wait.run, content, now, notices);
        }
        meant.len() as u64
    }
}
