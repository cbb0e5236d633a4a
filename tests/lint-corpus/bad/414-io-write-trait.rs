// hazard: io - Write for an own type that writes to a file
#![allow(dead_code, unused_variables, unused_imports, unused_mut, unused_assignments, clippy::all)]
use owf_runtime::prelude::*;
use std::io::{self, Write};
struct Audit;
impl Write for Audit {
    fn write(&mut self, b: &[u8]) -> io::Result<usize> { std::fs::write("audit.log", b)?; Ok(b.len()) }
    fn flush(&mut self) -> io::Result<()> { Ok(()) }
}

#[workflow]
async fn w(input: u32) -> WorkflowResult<u32> {
    let mut audit = Audit;
    writeln!(audit, "paid {input}")?; //~ io
    Ok(input)
}

fn main() {}
