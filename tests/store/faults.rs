//! The store that fails on purpose.

use std::sync::Arc;
use std::time::Duration;

use owf_runtime::store::{Commit, Faults, FaultyStore, MemoryStore, Store};

use crate::subjects::{Directory, Subject, Verdict, commit, memory, value};

const HALF: Faults = Faults { seed: 7, before: 0.3, after: 0.3, delay_max: Duration::ZERO };

/// Which of a hundred commits of one call succeeded, for sure failed, or nobody knows; and what was recorded.
async fn hundred(subject: &Subject, faults: Faults) -> Result<(Vec<char>, usize), Box<dyn std::error::Error>> {
    let lease = subject.owned("a").await?;
    let faulty = FaultyStore::new(subject.store.clone(), faults);
    let step =
        |n: u32| Commit { memos: vec![value(&n.to_string(), "1"), value(&format!("{n}b"), "1")], ..commit(&lease) };
    let outcomes = faulty.commit((0..100).map(step).collect()).await;
    let recorded = subject.store.steps("a".into()).await?.expect("it is known");
    let mut met = Vec::new();
    for (n, outcome) in outcomes.iter().enumerate() {
        let halves = ["", "b"].map(|half| recorded.iter().any(|memo| memo.id == format!("{n}{half}").as_str()));
        assert_eq!(halves[0], halves[1], "half of commit {n} is there");
        let outcome = match outcome {
            Ok(_) => 's',
            Err(error) if error.may_have_happened() => 'u',
            Err(_) => 'f',
        };
        assert_eq!(halves[0], outcome != 'f', "commit {n}");
        met.push(outcome);
    }
    Ok((met, recorded.len()))
}

#[tokio::test]
async fn a_seed_decides_which_commits_of_a_call_happen() -> Verdict {
    let (first, recorded) = hundred(&memory(), HALF).await?;
    assert_eq!(hundred(&memory(), HALF).await?, (first.clone(), recorded));
    assert_ne!(hundred(&memory(), Faults { seed: 8, ..HALF }).await?.0, first);
    for outcome in ['s', 'u', 'f'] {
        assert!(first.iter().filter(|met| **met == outcome).count() > 10, "{first:?}");
    }
    Ok(())
}

#[tokio::test]
async fn faults_of_a_file_are_never_half_a_commit() -> Verdict {
    let directory = Directory::new();
    let store = Arc::new(owf_runtime::store::SqliteStore::open(directory.file())?);
    hundred(&Subject::of(store), HALF).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn answers_are_delayed() -> Verdict {
    let faults = Faults { seed: 1, before: 0.0, after: 0.0, delay_max: Duration::from_secs(10) };
    let faulty = FaultyStore::new(MemoryStore::new(), faults);
    let began = tokio::time::Instant::now();
    faulty.run("a".into()).await?;
    faulty.run("a".into()).await?;
    assert!(!began.elapsed().is_zero() && began.elapsed() <= Duration::from_secs(20));
    Ok(())
}
