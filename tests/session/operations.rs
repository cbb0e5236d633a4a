//! Operations whose results come from elsewhere, as an engine sees them: described, resolved, cancelled, rebuilt at every boundary.

use std::time::{Duration, SystemTime};

use owf_runtime::kernel::{End, EventPattern, Inbox, Letter, Mail, Memos, OnDivergence, Operation, RunId, Session};
use owf_runtime::prelude::*;
use owf_runtime::{Action, Json, Memo, MemoResult, OperationKind};

use crate::engine::{ids, input, options, run, through_json, value_of};
use crate::probe::Probe;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[workflow]
async fn child(n: u32) -> WorkflowResult<u32> {
    Ok(step!("double", n * 2).await?)
}

/// Uses every operation, in sequence and side by side.
#[workflow]
async fn everything(probe: Probe) -> WorkflowResult<Vec<u32>> {
    let drawn = random::<u32>("draw").await?;
    cleanup(async move {
        step!("clean", probe.mark("clean")).await?;
        let (late, last) = join!(
            wait_for_signal::<u32>("late", "late").timeout(DAY),
            step!("clean beside", probe.mark("clean beside")),
        )
        .await;
        last?;
        let late = late?.unwrap_or_default();
        step!("clean last", probe.mark(format!("clean last {late}"))).await?;
        Ok(())
    });
    send_signal("tell", "other", "go", &1).await?;
    let (worked, signal, invoked, event) = join!(
        step!("work", probe.note("work") as u32),
        wait_for_signal::<u32>("go?", "go"),
        invoke("child", child, 5),
        wait_for_event::<u32>("paid?", "order.paid").matching("order.id", &7).timeout(DAY),
    )
    .await;
    let kept = step!("keep", drawn).await?;
    assert_eq!(kept, drawn, "a value is the same on every replay");
    sleep("nap", DAY).await?;
    let first = race! {
        again = wait_for_signal::<u32>("again", "go") => again?,
        _ = step!("hurry", probe.mark("hurry")) => 0,
    };
    send_event("all", "done", &first).await?;
    Ok(vec![worked?, signal?, invoked?, event?.unwrap_or_default()])
}

fn session(probe: Probe, memos: Memos, letters: Vec<Letter>) -> Session {
    let inbox = Inbox::new();
    letters.into_iter().for_each(|letter| inbox.deliver(letter));
    let mut options = options();
    options.on_divergence = OnDivergence::Fail;
    let session = Session::new(everything, run(), input(&probe), memos, options);
    session.expect("the input is a probe").with_inbox(inbox)
}

/// Has one operation done, as an engine does.
async fn carry_out(session: &mut Session, operation: &Operation) -> End {
    let result = |value: Json| Mail::Answer { id: operation.id.clone(), result: MemoResult::Value(value) };
    let mail = match &operation.action {
        Action::Run { .. } => return session.advance(Some(&operation.id)).await.end,
        Action::Sleep { .. } => {
            let over = MemoResult::Value(Json::null());
            session.resolve(&operation.id, OperationKind::Sleep, over);
            return session.advance(None).await.end;
        }
        Action::WaitForSignal { name, .. } => Mail::Signal { name: name.clone(), payload: input(&11), sent_as: None },
        Action::WaitForEvent { .. } => result(input(&13)),
        Action::Invoke { .. } => result(input(&10)),
        Action::SendSignal { .. } | Action::SendEvent { .. } => result(Json::null()),
        other => panic!("{other:?}"),
    };
    session.inbox().push(mail);
    session.advance(None).await.end
}

/// Takes the workflow to its end, in one live session or rebuilt before each operation; cancelled after so many operations.
async fn to_the_end(
    probe: Probe,
    pick: impl Fn(usize, usize) -> usize,
    rebuilds: bool,
    cancel_after: Option<usize>,
) -> (End, Vec<String>) {
    let mut live = session(probe, Memos::new(), Vec::new());
    let mut end = live.advance(None).await.end;
    for count in 0.. {
        if cancel_after == Some(count) {
            live.inbox().push(Mail::Cancel { reason: "enough".to_owned() });
            end = live.advance(None).await.end;
        }
        let letters = live.inbox().letters();
        let mut rebuilt = session(probe, through_json(live.memos()), letters);
        assert_eq!(rebuilt.advance(None).await.end, end, "after {count} operations");
        if rebuilds {
            live = rebuilt;
        }
        let End::Blocked(operations) = &end else { break };
        let operation = operations[pick(count, operations.len())].clone();
        end = carry_out(&mut live, &operation).await;
        assert!(count < 50, "it does not end: {end:?}");
    }
    let recorded = live.into_memos();
    let done = recorded.iter().filter(|(_, memo)| matches!(memo, Memo::Done { .. }));
    (end, done.map(|(id, _)| id.to_string()).collect())
}

#[tokio::test]
async fn everything_that_is_awaited_is_described() {
    let mut live = session(Probe::new(), Memos::new(), Vec::new());
    let End::Blocked(operations) = live.advance(None).await.end else { panic!("it waits") };
    assert_eq!(operations.len(), 1, "a value waits for nothing");
    let sent =
        Action::SendSignal { run: RunId::new("other"), name: "go".to_owned(), payload: input(&1), sent_as: "i32" };
    assert_eq!(operations[0].action, sent);
    let End::Blocked(operations) = carry_out(&mut live, &operations[0]).await else { panic!("it waits") };
    let kinds: Vec<OperationKind> = operations.iter().map(Operation::kind).collect();
    use OperationKind::{Invoke, Step, WaitForEvent, WaitForSignal};
    assert_eq!(kinds, [Step, WaitForSignal, Invoke, WaitForEvent]);
    let (since, until) = (SystemTime::UNIX_EPOCH, Some(SystemTime::UNIX_EPOCH + DAY));
    let Action::Invoke { workflow, run, input: given, detached, .. } = &operations[2].action else { panic!() };
    assert_eq!((workflow.name(), run.as_str(), given, *detached), ("child", "run-1/child", &input(&5), false));
    let event = EventPattern { name: "order.paid".to_owned(), fields: vec![("order.id".to_owned(), input(&7))] };
    assert_eq!(operations[3].action, Action::WaitForEvent { event, since, until });
    assert_eq!(operations[3].memo(), Some(Memo::Waiting { since, until: since + DAY }));
    assert_eq!(operations[1].memo(), None, "a wait without a timeout needs nothing to go on");
}

#[tokio::test]
async fn every_order_of_results_ends_the_same_live_and_rebuilt() {
    for order in 0..24_usize {
        for rebuilds in [false, true] {
            let probe = Probe::new();
            let pick = |count: usize, open: usize| (order / (count + 1) + order) % open;
            let (end, _) = to_the_end(probe, pick, rebuilds, None).await;
            assert_eq!(value_of::<Vec<u32>>(&end), [1, 11, 10, 13]);
            assert_eq!(probe.count("work"), 1);
            assert_eq!(probe.count("clean"), 0);
        }
    }
}

#[tokio::test]
async fn a_run_that_is_cancelled_at_any_boundary_cleans_up_once() {
    for cancel_after in 0..9 {
        for order in 0..6_usize {
            let mut seen = Vec::new();
            for rebuilds in [false, true] {
                let probe = Probe::new();
                let pick = |count: usize, open: usize| (order + count) % open;
                let (end, recorded) = to_the_end(probe, pick, rebuilds, Some(cancel_after)).await;
                let End::Failed(error) = &end else { panic!("after {cancel_after}: {end:?}") };
                assert!(error.is_cancelled(), "after {cancel_after}: {error}");
                assert_eq!(error.failed_undos(), []);
                assert_eq!((probe.count("clean"), probe.count("clean beside")), (1, 1), "after {cancel_after}");
                assert_eq!(probe.count("clean last 11"), 1, "after {cancel_after}: {:?}", probe.notes());
                let place = recorded.iter().position(|id| id == "owf:cancel");
                assert!(place.is_some_and(|place| recorded[place + 1] == "clean"), "{recorded:?}");
                seen.push(recorded);
            }
            assert_eq!(seen[0], seen[1], "a rebuilt session records the same");
        }
    }
}

#[tokio::test]
async fn a_letter_stays_until_what_it_ended_is_recorded() {
    #[workflow]
    async fn waits(_: ()) -> WorkflowResult<u32> {
        let first = step!("first", 1).await?;
        Ok(first + wait_for_signal::<u32>("wait", "go").await?)
    }
    let mut live = Session::new(waits, run(), input(&()), Memos::new(), options()).expect("no input");
    let number = live.inbox().push(Mail::Signal { name: "go".to_owned(), payload: input(&7), sent_as: None });
    live.inbox().push(Mail::Signal { name: "go".to_owned(), payload: input(&8), sent_as: None });
    let end = live.advance(None).await.end;
    assert_eq!((ids(&end), live.inbox().letters().len()), (vec!["first"], 2));
    let end = live.advance(Some(&"first".into())).await.end;
    assert_eq!(value_of::<u32>(&end), 8);
    let left: Vec<u64> = live.inbox().letters().iter().map(|letter| letter.number).collect();
    assert_eq!(left, [number + 1], "the other one was not used");
}

#[tokio::test]
async fn a_letter_that_is_delivered_again_is_known() {
    let inbox = Inbox::new();
    let mail = Mail::Cancel { reason: "enough".to_owned() };
    inbox.deliver(Letter { number: 3, mail: mail.clone() });
    inbox.deliver(Letter { number: 3, mail: mail.clone() });
    inbox.deliver(Letter { number: 2, mail: mail.clone() });
    assert_eq!(inbox.letters().len(), 1);
    assert_eq!(inbox.push(mail), 4);
    let text = serde_json::to_string(&inbox.letters()).expect("letters are JSON");
    let read: Vec<Letter> = serde_json::from_str(&text).expect("letters read back");
    assert_eq!(read, inbox.letters());
}
