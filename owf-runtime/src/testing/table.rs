//! Two lists beside each other, for people who look for what differs.

use std::fmt::Write as _;

/// The lines around the first difference that a table shows.
const CONTEXT: usize = 3;

/// The lines around the first difference, under their titles.
pub(super) fn side_by_side(titles: [&str; 2], left: &[String], right: &[String]) -> String {
    let count = left.len().max(right.len());
    let differs = (0..count).find(|&line| left.get(line) != right.get(line)).unwrap_or(0);
    let (from, to) = (differs.saturating_sub(CONTEXT), count.min(differs + CONTEXT + 1));
    let cell = |lines: &[String], line: usize| lines.get(line).map_or("-", String::as_str).to_owned();
    let width = (from..to).map(|line| cell(left, line).chars().count()).max().unwrap_or(0).max(titles[0].len());
    let mut text = format!("    {:width$}     {}\n", titles[0], titles[1]);
    for line in from..to {
        let (left, right) = (cell(left, line), cell(right, line));
        let mark = if left == right { " " } else { "≠" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "    {left:width$}  {mark}  {right}");
    }
    text
}
