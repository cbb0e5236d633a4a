//! `#[deterministic(allow(..), ..)]`.

use proc_macro2::{Ident, TokenStream};

use crate::arguments::{self, Accepted, Arguments};
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;

const ACCEPTED: &[Accepted] = &[
    Accepted { name: "strict", usage: "strict" },
    Accepted { name: "allow", usage: "allow(wall_clock, reason = \"..\")" },
    Accepted { name: "crate", usage: "crate = ::owf_runtime" },
];

/// The attribute's arguments.
pub(super) struct Args {
    pub(super) krate: Krate,
    pub(super) is_strict: bool,
    pub(super) allow: Vec<(Ident, TokenStream)>,
}

impl Args {
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut given = Arguments::parse("`#[deterministic]`", ACCEPTED, tokens, diagnostics);
        let is_strict = given.flag("strict", diagnostics);
        let allow = given.lists("allow", diagnostics);
        let krate = given.value("crate", diagnostics);
        let krate = krate.and_then(|value| arguments::path("crate", &value, diagnostics));
        Args { krate: krate.map_or_else(Krate::default, |path| Krate::new(&path)), is_strict, allow }
    }
}
