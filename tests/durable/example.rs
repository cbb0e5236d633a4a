//! The example of the README: killed at any time, the same command goes on.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Directory;

/// Long enough to be killed within, short enough for a test.
const STEP_MS: &str = "150";

fn command(file: &Path) -> Command {
    let tests = std::env::current_exe().expect("this test has a path");
    let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let binary: PathBuf = profile.join("examples").join("durable");
    let mut command = Command::new(binary);
    command.arg(file).arg(STEP_MS).stdout(Stdio::piped());
    command
}

fn output(child: Child) -> String {
    let output = child.wait_with_output().expect("the example ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The names and outcomes in the table of steps.
fn table(output: &str) -> Vec<String> {
    let lines = output.lines().skip_while(|line| !line.starts_with("step ")).skip(1);
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        format!("{} {} {}", words[0], words[1], words[6..].join(" "))
    };
    lines.map(row).collect()
}

#[test]
fn the_example_goes_on_wherever_it_is_killed() {
    let directory = Directory::new();
    for kill_after in [100, 250, 400, 600] {
        let mut child = command(&directory.file()).spawn().expect("the example starts");
        std::thread::sleep(Duration::from_millis(kill_after));
        child.kill().expect("it is killed, if it is not over");
        child.wait().expect("it is gone");
    }
    let last = output(command(&directory.file()).spawn().expect("the example starts"));
    assert!(last.contains("Result: 4200 cents paid, parcel of order-42 shipped"), "{last}");
    let steps = table(&last);
    let ended: Vec<&str> =
        steps.iter().filter(|row| row.ends_with("ok")).map(|row| row.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(ended, ["charge", "mail", "pack", "dry", "ship"], "each step is recorded once: {last}");
    let again = output(command(&directory.file()).spawn().expect("the example starts"));
    assert_eq!(table(&again), steps, "a run that is over is shown as it was");
}

#[test]
fn a_second_process_takes_over_from_one_that_is_killed() {
    let directory = Directory::new();
    let mut first = command(&directory.file()).spawn().expect("the example starts");
    std::thread::sleep(Duration::from_millis(200));
    let second = command(&directory.file()).spawn().expect("the example starts");
    std::thread::sleep(Duration::from_millis(100));
    first.kill().expect("it is killed");
    first.wait().expect("it is gone");
    let second = output(second);
    assert!(second.contains("Result: 4200 cents paid, parcel of order-42 shipped"), "{second}");
}
