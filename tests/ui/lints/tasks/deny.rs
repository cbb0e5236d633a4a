//! `owf::tasks`: what it finds.

use tokio::spawn as start;

use owf_runtime::prelude::*;

async fn mail(to: String) {
    println!("{to}");
}

#[workflow]
async fn welcome(user: String) -> WorkflowResult<()> {
    start(mail(user.clone()));
    start(async { mail("b".to_owned()).await });
    let handle = tokio::task::spawn_blocking(move || println!("{user}"));
    drop(handle);
    let mut sent = std::pin::pin!(mail("a".to_owned()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = std::future::Future::poll(sent.as_mut(), &mut context);
    let _ = sent.as_mut().poll(&mut context);
    Ok(())
}

fn main() {}
