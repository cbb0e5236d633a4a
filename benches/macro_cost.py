#!/usr/bin/env python3
"""What the macros cost the compiler: `cargo check` of 200 workflows, and of the same functions without the macros.

    python3 benches/macro_cost.py [count]

The workflows have 50 lines and four steps, each with an effect that is awaited. The plain functions are the same with `#[workflow]` and `step!`
left out, in two forms: with the bodies of the steps in their places; and with each body as a closure that makes a future, called and awaited,
which is what code that can try it again is at least. Then the same once more where the last step awaits nothing, so that the plain function has
one `.await` less, which costs the compiler as much as many lines.

All are checked in turns, so that what else the machine does disturbs them alike. Prints the processor's time for the best of each, and the
differences for one workflow. Set `CARGO_PROFILE_DEV_BUILD_OVERRIDE_OPT_LEVEL=3` to see what optimized macros cost.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200
ROUNDS = 7

HELPERS = """
use std::collections::BTreeMap;
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Item { pub sku: String, pub count: u32, pub cents: u64 }
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Order { pub id: u64, pub items: Vec<Item>, pub coupon: Option<String> }
pub async fn reserve(sku: &str, count: u32) -> Result<u64, std::io::Error> { Ok(sku.len() as u64 + u64::from(count)) }
pub async fn charge(cents: u64) -> Result<String, std::io::Error> { Ok(format!("paid {cents}")) }
pub async fn record(score: u64) -> Result<u64, std::io::Error> { Ok(score) }
pub async fn mail(text: &str) -> Result<(), std::io::Error> { let _ = text; Ok(()) }
pub fn total(items: &[Item]) -> u64 { items.iter().map(|item| item.cents * u64::from(item.count)).sum() }
pub fn discount(coupon: Option<&str>) -> u64 { coupon.map_or(0, |coupon| coupon.len() as u64) }
pub fn group(items: &[Item]) -> BTreeMap<String, u32> { items.iter().map(|item| (item.sku.clone(), item.count)).collect() }
"""

BODY = """
    let grouped = group(&order.items);
    let mut cents = total(&order.items);
    if let Some(coupon) = &order.coupon {
        cents = cents.saturating_sub(discount(Some(coupon)));
    }
    let mut reserved = Vec::new();
    for (at, item) in order.items.iter().enumerate() {
        if item.count == 0 {
            continue;
        }
        let id = STEP(format!("reserve-{at}"), reserve(&item.sku, item.count).await?)AWAIT?;
        reserved.push(id);
    }
    let names: Vec<String> = grouped.keys().cloned().collect();
    let counts: u32 = grouped.values().sum();
    let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let receipt = match cents {
        0 => String::from("free"),
        1..=99 => format!("small {cents}"),
        _ => STEP("charge", charge(cents).await?)AWAIT?,
    };
    let mut lines = Vec::with_capacity(names.len());
    for (name, count) in &grouped {
        let price = order
            .items
            .iter()
            .find(|item| item.sku == *name)
            .map(|item| item.cents)
            .unwrap_or_default();
        lines.push(format!("{name:?} x {count} at {price}"));
    }
    let text = lines.join("\\n");
    let is_large = counts > 10 && longest > 3 && !reserved.is_empty();
    let summary = if is_large {
        format!("{receipt}: {} lines, {:?}", lines.len(), reserved)
    } else {
        format!("{receipt}\\n{text}")
    };
    STEP("mail", mail(&summary).await?)AWAIT?;
    let mut words = summary.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words.sort();
    words.dedup();
    let score = words.iter().filter(|word| word.len() > 2).count() as u64;
    let first = words.first().cloned().unwrap_or_default();
    if first.starts_with("paid") {
        return Ok(score + 1);
    }
    let last = STEP("last", record(score + order.id).await?)AWAIT?;
    Ok(last + u64::from(counts))
"""

WITH_A_CALCULATION = BODY.replace("record(score + order.id).await?", "score + order.id")


def without_steps(body, form):
    """The body with `form(id, what the step does)` in place of each step that is awaited and tried."""
    out, rest = "", body
    while "STEP(" in rest:
        before, rest = rest.split("STEP(", 1)
        call, rest = rest.split(")AWAIT?", 1)
        depth, at = 0, 0
        for at, char in enumerate(call):
            depth += {"(": 1, ")": -1}.get(char, 0)
            if char == "," and depth == 0:
                break
        out += before + form(call[:at], call[at + 1 :].strip())
    return out + rest


def as_closure(step_id, body):
    return f"{{ let _ = {step_id}; let made = || async {{ Ok::<_, std::io::Error>({body}) }}; made().await? }}"


FORMS = {
    "plain": lambda body: without_steps(body, lambda _, does: does),
    "closures": lambda body: without_steps(body, as_closure),
    "workflows": lambda body: body.replace("STEP(", "step!(").replace(")AWAIT", ").await"),
}


def crate(folder, name, body):
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n[dependencies]\n'
        f'owf-runtime = {{ path = "{ROOT}/owf-runtime" }}\nserde = {{ version = "1", features = ["derive"] }}\n'
    )
    body = FORMS[name](body)
    attribute, error = ("#[workflow]\n", "WorkflowError") if name == "workflows" else ("", "std::io::Error")
    functions = "".join(
        f"{attribute}pub async fn w{i}(order: Order) -> Result<u64, {error}> {{{body}}}\n" for i in range(COUNT)
    )
    imports = "#![allow(dead_code, unused_imports, unused_variables)]\nuse owf_runtime::prelude::*;\nmod helpers;\nuse helpers::*;\n"
    (folder / "src" / "helpers.rs").write_text(HELPERS)
    (folder / "src" / "lib.rs").write_text(imports + functions)
    return folder


def cpu_time():
    """The processor's time, which is less disturbed by what else runs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check(folder, environment):
    """What one `cargo check` of the crate takes."""
    os.utime(folder / "src" / "lib.rs")
    begin = cpu_time()
    subprocess.run(["cargo", "check", "-q", "--offline"], cwd=folder, env=environment, check=True)
    return cpu_time() - begin


def compare(title, body):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        target = os.environ.get("CARGO_TARGET_DIR", str(folder / "target"))
        environment = {**os.environ, "CARGO_TARGET_DIR": target, "CARGO_INCREMENTAL": "0"}
        folders = {name: crate(folder / name, name, body) for name in FORMS}
        # The first round builds what they depend on.
        rounds = [{name: check(made, environment) for name, made in folders.items()} for _ in range(ROUNDS + 1)][1:]
    print(title)
    for name in FORMS:
        best = min(times[name] for times in rounds)
        more = [(times["workflows"] - times[name]) / COUNT * 1000 for times in rounds]
        least = (min(times["workflows"] for times in rounds) - best) / COUNT * 1000
        line = f": the workflows take {least:.1f} ms more, each of {COUNT}; {statistics.median(more):.1f} by the median of the rounds"
        print(f"  {name} {best:.2f} s" + (line if name != "workflows" else ""))


compare("four steps that await an effect", BODY)
compare("three, and one that calculates", WITH_A_CALCULATION)
