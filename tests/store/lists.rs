//! What is known of runs, from outside.

use std::time::Duration;

use owf_runtime::store::{NewRun, Notice, RunFilter, Status};

use crate::subjects::{Subject, Verdict, at, order};

async fn listed(subject: &Subject, filter: RunFilter) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let page = subject.store.list(filter, None, 100).await?;
    Ok(page.runs.iter().map(|run| run.id.to_string()).collect())
}

pub(crate) async fn runs_are_listed_the_youngest_first_and_in_pages(subject: &Subject) -> Verdict {
    subject.store.create((0..5).map(|n| order(&format!("run-{n}"))).collect(), None).await?;
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = subject.store.list(RunFilter::default(), after, 2).await?;
        pages.push(page.runs.iter().map(|run| run.id.to_string()).collect::<Vec<_>>());
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(pages, [vec!["run-4", "run-3"], vec!["run-2", "run-1"], vec!["run-0"]]);
    let all = subject.store.list(RunFilter::default(), None, 5).await?;
    assert_eq!((all.runs.len(), all.next), (5, None), "a full page may be the last");
    Ok(())
}

pub(crate) async fn runs_are_filtered(subject: &Subject) -> Verdict {
    let refund = NewRun { workflow: "refund".to_owned(), created_at: at(50), ..order("re_a") };
    subject.store.create(vec![order("order-1"), order("order-2"), refund], None).await?;
    let lease = subject.owned("order-3").await?;
    subject.finish(&lease).await?;
    let all = RunFilter::default;
    assert_eq!(listed(subject, all()).await?.len(), 4);
    assert_eq!(listed(subject, RunFilter { workflow: Some("refund".to_owned()), ..all() }).await?, ["re_a"]);
    let statuses = vec![Status::Completed, Status::Running];
    assert_eq!(listed(subject, RunFilter { statuses, ..all() }).await?, ["order-3"]);
    assert_eq!(listed(subject, RunFilter { created_from: Some(at(50)), ..all() }).await?, ["re_a"]);
    assert_eq!(listed(subject, RunFilter { created_before: Some(at(50)), ..all() }).await?.len(), 3);
    let prefix = |prefix: &str| RunFilter { id_prefix: Some(prefix.to_owned()), ..all() };
    assert_eq!(listed(subject, prefix("order-")).await?, ["order-3", "order-2", "order-1"]);
    assert_eq!(listed(subject, prefix("re_")).await?, ["re_a"]);
    assert!(listed(subject, prefix("r%")).await?.is_empty());
    let narrow = RunFilter { statuses: vec![Status::Pending], workflow: Some("order".to_owned()), ..prefix("order-2") };
    assert_eq!(listed(subject, narrow).await?, ["order-2"]);
    Ok(())
}

pub(crate) async fn a_page_stays_where_it_was(subject: &Subject) -> Verdict {
    subject.store.create((0..4).map(|n| order(&format!("run-{n}"))).collect(), None).await?;
    let first = subject.store.list(RunFilter::default(), None, 2).await?;
    subject.create("younger").await?;
    subject.store.delete(vec!["run-2".into()]).await?;
    let second = subject.store.list(RunFilter::default(), first.next, 2).await?;
    assert_eq!(second.runs.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["run-1", "run-0"]);
    Ok(())
}

pub(crate) async fn a_run_tells_its_key(subject: &Subject) -> Verdict {
    subject.create("other").await?;
    let lease = subject.owned("a").await?;
    let key = subject.store.run("a".into()).await?.expect("it is known").key;
    assert_eq!(key, lease.key);
    subject.finish(&lease).await?;
    assert_eq!(subject.store.run("a".into()).await?.expect("it is known").key, key);
    Ok(())
}

pub(crate) async fn what_is_not_known_is_not_found(subject: &Subject) -> Verdict {
    assert_eq!(subject.store.run("x".into()).await?, None);
    assert_eq!(subject.store.steps("x".into()).await?, None);
    assert_eq!(subject.store.history("x".into()).await?, None);
    assert!(listed(subject, RunFilter::default()).await?.is_empty());
    Ok(())
}

pub(crate) async fn notices_tell_of_due_and_finished_runs(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let mut notices = subject.store.notices();
    subject.create("b").await?;
    subject.finish(&lease).await?;
    let mut told = Vec::new();
    let listen = async {
        while !told.contains(&Notice::Finished("a".into())) {
            told.extend(notices.next().await);
        }
    };
    tokio::time::timeout(Duration::from_secs(5), listen).await?;
    assert!(told.contains(&Notice::Due), "{told:?}");
    Ok(())
}
