use owf_runtime::prelude::*;

#[workflow]
async fn races(n: u32) -> WorkflowResult<u32> {
    let guarded = race! {
        a = step!("a", n), if n > 1 => a?,
        b = step!("b", n) => b?,
    };
    let otherwise = race! {
        a = step!("a", n) => a?,
        b = step!("b", n) => b?,
        else => 0,
    };
    let biased = race! {
        biased;
        a = step!("a", n) => a?,
        b = step!("b", n) => b?,
    };
    let lonely = race! {
        a = step!("a", n) => a?,
    };
    Ok(guarded + otherwise + biased + lonely)
}

#[workflow]
async fn unreadable(n: u32) -> WorkflowResult<u32> {
    Ok(race! {
        a = step!("a", n) => a?
        b = step!("b", n) => b?
    })
}

#[workflow]
async fn without_arrows(n: u32) -> WorkflowResult<u32> {
    let first = race! {
        a = step!("a", n),
        _ = sleep("late", std::time::Duration::from_secs(1)),
    };
    Ok(first?)
}

#[workflow]
async fn one_without_an_arrow(n: u32) -> WorkflowResult<u32> {
    Ok(race! {
        a = step!("a", n) => a?,
        _ = sleep("late", std::time::Duration::from_secs(1)),
    })
}

fn main() {
    let _ = (races, unreadable);
}
