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

#[test]
fn an_error_that_becomes_a_workflows_is_shown() {
    let head = "use owf_runtime::prelude::*; use std::fmt;
        struct Late; impl fmt::Display for Late { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, \"{:?}\", std::process::id()) } }
        struct Early; impl fmt::Display for Early { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, \"early\") } }
        fn late() -> Result<u32, Late> { Err(Late) }
        fn early() -> Result<u32, Early> { Err(Early) }";
    let found = |body: &str| {
        let texts =
            super::found(&format!("{head}\nasync fn w(input: Option<u32>) -> WorkflowResult<u32> {{ {body} }}"));
        texts.iter().map(|text| text.rsplit("owf::").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let bodies = [
        "let n = late()?; Ok(n)",
        "let n = input.ok_or(Late)?; Ok(n)",
        "let n = early().map_err(|_| Late)?; Ok(n)",
        "return Err(Late.into());",
        "Err(WorkflowError::fatal(Late))",
    ];
    for body in bodies {
        assert_eq!(found(body), ["environment"], "{body}");
    }
    for body in ["Ok(early()?)", "Ok(late().map_err(|_| Early)?)", "Err(Early.into())", "Ok(late().unwrap_or(3))"] {
        assert_eq!(found(body), NOTHING, "{body}");
    }
}

#[test]
fn values_that_are_read_call_what_their_attributes_name() {
    let head = |attribute: &str| {
        format!(
            "use serde::Deserialize; fn today() -> u64 {{ std::process::id() }} fn one() -> u64 {{ 1 }} mod from {{ pub use std::process::id; }}
            #[derive(Deserialize)] struct Line {{ {attribute} at: u64 }} #[derive(Deserialize)] struct Order {{ lines: Vec<Line>, n: Day }}
            struct Day(u64); impl Default for Day {{ fn default() -> Self {{ Day(today()) }} }}"
        )
    };
    let bodies = [
        "let order: Order = serde_json::from_str(&text)?;",
        "let order: Order = serde_json::from_slice(&text).unwrap_or_else(|_| panic!());",
        "let order = serde_json::from_str::<Order>(&text)?;",
        "use serde_json::from_value as read; let lines = read::<Vec<Line>>(value);",
    ];
    for body in bodies {
        assert_eq!(lints(&head("#[serde(default = \"today\")]"), body), ["environment"], "{body}");
        assert_eq!(lints(&head("#[serde(default = \"one\", rename = \"x\")]"), body), NOTHING, "{body}");
    }
    for attribute in ["rename = \"x\", default = \"from::id\"", "deserialize_with = \"today\""] {
        assert_eq!(lints(&head(&format!("#[serde({attribute})]")), bodies[2]), ["environment"], "{attribute}");
    }
    let defaults = head("#[serde(default)]").replace("n: Day", "#[serde(default)] n: Day");
    assert_eq!(lints(&defaults, bodies[2]), ["environment"]);
    assert_eq!(lints(&head("#[serde(default)]"), bodies[2]), NOTHING);
    assert_eq!(
        lints(&head("#[serde(default = \"today\")]"), "step!(\"a\", serde_json::from_str::<Order>(&text)?).await;"),
        NOTHING
    );
}

#[test]
fn a_derived_default_makes_what_is_in_it() {
    let head = |field: &str| {
        format!(
            "#[derive(Default)] struct Inner {{ n: u32, {field} }} #[derive(Default)] struct Outer {{ inner: Inner }}"
        )
    };
    for body in ["Outer::default();", "let outer = Outer { ..Outer::default() };"] {
        assert_eq!(lints(&head("set: tokio::task::JoinSet<u32>"), body), ["tasks"], "{body}");
        assert_eq!(lints(&head("set: std::collections::HashSet<u32>"), body), NOTHING, "{body}");
    }
}
