//! The body of a workflow, a `#[durable]` function or an `async` block within one: everything outside of step bodies.

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod macros;
mod mend;
pub(crate) mod race;
pub(crate) mod reading;

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Block, Signature};

use crate::diagnostics::Diagnostics;
use crate::krate::Krate;
use crate::lints::allow::Allows;
use crate::probes::captures::Uses;
use crate::probes::told::Told;
use crate::resolve::FileScope;
use crate::step::captures::Bound;
use crate::step::leaving::Leaving;

/// What a body is checked and rewritten with.
#[derive(Default)]
pub(crate) struct Context {
    pub(crate) krate: Krate,
    pub(crate) allows: Allows,
    /// What the names in the body stand for.
    pub(crate) scope: FileScope,
    /// Whether the helpers that it calls must be marked.
    pub(crate) is_strict: bool,
    /// Whether there is a body that the lints could look at.
    pub(crate) is_checked: bool,
    /// What the probes need not ask.
    pub(crate) told: Told,
    /// Whether the body was checked, and nothing was reported.
    pub(crate) is_clean: Cell<bool>,
    /// Whether a `transaction!` was found by who rewrites the body.
    pub(crate) has_transactions: Cell<bool>,
    /// The variables of the function, once somebody asked.
    pub(crate) variables: OnceCell<Rc<Bound>>,
    /// The steps that outlive what they use, and so have to own it.
    pub(crate) leaving: Leaving,
    /// How the body as it was written uses them, where a step may change one through a shared reference.
    pub(crate) uses: OnceCell<Uses>,
}

impl Context {
    /// Takes the opt-outs out of a function's tokens, and adds those of its attribute.
    pub(crate) fn take_allows(
        &mut self,
        item: TokenStream,
        of_function: Vec<(Ident, TokenStream)>,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        for (at, list) in of_function {
            self.allows.add_function(list, &at, diagnostics);
        }
        self.allows.take(item, diagnostics)
    }

    /// The variables of the function.
    pub(crate) fn variables(&self, sig: &Signature, block: &Block) -> Rc<Bound> {
        Rc::clone(self.variables.get_or_init(|| Rc::new(Bound::of_function(sig, block))))
    }

    /// Reads the file around, for what the names in the body stand for.
    pub(crate) fn load_scope(&mut self, body: Option<&FnBody>) {
        self.scope = FileScope::load();
        if let Some(FnBody::Block(block)) = body {
            self.scope.enter(block);
            self.is_checked = true;
        }
    }

    /// The attribute's output: the expanded function, without our opt-outs, and the errors.
    pub(crate) fn finish(&self, expanded: TokenStream, mut diagnostics: Diagnostics) -> TokenStream {
        if self.is_checked {
            self.allows.report_unused(&mut diagnostics);
        }
        [self.allows.strip(expanded), diagnostics.into_items()].into_iter().collect()
    }
}

/// The braces of a function.
pub(crate) enum FnBody {
    Block(Block),
    /// What syn can't read.
    Unreadable,
}

impl FnBody {
    /// Reads the rest of a function, and the error if that fails.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<(FnBody, Option<syn::Error>)> {
        let ahead = input.fork();
        if let Ok(block) = ahead.parse::<Block>()
            && ahead.is_empty()
        {
            input.advance_to(&ahead);
            return Ok((FnBody::Block(block), None));
        }
        // Once more, as an error of the rest must not be one of the whole.
        let tokens: TokenStream = input.parse()?;
        Ok(match syn::parse2::<Block>(tokens) {
            Ok(block) => (FnBody::Block(block), None),
            Err(error) => (FnBody::Unreadable, Some(error)),
        })
    }
}
