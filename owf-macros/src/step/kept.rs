//! Clones of the workflow's variables, for code that may run when these are gone: undos and transactions.
//!
//! What is behind a reference is cloned, and lent to the code as it was.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure, ExprLit, ExprPath, Lit, Macro};

use super::captures::Bound;
use crate::body::macros::{self, Arguments, Kind};
use crate::diagnostics::Message;
use crate::krate::Krate;

/// The variables around a closure that it uses.
pub(super) struct Kept<'a> {
    variables: Option<&'a Bound>,
    names: Vec<Ident>,
    clones: Vec<Ident>,
}

impl<'a> Kept<'a> {
    /// Those of the workflow's `variables` that the closure uses.
    pub(super) fn of(closure: &ExprClosure, variables: Option<&'a Bound>) -> Self {
        let within = Bound::collect(|bound| bound.visit_expr_closure(closure));
        let is_outer = |name: &Ident| variables.is_some_and(|variables| variables.has(name)) && !within.has(name);
        let mut mentions = Mentions { is_outer: &is_outer, found: Vec::new(), this: None };
        mentions.visit_expr(&closure.body);
        let names = mentions.found;
        let clones = names.iter().map(|name| format_ident!("__kept_{}", name, span = Span::mixed_site())).collect();
        Kept { variables, names, clones }
    }

    /// Makes the clones, where the variables are.
    pub(super) fn keep(&self, krate: &Krate) -> TokenStream {
        let keep = self.names.iter().zip(&self.clones).map(|(name, clone)| {
            let at = name.span();
            let capture = krate.private("Captured", at);
            if self.variables.is_some_and(|variables| variables.has_owned(name)) {
                // A method would be looked for by the type, of which nothing may be known yet.
                let value = krate.private("KeepValue", at);
                return quote_spanned!(at=> let #clone = #value::keep(&#capture(&#name)););
            }
            quote_spanned!(at=> let #clone = #capture(&#name).keep();)
        });
        keep.collect()
    }

    /// Clones the clones, for one of several times.
    pub(super) fn keep_again(&self) -> TokenStream {
        let clones = &self.clones;
        quote_spanned!(Span::mixed_site()=> #(let #clones = ::core::clone::Clone::clone(&#clones);)*)
    }

    /// Gives the clones the names of the variables, where they are used.
    pub(super) fn lend(&self) -> TokenStream {
        let lend = self.names.iter().zip(&self.clones).map(|(name, clone)| {
            quote_spanned!(Span::mixed_site()=> #[allow(unused_variables, reason = "not every use of it is left in the generated code")] let #name = #clone.lend();)
        });
        lend.collect()
    }
}

/// Where a closure uses `self`, of which there is no clone.
pub(super) fn find_self(closure: &ExprClosure) -> Option<ExprPath> {
    let mut mentions = Mentions { is_outer: &|_| false, found: Vec::new(), this: None };
    mentions.visit_expr(&closure.body);
    mentions.this
}

/// What is wrong with that.
pub(super) fn self_is_not_kept(owner: &str) -> Message {
    let message = Message::new(format!("`self` in {owner}, which owns a clone of what it uses"));
    message.help("take what it needs of `self` before: `let id = self.id.clone();`")
}

struct Mentions<'a> {
    is_outer: &'a dyn Fn(&Ident) -> bool,
    found: Vec<Ident>,
    this: Option<ExprPath>,
}

impl Mentions<'_> {
    fn find(&mut self, ident: &Ident) {
        if (self.is_outer)(ident) && !self.found.contains(ident) {
            self.found.push(ident.clone());
        }
    }

    /// Variables named in the text of `format!("{order}")`.
    fn find_in_text(&mut self, text: &syn::LitStr) {
        for part in text.value().split('{').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if let Ok(ident) = syn::parse_str::<Ident>(&name) {
                self.find(&Ident::new(&ident.to_string(), text.span()));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_expr_path(&mut self, node: &'ast ExprPath) {
        if node.path.is_ident("self") {
            self.this.get_or_insert_with(|| node.clone());
        } else if let Some(ident) = node.path.get_ident() {
            self.find(ident);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if matches!(macros::kind(call), Kind::Opaque) {
            return;
        }
        let Some(arguments) = Arguments::parse(call) else { return };
        for argument in &arguments.exprs {
            match argument {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => self.find_in_text(text),
                Expr::Assign(named) => self.visit_expr(&named.right),
                other => visit::visit_expr(self, other),
            }
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
