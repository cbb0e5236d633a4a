//! The runs themselves: created, claimed, listed, retried, deleted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::SystemTime;

use super::log::Log;
use super::triggers::Triggers;
use crate::kernel::{RunId, StepId};
use crate::store::{
    Claim, ClaimedRun, Created, Deleted, End, Expire, Fork, Forked, Lease, Mail, MailSince, NewRun, Notice, Page,
    Registered, Retried, Retry, RunFilter, RunRecord, RunSummary, Status, StoreError, WorkerId,
};
use crate::value::Json;

#[derive(Default)]
pub(super) struct State {
    pub(super) runs: BTreeMap<u64, Run>,
    pub(super) keys: HashMap<RunId, u64>,
    pub(super) key_last: u64,
    pub(super) workers: BTreeMap<WorkerId, SystemTime>,
    pub(super) worker_last: u64,
    pub(super) position_last: u64,
    pub(super) waits: BTreeSet<Wait>,
    pub(super) triggers: Triggers,
}

/// Who waits for what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wait {
    pub(super) topic: Topic,
    pub(super) run: u64,
    pub(super) operation: StepId,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    Event { name: String, pointers: String, expected: String },
    End(RunId),
}

pub(super) struct Run {
    pub(super) new: NewRun,
    pub(super) status: Status,
    pub(super) token: u64,
    pub(super) claims: u32,
    pub(super) worker: Option<WorkerId>,
    pub(super) attempt: u32,
    pub(super) due_at: Option<SystemTime>,
    pub(super) started_at: Option<SystemTime>,
    pub(super) finished_at: Option<SystemTime>,
    pub(super) parked: Option<String>,
    pub(super) details: Option<Json>,
    pub(super) end: Option<End>,
    pub(super) log: Log,
    pub(super) mail: Vec<Mail>,
    pub(super) mail_seq: u64,
    pub(super) delivered: HashSet<String>,
}

impl Run {
    fn new(new: NewRun) -> Run {
        Run {
            status: Status::Pending,
            token: 0,
            claims: 0,
            worker: None,
            attempt: 1,
            due_at: Some(new.due_at),
            started_at: None,
            finished_at: None,
            parked: None,
            details: None,
            end: None,
            log: Log::default(),
            mail: Vec::new(),
            mail_seq: 0,
            delivered: HashSet::new(),
            new,
        }
    }

    fn own(&mut self, worker: WorkerId, now: SystemTime) {
        (self.status, self.worker, self.due_at) = (Status::Running, Some(worker), None);
        self.token += 1;
        self.claims += 1;
        self.started_at.get_or_insert(now);
    }

    fn is_of(&self, registered: &Registered) -> bool {
        registered.takes(&self.new.workflow, self.new.version)
    }

    fn lease(&self, key: u64) -> Lease {
        Lease { run: self.new.id.clone(), key, token: self.token }
    }

    fn summary(&self) -> RunSummary {
        RunSummary {
            id: self.new.id.clone(),
            workflow: self.new.workflow.clone(),
            version: self.new.version,
            status: self.status,
            attempt: self.attempt,
            created_at: self.new.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            due_at: self.due_at,
        }
    }

    pub(super) fn record(&self, key: u64) -> RunRecord {
        RunRecord {
            summary: self.summary(),
            key,
            input: self.new.input.clone(),
            details: self.details.clone(),
            end: self.end.clone(),
            parked: self.parked.clone(),
            token: self.token,
        }
    }

    fn matches(&self, filter: &RunFilter) -> bool {
        let new = &self.new;
        filter.workflow.as_ref().is_none_or(|workflow| *workflow == new.workflow)
            && (filter.statuses.is_empty() || filter.statuses.contains(&self.status))
            && filter.created_from.is_none_or(|from| new.created_at >= from)
            && filter.created_before.is_none_or(|before| new.created_at < before)
            && filter.id_prefix.as_ref().is_none_or(|prefix| new.id.as_str().starts_with(prefix.as_str()))
    }
}

impl State {
    pub(super) fn run(&self, id: &RunId) -> Option<(u64, &Run)> {
        let key = *self.keys.get(id)?;
        Some((key, self.runs.get(&key)?))
    }

    fn insert(&mut self, run: Run) -> u64 {
        self.key_last += 1;
        self.keys.insert(run.new.id.clone(), self.key_last);
        self.runs.insert(self.key_last, run);
        self.key_last
    }

    pub(super) fn create(&mut self, new: NewRun, worker: Option<WorkerId>, notices: &mut Vec<Notice>) -> Created {
        if let Some((_, known)) = self.run(&new.id) {
            let same = known.new.workflow == new.workflow && known.new.input.is_same_value(&new.input);
            return if same { Created::Known } else { Created::Other };
        }
        let mut run = Run::new(new);
        let Some(worker) = worker else {
            self.insert(run);
            notices.push(Notice::Due);
            return Created::New(None);
        };
        run.own(worker, run.new.created_at);
        let mut lease = run.lease(0);
        lease.key = self.insert(run);
        Created::New(Some(lease))
    }

    pub(super) fn hand_back(&mut self, worker: WorkerId, now: SystemTime, notices: &mut Vec<Notice>) {
        self.workers.remove(&worker);
        for run in self.runs.values_mut().filter(|run| run.worker == Some(worker)) {
            (run.status, run.worker, run.due_at) = (Status::Suspended, None, Some(now));
            notices.push(Notice::Due);
        }
    }

    pub(super) fn claim(&mut self, claim: &Claim, notices: &mut Vec<Notice>) -> Result<Vec<ClaimedRun>, StoreError> {
        let over: Vec<WorkerId> =
            self.workers.iter().filter(|(_, until)| **until < claim.now).map(|(worker, _)| *worker).collect();
        for worker in over {
            self.hand_back(worker, claim.now, notices);
        }
        if !self.workers.contains_key(&claim.worker) {
            return Err(StoreError::lease_lost("claim runs for a worker"));
        }
        let due = |(key, run): (&u64, &Run)| {
            let due_at = run.due_at.filter(|due_at| *due_at <= claim.now)?;
            claim.workflows.iter().any(|registered| run.is_of(registered)).then_some((due_at, *key))
        };
        let mut due: Vec<(SystemTime, u64)> = self.runs.iter().filter_map(due).collect();
        due.sort_unstable();
        due.truncate(claim.limit);
        Ok(due.into_iter().filter_map(|(_, key)| self.take(key, claim)).collect())
    }

    fn take(&mut self, key: u64, claim: &Claim) -> Option<ClaimedRun> {
        let run = self.runs.get_mut(&key)?;
        run.own(claim.worker, claim.now);
        Some(ClaimedRun {
            lease: run.lease(key),
            workflow: run.new.workflow.clone(),
            version: run.new.version,
            input: run.new.input.clone(),
            started_at: run.started_at.unwrap_or(claim.now),
            attempt: run.attempt,
            claims: run.claims,
            details: run.details.clone(),
            memos: run.log.latest(u64::MAX),
            mail: run.mail.clone(),
            awaiting: self.waits.iter().filter(|wait| wait.run == key).map(|wait| wait.operation.clone()).collect(),
        })
    }

    pub(super) fn mail_since(&self, since: &MailSince) -> Vec<Mail> {
        let all = self.runs.get(&since.key).map(|run| run.mail.as_slice()).unwrap_or_default();
        all.iter().filter(|mail| mail.seq > since.seq).cloned().collect()
    }

    pub(super) fn list(&self, filter: &RunFilter, after: Option<u64>, limit: usize) -> Page {
        let before = ..after.unwrap_or(u64::MAX);
        let mut found = self.runs.range(before).rev().filter(|(_, run)| run.matches(filter));
        let page: Vec<(&u64, &Run)> = found.by_ref().take(limit).collect();
        let more = found.next().is_some();
        let next = page.last().filter(|_| more).map(|(key, _)| **key);
        Page { runs: page.into_iter().map(|(_, run)| run.summary()).collect(), next }
    }

    pub(super) fn retry(&mut self, retry: &Retry, notices: &mut Vec<Notice>) -> Retried {
        let found = self.keys.get(&retry.run).and_then(|key| self.runs.get_mut(key));
        let Some(run) = found else { return Retried::NoSuchRun };
        if run.token != retry.token || !matches!(run.status, Status::Failed | Status::Cancelled | Status::Parked) {
            return Retried::Changed;
        }
        for id in &retry.forget {
            self.position_last += 1;
            run.log.forget(self.position_last, id.clone());
        }
        (run.status, run.due_at, run.claims) = (Status::Suspended, Some(retry.now), 0);
        (run.end, run.finished_at, run.parked) = (None, None, None);
        notices.push(Notice::Due);
        Retried::Due
    }

    pub(super) fn fork(&mut self, fork: &Fork, notices: &mut Vec<Notice>) -> Forked {
        let Some((_, from)) = self.run(&fork.from) else { return Forked::NoSuchRun };
        if self.run(&fork.to).is_some() {
            return Forked::Taken;
        }
        let mut to =
            Run::new(NewRun { id: fork.to.clone(), created_at: fork.now, due_at: fork.now, ..from.new.clone() });
        (to.status, to.started_at) = (Status::Suspended, from.started_at);
        let taken = from.log.latest(fork.until).into_iter().filter(|memo| memo.state.is_over());
        for mut memo in taken {
            self.position_last += 1;
            memo.position = self.position_last;
            to.log.append(memo);
        }
        self.insert(to);
        notices.push(Notice::Due);
        Forked::New
    }

    pub(super) fn delete(&mut self, id: &RunId) -> Deleted {
        let Some((key, run)) = self.run(id) else { return Deleted::NoSuchRun };
        if run.worker.is_some() {
            return Deleted::Running;
        }
        if self.waits.iter().any(|wait| wait.topic == Topic::End(id.clone())) {
            return Deleted::Awaited;
        }
        self.erase(key);
        Deleted::Gone
    }

    pub(super) fn expire(&mut self, expire: &Expire) -> usize {
        let ended = |(key, run): (&u64, &Run)| {
            run.finished_at.filter(|finished| *finished < expire.finished_before).map(|finished| (finished, *key))
        };
        let mut ended: Vec<(SystemTime, u64)> = self.runs.iter().filter_map(ended).collect();
        ended.sort_unstable();
        ended.truncate(expire.limit);
        for (_, key) in &ended {
            self.erase(*key);
        }
        ended.len()
    }

    fn erase(&mut self, key: u64) {
        self.waits.retain(|wait| wait.run != key);
        if let Some(run) = self.runs.remove(&key) {
            self.keys.remove(&run.new.id);
        }
    }

    pub(super) fn wake_parents(&mut self, known: &[Registered], now: SystemTime, notices: &mut Vec<Notice>) -> usize {
        let is_due = |run: &Run| run.due_at.is_some_and(|due_at| due_at <= now);
        let is_unknown = |run: &Run| known.iter().all(|registered| registered.workflow != run.new.workflow);
        let wakes = |wait: &Wait| -> Option<u64> {
            let Topic::End(child) = &wait.topic else { return None };
            let (parent, (_, child)) = (self.runs.get(&wait.run)?, self.run(child)?);
            let sleeps = parent.status == Status::Suspended && !is_due(parent);
            let is_ours = known.iter().any(|registered| parent.is_of(registered));
            (sleeps && is_ours && is_due(child) && is_unknown(child)).then_some(wait.run)
        };
        let parents: BTreeSet<u64> = self.waits.iter().filter_map(wakes).collect();
        for key in &parents {
            if let Some(parent) = self.runs.get_mut(key) {
                parent.due_at = Some(now);
                notices.push(Notice::Due);
            }
        }
        parents.len()
    }

    pub(super) fn next_due(&self, workflows: &[Registered], asking: Option<WorkerId>) -> Option<SystemTime> {
        let owning =
            |worker: &WorkerId| Some(*worker) != asking && self.runs.values().any(|run| run.worker == Some(*worker));
        let leases = self.workers.iter().filter(|(worker, _)| owning(worker)).map(|(_, until)| *until);
        let ours = |run: &&Run| workflows.iter().any(|registered| run.is_of(registered));
        leases.chain(self.runs.values().filter(ours).filter_map(|run| run.due_at)).min()
    }
}
