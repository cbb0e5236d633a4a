//! Conversions, whose target is written elsewhere.

use super::{NOTHING, lints};

const FAULTS: &str = "
    use std::num::ParseIntError;
    struct Fault(std::time::SystemTime);
    impl From<ParseIntError> for Fault { fn from(_: ParseIntError) -> Self { Fault(std::time::SystemTime::now()) } }
    impl From<u32> for Fault { fn from(_: u32) -> Self { Fault(std::time::UNIX_EPOCH) } }
    impl From<Own> for Fault { fn from(_: Own) -> Self { Fault(std::time::SystemTime::now()) } }
    struct Own;
    type Checked<T> = Result<T, Fault>;
    struct Order { fault: Fault }
    fn take(fault: Fault) {}
    fn own() -> Result<u32, Own> { Ok(3) }
    fn fault() -> Checked<u32> { Ok(3) }
    fn code() -> Result<u32, u32> { Ok(3) }
    fn made<T: From<Own>>() -> T { T::from(Own) }
";

#[test]
fn a_question_mark_calls_the_from_of_the_error() {
    let fails = [
        "text.parse::<u32>()?",
        "own()?",
        "text.trim().parse::<i64>().map(|n| n as u32)?",
        "match own() { Ok(n) => n, Err(own) => return Err(own.into()) }",
        "Err(Own)?",
    ];
    for body in fails {
        let head = format!("{FAULTS} fn f(text: &str) -> Checked<u32> {{ let n = {body}; Ok(n) }}");
        assert_eq!(lints(&head, "f(text);"), ["wall_clock"], "{body}");
    }
    let fine = [
        "fault()?",
        "code()?",
        "list.get(0).ok_or(Fault(at))?",
        "other.map_err(|_| Fault(at))?",
        "text.parse::<u32>().unwrap_or(3)",
        "async { own()? }",
        "|| -> Result<u32, Own> { Ok(own()?) }",
    ];
    for body in fine {
        let head = format!("{FAULTS} fn f(text: &str) -> Checked<u32> {{ let n = {body}; Ok(n) }}");
        assert_eq!(lints(&head, "f(text);"), NOTHING, "{body}");
    }
}

#[test]
fn a_conversion_is_told_by_what_is_expected_of_it() {
    let bodies = [
        "let fault: Fault = Own.into();",
        "let order = Order { fault: Own.into() };",
        "take(Own.into());",
        "let all: Vec<Fault> = [Own].into_iter().map(Into::into).collect();",
        "let checked: Checked<u32> = own().map_err(Into::into);",
        "let fault: Option<Fault> = Some(Own.into());",
        "let fault: Fault = made();",
    ];
    for body in bodies {
        assert_eq!(lints(FAULTS, body), ["wall_clock"], "{body}");
    }
    for body in ["let fault: Fault = 3u32.into();", "let own: Own = made();", "take(3u32.into());"] {
        assert_eq!(lints(FAULTS, body), NOTHING, "{body}");
    }
}

#[test]
fn a_type_with_the_zone_of_the_machine_is_made_by_it() {
    let head = "use chrono::{DateTime, Local, Utc}; type Here = DateTime<Local>; struct Shown { at: DateTime<Local> }";
    let bodies = [
        "DateTime::<Local>::from(at);",
        "Here::from(at);",
        "let at: DateTime<Local> = at.into();",
        "let at: Here = text.parse()?;",
        "text.parse::<DateTime<Local>>()?;",
        "let shown = Shown { at: at.into() };",
        "let at: Option<Here> = at.map(DateTime::from);",
    ];
    for body in bodies {
        assert_eq!(lints(head, body), ["environment"], "{body}");
    }
    for body in ["DateTime::<Utc>::from(at);", "let at: DateTime<Utc> = at.into();", "let at: Option<Here> = None;"] {
        assert_eq!(lints(head, body), NOTHING, "{body}");
    }
}
