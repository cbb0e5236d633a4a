//! Other names.
pub use std::env::var as variable;
pub use std::process::id as process;
pub use std::thread::sleep as nap;
pub use std::time::SystemTime as Wall;

pub fn sleep(n: std::time::Duration) -> u32 {
    n.subsec_millis()
}

pub fn now() -> u32 {
    7
}

pub fn pick<T: Default>() -> T {
    T::default()
}

pub fn parse<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

pub fn longest<'a>(left: &'a str, _: u32) -> &'a str {
    left
}

pub fn trimmed(text: &str) -> &str {
    text.trim()
}

pub struct Order(pub u32);

impl Order {
    pub fn new(n: u32) -> Self {
        Order(n)
    }

    pub fn twice(self) -> u32 {
        self.0 * 2
    }
}

pub fn apply(function: impl FnOnce(u32) -> u32) -> u32 {
    function(1)
}

#[owf_runtime::durable]
pub async fn shipped(order: &Order, label: &str) -> u32 {
    order.0 + label.len() as u32
}

pub async fn fetched(n: u32) -> u32 {
    n
}

pub const LIMITS: [u32; 2] = [1, 2];
