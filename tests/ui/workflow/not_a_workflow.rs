use owf_runtime::prelude::*;

async fn plain(n: u32) -> u32 {
    n
}

fn main() {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let _ = client.invoke(plain, 1);
}
