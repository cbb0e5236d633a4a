//! A call request: what the server sends along when it has a function go on.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::entries::Entries;
use super::memos::FAILED_ID;
use super::signature::step_hash;
use crate::cron::CronTick;
use crate::kernel::{CANCEL_ID, StepId};
use crate::value::{Json, JsonError};
use crate::workflow::AnyWorkflow;

/// The name of the event that stands for a time of a schedule.
const CRON_EVENT: &str = "inngest/scheduled.timer";
/// The field of an event's data that holds an input which is no object: event data always is one.
pub(super) const INPUT_FIELD: &str = "input";
/// The field of an event's data that the server adds to when a function is invoked by another.
const SERVER_FIELD: &str = "_inngest";

/// The body of a call request. What it does not know it leaves alone.
#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub(super) event: Event,
    #[serde(default)]
    pub(super) events: Vec<Event>,
    #[serde(default)]
    pub(super) steps: Entries,
    #[serde(default)]
    pub(super) ctx: Context,
    #[serde(default)]
    use_api: bool,
    /// What the headers say, for whoever reports steps along the way.
    #[serde(skip)]
    pub(super) request_id: Option<String>,
    #[serde(skip)]
    pub(super) generation_id: Option<u64>,
    /// When the request came, in milliseconds since the Unix epoch.
    #[serde(skip)]
    pub(super) began_at: u64,
}

/// An event, as far as it concerns a run.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    name: String,
    #[serde(default)]
    data: Option<Json>,
    #[serde(default)]
    ts: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Context {
    #[serde(default)]
    pub(super) run_id: String,
    /// The server's own ID of the function.
    #[serde(default)]
    pub(super) fn_id: Option<String>,
    /// The queue item that this call belongs to.
    #[serde(default)]
    pub(super) qi_id: Option<String>,
    /// How many attempts were made before this one.
    #[serde(default)]
    pub(super) attempt: u32,
    #[serde(default)]
    pub(super) max_attempts: Option<u32>,
    #[serde(default)]
    pub(super) disable_immediate_execution: bool,
    #[serde(default)]
    use_api: bool,
    #[serde(default)]
    stack: Option<Stack>,
}

#[derive(Debug, Default, Deserialize)]
struct Stack {
    #[serde(default)]
    stack: Option<Vec<String>>,
}

/// What was recorded of a run.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// In the order of recording, under hashed IDs.
    pub(super) entries: Vec<(StepId, Json)>,
    /// Whether the run has failed for good.
    pub(super) has_failed: bool,
}

impl Call {
    /// Whether events and steps are to be fetched: they were too large to be sent along.
    pub(super) fn is_trimmed(&self) -> bool {
        self.ctx.use_api || self.use_api
    }

    /// Whether steps may be reported along the way.
    pub(super) fn can_checkpoint(&self) -> bool {
        self.ctx.fn_id.is_some() && self.ctx.qi_id.is_some() && !self.ctx.disable_immediate_execution
    }

    /// Whether another attempt follows if this one fails, as far as the server has a say.
    pub(super) fn has_attempts_left(&self) -> bool {
        self.ctx.max_attempts.is_none_or(|max| self.ctx.attempt.saturating_add(1) < max)
    }

    /// When the run was started: its ID says so.
    pub(super) fn started_at(&self, now: SystemTime) -> SystemTime {
        ulid_millis(&self.ctx.run_id)
            .or(self.event.ts)
            .and_then(|millis| UNIX_EPOCH.checked_add(Duration::from_millis(millis)))
            .unwrap_or(now)
    }

    /// Takes the recorded steps, in the order in which they were recorded.
    pub(super) fn take_recorded(&mut self) -> Recorded {
        let Entries(steps) = std::mem::take(&mut self.steps);
        let failed = step_hash(FAILED_ID);
        let order = self.ctx.stack.take().and_then(|stack| stack.stack).unwrap_or_default();
        let places: HashMap<&str, usize> = order.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        let place = |id: &str| places.get(id).copied().unwrap_or(usize::MAX);
        let cancelled = step_hash(CANCEL_ID);
        let mut recorded = Recorded::default();
        let mut placed = Vec::with_capacity(steps.len());
        for (id, json) in steps {
            if failed == id.as_str() {
                recorded.has_failed = true;
                continue;
            }
            placed.push((place(&id), (StepId::from(id), json)));
        }
        if recorded.has_failed {
            // A wish to cancel comes too late for a run that has failed.
            placed.retain(|(at, (id, _))| *id != cancelled || *at < place(failed.as_str()));
        }
        placed.sort_by_key(|(place, _)| *place);
        recorded.entries = placed.into_iter().map(|(_, entry)| entry).collect();
        recorded
    }

    /// The run's input, as JSON that the workflow's type reads.
    pub(super) fn input(&self, workflow: &AnyWorkflow, is_batch: bool) -> Result<Json, JsonError> {
        if workflow.takes::<()>() {
            return Ok(Json::null());
        }
        if workflow.takes::<CronTick>() && self.event.name == CRON_EVENT {
            let millis = Duration::from_millis(self.event.ts.unwrap_or_default());
            return Json::encode(&CronTick::new(UNIX_EPOCH.checked_add(millis).unwrap_or(UNIX_EPOCH)));
        }
        if !is_batch {
            return Ok(self.event.payload(workflow));
        }
        let events = if self.events.is_empty() { std::slice::from_ref(&self.event) } else { &self.events };
        Json::encode(&events.iter().map(Event::data).collect::<Vec<Json>>())
    }
}

impl Event {
    /// The data, without what the server has added.
    pub(super) fn data(&self) -> Json {
        let Some(data) = &self.data else { return Json::null() };
        if !data.as_str().contains(SERVER_FIELD) {
            return data.clone();
        }
        let Ok(Entries(entries)) = data.decode() else { return data.clone() };
        object(entries.into_iter().filter(|(key, _)| key != SERVER_FIELD)).unwrap_or_else(|| data.clone())
    }

    /// The data, or the input that is wrapped in it, whichever the workflow takes.
    fn payload(&self, workflow: &AnyWorkflow) -> Json {
        let data = self.data();
        unwrapped(&data).filter(|input| workflow.begin(input).is_ok()).unwrap_or(data)
    }
}

/// What [`event_data`] has wrapped, if it may have.
pub(super) fn unwrapped(data: &Json) -> Option<Json> {
    let Entries(mut entries) = data.decode().ok()?;
    match entries.pop() {
        Some((key, input)) if key == INPUT_FIELD && entries.is_empty() => Some(input),
        _ => None,
    }
}

/// An input as the data of an event.
pub(super) fn event_data(input: &Json) -> Json {
    if input.as_str().starts_with('{') {
        return input.clone();
    }
    if input.as_str() == "null" {
        return Json::parse("{}".to_owned()).unwrap_or_else(|_| input.clone());
    }
    object([(INPUT_FIELD.to_owned(), input.clone())]).unwrap_or_else(|| input.clone())
}

fn object(entries: impl IntoIterator<Item = (String, Json)>) -> Option<Json> {
    let entries: Vec<(String, Json)> = entries.into_iter().collect();
    let fields = entries.iter().map(|(key, value)| {
        let key = serde_json::to_string(key).ok()?;
        Some(format!("{key}:{value}"))
    });
    let fields: Vec<String> = fields.collect::<Option<_>>()?;
    Json::parse(format!("{{{}}}", fields.join(","))).ok()
}

/// The time in a ULID, in milliseconds.
fn ulid_millis(id: &str) -> Option<u64> {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let time = id.as_bytes().get(..10).filter(|_| id.len() == 26)?;
    time.iter().try_fold(0_u64, |millis, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte.to_ascii_uppercase())?;
        millis.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        serde_json::from_str(text).expect("a call")
    }

    #[test]
    fn the_little_that_is_needed_suffices() {
        let call = call(r#"{"event": {}}"#);
        assert!(call.has_attempts_left() && !call.is_trimmed() && call.events.is_empty());
    }

    #[test]
    fn the_order_of_recording_is_that_of_the_stack() {
        let mut call = call(
            r#"{"event": {}, "steps": {"a": 1, "b": 2, "c": 3, "d": 4},
                "ctx": {"run_id": "r", "stack": {"stack": ["c", "gone", "a"], "current": 3}}}"#,
        );
        let ids: Vec<String> = call.take_recorded().entries.iter().map(|(id, _)| id.to_string()).collect();
        assert_eq!(ids, ["c", "a", "b", "d"]);
    }

    #[test]
    fn a_stack_may_be_null() {
        let mut call = call(r#"{"event": {}, "steps": {"a": null}, "ctx": {"stack": {"stack": null, "current": 0}}}"#);
        assert_eq!(call.take_recorded().entries.len(), 1);
    }

    #[test]
    fn a_run_begins_when_its_id_says() {
        let call = call(r#"{"event": {"ts": 5}, "ctx": {"run_id": "01M814WRNQT7SPHQVJVNMKC84V"}}"#);
        let began = call.started_at(UNIX_EPOCH).duration_since(UNIX_EPOCH).expect("after the epoch");
        assert_eq!(began.as_millis(), 1_795_335_021_239);
    }

    #[test]
    fn an_input_that_is_no_object_travels_in_a_field() {
        let json = |text: &str| Json::parse(text.to_owned()).expect("this is JSON");
        assert_eq!(event_data(&json("\"Ada\"")).as_str(), r#"{"input":"Ada"}"#);
        assert_eq!(event_data(&json(r#"{"a":1}"#)).as_str(), r#"{"a":1}"#);
        assert_eq!(event_data(&Json::null()).as_str(), "{}");
    }
}
