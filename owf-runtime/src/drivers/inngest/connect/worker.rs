//! The worker: it keeps a connection open, takes calls from it, and replies. All that happens is an event, taken one at a time.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::Options;
use super::calls::{self, Calls};
use super::gateways::Gateways;
use super::handshake::{self, Failed, Ready};
use super::link::{Due, Link, LinkNumber};
use super::messages::{
    ConnectMessage, GatewayExecutorRequestData, GatewayMessageType, SdkResponse, WorkerReplyAckData,
    WorkerRequestExtendLeaseAckData, WorkerStatusData,
};
use super::problem::Problem;
use super::replies::Replies;
use crate::drivers::inngest::InngestDriver;
use crate::drivers::inngest::client::InngestError;
use crate::kernel::time_after;

/// What happens to a worker.
pub(super) enum Event {
    /// An attempt to connect is over.
    Attempted(Result<Ready, Failed>),
    Received(LinkNumber, ConnectMessage),
    Lost(LinkNumber, Problem),
    Due(LinkNumber, Due),
    /// A call was carried out.
    Answered(SdkResponse),
    /// It is time for the acknowledgement of a reply to be there: the request's ID, and which reply it was.
    Unacknowledged(String, u64),
    /// A reply was handed in by HTTP, unless it is returned here.
    HandedIn(Option<SdkResponse>),
    ShutDown,
}

/// Who waits for the first connection.
type First = oneshot::Sender<Result<(), InngestError>>;

pub(super) struct Worker {
    driver: Arc<InngestDriver>,
    options: Arc<Options>,
    events: mpsc::Sender<Event>,
    /// The connection that calls come from.
    active: Option<Link>,
    /// The connection whose gateway is going away, until there is another.
    draining: Option<Link>,
    /// Connections that this side has closed.
    closing: Vec<Link>,
    links_count: u64,
    calls: Calls,
    replies: Replies,
    gateways: Gateways,
    first: Option<First>,
    is_connected: watch::Sender<bool>,
    is_shutting_down: bool,
    /// The attempt to connect, of which there is one at a time.
    attempt: JoinSet<()>,
}

impl Worker {
    pub(super) fn new(
        driver: Arc<InngestDriver>,
        options: Options,
        events: mpsc::Sender<Event>,
        first: First,
        is_connected: watch::Sender<bool>,
    ) -> Worker {
        let max = options.max_worker_concurrency.and_then(|max| usize::try_from(max.get()).ok());
        Worker {
            calls: Calls::new(driver.clone(), events.clone(), max),
            replies: Replies::new(driver.clone(), events.clone()),
            driver,
            options: Arc::new(options),
            events,
            active: None,
            draining: None,
            closing: Vec::new(),
            links_count: 0,
            gateways: Gateways::default(),
            first: Some(first),
            is_connected,
            is_shutting_down: false,
            attempt: JoinSet::new(),
        }
    }

    /// Works until it is shut down and all is done.
    pub(super) async fn run(mut self, mut happening: mpsc::Receiver<Event>) {
        self.connect_after(Duration::ZERO);
        while let Some(event) = happening.recv().await {
            self.take(event);
            let is_done = self.is_shutting_down && self.calls.are_done() && self.replies.are_done();
            if is_done && self.has_closed() {
                break;
            }
        }
        if self.replies.aside() > 0 {
            let count = self.replies.aside();
            tracing::error!(target: "owf", count, "replies to Inngest calls are lost: the server cannot be reached, and will call again");
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Attempted(Ok(ready)) => self.connected(ready),
            Event::Attempted(Err(failed)) => self.not_connected(&failed),
            Event::Received(link, message) => {
                if let Err(problem) = self.receive(link, &message) {
                    self.lost(link, &problem);
                }
            }
            Event::Lost(link, problem) => self.lost(link, &problem),
            Event::Due(link, due) => self.remind(link, due),
            Event::Answered(reply) => {
                self.calls.ended(&reply.request_id);
                self.replies.reply(reply, self.active.as_ref().or(self.draining.as_ref()));
            }
            Event::Unacknowledged(request_id, number) => self.replies.unacknowledged(&request_id, number),
            Event::HandedIn(left) => self.replies.handed_in(left),
            Event::ShutDown => self.shut_down(),
        }
    }

    fn connect_after(&mut self, wait: Duration) {
        let (driver, options, events) = (self.driver.clone(), self.options.clone(), self.events.clone());
        let excluded = self.gateways.excluded();
        let waited = driver.host.sleep_until(time_after(driver.host.now(), wait));
        self.attempt.abort_all();
        self.attempt.spawn(async move {
            waited.await;
            let attempted = handshake::connect(&driver, &options, excluded).await;
            // Nobody is there to hear it when the worker is gone.
            let _ = events.send(Event::Attempted(attempted)).await;
        });
        while self.attempt.try_join_next().is_some() {}
    }

    fn connected(&mut self, ready: Ready) {
        self.links_count += 1;
        self.gateways.connected(&ready.gateway_group);
        let link = Link::new(LinkNumber(self.links_count), ready, self.driver.host.clone(), self.events.clone());
        tracing::info!(target: "owf", connection = link.connection_id, gateway = link.gateway_group, "connected to Inngest");
        // While it shuts down, a worker connects for the calls that are under way.
        let kind =
            if self.is_shutting_down { GatewayMessageType::WorkerPause } else { GatewayMessageType::WorkerReady };
        link.send(ConnectMessage::bare(kind));
        self.active = Some(link);
        if let Some(mut draining) = self.draining.take() {
            draining.close();
            self.closing.push(draining);
        }
        self.extend_leases();
        self.replies.try_again();
        self.is_connected.send_replace(true);
        if let Some(first) = self.first.take() {
            let _ = first.send(Ok(()));
        }
    }

    fn not_connected(&mut self, failed: &Failed) {
        if let Some(error) = failed.problem.fatal()
            && let Some(first) = self.first.take()
        {
            let _ = first.send(Err(error));
            self.is_shutting_down = true;
            return;
        }
        let wait = self.gateways.failed(failed, self.driver.host.random());
        tracing::warn!(target: "owf", wait_ms = wait.as_millis(), "no connection to Inngest: {}", failed.problem);
        self.connect_after(wait);
    }

    fn receive(&mut self, number: LinkNumber, message: &ConnectMessage) -> Result<(), Problem> {
        match message.known() {
            Some(GatewayMessageType::GatewayExecutorRequest) => self.begin(number, read(message)?),
            Some(GatewayMessageType::GatewayHeartbeat) => {
                if let Some(link) = self.active(number) {
                    link.heard_heartbeat();
                    self.gateways.held();
                }
            }
            Some(GatewayMessageType::WorkerRequestExtendLeaseAck) => {
                self.calls.extended(read::<WorkerRequestExtendLeaseAckData>(message)?);
            }
            Some(GatewayMessageType::WorkerReplyAck) => {
                self.replies.acknowledged(&read::<WorkerReplyAckData>(message)?.request_id);
            }
            Some(GatewayMessageType::GatewayClosing) => self.drain(number),
            kind => {
                tracing::warn!(target: "owf", kind = message.kind, ?kind, "the Inngest gateway sent something unexpected: it is let be");
            }
        }
        Ok(())
    }

    /// Takes a call on, unless the gateway gives it to somebody else: what is not acknowledged is sent elsewhere.
    fn begin(&mut self, number: LinkNumber, call: GatewayExecutorRequestData) {
        let refused = if self.is_shutting_down {
            "this worker is shutting down"
        } else if call.app_name != self.driver.app {
            "it is for another app"
        } else {
            match self.active(number) {
                Some(link) => {
                    link.send(calls::acknowledgement(&call));
                    return self.calls.begin(call);
                }
                None => "its gateway is going away",
            }
        };
        tracing::warn!(target: "owf", run = call.run_id, "an Inngest call is not taken: {refused}");
    }

    /// The gateway goes away: its connection is kept for what is under way until there is another one.
    fn drain(&mut self, number: LinkNumber) {
        let Some(link) = self.active.take_if(|link| link.number == number) else { return };
        tracing::info!(target: "owf", connection = link.connection_id, "the Inngest gateway is going away: connecting to another");
        self.connect_after_leaving(&link.gateway_group);
        self.draining = Some(link);
    }

    fn lost(&mut self, number: LinkNumber, problem: &Problem) {
        self.replies.lost(number);
        self.calls.forget_extensions(number);
        self.closing.retain(|link| link.number != number);
        // Another one is on its way.
        self.draining.take_if(|link| link.number == number);
        let Some(link) = self.active.take_if(|link| link.number == number) else { return };
        tracing::warn!(target: "owf", connection = link.connection_id, "the connection to Inngest is lost: {problem}");
        self.connect_after_leaving(&link.gateway_group);
    }

    fn connect_after_leaving(&mut self, gateway_group: &str) {
        self.is_connected.send_replace(false);
        let wait = self.gateways.left(gateway_group, self.driver.host.random());
        self.connect_after(wait);
    }

    fn remind(&mut self, number: LinkNumber, due: Due) {
        let (ids, is_shutting_down) = (self.calls.ids(), self.is_shutting_down);
        let Some(link) = self.active(number) else { return };
        match due {
            Due::Heartbeat => {
                if let Err(problem) = link.beat() {
                    self.lost(number, &problem);
                }
            }
            Due::ExtendLeases => self.extend_leases(),
            Due::Status => {
                let status = WorkerStatusData { in_flight_request_ids: ids, shutdown_requested: is_shutting_down };
                link.send(ConnectMessage::new(GatewayMessageType::WorkerStatus, &status));
            }
        }
    }

    /// Only over the connection that stays: what a gateway that goes away says of an extension may not arrive any more.
    fn extend_leases(&mut self) {
        let Some(link) = &self.active else { return };
        self.calls.extensions(link.number).into_iter().for_each(|extension| link.send(extension));
    }

    fn shut_down(&mut self) {
        self.is_shutting_down = true;
        if let Some(link) = &self.active {
            link.send(ConnectMessage::bare(GatewayMessageType::WorkerPause));
        }
    }

    /// Closes the connections, when nothing is left to be done; whether they are.
    fn has_closed(&mut self) -> bool {
        self.attempt.abort_all();
        for mut link in self.active.take().into_iter().chain(self.draining.take()) {
            link.close();
            self.closing.push(link);
        }
        self.is_connected.send_replace(false);
        self.closing.is_empty()
    }

    /// The connection that calls come from, if it is this one.
    fn active(&mut self, number: LinkNumber) -> Option<&mut Link> {
        self.active.as_mut().filter(|link| link.number == number)
    }
}

fn read<M: Message + Default>(message: &ConnectMessage) -> Result<M, Problem> {
    M::decode(message.payload.clone()).map_err(|_| Problem::Malformed("a message with a malformed payload"))
}
