//! `set_details`: how far a run is, read from outside.

use owf_runtime::RunErrorReason;
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

use crate::probe::Probe;
use crate::subjects::{Subject, Verdict};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Progress {
    done: u32,
    of: u32,
}

pub(crate) async fn the_last_value_is_read_from_outside(subject: Subject) -> Verdict {
    #[workflow]
    async fn import(probe: Probe) -> WorkflowResult<()> {
        for done in 1..=3 {
            step!(format!("row-{done}"), {
                probe.note(format!("row-{done}"));
                probe.meet(&format!("gate-{done}"), 2).await;
            })
            .await?;
            set_details(&Progress { done, of: 3 });
        }
        Ok(())
    }
    let probe = Probe::new();
    let run = subject.client().start(import, probe).await?;
    assert_eq!(run.details::<Progress>().await?, None, "nothing is said yet");
    for done in 1..=3 {
        probe.noted(&format!("row-{done}")).await;
        let expected = (done > 1).then(|| Progress { done: done - 1, of: 3 });
        assert_eq!(run.details::<Progress>().await?, expected);
        probe.meet(&format!("gate-{done}"), 2).await;
    }
    run.result().await?;
    assert_eq!(run.details().await?, Some(Progress { done: 3, of: 3 }), "it is there after the end");
    Ok(())
}

pub(crate) async fn details_of_another_type_are_refused(subject: Subject) -> Verdict {
    #[workflow]
    async fn telling() -> WorkflowResult<()> {
        set_details("half");
        Ok(())
    }
    let run = subject.client().start(telling, ()).id("import-7").await?;
    run.result().await?;
    let error = run.details::<u32>().await.expect_err("a text is no number");
    assert!(matches!(error.reason(), RunErrorReason::Value(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "workflow `telling` (run `import-7`): `u32` and its JSON do not fit: the shape differs at column 6"
    );
    assert_eq!(run.details::<String>().await?.as_deref(), Some("half"));
    Ok(())
}

pub(crate) async fn details_without_a_form_in_json_change_nothing(subject: Subject) -> Verdict {
    /// What is written into the step itself does not compile.
    fn tell(done: u32) {
        set_details(&done);
    }

    #[workflow]
    async fn telling() -> WorkflowResult<()> {
        set_details(&1);
        set_details(&std::collections::BTreeMap::from([((1, 2), 3)]));
        step!("in a step", tell(2)).await?;
        Ok(())
    }
    let run = subject.client().start(telling, ()).await?;
    run.result().await?;
    assert_eq!(run.details().await?, Some(1));
    Ok(())
}

pub(crate) async fn a_cleanup_says_how_far_it_is(subject: Subject) -> Verdict {
    #[workflow]
    async fn telling(probe: Probe) -> WorkflowResult<()> {
        cleanup(async move {
            set_details("cleaning");
            step!("clean", probe.mark("clean")).await?;
            set_details("cleaned");
            Ok(())
        });
        set_details("working");
        step!("work", probe.mark("work")).await?;
        Err(WorkflowError::fatal("no"))
    }
    let run = subject.client().start(telling, Probe::new()).await?;
    run.result().await.expect_err("fails");
    assert_eq!(run.details::<String>().await?, Some("cleaned".to_owned()));
    Ok(())
}
