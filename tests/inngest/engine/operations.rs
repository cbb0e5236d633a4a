//! What answers come to: operations that begin, and that end.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock::Due;
use super::{Call, End, Engine, Pause, Run, State, WaitsFor, event, expression};
use crate::kept_errors;
use crate::server::Answered;

/// How long a wait is that nobody has set a limit to. No test waits for its end.
const FOR_EVER: &str = "52w1d";

impl Engine {
    pub(super) fn hear(self: &Arc<Self>, state: &mut State, call: &Call, answer: &Answered) {
        let run = call.run.as_str();
        if state.runs.get(run).is_none_or(|run| run.end.is_some()) {
            return;
        }
        let retry_after = answer.header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        match answer.status {
            200 => self.finish(state, run, End::Completed(answer.body.clone())),
            206 => {
                let operations = answer.body.as_array().expect("operations");
                if operations.len() > 1 && operations.iter().any(is_planned) {
                    let ids = operations.iter().filter_map(|operation| operation["id"].as_str().map(str::to_owned));
                    state.run_mut(run).plan_together(ids.collect());
                }
                for operation in operations {
                    self.take(state, call, operation, retry_after);
                }
            }
            500 => self.try_again(state, call, retry_after, &answer.body),
            _ => self.fail(state, run, &answer.body),
        }
    }

    fn try_again(self: &Arc<Self>, state: &mut State, call: &Call, after: Option<Duration>, error: &Value) {
        let next = Call { attempt: call.attempt + 1, ..call.clone() };
        if next.attempt >= state.run_mut(&call.run).attempts_max {
            return self.fail(state, &call.run, error);
        }
        match after {
            Some(after) => self.at(state, self.host.now() + after, Due::Call(next)),
            None => self.call(state, next),
        }
    }

    fn take(self: &Arc<Self>, state: &mut State, call: &Call, operation: &Value, retry_after: Option<Duration>) {
        let (run, attempt) = (call.run.as_str(), call.attempt);
        let id = operation["id"].as_str().expect("an ID");
        match operation["op"].as_str().expect("an opcode") {
            "RunComplete" => self.finish(state, run, End::Completed(operation["data"].clone())),
            "StepError" => {
                state.run_mut(run).note(operation, attempt, self.host.now());
                self.try_again(state, call, retry_after, &operation["error"]);
            }
            "StepFailed" => self.record(
                state,
                run,
                operation,
                attempt,
                json!({ "error": kept_errors::of_step(&operation["error"]) }),
            ),
            "StepRun" => self.record(state, run, operation, attempt, json!({ "data": operation["data"] })),
            // Whoever plans it, it is there once.
            _ if state.run_mut(run).knows(id) => {}
            planned => {
                state.run_mut(run).plan(id, self.host.now());
                match planned {
                    "StepPlanned" => self.call(state, Call::of_step(run, id)),
                    "Sleep" => self.sleep(state, run, operation),
                    _ => self.wait(state, call, operation),
                }
            }
        }
    }

    fn sleep(self: &Arc<Self>, state: &mut State, run: &str, operation: &Value) {
        let text = operation["name"].as_str().expect("a length");
        let due = text.parse::<jiff::Timestamp>().map_or_else(|_| self.later(length(text)), SystemTime::from);
        self.at(state, due, Due::Sleep { run: run.to_owned(), operation: operation.clone() });
    }

    fn wait(self: &Arc<Self>, state: &mut State, call: &Call, operation: &Value) {
        let run = call.run.as_str();
        let id = operation["id"].as_str().expect("an ID").to_owned();
        let (opts, name) = (&operation["opts"], operation["name"].as_str().unwrap_or_default());
        let waits_for = match operation["op"].as_str() {
            Some("WaitForSignal") => {
                let name = opts["signal"].as_str().expect("a name").to_owned();
                let is_taken = |pause: &Pause| matches!(&pause.waits_for, WaitsFor::Signal(taken) if *taken == name);
                if opts["conflict"] == "replace" {
                    state.pauses.retain(|pause| !is_taken(pause));
                }
                if state.pauses.iter().any(is_taken) {
                    state.run_mut(run).forget_plan(&id);
                    let conflict = json!({ "name": "Error", "message": "Signal conflict; signal wait already exists for another run" });
                    return self.try_again(state, call, None, &conflict);
                }
                WaitsFor::Signal(name)
            }
            Some("WaitForEvent") => {
                let condition = opts["if"].as_str().map(str::to_owned);
                WaitsFor::Event { name: name.to_owned(), condition }
            }
            Some("InvokeFunction") => WaitsFor::End { correlation: format!("{run}.{id}") },
            other => panic!("an unknown opcode: {other:?}"),
        };
        let invoked = match &waits_for {
            WaitsFor::End { correlation } => Some(correlation.clone()),
            _ => None,
        };
        state.pauses.push(Pause { run: run.to_owned(), operation: operation.clone(), waits_for });
        if let Some(timeout) = opts["timeout"].as_str().filter(|timeout| *timeout != FOR_EVER) {
            let due = timeout.parse::<jiff::Timestamp>().map_or_else(|_| self.later(length(timeout)), SystemTime::from);
            self.at(state, due, Due::Expiry { run: run.to_owned(), id });
        }
        if let Some(correlation) = invoked {
            self.invoke(state, opts, &correlation);
        }
    }

    fn invoke(self: &Arc<Self>, state: &mut State, opts: &Value, correlation: &str) {
        let function = opts["function_id"].as_str().expect("a function").to_owned();
        let mut data = opts["payload"]["data"].clone();
        data["_inngest"] = json!({ "fn_id": function, "correlation_id": correlation });
        let id = self.ulid(state);
        let event = event(&id, "inngest/function.invoked", data, self.millis());
        self.begin(state, &function, &event);
    }

    /// Starts a run of a function; returns its ID.
    pub(super) fn begin(self: &Arc<Self>, state: &mut State, function: &str, event: &Value) -> String {
        let id = self.ulid(state);
        let served = state.functions.get(function);
        let attempts_max =
            served.unwrap_or_else(|| panic!("nobody serves `{function}`: tell the subject of it")).attempts_max;
        state.runs.insert(id.clone(), Run::new(id.clone(), function.to_owned(), event.clone(), attempts_max));
        self.call(state, Call::again(&id));
        id
    }

    /// An operation has ended with this.
    pub(super) fn record(
        self: &Arc<Self>,
        state: &mut State,
        run: &str,
        operation: &Value,
        attempt: u32,
        value: Value,
    ) {
        let id = operation["id"].as_str().expect("an ID");
        let Some(run_state) = state.runs.get_mut(run).filter(|run| run.end.is_none()) else { return };
        run_state.note(operation, attempt, self.host.now());
        run_state.insert(id, value);
        let races = operation["opts"]["parallelMode"] == "race";
        if !run_state.has_pending() || races {
            run_state.plans_first = false;
            self.call(state, Call::again(run));
        }
    }

    /// A step was reported along the way.
    pub(super) fn record_along(&self, state: &mut State, run: &str, operation: &Value) -> bool {
        let now = self.host.now();
        let Some(run) = state.runs.get_mut(run).filter(|run| run.end.is_none()) else { return false };
        run.note(operation, 0, now);
        run.insert(operation["id"].as_str().expect("an ID"), json!({ "data": operation["data"] }));
        true
    }

    /// A wait has taken too long.
    pub(super) fn expire(self: &Arc<Self>, state: &mut State, run: &str, id: &str) {
        let Some(place) = state.pauses.iter().position(|pause| pause.is(run, id)) else { return };
        let pause = state.pauses.remove(place);
        let value = match pause.waits_for {
            WaitsFor::Event { .. } => Value::Null,
            WaitsFor::Signal(_) => json!({ "data": null }),
            WaitsFor::End { .. } => {
                let message = "Timed out waiting for invoked function to complete";
                let error = format!("InngestInvokeTimeoutError: {message}");
                json!({ "error": { "name": "InngestInvokeTimeoutError", "message": message, "error": error } })
            }
        };
        self.record(state, run, &pause.operation, 0, value);
    }

    /// A signal goes to who waits for it; returns the run.
    pub(super) fn signal(self: &Arc<Self>, state: &mut State, name: &str, data: &Value) -> Option<String> {
        let is_for = |pause: &Pause| matches!(&pause.waits_for, WaitsFor::Signal(wanted) if wanted == name);
        let pause = state.pauses.iter().position(is_for).map(|place| state.pauses.remove(place))?;
        let value = json!({ "data": { "signal": name, "data": data } });
        self.record(state, &pause.run, &pause.operation, 0, value);
        Some(pause.run)
    }

    /// An event goes to all who wait for it, and starts runs; returns these.
    pub(super) fn publish(self: &Arc<Self>, state: &mut State, event: &Value) -> Vec<String> {
        let named = event["name"].as_str().unwrap_or_default();
        let is_for = |state: &State, pause: &Pause| match &pause.waits_for {
            WaitsFor::Event { name, condition } => {
                let own = state.runs.get(&pause.run).map_or(&Value::Null, |run| &run.event);
                name == named && condition.as_ref().is_none_or(|condition| expression::holds(condition, own, event))
            }
            _ => false,
        };
        let (heard, others) = std::mem::take(&mut state.pauses).into_iter().partition(|pause| is_for(state, pause));
        state.pauses = others;
        let heard: Vec<Pause> = heard;
        for pause in heard {
            self.record(state, &pause.run, &pause.operation, 0, event.clone());
        }
        let starts = |(name, condition): &(String, Option<String>)| {
            name == named && condition.as_ref().is_none_or(|condition| expression::holds(condition, event, event))
        };
        let started = state.functions.iter().filter(|(_, served)| served.starts.iter().any(starts));
        let started: Vec<String> = started.map(|(id, _)| id.clone()).collect();
        started.iter().map(|function| self.begin(state, function, event)).collect()
    }

    fn fail(self: &Arc<Self>, state: &mut State, run: &str, error: &Value) {
        let mut report = state.runs[run].report();
        report["error"] = kept_errors::of_function(error);
        self.finish(state, run, End::Failed(serde_json::from_value(report).expect("a report")));
    }

    /// A run is over: all that waits for it is told, and nothing of it waits any more.
    pub(super) fn finish(self: &Arc<Self>, state: &mut State, run: &str, end: End) {
        let finished = state.run_mut(run);
        finished.end = Some(end.clone());
        state.pauses.retain(|pause| pause.run != run);
        self.tell_of_end(state, run, &end);
        self.note_progress();
    }

    fn tell_of_end(self: &Arc<Self>, state: &mut State, run: &str, end: &End) {
        let finished = &state.runs[run];
        let of = finished.event["data"]["_inngest"]["correlation_id"].clone();
        let mut data = finished.report();
        let (name, status) = match end {
            End::Completed(value) => {
                data["result"] = value.clone();
                (None, "Completed")
            }
            End::Failed(failed) => {
                data["error"] = serde_json::to_value(failed).expect("JSON")["error"].clone();
                (Some("inngest/function.failed"), "Failed")
            }
            End::Cancelled => (Some("inngest/function.cancelled"), "Cancelled"),
        };
        data["_inngest"] = json!({ "status": status });
        if let Some(correlation) = of.as_str() {
            data["correlation_id"] = json!(correlation);
            let id = self.ulid(state);
            let told = event(&id, "inngest/function.finished", data.clone(), self.millis());
            self.resume_parent(state, correlation, &told);
        }
        let is_of_system =
            state.runs[run].event["name"].as_str().is_some_and(|name| name.starts_with("inngest/function.f"));
        for name in name.into_iter().chain(["inngest/function.finished"]).filter(|_| !is_of_system) {
            let id = self.ulid(state);
            let told = event(&id, name, data.clone(), self.millis());
            self.publish(state, &told);
        }
    }

    fn resume_parent(self: &Arc<Self>, state: &mut State, correlation: &str, told: &Value) {
        let is_of = |pause: &Pause| matches!(&pause.waits_for, WaitsFor::End { correlation: of } if of == correlation);
        let Some(place) = state.pauses.iter().position(is_of) else { return };
        let pause = state.pauses.remove(place);
        let data = &told["data"];
        let value = match (data.get("error"), data.get("result")) {
            (Some(error), _) => json!({ "error": error }),
            (None, Some(result)) => json!({ "data": result }),
            // Of a run that was cancelled there is neither: the wait ends with the event itself (`Pause.GetResumeData`).
            (None, None) => told.clone(),
        };
        self.record(state, &pause.run, &pause.operation, 0, value);
    }

    fn later(&self, length: Duration) -> SystemTime {
        self.host.now().checked_add(length).unwrap_or_else(|| self.host.now())
    }
}

fn is_planned(operation: &Value) -> bool {
    !matches!(operation["op"].as_str(), Some("StepRun" | "StepError" | "StepFailed" | "RunComplete"))
}

/// A time string.
fn length(text: &str) -> Duration {
    let mut total = 0;
    let mut number = 0;
    for c in text.chars() {
        let unit = match c {
            'w' => 7 * 24 * 3600,
            'd' => 24 * 3600,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            digit => {
                number = number * 10 + u64::from(digit.to_digit(10).expect("a digit"));
                continue;
            }
        };
        total += std::mem::take(&mut number) * unit;
    }
    Duration::from_secs(total)
}
