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
        Action::SendEvent { name, payload } => {
            let event = Outgoing { id: None, name: name.clone(), data: event_data(payload), ts: None };
            // The same seed for every attempt, so that the server knows an event that it has had already.
            let seed = Seed::of_operation(&turn.seed(&operation.id), turn.call.started_at(turn.around.host.now()));
            let ids = api.send_events(vec![event], &seed).await.map_err(|error| failure(&error))?;
            encode(&serde_json::json!({ "ids": ids }))
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

fn encode(value: &serde_json::Value) -> Result<Json, Failure> {
    Json::encode(value).map_err(Failure::msg)
}

fn failure(error: &ApiError) -> Failure {
    let failure = Failure::msg(error);
    if error.is_final() { failure.into_fatal() } else { failure }
}
