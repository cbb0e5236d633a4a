//! A corpus of workflows: each bad one is rejected on its marked lines, each good one compiles without a word of ours.
//!
//! The cases become the examples of one generated crate below `target`, so that cargo checks them all at once and keeps
//! what has not changed. `tests/lint-corpus/copy.sh` copies a corpus.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde::Deserialize;

/// The lints that stand for a tag of the corpus; where there are none, rustc says it by our types.
const TAGS: &[(&str, &[&str])] = &[
    ("clock", &["wall_clock"]),
    ("random", &["randomness"]),
    ("hash-order", &["hash_iteration"]),
    ("env", &["environment"]),
    ("io", &["io"]),
    ("timer", &["timers"]),
    ("thread", &["threads"]),
    ("task", &["tasks"]),
    ("select", &["unordered"]),
    ("sync", &["channels"]),
    ("state", &["shared_state", "unsafe_code"]),
    ("nest", &["nested_step"]),
    ("mutate", &["lost_mutation"]),
    ("dup-id", &["duplicate_id"]),
    ("id", &["unstable_id", "wall_clock", "hash_iteration"]),
    ("place", &["hidden_step", "tasks", "threads", "unawaited_step"]),
    ("address", &["addresses"]),
    ("unsafe", &["unsafe_code"]),
    ("await", &[]),
    ("result", &[]),
];

/// Cases that are not rejected on a marked line, and why not.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "bad/200-not-send-across-await.rs",
    "rustc puts the error on the function, which the case marks as well, and points at the line in a note",
)];

/// Crates that are too dear to build for a case: what they make is awaited, which other cases cover.
const SKIPPED: &[&str] = &["reqwest", "sqlx"];

const MANIFEST: &str = r#"[package]
name = "lint-corpus"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
owf-runtime = { path = "ROOT/owf-runtime" }
ahash = "0.8"
chrono = { version = "0.4", features = ["serde"] }
dashmap = "6"
fastrand = "2"
futures = "0.3"
getrandom = "0.3"
hashbrown = { version = "0.17", default-features = false, features = ["default-hasher"] }
indexmap = "2"
jiff = "0.2"
log = "0.4"
nanoid = "0.4"
once_cell = "1"
rand = "0.9"
rayon = "1"
rustc-hash = "2"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["full"] }
tracing = "0.1"
ulid = "1"
uuid = { version = "1", features = ["v4", "v7", "serde"] }

[workspace]
"#;

/// A file of the corpus.
struct Case {
    /// As in `EXCEPTIONS`.
    name: String,
    text: String,
}

/// What was said of a case: the level, the lines, the text.
type Said = Vec<(String, Vec<usize>, String)>;

#[test]
fn bad_workflows_are_rejected_where_they_are_bad_and_good_ones_are_not() {
    let folder = generated();
    let cases = read_cases();
    for case in &cases {
        write_if_changed(&folder.join("examples").join(file_name(case)), &case.text);
    }
    let said = check(&folder);
    let nothing = Vec::new();
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<&str, (usize, usize)>::new());
    for case in &cases {
        let said = said.get(&file_name(case)).unwrap_or(&nothing);
        let (kind, problems) = match case.name.starts_with("bad/") {
            true => ("bad", problems_of_bad(case, said)),
            false => ("good", problems_of_good(said)),
        };
        let is_exception = EXCEPTIONS.iter().any(|(name, _)| *name == case.name);
        let count = counts.entry(kind).or_default();
        *count = (count.0 + usize::from(problems.is_empty()), count.1 + 1);
        match (problems.is_empty(), is_exception) {
            (true, true) => wrong.push(format!("{}: is no exception any more", case.name)),
            (false, false) => wrong.push(format!("{}: {}", case.name, problems.join("; "))),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "as expected, of all: {counts:?}\n{}", wrong.join("\n"));
}

/// Lines that should have an error of their own, and have none.
fn problems_of_bad(case: &Case, said: &Said) -> Vec<String> {
    let marks =
        case.text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.split_once("//~ ")?.1.trim())));
    let problem = |(line, tag): (usize, &str)| {
        let Some((_, lints)) = TAGS.iter().find(|(known, _)| *known == tag) else {
            return Some(format!("the tag `{tag}` is not in the table"));
        };
        let mut errors = said.iter().filter(|(level, lines, _)| level == "error" && lines.contains(&line)).peekable();
        if errors.peek().is_none() {
            return Some(format!("line {line} has no error, and should have `{tag}`"));
        }
        let is_named = |text: &str| text.contains("owf::");
        let fits = |text: &str| lints.iter().any(|lint| text.contains(&format!("owf::{lint}")));
        let texts: Vec<_> = errors.map(|(_, _, text)| text.as_str()).collect();
        let others = texts.iter().all(|text| is_named(text) && !fits(text));
        (others && !lints.is_empty()).then(|| format!("line {line} should have `{tag}`, and has {texts:?}"))
    };
    marks.filter_map(problem).collect()
}

/// Errors, and warnings that speak of us.
fn problems_of_good(said: &Said) -> Vec<String> {
    let is_ours = |text: &str| text.contains("owf") || text.contains("unused_braces") || text.contains("unreachable");
    let problem = |(level, lines, text): &(String, Vec<usize>, String)| {
        (level == "error" || is_ours(text)).then(|| format!("{level} on line {lines:?}: {text}"))
    };
    said.iter().filter_map(problem).collect()
}

fn file_name(case: &Case) -> String {
    case.name.replace('/', "-")
}

fn read_cases() -> Vec<Case> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint-corpus");
    let mut cases = Vec::new();
    for kind in ["bad", "good"] {
        for entry in fs::read_dir(corpus.join(kind)).expect("the corpus is there") {
            let path = entry.expect("the folder can be read").path();
            let text = fs::read_to_string(&path).expect("a case is text");
            let name = path.file_name().expect("a case has a name").to_string_lossy();
            let needs = text.lines().find_map(|line| line.strip_prefix("// needs: ")).unwrap_or_default();
            if !needs.split(", ").any(|need| SKIPPED.contains(&need)) {
                cases.push(Case { name: format!("{kind}/{name}"), text });
            }
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() > 200, "the corpus is complete");
    cases
}

/// The generated crate, with no examples but those of the corpus.
fn generated() -> PathBuf {
    let root = env!("CARGO_MANIFEST_DIR");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint-corpus");
    let examples = folder.join("examples");
    fs::create_dir_all(&examples).expect("the target folder can be written to");
    let known: BTreeSet<_> = read_cases().iter().map(file_name).collect();
    for entry in fs::read_dir(&examples).expect("the folder can be read").flatten() {
        if !known.contains(&*entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).expect("an example of old can be removed");
        }
    }
    fs::create_dir_all(folder.join("src")).expect("the target folder can be written to");
    write_if_changed(&folder.join("src/lib.rs"), "");
    write_if_changed(&folder.join("Cargo.toml"), &MANIFEST.replace("ROOT", root));
    folder
}

/// Leaves what is right alone, so that cargo does, too.
fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).expect("the target folder can be written to");
    }
}

/// What cargo writes, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    target: Option<Target>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    is_primary: bool,
    line_start: usize,
    file_name: String,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Span {
    /// The line in the case, from which a macro may have led elsewhere.
    fn line(&self, file: &str) -> usize {
        match &self.expansion {
            Some(expansion) if !self.file_name.ends_with(file) => expansion.span.line(file),
            _ => self.line_start,
        }
    }
}

/// Compiles all examples, and returns what was said, by file.
fn check(folder: &Path) -> BTreeMap<String, Said> {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--examples", "--keep-going", "--quiet", "--message-format=json", "--target-dir"])
        .arg(folder.join("target"))
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut all = BTreeMap::<String, Said>::new();
    for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
        let (Some(target), Some(message)) = (line.target, line.message) else { continue };
        let file = target.src_path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lines: Vec<_> = message.spans.iter().filter(|span| span.is_primary).map(|span| span.line(&file)).collect();
        if !lines.is_empty() {
            all.entry(file).or_default().push((message.level, lines, message.rendered.unwrap_or_default()));
        }
    }
    assert!(!all.is_empty(), "cargo checked nothing:\n{}", String::from_utf8_lossy(&output.stderr));
    all
}
