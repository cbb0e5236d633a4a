use owf_runtime::prelude::*;

struct Order {
    id: String,
}

#[workflow]
async fn changed() -> WorkflowResult<u32> {
    let mut total = 0;
    transaction!("write", |db| {
        total += 1;
        db.execute("DELETE FROM a", [])
    })
    .await?;
    Ok(total)
}

#[workflow]
async fn changed_by_method() -> WorkflowResult<usize> {
    let mut names = Vec::new();
    transaction!("read", |db| {
        names.push(db.query_row("SELECT name FROM a", [], |row| row.get::<_, String>(0))?);
    })
    .await?;
    Ok(names.len())
}

#[workflow]
async fn not_clone() -> WorkflowResult<usize> {
    let order = Order { id: "1".to_owned() };
    Ok(transaction!("write", |db| db.execute("DELETE FROM a WHERE id = ?1", [&order.id])).await?)
}

#[durable]
async fn not_clone_behind_a_reference(order: &Order) -> Result<usize, StepError> {
    transaction!("write", |db| db.execute("DELETE FROM a WHERE id = ?1", [&order.id])).await
}

#[workflow]
async fn not_send() -> WorkflowResult<usize> {
    let id = std::rc::Rc::new("1".to_owned());
    let rows = transaction!("write", |db| db.execute("DELETE FROM a WHERE id = ?1", [id.as_str()]));
    Ok(rows.await?)
}

struct Shop {
    id: String,
}

impl Shop {
    #[durable]
    async fn close(&self) -> Result<usize, StepError> {
        transaction!("write", |db| db.execute("DELETE FROM a WHERE id = ?1", [&self.id])).await
    }
}

fn main() {}
