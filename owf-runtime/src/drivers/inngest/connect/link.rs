//! A connection that is ready: what arrives on it and when something is due become events, what is sent waits in line.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::handshake::Ready;
use super::messages::{ConnectMessage, GatewayMessageType};
use super::problem::Problem;
use super::socket::{Receiver, Sender};
use super::worker::Event;
use crate::host::Host;
use crate::kernel::time_after;

/// How many heartbeats may stay unanswered.
const UNANSWERED_MAX: u32 = 2;
/// How long the gateway may take to close its side.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Which connection: they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkNumber(pub(super) u64);

/// What is due from time to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Heartbeat,
    ExtendLeases,
    Status,
}

/// A connection. When it is dropped, nothing more is sent or received.
pub(super) struct Link {
    pub(super) number: LinkNumber,
    pub(super) connection_id: String,
    pub(super) gateway_group: String,
    /// What is to be sent; `None` when this side is closed.
    outgoing: Option<mpsc::UnboundedSender<ConnectMessage>>,
    unanswered_heartbeats: u32,
    host: Arc<dyn Host>,
    events: mpsc::Sender<Event>,
    /// They send, receive and wait.
    tasks: JoinSet<()>,
}

impl Link {
    pub(super) fn new(number: LinkNumber, ready: Ready, host: Arc<dyn Host>, events: mpsc::Sender<Event>) -> Link {
        let mut tasks = JoinSet::new();
        let (outgoing, waiting) = mpsc::unbounded_channel();
        tasks.spawn(send(number, ready.sender, waiting, events.clone()));
        tasks.spawn(receive(number, ready.receiver, events.clone()));
        let intervals = ready.intervals;
        let now = host.now();
        let mut every = |interval, due| {
            tasks.spawn(remind(number, due, interval, time_after(now, interval), host.clone(), events.clone()));
        };
        every(intervals.heartbeat, Due::Heartbeat);
        every(intervals.extend_lease, Due::ExtendLeases);
        if let Some(status) = intervals.status {
            every(status, Due::Status);
        }
        Link {
            number,
            connection_id: ready.connection_id,
            gateway_group: ready.gateway_group,
            outgoing: Some(outgoing),
            unanswered_heartbeats: 0,
            host,
            events,
            tasks,
        }
    }

    /// Sends a message, unless this side is closed. Whether it arrives is another matter.
    pub(super) fn send(&self, message: ConnectMessage) {
        if let Some(outgoing) = &self.outgoing {
            // Where the line is gone, the event that says so is on its way.
            let _ = outgoing.send(message);
        }
    }

    /// Sends a heartbeat; the error says that too many were not answered.
    pub(super) fn beat(&mut self) -> Result<(), Problem> {
        if self.unanswered_heartbeats >= UNANSWERED_MAX {
            return Err(Problem::Silent("a heartbeat"));
        }
        self.unanswered_heartbeats += 1;
        self.send(ConnectMessage::bare(GatewayMessageType::WorkerHeartbeat));
        Ok(())
    }

    pub(super) fn heard_heartbeat(&mut self) {
        self.unanswered_heartbeats = 0;
    }

    /// Closes this side, after what waits in line. What the gateway still says is heard until it closes, too.
    pub(super) fn close(&mut self) {
        self.outgoing = None;
        let (number, events) = (self.number, self.events.clone());
        let late = self.host.sleep_until(time_after(self.host.now(), CLOSE_WITHIN));
        self.tasks.spawn(async move {
            late.await;
            lost(number, Problem::Silent("the end of its side"), &events).await;
        });
    }
}

async fn send(
    number: LinkNumber,
    mut sender: Sender,
    mut waiting: mpsc::UnboundedReceiver<ConnectMessage>,
    events: mpsc::Sender<Event>,
) {
    while let Some(message) = waiting.recv().await {
        if let Err(problem) = sender.send(&message).await {
            return lost(number, problem, &events).await;
        }
    }
    if let Err(problem) = sender.close().await {
        lost(number, problem, &events).await;
    }
}

async fn receive(number: LinkNumber, mut receiver: Receiver, events: mpsc::Sender<Event>) {
    loop {
        let event = match receiver.next().await {
            Ok(message) => Event::Received(number, message),
            Err(problem) => return lost(number, problem, &events).await,
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

async fn remind(
    number: LinkNumber,
    due: Due,
    interval: Duration,
    mut at: SystemTime,
    host: Arc<dyn Host>,
    events: mpsc::Sender<Event>,
) {
    loop {
        host.sleep_until(at).await;
        if events.send(Event::Due(number, due)).await.is_err() {
            return;
        }
        at = time_after(host.now(), interval);
    }
}

async fn lost(number: LinkNumber, problem: Problem, events: &mpsc::Sender<Event>) {
    // Nobody is there to hear it when the worker is gone.
    let _ = events.send(Event::Lost(number, problem)).await;
}
