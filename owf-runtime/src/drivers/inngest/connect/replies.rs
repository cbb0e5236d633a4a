//! Replies that the server is not known to have: those that wait for an acknowledgement, and those that are handed in by HTTP instead.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::gateways;
use super::link::{Link, LinkNumber};
use super::messages::{ConnectMessage, GatewayMessageType, SdkResponse};
use super::worker::Event;
use crate::drivers::inngest::InngestDriver;
use crate::kernel::time_after;

/// How long a gateway may take to acknowledge a reply.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(5);
/// How often a reply is handed in by HTTP before it is put aside until the next connection.
const ATTEMPTS: usize = 5;
/// How many replies are put aside at most. The server calls again for those that are not.
const ASIDE_MAX: usize = 1_000;
/// The largest reply that a gateway reads, which is 8 MiB with what is around it.
const LARGEST: usize = 8 * 1024 * 1024 - 64;

pub(super) struct Replies {
    driver: Arc<InngestDriver>,
    events: mpsc::Sender<Event>,
    /// Sent, and not acknowledged; by the ID of the request.
    sent: HashMap<String, Sent>,
    sent_count: u64,
    /// What hands replies in, one after the other.
    handing_in: mpsc::UnboundedSender<SdkResponse>,
    /// How many it has.
    handing_in_count: usize,
    /// Those that could not be handed in.
    aside: Vec<SdkResponse>,
    tasks: JoinSet<()>,
}

struct Sent {
    reply: SdkResponse,
    number: u64,
    over: LinkNumber,
}

impl Replies {
    pub(super) fn new(driver: Arc<InngestDriver>, events: mpsc::Sender<Event>) -> Replies {
        let (handing_in, waiting) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(hand_in(driver.clone(), waiting, events.clone()));
        Replies {
            driver,
            events,
            sent: HashMap::new(),
            sent_count: 0,
            handing_in,
            handing_in_count: 0,
            aside: Vec::new(),
            tasks,
        }
    }

    /// Sends a reply over a connection if there is one that takes it, and hands it in otherwise.
    pub(super) fn reply(&mut self, reply: SdkResponse, link: Option<&Link>) {
        let Some(link) = link.filter(|_| reply.encoded_len() <= LARGEST) else { return self.hand_in(reply) };
        link.send(ConnectMessage::new(GatewayMessageType::WorkerReply, &reply));
        self.sent_count += 1;
        let (id, number) = (reply.request_id.clone(), self.sent_count);
        let (events, overdue) = (self.events.clone(), id.clone());
        let late = self.driver.host.sleep_until(time_after(self.driver.host.now(), ACKNOWLEDGED_WITHIN));
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(async move {
            late.await;
            let _ = events.send(Event::Unacknowledged(overdue, number)).await;
        });
        self.sent.insert(id, Sent { reply, number, over: link.number });
    }

    pub(super) fn acknowledged(&mut self, request_id: &str) {
        self.sent.remove(request_id);
    }

    /// The time is over in which a reply was to be acknowledged.
    pub(super) fn unacknowledged(&mut self, request_id: &str, number: u64) {
        if self.sent.get(request_id).is_some_and(|sent| sent.number == number)
            && let Some(sent) = self.sent.remove(request_id)
        {
            tracing::warn!(target: "owf", run = sent.reply.run_id, "the Inngest gateway did not acknowledge a reply in time");
            self.hand_in(sent.reply);
        }
    }

    /// Nothing that was sent over this connection will be acknowledged any more.
    pub(super) fn lost(&mut self, link: LinkNumber) {
        let (lost, kept) = std::mem::take(&mut self.sent).into_iter().partition(|(_, sent)| sent.over == link);
        self.sent = kept;
        HashMap::into_values(lost).for_each(|sent| self.hand_in(sent.reply));
    }

    /// The server can be reached again: what was put aside is handed in.
    pub(super) fn try_again(&mut self) {
        std::mem::take(&mut self.aside).into_iter().for_each(|reply| self.hand_in(reply));
    }

    /// A reply was handed in, or could not be.
    pub(super) fn handed_in(&mut self, left: Option<SdkResponse>) {
        self.handing_in_count -= 1;
        let Some(reply) = left else { return };
        if self.aside.len() < ASIDE_MAX {
            self.aside.push(reply);
        }
    }

    /// Whether the server has them, but for those that it could not be told.
    pub(super) fn are_done(&self) -> bool {
        self.sent.is_empty() && self.handing_in_count == 0
    }

    /// How many are put aside.
    pub(super) fn aside(&self) -> usize {
        self.aside.len()
    }

    fn hand_in(&mut self, reply: SdkResponse) {
        self.handing_in_count += 1;
        if let Err(mpsc::error::SendError(reply)) = self.handing_in.send(reply) {
            self.handed_in(Some(reply));
        }
    }
}

/// Hands in what comes, for as long as somebody may send something.
async fn hand_in(
    driver: Arc<InngestDriver>,
    mut waiting: mpsc::UnboundedReceiver<SdkResponse>,
    events: mpsc::Sender<Event>,
) {
    while let Some(reply) = waiting.recv().await {
        let left = hand_in_one(&driver, reply).await;
        if events.send(Event::HandedIn(left)).await.is_err() {
            return;
        }
    }
}

/// Hands in a reply; returns it if the server cannot be reached.
async fn hand_in_one(driver: &InngestDriver, reply: SdkResponse) -> Option<SdkResponse> {
    for attempt in 0..ATTEMPTS {
        let Err(error) = driver.api().flush(&reply).await else { return None };
        tracing::warn!(target: "owf", run = reply.run_id, "a reply to an Inngest call is not with the server: {error}");
        if error.is_final() {
            return None;
        }
        if attempt + 1 < ATTEMPTS {
            driver.host.sleep_until(time_after(driver.host.now(), gateways::wait(attempt))).await;
        }
    }
    Some(reply)
}
