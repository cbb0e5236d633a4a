//! `#[durable(boxed, ..)]`.

use proc_macro2::{Ident, TokenStream};

use crate::arguments::{self, Accepted, Arguments};
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;

const ACCEPTED: &[Accepted] = &[
    Accepted { name: "boxed", usage: "boxed" },
    Accepted { name: "strict", usage: "strict" },
    Accepted { name: "allow", usage: "allow(wall_clock, reason = \"..\")" },
    Accepted { name: "crate", usage: "crate = ::owf_runtime" },
];

/// The attribute's arguments.
pub(crate) struct Args {
    pub(crate) boxed: bool,
    pub(crate) krate: Krate,
    pub(crate) is_strict: bool,
    pub(crate) allow: Vec<(Ident, TokenStream)>,
}

impl Args {
    pub(crate) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut given = Arguments::parse("`#[durable]`", ACCEPTED, tokens, diagnostics);
        let boxed = given.flag("boxed", diagnostics);
        let is_strict = given.flag("strict", diagnostics);
        let allow = given.lists("allow", diagnostics);
        let krate = given.value("crate", diagnostics);
        let krate = krate.and_then(|value| arguments::path("crate", &value, diagnostics));
        Args { boxed, is_strict, allow, krate: krate.map_or_else(Krate::default, |path| Krate::new(&path)) }
    }
}
