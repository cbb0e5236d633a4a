//! What a format string says of its arguments.

/// What a `{..}` shows: an argument by its place or by its name, which may be a variable's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    At(usize),
    Named(String),
}

/// A `{..}` of a format string.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) shown: Shown,
    /// The variable or argument that it names, if it does.
    pub(crate) name: Option<String>,
    /// Whether it shows the address.
    pub(crate) is_pointer: bool,
    /// Whether it is `{:?}`.
    pub(crate) is_debug: bool,
}

impl Shown {
    /// Its place, or its name.
    pub(crate) fn part(&self) -> String {
        match self {
            Shown::At(index) => index.to_string(),
            Shown::Named(name) => name.clone(),
        }
    }
}

/// The placeholders of a format string, in order.
pub(crate) fn parse_format(text: &str) -> Vec<Placeholder> {
    let mut placeholders = Vec::new();
    let (mut rest, mut next) = (text, 0);
    while let Some((_, behind)) = rest.split_once('{') {
        if let Some(escaped) = behind.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some((inner, behind)) = behind.split_once('}') else { break };
        let (name, form) = inner.split_once(':').unwrap_or((inner, ""));
        let name = name.trim();
        // A precision that is an argument comes before the value.
        next += usize::from(form.contains(".*"));
        let shown = match name {
            "" => {
                next += 1;
                Shown::At(next - 1)
            }
            name => name.parse().map_or_else(|_| Shown::Named(name.to_owned()), Shown::At),
        };
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        placeholders.push(Placeholder {
            shown,
            name: is_name.then(|| name.to_owned()),
            is_pointer: form.trim_end().ends_with('p'),
            is_debug: form.trim_end().ends_with('?'),
        });
        rest = behind;
    }
    placeholders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_from_text() {
        let is_pointer = |text: &str| parse_format(text).iter().any(|found| found.is_pointer);
        assert!(is_pointer("{:p}"));
        assert!(is_pointer("at {x:#p}"));
        assert!(is_pointer("{0:>20p}"));
        assert!(!is_pointer("{{:p}} {x}"));
        assert!(!is_pointer("http://host:port/{}:p"));
        assert!(!is_pointer("{p} {p:?}"));
    }

    #[test]
    fn what_is_shown_for_debugging_is_told() {
        let debug = |text: &str| {
            let all = parse_format(text).into_iter().filter(|found| found.is_debug);
            all.map(|found| found.shown).collect::<Vec<_>>()
        };
        let named = |name: &str| Shown::Named(name.to_owned());
        assert_eq!(debug("{} {:?} {:#?}"), [Shown::At(1), Shown::At(2)]);
        assert_eq!(debug("{map:?} {0:x?} {other} {{not:?}}"), [named("map"), Shown::At(0)]);
        assert_eq!(debug("{:.*?} {:>width$} {:?"), [Shown::At(1)]);
        assert_eq!(debug("{:p} 100% {"), []);
    }

    #[test]
    fn names_are_found() {
        let names: Vec<_> = parse_format("{a} {0} {} {b:>1$}").into_iter().filter_map(|found| found.name).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
