//! The calls that are under way, and their leases: a worker says from time to time that it is still at work.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::execution;
use super::link::LinkNumber;
use super::messages::{
    ConnectMessage, GatewayExecutorRequestData, GatewayMessageType, WorkerRequestAckData,
    WorkerRequestExtendLeaseAckData, WorkerRequestExtendLeaseData,
};
use super::worker::Event;
use crate::drivers::inngest::InngestDriver;

pub(super) struct Calls {
    driver: Arc<InngestDriver>,
    events: mpsc::Sender<Event>,
    /// How many are carried out at a time, if that is limited. The server heeds the limit; this is for what it sends in a race.
    places: Option<Arc<Semaphore>>,
    /// By the ID of the request.
    under_way: HashMap<String, UnderWay>,
    /// They end with the worker, each at its next `.await`.
    tasks: JoinSet<()>,
}

struct UnderWay {
    /// Without its payload.
    call: GatewayExecutorRequestData,
    lease: Lease,
}

enum Lease {
    Held {
        /// The connection by which it is being extended. Until the gateway says how that went, its ID may not be the lease's any more.
        extended_over: Option<LinkNumber>,
    },
    Lost,
}

impl Lease {
    const HELD: Lease = Lease::Held { extended_over: None };
}

impl Calls {
    pub(super) fn new(driver: Arc<InngestDriver>, events: mpsc::Sender<Event>, max: Option<usize>) -> Calls {
        let places = max.map(|max| Arc::new(Semaphore::new(max)));
        Calls { driver, events, places, under_way: HashMap::new(), tasks: JoinSet::new() }
    }

    /// Begins a call. One that is under way already, as after an acknowledgement that got lost, is not begun again.
    pub(super) fn begin(&mut self, mut call: GatewayExecutorRequestData) {
        while self.tasks.try_join_next().is_some() {}
        let payload = std::mem::take(&mut call.request_payload);
        let under_way = UnderWay { call: call.clone(), lease: Lease::HELD };
        let before = self.under_way.insert(call.request_id.clone(), under_way);
        if before.is_some() {
            tracing::debug!(target: "owf", request = call.request_id, "an Inngest call that is under way came again");
            return;
        }
        self.tasks.spawn(carry_out(self.driver.clone(), self.places.clone(), call, payload, self.events.clone()));
    }

    pub(super) fn ended(&mut self, request_id: &str) {
        self.under_way.remove(request_id);
    }

    /// The IDs of what is under way.
    pub(super) fn ids(&self) -> Vec<String> {
        self.under_way.keys().cloned().collect()
    }

    /// Whether the server waits for none of them any more.
    pub(super) fn are_done(&self) -> bool {
        self.under_way.values().all(|under_way| matches!(under_way.lease, Lease::Lost))
    }

    /// What extends the leases over a connection.
    pub(super) fn extensions(&mut self, link: LinkNumber) -> Vec<ConnectMessage> {
        let held = self.under_way.values_mut().filter_map(|UnderWay { call, lease }| match lease {
            Lease::Held { extended_over: extended_over @ None } => {
                *extended_over = Some(link);
                Some(ConnectMessage::new(GatewayMessageType::WorkerRequestExtendLease, &extension(call)))
            }
            Lease::Held { extended_over: Some(_) } | Lease::Lost => None,
        });
        held.collect()
    }

    /// What was to be said of extensions over a connection is not said any more: it is gone.
    pub(super) fn forget_extensions(&mut self, link: LinkNumber) {
        for under_way in self.under_way.values_mut() {
            if let Lease::Held { extended_over } = &mut under_way.lease {
                extended_over.take_if(|over| *over == link);
            }
        }
    }

    /// Takes note of how an extension went.
    pub(super) fn extended(&mut self, ack: WorkerRequestExtendLeaseAckData) {
        let Some(under_way) = self.under_way.get_mut(&ack.request_id) else { return };
        match ack.new_lease_id {
            Some(id) => {
                under_way.call.lease_id = id;
                under_way.lease = Lease::HELD;
            }
            None => {
                let UnderWay { call, lease } = under_way;
                *lease = Lease::Lost;
                tracing::warn!(target: "owf", run = call.run_id, function = call.function_slug,
                    "the lease of an Inngest call is lost: it goes on, and the server may call once more");
            }
        }
    }
}

async fn carry_out(
    driver: Arc<InngestDriver>,
    places: Option<Arc<Semaphore>>,
    mut call: GatewayExecutorRequestData,
    payload: Bytes,
    events: mpsc::Sender<Event>,
) {
    let _place = match &places {
        Some(places) => places.acquire().await.ok(),
        None => None,
    };
    call.request_payload = payload;
    let reply = execution::answer(&driver, call).await;
    // Nobody is there to hear it when the worker is gone.
    let _ = events.send(Event::Answered(reply)).await;
}

/// What tells the gateway that a call has arrived.
pub(super) fn acknowledgement(call: &GatewayExecutorRequestData) -> ConnectMessage {
    let ack = WorkerRequestAckData {
        request_id: call.request_id.clone(),
        account_id: call.account_id.clone(),
        env_id: call.env_id.clone(),
        app_id: call.app_id.clone(),
        function_slug: call.function_slug.clone(),
        step_id: call.step_id.clone(),
        system_trace_ctx: call.system_trace_ctx.clone(),
        user_trace_ctx: call.user_trace_ctx.clone(),
        run_id: call.run_id.clone(),
    };
    ConnectMessage::new(GatewayMessageType::WorkerRequestAck, &ack)
}

fn extension(call: &GatewayExecutorRequestData) -> WorkerRequestExtendLeaseData {
    WorkerRequestExtendLeaseData {
        request_id: call.request_id.clone(),
        account_id: call.account_id.clone(),
        env_id: call.env_id.clone(),
        app_id: call.app_id.clone(),
        function_slug: call.function_slug.clone(),
        step_id: call.step_id.clone(),
        system_trace_ctx: call.system_trace_ctx.clone(),
        user_trace_ctx: call.user_trace_ctx.clone(),
        run_id: call.run_id.clone(),
        lease_id: call.lease_id.clone(),
    }
}
