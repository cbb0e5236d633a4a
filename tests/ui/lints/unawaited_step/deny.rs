//! `owf::unawaited_step`: what it finds.

use owf_runtime::prelude::*;

#[workflow]
async fn mail(user: String) -> WorkflowResult<()> {
    step!("first", println!("{user}"));
    let _ = step!("second", println!("{user}"));
    let third = step!("third", println!("{user}"));
    let all = vec![step!("fourth", 4)];
    _ = Some(step!("sixth", 6));
    let _ = sleep("pause", std::time::Duration::from_secs(1));
    remind(1);
    if let _seventh = step!("seventh", 7) {}
    match step!("eighth", 8) {
        _eighth => {}
    }
    let mut open = Vec::new();
    open.push(step!("ninth", 9));
    println!("{}", open.len());
    (user.len() > 3).then(|| step!("tenth", 10));
    let eleventh = |number: u32| step!("eleventh", async move { number });
    eleventh(11);
    Ok(())
}

#[durable]
async fn remind(times: u32) -> WorkflowResult<()> {
    step!("remind", println!("{times}")).await?;
    Ok(())
}

fn main() {}
