use owf_runtime::prelude::*;

#[workflow]
async fn pushes(n: u32) -> WorkflowResult<usize> {
    let mut list = Vec::new();
    step!("push", {
        let next = n + 1;
        list.push(next);
    })
    .await?;
    Ok(list.len())
}

struct Account {
    total: u32,
    log: Vec<u32>,
}

impl Account {
    #[durable]
    async fn add(&mut self, n: u32) -> Result<(), StepError> {
        step!("add", {
            self.total += n;
            self.log.push(n);
        })
        .await
    }
}

struct Machine(u32);

impl Machine {
    fn advance(&mut self) {
        self.0 += 1;
    }
}

/// What only the type knows to be changed is left to rustc.
#[workflow]
async fn advances(n: u32) -> WorkflowResult<u32> {
    let mut machine = Machine(n);
    step!("advance", machine.advance()).await?;
    Ok(machine.0)
}

fn main() {}
