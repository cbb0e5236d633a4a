use owf_runtime::prelude::*;

struct Ticket(u32);

fn redeem(ticket: Ticket) -> u32 {
    ticket.0
}

#[workflow]
async fn redeems(n: u32) -> WorkflowResult<u32> {
    let ticket = Ticket(n);
    Ok(step!("redeem", async move { redeem(ticket) }).await?)
}

fn main() {}
