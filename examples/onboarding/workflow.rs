//! A new user: an account, a welcome mail, three days for the profile, an approval within a week; without it, all is taken back.

use std::time::Duration;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct NewUser {
    pub name: String,
    /// How long a day is: 24 hours, or less for a demonstration.
    pub day: Duration,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub name: String,
    pub approved_by: String,
}

#[workflow]
pub async fn onboard(user: NewUser) -> WorkflowResult<Account> {
    let NewUser { name, day } = user;
    let id = step!("create account", create_account(&name).await?, undo = |id| delete_account(&id).await?).await?;
    step!("welcome mail", mail(&name, "welcome!").await?).await?;

    set_details("waits for the profile");
    let profile = wait_for_signal::<String>("profile", "profile completed").timeout(3 * day).await?;
    if profile.is_none() {
        step!("follow-up mail", mail(&name, "your profile is still empty").await?).await?;
    }

    set_details("waits for approval");
    let approved_by = race! {
        by = wait_for_signal::<String>("approval", "approved") => by?,
        _ = sleep("approval deadline", 7 * day) => return Err(WorkflowError::fatal(format!("nobody approved {id}"))),
    };
    step!("ready mail", mail(&name, "your account is ready").await?).await?;
    Ok(Account { name, approved_by })
}

async fn create_account(name: &str) -> Result<String, std::io::Error> {
    println!("  account of {name} created");
    Ok(format!("account-of-{name}"))
}

async fn delete_account(id: &str) -> Result<(), std::io::Error> {
    println!("  {id} deleted");
    Ok(())
}

async fn mail(name: &str, text: &str) -> Result<(), std::io::Error> {
    println!("  mail to {name}: {text}");
    Ok(())
}
