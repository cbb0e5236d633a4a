//! Between what the kernel says of a run and what a store keeps of it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::SystemTime;

use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoSuchKind, StrDeserializer};
use serde::{Deserialize, Serialize};

use crate::error::WorkflowError;
use crate::failure::Failure;
use crate::kernel::{EventPattern, Mail, Memo, MemoResult, Memos, Operation, OperationKind, StepId};
use crate::record::{SourceLocation, StepOutcome, StepRecord};
use crate::store::{ClaimedRun, End, EventWait, FieldMatch, MailContent, MemoState, StoredMemo};
use crate::value::{Json, JsonError};

/// What is kept with a memo besides its columns.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    /// The step's `input` option, where it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<Json>,
    /// The signal, event or run that a wait is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    /// Whether it is part of an undo.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) undo: bool,
}

impl Extra {
    fn into_json(self) -> Option<Json> {
        if self.input.is_none() && self.about.is_none() && !self.undo {
            return None;
        }
        Json::encode(&self).ok()
    }

    pub(super) fn of(memo: &StoredMemo) -> Extra {
        memo.extra.as_ref().and_then(|extra| extra.decode().ok()).unwrap_or_default()
    }
}

/// The kind as it is kept: as serde writes it.
fn kind_text(kind: OperationKind) -> Cow<'static, str> {
    match kind {
        OperationKind::Step => "step".into(),
        OperationKind::Sleep => "sleep".into(),
        other => match serde_json::to_value(other) {
            Ok(serde_json::Value::String(text)) => text.into(),
            _ => "operation".into(),
        },
    }
}

pub(super) fn kind_of(text: &str) -> Option<OperationKind> {
    let text: StrDeserializer<'_, NoSuchKind> = text.into_deserializer();
    OperationKind::deserialize(text).ok()
}

/// What is kept of an operation that ended; `None` for one without a recorded value.
pub(super) fn memo_of_record(record: &StepRecord) -> Option<StoredMemo> {
    let encoded = |failure: &Failure| Json::encode(failure).unwrap_or_else(|_| Json::null());
    let state = match &record.outcome {
        StepOutcome::Succeeded { output } => MemoState::Value(output.clone()?),
        StepOutcome::Failed { failure } => MemoState::Error(encoded(failure)),
        StepOutcome::Retrying { failure, not_before } => {
            MemoState::Retrying { error: encoded(failure), not_before: *not_before }
        }
    };
    Some(StoredMemo {
        position: 0,
        id: record.id.clone(),
        kind: kind_text(record.kind),
        state,
        attempts: record.attempt,
        started_at: Some(record.started_at),
        ended_at: Some(record.ended_at),
        location: Some(record.location.to_string().into()),
        extra: Extra { input: record.input.clone(), about: None, undo: record.is_undo }.into_json(),
    })
}

/// What is kept of an operation that waits.
pub(super) fn memo_of_wait(operation: &Operation, now: SystemTime, about: Option<String>) -> StoredMemo {
    let (since, until) = match operation.memo() {
        Some(Memo::Waiting { since, until }) => (since, Some(until)),
        _ => (now, None),
    };
    StoredMemo {
        position: 0,
        id: operation.id.clone(),
        kind: kind_text(operation.kind()),
        state: MemoState::Waiting { until },
        attempts: 0,
        started_at: Some(since),
        ended_at: None,
        location: Some(operation.location.to_string().into()),
        extra: Extra { about, ..Extra::default() }.into_json(),
    }
}

/// What a replay needs of a memo; `None` for a wait without an end of its own.
pub(super) fn memo(stored: &StoredMemo) -> Result<Option<Memo>, JsonError> {
    let kind = kind_of(&stored.kind).unwrap_or(OperationKind::Step);
    let attempts = stored.attempts;
    let done = |result| Some(Memo::Done { kind, attempts, result });
    Ok(match &stored.state {
        MemoState::Value(value) => done(MemoResult::Value(value.clone())),
        MemoState::Error(error) => done(MemoResult::Error(error.decode()?)),
        MemoState::Retrying { not_before, .. } => Some(Memo::Retrying { attempts, not_before: *not_before }),
        MemoState::Waiting { until: Some(until) } => {
            Some(Memo::Waiting { since: stored.started_at.unwrap_or(*until), until: *until })
        }
        MemoState::Waiting { until: None } => None,
    })
}

/// What a run has recorded.
pub(super) fn memos(stored: &[StoredMemo]) -> Result<Memos, JsonError> {
    let mut memos = Memos::new();
    for one in stored {
        if let Some(memo) = memo(one)? {
            memos.insert(&one.id, memo);
        }
    }
    Ok(memos)
}

/// The operations of a run whose wait is recorded. One that waits for another run does if the store says so: that other run may have been
/// refused.
pub(super) fn waiting(claimed: &ClaimedRun) -> HashSet<StepId> {
    let alone = |memo: &&StoredMemo| {
        matches!(memo.state, MemoState::Waiting { .. }) && kind_of(&memo.kind) != Some(OperationKind::Invoke)
    };
    claimed.memos.iter().filter(alone).map(|memo| memo.id.clone()).chain(claimed.awaiting.iter().cloned()).collect()
}

/// What a handle tells of a memo; `None` for one that waits.
pub(super) fn record(stored: &StoredMemo, show_values: bool) -> Option<StepRecord> {
    let outcome = match &stored.state {
        MemoState::Value(value) => StepOutcome::Succeeded { output: show_values.then(|| value.clone()) },
        MemoState::Error(error) => StepOutcome::Failed { failure: readable(error) },
        MemoState::Retrying { error, not_before } => {
            StepOutcome::Retrying { failure: readable(error), not_before: *not_before }
        }
        MemoState::Waiting { .. } => return None,
    };
    let extra = Extra::of(stored);
    let ended_at = stored.ended_at.unwrap_or(SystemTime::UNIX_EPOCH);
    Some(StepRecord {
        id: stored.id.clone(),
        kind: kind_of(&stored.kind)?,
        attempt: stored.attempts,
        started_at: stored.started_at.unwrap_or(ended_at),
        ended_at,
        location: SourceLocation::parse(stored.location.as_deref().unwrap_or_default()),
        input: extra.input.filter(|_| show_values),
        mail: None,
        is_undo: extra.undo,
        outcome,
    })
}

fn readable(error: &Json) -> Failure {
    error.decode().unwrap_or_else(|problem| Failure::msg(format_args!("its error cannot be read: {problem}")))
}

/// A wait for an event, as stores match it.
pub(super) fn event_wait(operation: &StepId, event: &EventPattern) -> EventWait {
    let matches = event.fields.iter().map(|(path, value)| {
        let escaped = path.split('.').map(|name| name.replace('~', "~0").replace('/', "~1"));
        FieldMatch { pointer: escaped.map(|name| format!("/{name}")).collect(), value: value.clone() }
    });
    EventWait { operation: operation.clone(), name: event.name.clone(), matches: matches.collect() }
}

/// How a run ended, as it is kept.
pub(super) fn failed(error: &WorkflowError) -> End {
    let json = error.to_json();
    if error.is_cancelled() { End::Cancelled(json) } else { End::Failed(json) }
}

/// Mail as the kernel reads it.
pub(super) fn mail(content: MailContent) -> Mail {
    match content {
        MailContent::Signal { name, payload, sent_as } => Mail::Signal { name, payload, sent_as },
        MailContent::Cancel { reason } => Mail::Cancel { reason: reason.decode().unwrap_or_default() },
        MailContent::Result { operation, result } => {
            let result = match result {
                Ok(value) => MemoResult::Value(value),
                Err(error) => MemoResult::Error(child_failure(&error)),
            };
            Mail::Answer { id: operation, result }
        }
    }
}

/// The end of a child, as the error of the operation that waits for it.
fn child_failure(error: &Json) -> Failure {
    match WorkflowError::from_json(error) {
        Ok(error) if error.is_cancelled() => {
            Failure::msg(format_args!("it was cancelled: {}", error.message())).into_fatal()
        }
        Ok(error) => error.into_failure(),
        Err(problem) => Failure::msg(format_args!("its error cannot be read: {problem}")).into_fatal(),
    }
}

/// Mail as a store keeps it.
pub(super) fn mail_content(mail: Mail) -> MailContent {
    match mail {
        Mail::Signal { name, payload, sent_as } => MailContent::Signal { name, payload, sent_as },
        Mail::Cancel { reason } => {
            MailContent::Cancel { reason: Json::encode(&reason).unwrap_or_else(|_| Json::null()) }
        }
        Mail::Answer { id, result } => {
            let result = match result {
                MemoResult::Value(value) => Ok(value),
                MemoResult::Error(failure) => Err(WorkflowError::of_failure(failure).to_json()),
            };
            MailContent::Result { operation: id, result }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back() {
        for kind in [OperationKind::Step, OperationKind::Sleep, OperationKind::WaitForSignal, OperationKind::Cancel] {
            assert_eq!(kind_of(&kind_text(kind)), Some(kind));
        }
        assert_eq!(kind_text(OperationKind::WaitForEvent), "wait-for-event");
        assert_eq!(kind_of("dance"), None);
    }

    #[test]
    fn an_error_reads_back_with_all_that_is_known_of_it() {
        let undo = WorkflowError::fatal("the hotel is closed");
        let error = WorkflowError::cancelled("too late".to_owned()).with_failed_undos(vec![undo]);
        assert_eq!(WorkflowError::from_json(&error.to_json()).as_ref(), Ok(&error));
    }

    #[test]
    fn a_path_is_a_pointer() {
        let fields = vec![("order.a/b".to_owned(), Json::null())];
        let wait = event_wait(&StepId::new("w"), &EventPattern { name: "paid".to_owned(), fields });
        assert_eq!(wait.matches[0].pointer, "/order/a~1b");
    }
}
