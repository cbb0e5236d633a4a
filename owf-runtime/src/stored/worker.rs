//! The thread that claims runs for this process, keeps its lease, and hands on what happens in the store.
//!
//! It has a runtime of its own, so that a step that blocks the threads of the user's runtime does not cost the process its lease.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use super::core::Core;
use super::standing::Standing;
use super::triggers;
use crate::kernel::time_after;
use crate::store::{Claim, Expire, NewWorker, Notice, Notices, StoreError, StoreErrorKind, WorkerId};

/// The most runs that one claim takes, so that a claim with long records keeps no one waiting.
const CLAIM_MAX: usize = 256;

/// How long to wait after an error of the store: twice as long after each that follows, up to a second.
const AFTER_ERROR: Duration = Duration::from_millis(10);
const AFTER_ERRORS_MAX: Duration = Duration::from_secs(1);

/// How long to wait before looking again at something that was due and could not be claimed.
const AFTER_NOTHING: Duration = Duration::from_millis(2);

/// How often runs that are over for long are deleted, and how many at a time.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
const EXPIRE_MAX: usize = 1000;

/// Starts the thread.
pub(super) fn start(core: &Arc<Core>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let core = core.clone();
    let notices = core.store.notices();
    std::thread::Builder::new().name("owf-worker".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::spawn(hand_on(core.clone(), notices));
            if core.options.concurrency > 0 {
                work(&core).await;
            }
            core.end();
            core.closed().await;
        });
    })?;
    Ok(())
}

/// Owns runs, until the process has none any more.
async fn work(core: &Arc<Core>) {
    let keeps_lease = tokio::spawn(keep_lease(core.clone()));
    tokio::spawn(expire(core.clone()));
    let _ = first(claims(core), core.retired()).await;
    keeps_lease.abort();
    if let Standing::Owns { worker, .. } | Standing::Ends { worker } = core.standing() {
        // If that fails, the lease ends by itself.
        let _ = core.store.unregister(worker, core.host.now()).await;
    }
}

/// Waits for the first of two.
async fn first(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| {
        let is_over = a.as_mut().poll(cx).is_ready() || b.as_mut().poll(cx).is_ready();
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Hands on what happens in the store.
async fn hand_on(core: Arc<Core>, mut notices: Notices) {
    while let Some(notice) = notices.next().await {
        match notice {
            Notice::Due => core.wake.notify_one(),
            Notice::Mail(run) => {
                if let Some(live) = core.live_with_mail(&run) {
                    core.fetch_mail(vec![live]).await;
                }
            }
            // Whoever waits for a run that is executed here is told of its end by its own task.
            Notice::Finished(run) if core.live(&run).is_some() => {}
            Notice::Finished(run) => core.ends.tell_to_look(&run),
            Notice::Elsewhere => {
                core.wake.notify_one();
                core.fetch_mail(core.lives_with_mail()).await;
                core.ends.tell_all_to_look();
            }
        }
    }
}

/// Claims what is due, whenever something is.
async fn claims(core: &Arc<Core>) {
    let mut rest = AFTER_ERROR;
    loop {
        let next = match turn(core).await {
            Ok(next) => {
                rest = AFTER_ERROR;
                next
            }
            Err(error) => {
                if error.kind() == StoreErrorKind::LeaseLost {
                    core.lose_worker();
                } else {
                    core.fail_to_begin();
                    tracing::error!(target: "owf", "{error}; it is tried again");
                }
                tokio::time::sleep(rest).await;
                rest = AFTER_ERRORS_MAX.min(rest * 2);
                Next::AtOnce
            }
        };
        match next {
            Next::AtOnce => tokio::task::yield_now().await,
            Next::Wake => core.wake.notified().await,
            Next::At(time) => first(core.wake.notified(), core.host.sleep_until(time)).await,
        }
    }
}

/// When to look again.
enum Next {
    AtOnce,
    At(SystemTime),
    Wake,
}

async fn turn(core: &Arc<Core>) -> Result<Next, StoreError> {
    let worker = match core.standing().worker() {
        Some(worker) => worker,
        None => register(core).await?,
    };
    triggers::store(core).await?;
    let registered = core.registered();
    if core.is_stopping() || registered.is_empty() {
        return Ok(Next::Wake);
    }
    if core.registry().take_learned() {
        // Parents that are known now may tell of children that are not.
        core.wake_parents().await?;
    }
    let due = core.store.next_due(registered.clone(), Some(worker)).await?;
    let now = core.host.now();
    let Some(due) = due else {
        core.press(false);
        return Ok(Next::Wake);
    };
    if due > now {
        core.press(false);
        return Ok(Next::At(due));
    }
    let room = core.room();
    core.press(room == 0);
    if room == 0 {
        // Whoever leaves from now on wakes this; somebody may have left just before.
        return Ok(if core.room() == 0 { Next::Wake } else { Next::AtOnce });
    }
    core.renew_lease().await?;
    let limit = room.min(CLAIM_MAX);
    let missed = core.missed_mail();
    let claimed = core.store.claim(Claim { worker, workflows: registered, limit, now }).await;
    let claimed = claimed.inspect_err(|error| {
        if error.may_have_happened() {
            core.doubt_worker(error);
        }
    })?;
    if claimed.is_empty() {
        tokio::time::sleep(AFTER_NOTHING).await;
    }
    core.execute_all(claimed, missed).await;
    Ok(Next::AtOnce)
}

async fn register(core: &Core) -> Result<WorkerId, StoreError> {
    if let Standing::Ends { worker } = core.standing() {
        core.store.unregister(worker, core.host.now()).await?;
    }
    let lease_until = time_after(core.host.now(), core.options.lease);
    let name = format!("process {}", std::process::id());
    let worker = core.store.register(NewWorker { name, lease_until }).await?;
    core.stand(Standing::Owns { worker, lease_until });
    Ok(worker)
}

/// Renews the lease as time passes.
async fn keep_lease(core: Arc<Core>) {
    loop {
        tokio::time::sleep(core.options.lease / 4).await;
        if core.standing().worker().is_none() {
            continue;
        }
        match core.renew_lease().await {
            Ok(()) => {}
            Err(error) if error.kind() == StoreErrorKind::LeaseLost => core.lose_worker(),
            Err(error) => tracing::warn!(target: "owf", "{error}; it is tried again"),
        }
        if let Err(error) = core.wake_parents().await {
            tracing::warn!(target: "owf", "{error}");
        }
    }
}

/// Deletes runs that are over for longer than they are kept.
async fn expire(core: Arc<Core>) {
    let Some(keep) = core.options.keep_finished else { return };
    loop {
        if let Some(finished_before) = core.host.now().checked_sub(keep) {
            while let Ok(EXPIRE_MAX) = core.store.expire(Expire { finished_before, limit: EXPIRE_MAX }).await {}
        }
        tokio::time::sleep(EXPIRE_EVERY.min(keep.max(Duration::from_secs(1)))).await;
    }
}
