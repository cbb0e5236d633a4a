//! Conversions that code calls where only their result is written: what is found.

use std::num::ParseIntError;
use std::time::SystemTime;

use owf_runtime::prelude::*;

struct Fault {
    at: SystemTime,
    text: String,
}

impl From<ParseIntError> for Fault {
    fn from(error: ParseIntError) -> Self {
        Fault { at: SystemTime::now(), text: error.to_string() }
    }
}

impl From<u32> for Fault {
    fn from(code: u32) -> Self {
        Fault { at: SystemTime::UNIX_EPOCH, text: code.to_string() }
    }
}

type Checked<T> = Result<T, Fault>;

fn cents(text: &str) -> Checked<u32> {
    let cents = text.parse::<u32>()?;
    Ok(cents * 100)
}

struct Shuffled(Vec<u32>);

impl FromIterator<u32> for Shuffled {
    fn from_iter<I: IntoIterator<Item = u32>>(list: I) -> Self {
        Shuffled(list.into_iter().filter(|_| rand::random()).collect())
    }
}

struct Receipt {
    fault: Option<Fault>,
    total: u32,
}

struct Draft(u32);

impl From<Draft> for Receipt {
    fn from(draft: Draft) -> Self {
        let fault = std::env::var("FAULT").ok().map(|text| Fault { at: SystemTime::UNIX_EPOCH, text });
        Receipt { fault, total: draft.0 }
    }
}

struct Order {
    receipt: Receipt,
}

fn drafted<T: From<Draft>>(total: u32) -> T {
    T::from(Draft(total))
}

#[workflow]
async fn pay(amount: String) -> WorkflowResult<usize> {
    let cents = cents(&amount).unwrap_or(0);
    let read = |text: &str| -> Checked<u32> { Ok(text.parse::<u32>()?) };
    let list: Shuffled = (0..cents).collect();
    let order = Order { receipt: Draft(cents).into() };
    let receipt: Receipt = drafted(cents);
    let texts = [order.receipt.fault, receipt.fault].into_iter().flatten().map(|fault| fault.text);
    drop((read, texts.count()));
    Ok(list.0.len() + receipt.total as usize)
}

fn main() {}
