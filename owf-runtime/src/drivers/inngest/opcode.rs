//! Operations as the server reads them: opcodes.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::error_object::{ErrorNotice, ErrorObject};
use super::expression;
use super::memos::{LOST, LOST_FIELD};
use super::request::event_data;
use super::signature::step_hash;
use super::time_text;
use crate::kernel::{Action, CANCEL_ID, EventPattern, Operation, Session, StepId};
use crate::record::StepRecord;
use crate::value::Json;

/// How long a wait is that nobody has set a limit to: the server asks for one, and takes no more than a year.
const WAIT_MAX: Duration = Duration::from_secs(365 * 24 * 3600);

/// In which form operations are written. The server reads both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notation {
    /// As the TypeScript SDK writes them: the name of a wait is what is waited for.
    #[default]
    TypeScript,
    /// As the specification and the Go SDK have it: the options say what is waited for. The server's conformance command compares with this.
    Specification,
}

/// An operation, or its result, on the wire.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Opcode {
    id: StepId,
    op: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "displayName", skip_serializing_if = "Option::is_none")]
    display_name: Option<StepId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opts: Option<Options>,
    #[serde(skip_serializing_if = "Option::is_none")]
    userland: Option<Userland>,
    data: Data,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timing: Option<Timing>,
}

/// The ID as the workflow's code has it.
#[derive(Clone, Debug, Serialize)]
struct Userland {
    id: StepId,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
}

/// When a body began, and how long it took, in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize)]
struct Timing {
    a: u64,
    b: u64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Data {
    Value(Json),
    Notice(ErrorNotice),
}

#[derive(Clone, Debug, Default, Serialize)]
struct Options {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    step_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
    #[serde(rename = "parallelMode", skip_serializing_if = "Option::is_none")]
    parallel_mode: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct Payload {
    data: Json,
}

/// Writes the operations of one call.
pub(super) struct Writer<'a> {
    pub(super) app: &'a str,
    pub(super) notation: Notation,
    pub(super) session: &'a Session,
    /// The data of the event that started the run.
    pub(super) event: &'a Json,
    /// What a signal's name is made of besides what the code says.
    pub(super) signal_prefix: Option<&'a str>,
    /// When the run's time is over.
    pub(super) deadline: Option<SystemTime>,
    /// Whether the function goes on with each result, whatever else it waits for.
    pub(super) is_racing: bool,
    /// Whether a wait for a signal takes the place of one for the same signal, which has lost a race.
    pub(super) replaces_signals: bool,
}

/// The name of the signal that cancels a run.
pub(super) fn cancel_signal(run: &str) -> String {
    format!("{CANCEL_ID}/{run}")
}

impl Opcode {
    /// The end of a run that was reported along the way.
    pub(super) fn run_complete(data: Json) -> Opcode {
        Opcode::bare("complete", "RunComplete", data)
    }

    fn bare(id: &str, op: &'static str, data: Json) -> Opcode {
        Opcode {
            id: step_hash(id),
            op,
            name: None,
            display_name: None,
            opts: None,
            userland: None,
            data: Data::Value(data),
            error: None,
            timing: None,
        }
    }

    /// The result of the operation.
    pub(super) fn ran(mut self, data: Json) -> Opcode {
        (self.op, self.data) = ("StepRun", Data::Value(data));
        self
    }

    /// An attempt that failed, and is followed by another.
    pub(super) fn errored(mut self, error: ErrorObject) -> Opcode {
        (self.op, self.error) = ("StepError", Some(error));
        self
    }

    /// An attempt that failed, and is the last.
    pub(super) fn failed(mut self, error: ErrorObject) -> Opcode {
        self.op = "StepFailed";
        self.data = Data::Notice(error.notice());
        self.error = Some(error);
        self
    }

    /// When the body ran.
    pub(super) fn timed(mut self, from: SystemTime, to: SystemTime) -> Opcode {
        let nanos = |length: Duration| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        let a = nanos(from.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        self.timing = Some(Timing { a, b: nanos(to.duration_since(from).unwrap_or_default()) });
        self
    }

    pub(super) fn timed_as(self, record: &StepRecord) -> Opcode {
        self.timed(record.started_at, record.ended_at)
    }
}

impl Writer<'_> {
    /// Something that this driver records for itself.
    pub(super) fn note(&self, id: &str, data: Json) -> Opcode {
        let opts = self.is_racing.then(|| self.with_mode(Options::default(), true));
        Opcode {
            display_name: Some(StepId::new(id)),
            name: Some(id.to_owned()),
            opts,
            ..Opcode::bare(id, "StepRun", data)
        }
    }

    /// The wait for the wish to cancel the run.
    pub(super) fn cancellation(&self, run: &str) -> Opcode {
        let signal = cancel_signal(run);
        let opts =
            Options { signal: Some(signal.clone()), timeout: Some(time_text::length(WAIT_MAX)), ..Options::default() };
        let name = match self.notation {
            Notation::TypeScript => signal,
            Notation::Specification => CANCEL_ID.to_owned(),
        };
        Opcode {
            name: Some(name),
            display_name: Some(StepId::new(CANCEL_ID)),
            opts: Some(self.with_mode(opts, true)),
            ..Opcode::bare(CANCEL_ID, "WaitForSignal", Json::null())
        }
    }

    /// Without a mode, the server calls again when all that was planned together is done.
    fn with_mode(&self, mut options: Options, is_racing: bool) -> Options {
        options.parallel_mode = (is_racing || self.is_racing).then_some("race");
        options
    }

    /// An operation that waits: a step to be planned, a timer, ...
    pub(super) fn planned(&self, operation: &Operation) -> Opcode {
        let (written, index) = self.session.written(&operation.id);
        let base = written.as_str();
        let (op, name, opts) = match &operation.action {
            Action::Sleep { since, until, is_dated } => self.sleep(*since, *until, *is_dated),
            Action::WaitForEvent { event, since, until } => self.wait_for_event(base, event, *since, *until),
            Action::WaitForSignal { name, since, until } => self.wait_for_signal(base, name, *since, *until),
            Action::Invoke { workflow, input, since, until, .. } => {
                let timed = until.map(|_| self.timeout(*since, *until));
                let opts = Options {
                    function_id: Some(format!("{}-{}", self.app, workflow.name())),
                    payload: Some(Payload { data: event_data(input) }),
                    timeout: timed.or_else(|| self.deadline.map(time_text::instant)),
                    ..Options::default()
                };
                ("InvokeFunction", None, opts)
            }
            Action::SendEvent { .. } | Action::SendEvents { .. } => {
                ("StepPlanned", Some("sendEvent".to_owned()), Options::of_type("step.sendEvent"))
            }
            Action::SendSignal { run, name, .. } => {
                let opts =
                    Options { signal: Some(self.signal_to(run.as_str(), name)), ..Options::of_type("step.sendSignal") };
                ("StepPlanned", Some("sendSignal".to_owned()), opts)
            }
            Action::Run { .. } | Action::Value => ("StepPlanned", Some(base.to_owned()), Options::default()),
        };
        let opts = self.with_mode(opts, operation.is_racing);
        Opcode {
            id: step_hash(operation.id.as_str()),
            op,
            name,
            display_name: Some(written.clone()),
            opts: self.options(opts),
            userland: Some(Userland { id: written, index }),
            data: Data::Value(Json::null()),
            error: None,
            timing: None,
        }
    }

    /// A step that is not run any more, as its race is decided.
    pub(super) fn lost(&self, id: &StepId) -> Opcode {
        let (written, index) = self.session.written(id);
        let data = Json::encode(&BTreeMap::from([(LOST_FIELD, LOST)])).unwrap_or_else(|_| Json::null());
        Opcode {
            name: Some(written.to_string()),
            display_name: Some(written.clone()),
            opts: Some(Options { parallel_mode: Some("race"), ..Options::default() }),
            userland: Some(Userland { id: written, index }),
            ..Opcode::bare(id.as_str(), "StepRun", data)
        }
    }

    /// The name under which a signal reaches a run.
    pub(super) fn signal_to(&self, run: &str, name: &str) -> String {
        match self.signal_prefix {
            Some(_) => format!("{run}/{name}"),
            None => name.to_owned(),
        }
    }

    /// The specification knows no empty options.
    fn options(&self, options: Options) -> Option<Options> {
        let is_empty = self.notation == Notation::Specification && options.is_empty();
        (!is_empty).then_some(options)
    }

    fn sleep(&self, since: SystemTime, until: SystemTime, is_dated: bool) -> (&'static str, Option<String>, Options) {
        // The server counts in whole seconds, and must not wake the run before its time is over.
        let cut = self.deadline.filter(|deadline| *deadline < until).map(|deadline| deadline + Duration::from_secs(1));
        let text = match cut {
            Some(cut) => time_text::instant(cut),
            None if is_dated => time_text::instant(until),
            None => time_text::length(until.duration_since(since).unwrap_or_default()),
        };
        let opts = match self.notation {
            Notation::TypeScript => Options::default(),
            Notation::Specification => Options { duration: Some(text.clone()), ..Options::default() },
        };
        ("Sleep", Some(text), opts)
    }

    fn wait_for_event(
        &self,
        id: &str,
        event: &EventPattern,
        since: SystemTime,
        until: Option<SystemTime>,
    ) -> (&'static str, Option<String>, Options) {
        let mut opts = Options {
            condition: expression::of(event, self.event),
            timeout: Some(self.timeout(since, until)),
            ..Options::default()
        };
        let name = match self.notation {
            Notation::TypeScript => event.name.clone(),
            Notation::Specification => {
                opts.event = Some(event.name.clone());
                id.to_owned()
            }
        };
        ("WaitForEvent", Some(name), opts)
    }

    fn wait_for_signal(
        &self,
        id: &str,
        name: &str,
        since: SystemTime,
        until: Option<SystemTime>,
    ) -> (&'static str, Option<String>, Options) {
        let signal = self.signal_to(self.signal_prefix.unwrap_or_default(), name);
        let timeout = Some(self.timeout(since, until));
        let conflict = self.replaces_signals.then_some("replace");
        let opts = Options { signal: Some(signal.clone()), timeout, conflict, ..Options::default() };
        let name = match self.notation {
            Notation::TypeScript => signal,
            Notation::Specification => id.to_owned(),
        };
        ("WaitForSignal", Some(name), opts)
    }

    /// How long a wait is, cut where the run's time is over.
    fn timeout(&self, since: SystemTime, until: Option<SystemTime>) -> String {
        let until = until.into_iter().chain(self.deadline).min();
        let length = until.map_or(WAIT_MAX, |until| until.duration_since(since).unwrap_or_default());
        time_text::length(length.min(WAIT_MAX).max(Duration::from_secs(1)))
    }
}

impl Options {
    fn of_type(step_type: &'static str) -> Options {
        Options { step_type: Some(step_type), ..Options::default() }
    }

    fn is_empty(&self) -> bool {
        serde_json::to_string(self).is_ok_and(|text| text == "{}")
    }
}
