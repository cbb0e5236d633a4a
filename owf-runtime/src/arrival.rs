//! An operation without a body of the workflow's: its value comes from the host, from another run, or from outside.

use std::panic::Location;
use std::task::{Poll, Waker};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::StepError;
use crate::failure::Failure;
use crate::kernel::{
    Dialect, Handle, IntoStepName, MemoResult, Offer, OperationKind, OperationSpec, Remote, Turn, borrow_out,
};
use crate::value::{Json, JsonError, StepValue};

/// Makes durable operations of types that wrap an [`Arrival`]: `required` ones have a value in the end, `optional` ones may wait in vain.
macro_rules! arrivals {
    ($($name:ident $(<$param:ident $(: $bound:ident)?>)? => $output:ty: $form:ident;)+) => {$(
        impl$(<$param $(: $bound)?>)? Sealed for $name$(<$param>)? {}

        // Nothing in it is pinned.
        impl$(<$param $(: $bound)?>)? Unpin for $name$(<$param>)? {}

        #[diagnostic::do_not_recommend]
        impl$(<$param $(: $bound)?>)? Durable for $name$(<$param>)? {
            type Output = Result<$output, StepError>;

            fn poll_durable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                crate::arrival::$form(self.0.poll(cx.waker()))
            }
        }

        impl$(<$param $(: $bound)?>)? fmt::Debug for $name$(<$param>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

pub(crate) use arrivals;

pub(crate) fn optional<T>(polled: Poll<Result<Option<T>, StepError>>) -> Poll<Result<Option<T>, StepError>> {
    polled
}

/// The value that an operation without a timeout ends with.
pub(crate) fn required<T>(polled: Poll<Result<Option<T>, StepError>>) -> Poll<Result<T, StepError>> {
    let value =
        |value: Option<T>| value.ok_or_else(|| StepError::fatal("it was recorded with a timeout, and timed out"));
    polled.map(|result| result.and_then(value))
}

/// What an operation's value is made of.
pub(crate) enum Source<T> {
    /// The time and random bits of the host.
    Host(fn(SystemTime, u64, u64) -> T),
    /// What arrives; `from` names who sends it. Recorded as it is, or, if it may not come in time, as [`Received`].
    Answer { from: String, is_timed: bool },
    /// What arrives, or nothing within the time; recorded as [`Received`]. `what` and `name` say what is waited for.
    Wait { what: &'static str, name: String },
}

/// An operation on its way to its value; `None` if it has waited in vain.
pub(crate) struct Arrival<T> {
    handle: Handle,
    source: Source<T>,
    codec: Typed<T>,
    value: Option<T>,
}

/// How the value's type is written and read, taken where the type is known.
struct Typed<T> {
    encode: fn(&T) -> Result<Json, JsonError>,
    decode: fn(&Json) -> Result<T, JsonError>,
    encode_received: fn(Json) -> Result<Json, JsonError>,
    decode_received: fn(&Json) -> Result<Option<T>, JsonError>,
}

/// What a wait is recorded as; `null` if nothing came.
#[derive(Serialize, Deserialize)]
struct Received<T> {
    received: T,
}

impl<T: StepValue> Arrival<T> {
    /// Makes the operation, and gives it its ID.
    #[track_caller]
    pub(crate) fn new<'n>(id: impl IntoStepName<'n>, spec: OperationSpec, source: Source<T>) -> Arrival<T> {
        Arrival {
            handle: Handle::new(&id.into_step_name().0, Location::caller(), spec),
            source,
            codec: Typed {
                encode: Json::encode_to_decode::<T>,
                decode: Json::decode::<T>,
                encode_received: |received| Json::encode(&Received { received }),
                decode_received: |json| Ok(json.decode::<Option<Received<T>>>()?.map(|Received { received }| received)),
            },
            value: None,
        }
    }
}

impl<T> Arrival<T> {
    /// What the code says of it, as long as it is not awaited.
    pub(crate) fn remote_mut(&mut self) -> Option<&mut Remote> {
        self.handle.remote_mut()
    }

    /// It may not arrive in time.
    pub(crate) fn time(&mut self) {
        if let Source::Answer { is_timed, .. } = &mut self.source {
            *is_timed = true;
        }
    }

    /// It will not be carried out: its await returns this error.
    pub(crate) fn refuse(&mut self, kind: OperationKind, reason: impl std::fmt::Display) {
        self.handle.respecify(OperationSpec::Remote(Box::new(refused(kind, reason))));
    }

    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Result<Option<T>, StepError>> {
        // A driver's hooks and a value's code must find no workflow around them.
        let mut current = borrow_out();
        let Some(state) = current.state() else { return Poll::Pending };
        loop {
            match state.poll(&mut self.handle, waker) {
                Turn::Recorded => {
                    let Some(json) = state.recorded_value(&self.handle) else { return Poll::Pending };
                    let read = match (&self.source, state.dialect()) {
                        (_, None) | (Source::Host(_), _) => self.read(json),
                        (Source::Wait { .. }, Some(_)) if json.as_str() == "null" => Ok(None),
                        (_, Some(dialect)) => {
                            let read = self.read_foreign(json, dialect).map(Some);
                            return Poll::Ready(read.map_err(|failure| state.misfit(&self.handle, failure)));
                        }
                    };
                    match read {
                        Ok(value) => return Poll::Ready(Ok(value)),
                        Err(problem) => {
                            state.undecodable(&self.handle, problem);
                            return Poll::Pending;
                        }
                    }
                }
                Turn::Failed(error) => {
                    let is_timed = matches!(self.source, Source::Answer { is_timed: true, .. });
                    let is_timeout = |dialect: Dialect| (dialect.is_timeout)(error.failure());
                    let in_vain = is_timed && state.dialect().is_some_and(is_timeout);
                    return Poll::Ready(if in_vain { Ok(None) } else { Err(error) });
                }
                Turn::Live => return Poll::Ready(Ok(self.value.take())),
                Turn::Take(offer) => {
                    let result = self.take(offer);
                    if !state.end(&self.handle, result) {
                        return Poll::Pending;
                    }
                }
                Turn::Pending | Turn::Start(_) | Turn::Poll | Turn::TimedOut(_) => return Poll::Pending,
            }
        }
    }

    fn read(&self, json: &Json) -> Result<Option<T>, JsonError> {
        match &self.source {
            Source::Wait { .. } | Source::Answer { is_timed: true, .. } => (self.codec.decode_received)(json),
            _ => (self.codec.decode)(json).map(Some),
        }
    }

    /// Reads what an engine has recorded, and nobody has looked at before: it may be in an envelope, or of another type.
    fn read_foreign(&self, json: &Json, dialect: Dialect) -> Result<T, Failure> {
        let received = match &self.source {
            Source::Wait { .. } => {
                json.decode::<Received<Json>>().map_or_else(|_| json.clone(), |Received { received }| received)
            }
            _ => json.clone(),
        };
        match (dialect.unwrap)(&received).map(|inner| (self.codec.decode)(&inner)) {
            Some(Ok(value)) => Ok(value),
            _ => (self.codec.decode)(&received).map_err(|problem| self.unreadable(&received, None, &problem)),
        }
    }

    /// What is said of a value that is not of the type which is waited for.
    fn unreadable(&self, json: &Json, sent_as: Option<String>, problem: &JsonError) -> Failure {
        match &self.source {
            Source::Host(_) => Failure::msg(problem),
            Source::Answer { from, .. } => Failure::msg(format_args!("{from}: {problem}")),
            Source::Wait { what, name } => {
                let sent =
                    sent_as.map_or_else(|| format!("holds {}", shape(json)), |sent| format!("was sent as `{sent}`"));
                let (expected, problem) = (problem.type_name(), problem.problem());
                Failure::msg(format_args!("{what} `{name}` {sent}, and this wait expects `{expected}`: {problem}"))
            }
        }
    }

    /// Makes the value of what is there, and encodes it where the driver wants it.
    fn take(&mut self, Offer { host, result, sent_as, encode }: Offer) -> Result<Option<Json>, Failure> {
        let unstorable = |problem: JsonError| Failure::msg(problem).into_fatal();
        let (value, json) = match (&self.source, result) {
            (_, Some(MemoResult::Error(failure))) => return Err(failure),
            (Source::Host(make), _) => {
                let (now, high, low) = host.unwrap_or((SystemTime::UNIX_EPOCH, 0, 0));
                let value = make(now, high, low);
                let json = encode.then(|| (self.codec.encode)(&value)).transpose();
                (value, json.map_err(unstorable)?)
            }
            (_, None) => return Err(Failure::msg("nothing arrived for it").into_fatal()),
            (source, Some(MemoResult::Value(json))) => {
                let value = (self.codec.decode)(&json)
                    .map_err(|problem| self.unreadable(&json, sent_as, &problem).into_fatal())?;
                if let Source::Answer { is_timed: false, .. } = source {
                    self.value = Some(value);
                    return Ok(encode.then_some(json));
                }
                let json = encode.then(|| (self.codec.encode_received)(json)).transpose();
                (value, json.map_err(unstorable)?)
            }
        };
        self.value = Some(value);
        Ok(json)
    }
}

/// What stands for an operation whose arguments are wrong.
pub(crate) fn refused(kind: OperationKind, reason: impl std::fmt::Display) -> Remote {
    Remote::Refused { kind, failure: Failure::msg(reason).into_fatal() }
}

/// What a JSON text is, for people.
fn shape(json: &Json) -> &'static str {
    match json.as_str().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
