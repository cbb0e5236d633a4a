//! Operations that send something: events and signals.

use super::api::{ApiError, Outgoing, Seed};
use super::call::Turn;
use super::request::event_data;
use crate::failure::Failure;
use crate::kernel::{Action, Operation};
use crate::value::Json;

/// Sends what an operation is to send; returns what is recorded of it.
pub(super) async fn carry_out(turn: &mut Turn<'_>, operation: &Operation) -> Result<Json, Failure> {
    let api = turn.around.api;
    match &operation.action {
        Action::SendEvent { name, payload } => send_events(turn, operation, vec![outgoing(name, payload)]).await,
        Action::SendEvents { events } => {
            let events = events.iter().map(|(name, payload)| outgoing(name, payload));
            send_events(turn, operation, events.collect()).await
        }
        Action::SendSignal { run, name, payload, .. } => {
            let signal = turn.writer().signal_to(run.as_str(), name);
            match api.send_signal(&signal, payload).await.map_err(|error| failure(&error))? {
                Some(run) => encode(&serde_json::json!({ "runId": run })),
                None => Err(Failure::msg(format_args!("no run waits for signal `{signal}`"))),
            }
        }
        _ => Ok(Json::null()),
    }
}

async fn send_events(turn: &mut Turn<'_>, operation: &Operation, events: Vec<Outgoing>) -> Result<Json, Failure> {
    let api = turn.around.api;
    // The same seed for every attempt, so that the server knows an event that it has had already.
    let seed = Seed::of_operation(&turn.seed(&operation.id), turn.call.started_at(turn.around.host.now()));
    let ids = api.send_events(events, &seed).await.map_err(|error| failure(&error))?;
    encode(&serde_json::json!({ "ids": ids }))
}

fn outgoing(name: &str, payload: &Json) -> Outgoing {
    Outgoing { id: None, name: name.to_owned(), data: event_data(payload), ts: None }
}

fn encode(value: &serde_json::Value) -> Result<Json, Failure> {
    Json::encode(value).map_err(Failure::msg)
}

fn failure(error: &ApiError) -> Failure {
    let failure = Failure::msg(error);
    if error.is_final() { failure.into_fatal() } else { failure }
}
