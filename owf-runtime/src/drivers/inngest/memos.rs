//! What the server has recorded of a run, as the kernel reads it.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::entries::Entries;
use super::error_object;
use super::request::unwrapped;
use super::signature::step_hash;
use crate::failure::Failure;
use crate::kernel::{CANCEL_ID, Dialect, MemoResult, Memos, OperationKind, StepId};
use crate::value::Json;

/// The server knows operations by the hashes of their IDs, and does not say of which kind they were.
const DIALECT: Dialect = Dialect { name: step_hash, read, unwrap: unwrapped, is_timeout };

/// The ID under which it is recorded that a run has failed for good, and its effects are being undone.
///
/// The server counts attempts anew after each step, so that a run which undoes its effects would look like one with attempts left.
pub(super) const FAILED_ID: &str = "owf:failed";

/// The field of what is recorded of a step whose race was decided before it ran: nothing waits for it any more.
pub(super) const LOST_FIELD: &str = "owf:lost";
/// What the field says.
pub(super) const LOST: &str = "it was not run: another arm of its race was done before";
/// What the error is called that a wait for a child ends with when its time is over.
const INVOKE_TIMEOUT: &str = "InngestInvokeTimeoutError";
/// The event that tells of the end of a run.
const FINISHED_EVENT: &str = "inngest/function.finished";

/// What marks the end of a wait that came together with the end of the run's time.
const CUT_FIELD: &str = "owf:cut";

/// A run's memos, in the order of recording.
///
/// Waits end where the run's time does, for the run to be called then. They count as not over: its code must not go on as if they were.
pub(super) fn memos(mut recorded: Vec<(StepId, Json)>) -> Memos {
    let cancelled = step_hash(CANCEL_ID);
    if let Some(place) = recorded.iter().position(|(id, _)| *id == cancelled) {
        let last = recorded[..place].iter_mut().rev().take_while(|(_, json)| is_vain(json));
        for (_, json) in last {
            *json = Json::parse(format!(r#"{{"{CUT_FIELD}":{json}}}"#)).unwrap_or_else(|_| json.clone());
        }
    }
    Memos::of_engine(DIALECT, recorded)
}

fn is_timeout(failure: &Failure) -> bool {
    failure.type_name() == Some(INVOKE_TIMEOUT)
}

/// Whether a wait may have ended with this in vain.
fn is_vain(json: &Json) -> bool {
    matches!(json.as_str(), "null" | r#"{"data":null}"#) || json.as_str().contains(INVOKE_TIMEOUT)
}

/// The payload of an event, or of a signal.
#[derive(Deserialize)]
struct Arrived {
    #[serde(default)]
    data: Option<Json>,
}

/// The event that tells of the end of a run.
#[derive(Deserialize)]
struct Finished {
    name: String,
    data: FinishedData,
}

#[derive(Deserialize)]
struct FinishedData {
    run_id: String,
    #[serde(rename = "_inngest")]
    of_server: FinishedStatus,
}

#[derive(Deserialize)]
struct FinishedStatus {
    status: Json,
}

/// Results of steps, children and signals are wrapped: `{"data": ..}` or `{"error": ..}`, and nothing besides. Events are not.
pub(super) fn read(kind: OperationKind, json: &Json) -> Option<(MemoResult, u32)> {
    let value = match single_entry(json) {
        Some((key, json)) if key == CUT_FIELD => {
            use OperationKind::{Invoke, Sleep, WaitForEvent, WaitForSignal};
            let is_wait = matches!(kind, Sleep | WaitForEvent | WaitForSignal | Invoke);
            return if is_wait { None } else { read(kind, &json) };
        }
        Some((key, error)) if key == "error" => {
            let (failure, attempts) = error_object::read(&error);
            return Some((MemoResult::Error(failure), attempts));
        }
        Some((key, data)) if key == "data" => {
            if single_entry(&data).is_some_and(|(key, _)| key == LOST_FIELD) {
                return Some((MemoResult::Error(Failure::msg(LOST).into_fatal()), 1));
            }
            data
        }
        // Arguments that were changed in the server's UI, for an operation that is still to run.
        Some((key, _)) if key == "input" => return None,
        _ => json.clone(),
    };
    if kind == OperationKind::Invoke && is_cancelled(&value) {
        return Some((MemoResult::Error(Failure::msg("it was cancelled").into_fatal()), 1));
    }
    let value = match kind {
        OperationKind::Sleep | OperationKind::SendEvent | OperationKind::SendSignal => Json::null(),
        OperationKind::WaitForEvent | OperationKind::WaitForSignal => received(&value),
        OperationKind::Cancel => reason(value)?,
        _ => value,
    };
    Some((MemoResult::Value(value), 1))
}

fn single_entry(json: &Json) -> Option<(String, Json)> {
    if !json.as_str().starts_with('{') {
        return None;
    }
    let Entries(mut entries) = decode(json)?;
    if entries.len() == 1 { entries.pop() } else { None }
}

/// What a wait is recorded as by the kernel; `null` where nothing came in time.
fn received(json: &Json) -> Json {
    let Some(Arrived { data }) = decode::<Option<Arrived>>(json).flatten() else { return Json::null() };
    let payload = data.unwrap_or_else(Json::null);
    Json::parse(format!(r#"{{"received":{payload}}}"#)).unwrap_or_else(|_| Json::null())
}

/// Why a run is to be cancelled: noted as it is, or come by a signal. Nothing if none came in time.
fn reason(json: Json) -> Option<Json> {
    if json.as_str() == "null" {
        return None;
    }
    match decode::<Arrived>(&json) {
        Some(Arrived { data }) => Some(data.unwrap_or_else(Json::null)),
        None => Some(json),
    }
}

/// Whether this is what the wait for a child ends with that the server has cancelled: it has neither a result nor an error, and so the server hands
/// on the event that tells of the child's end.
fn is_cancelled(json: &Json) -> bool {
    decode::<Finished>(json).is_some_and(|Finished { name, data }| {
        name == FINISHED_EVENT && !data.run_id.is_empty() && data.of_server.status.as_str() == "\"Cancelled\""
    })
}

fn decode<T: DeserializeOwned>(json: &Json) -> Option<T> {
    json.decode().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(kind: OperationKind, text: &str) -> Option<String> {
        let json = Json::parse(text.to_owned()).expect("this is JSON");
        read(kind, &json).map(|result| match result {
            (MemoResult::Value(value), _) => value.to_string(),
            (MemoResult::Error(failure), attempts) => format!("error {failure} after {attempts}"),
        })
    }

    #[test]
    fn results_are_unwrapped() {
        let step = |text| read_as(OperationKind::Step, text);
        assert_eq!(step(r#"{"data":{"n":1}}"#).as_deref(), Some(r#"{"n":1}"#));
        assert_eq!(step(r#"{"data":null}"#).as_deref(), Some("null"));
        assert_eq!(step(r#"{"error":{"name":"Error","message":"no"}}"#).as_deref(), Some("error no after 1"));
        assert_eq!(step(r#"{"data":1,"error":2}"#).as_deref(), Some(r#"{"data":1,"error":2}"#), "another object");
        assert_eq!(step("17").as_deref(), Some("17"));
        assert_eq!(step(r#"{"input":[1]}"#), None);
        assert_eq!(step(r#"{"data":{"owf:lost":".."}}"#), Some(format!("error {LOST} after 1")));
    }

    #[test]
    fn waits_that_the_end_of_the_runs_time_has_cut_are_not_over() {
        let json = |text: &str| Json::parse(text.to_owned()).expect("this is JSON");
        let recorded =
            [("early nap", "null"), ("step", r#"{"data":1}"#), ("nap", "null"), ("quiet step", r#"{"data":null}"#)];
        let recorded = recorded.iter().map(|(id, text)| (step_hash(id), json(text)));
        let cancelled = [(step_hash(CANCEL_ID), json(r#"{"data":"late"}"#))];
        let mut memos = memos(recorded.chain(cancelled).collect());
        let mut has = |id: &str, kind| memos.recall(id, kind).is_some();
        assert!(has("early nap", OperationKind::Sleep) && has("quiet step", OperationKind::Step));
        assert!(!has("nap", OperationKind::Sleep));
    }

    #[test]
    fn what_arrives_is_kept_as_the_kernel_keeps_it() {
        let event = r#"{"name":"paid","data":{"order":7},"ts":1}"#;
        assert_eq!(read_as(OperationKind::WaitForEvent, event).as_deref(), Some(r#"{"received":{"order":7}}"#));
        assert_eq!(read_as(OperationKind::WaitForEvent, "null").as_deref(), Some("null"));
        let signal = r#"{"data":{"signal":"go","data":true}}"#;
        assert_eq!(read_as(OperationKind::WaitForSignal, signal).as_deref(), Some(r#"{"received":true}"#));
        assert_eq!(read_as(OperationKind::WaitForSignal, r#"{"data":null}"#).as_deref(), Some("null"));
        assert_eq!(read_as(OperationKind::Cancel, signal).as_deref(), Some("true"));
        assert_eq!(read_as(OperationKind::Cancel, r#"{"data":"late"}"#).as_deref(), Some(r#""late""#));
        assert_eq!(read_as(OperationKind::Cancel, r#"{"data":null}"#), None);
        assert_eq!(read_as(OperationKind::SendEvent, r#"{"data":{"ids":["1"]}}"#).as_deref(), Some("null"));
    }
}
