//! `#[workflow(name = "..", ..)]`.

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, LitStr};

use super::inngest::Inngest;
use super::triggers::Triggers;
use crate::arguments::{self, Accepted, Arguments};
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;

const ACCEPTED: &[Accepted] = &[
    Accepted { name: "name", usage: "name = \"process-order\"" },
    Accepted { name: "version", usage: "version = 3" },
    Accepted { name: "retries", usage: "retries = 3" },
    Accepted { name: "backoff", usage: "backoff = Duration::from_secs(1)" },
    Accepted { name: "timeout", usage: "timeout = Duration::from_secs(3600)" },
    Accepted { name: "event", usage: "event = \"order.created\"" },
    Accepted { name: "cron", usage: "cron = \"0 2 * * *\"" },
    Accepted { name: "timezone", usage: "timezone = \"Europe/Amsterdam\"" },
    Accepted { name: "inngest", usage: "inngest(concurrency(limit = 2), ..)" },
    Accepted { name: "strict", usage: "strict" },
    Accepted { name: "allow", usage: "allow(wall_clock, reason = \"..\")" },
    Accepted { name: "crate", usage: "crate = ::owf_runtime" },
];

/// The attribute's arguments; what is wrong was reported and is left out.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<Expr>,
    pub(crate) retries: Option<Expr>,
    pub(crate) backoff: Option<Expr>,
    pub(crate) timeout: Option<Expr>,
    pub(crate) triggers: Triggers,
    pub(crate) inngest: Inngest,
    pub(crate) krate: Krate,
    pub(crate) is_strict: bool,
    pub(crate) allow: Vec<(Ident, TokenStream)>,
}

impl Args {
    pub(crate) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut given = Arguments::parse("`#[workflow]`", ACCEPTED, tokens, diagnostics);
        let name = given.value("name", diagnostics);
        let version = given.value("version", diagnostics);
        let retries = given.value("retries", diagnostics);
        let backoff = given.value("backoff", diagnostics);
        let timeout = given.value("timeout", diagnostics);
        let (event, cron) = (given.value("event", diagnostics), given.value("cron", diagnostics));
        let timezone = given.value("timezone", diagnostics);
        let inngest = Inngest::parse(given.lists("inngest", diagnostics), event.is_some(), diagnostics);
        let krate = given.value("crate", diagnostics);
        let is_strict = given.flag("strict", diagnostics);
        let allow = given.lists("allow", diagnostics);
        Args {
            is_strict,
            allow,
            inngest,
            name: name.and_then(|value| arguments::text("name", &value, diagnostics)),
            version: version.filter(|value| arguments::version("version", value, diagnostics)),
            retries: retries.filter(|value| arguments::count("retries", value, diagnostics)),
            backoff: backoff
                .filter(|value| arguments::no_literal("backoff", "`Duration` or a `Backoff`", value, diagnostics)),
            timeout: timeout.filter(|value| arguments::no_literal("timeout", "`Duration`", value, diagnostics)),
            triggers: Triggers::new(event, cron, timezone, diagnostics),
            krate: krate
                .and_then(|value| arguments::path("crate", &value, diagnostics))
                .map_or_else(Krate::default, |path| Krate::new(&path)),
        }
    }
}
