use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// What `deny.rs` and `allow.rs` call.
pub fn seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

pub struct Wall {
    pub zone: u64,
}

impl Wall {
    pub fn read(&self) -> u64 {
        seconds() + self.zone
    }
}

pub fn half(n: u64) -> u64 {
    n / 2
}

/// What is imported here is nobody else's.
pub fn nap() {
    sleep(Duration::from_secs(1));
}
