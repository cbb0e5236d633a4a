use owf_runtime::prelude::*;

struct Shop;

impl Shop {
    #[workflow]
    async fn sell(&self, item: String) -> WorkflowResult<u32> {
        Ok(step!("sell", item.len() as u32).await?)
    }
}

fn main() {
    let _ = Shop;
}
