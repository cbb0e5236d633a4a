//! Functions as they are registered.

use serde::Serialize;

use super::function::{Config, InngestFunction, Starts};
use super::limits::{CancelOn, Timeouts};
use super::query;

/// A function as it is registered.
#[derive(Debug, Serialize)]
pub(super) struct Registration<'a> {
    id: String,
    name: &'a str,
    triggers: Vec<Starts>,
    steps: Steps,
    #[serde(flatten)]
    config: &'a Config,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cancel: &'a [CancelOn],
    #[serde(skip_serializing_if = "Timeouts::is_empty")]
    timeouts: Timeouts,
}

#[derive(Debug, Serialize)]
struct Steps {
    step: Step,
}

#[derive(Debug, Serialize)]
struct Step {
    id: &'static str,
    name: &'static str,
    runtime: Runtime,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<Retries>,
}

#[derive(Debug, Serialize)]
struct Runtime {
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
}

#[derive(Debug, Serialize)]
struct Retries {
    attempts: u32,
}

impl InngestFunction {
    /// The function as it is registered; `url` is where it is called, by HTTP or over a WebSocket.
    pub(super) fn registration(&self, app: &str, url: &str) -> Registration<'_> {
        let id = self.id(app);
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}fnId={}&stepId=step", query::encode(&id));
        let retries = self.workflow.options().retries_said().map(|attempts| Retries { attempts });
        let kind = if url.starts_with("ws") { "ws" } else { "http" };
        let runtime = Runtime { kind, url };
        let triggers = self.triggers.iter().cloned().map(|trigger| match trigger {
            Starts::Event { event, expression } => {
                Starts::Event { event, expression: expression.or_else(|| self.when.clone()) }
            }
            cron => cron,
        });
        Registration {
            id,
            name: self.shown_name(),
            triggers: triggers.collect(),
            steps: Steps { step: Step { id: "step", name: "step", runtime, retries } },
            config: &self.config,
            cancel: &self.cancel_on,
            timeouts: self.timeouts,
        }
    }
}
