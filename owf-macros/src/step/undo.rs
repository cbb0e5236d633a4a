//! The undo of a step: `undo = |booking| cancel(booking).await?`.
//!
//! It may run when the workflow's code is gone, so it owns what it uses: the variables of the workflow that it names are cloned, once when the
//! step is made, and once for each attempt.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure, ExprLit, Lit, Macro};

use super::captures::Bound;
use super::content::expand_content;
use super::expand::Around;
use super::model::Body;
use crate::body::macros::{self, Arguments, Kind};
use crate::diagnostics::{Diagnostics, Message, source};
use crate::krate::Krate;
use crate::spans::Ends;

const USAGE: &str = "write `undo = |receipt| refund(receipt).await?`: it is given what the step returned";

/// Reports an undo that is no closure of one argument, or, where it is a transaction that undoes one, of two.
pub(crate) fn check_undo(undo: &Expr, is_transaction: bool, diagnostics: &mut Diagnostics) {
    match undo {
        Expr::Closure(closure) if closure.inputs.len() > 2 && is_transaction => {
            let text =
                "the undo of a transaction takes the connection and what the transaction returned, or the latter alone";
            let help = "write `undo = |db, cents| db.execute(\"UPDATE ..\", [cents])`";
            diagnostics.report(&closure.inputs, Message::new(text).help(help));
        }
        Expr::Closure(closure) if closure.inputs.len() > 1 && !is_transaction => {
            let message = Message::new("an undo takes one argument: what the step returned");
            diagnostics.report(&closure.inputs, message.help(USAGE));
        }
        Expr::Closure(_) => {}
        other => {
            let message = Message::new(format!("the undo of a step is a closure, and this is `{}`", source(other)));
            diagnostics.report(other, message.help(USAGE));
        }
    }
}

/// Adds the undo to an expanded step. `variables` are the workflow's, and those of closures around the step.
pub(crate) fn expand_undo(step: TokenStream, undo: &Expr, around: Around<'_>, krate: &Krate) -> TokenStream {
    let variables = around.closure.map(|closure| closure.all).or(around.variables);
    let Expr::Closure(closure) = undo else { return step };
    if closure.inputs.len() > 1 {
        return step;
    }
    let here = Span::mixed_site();
    let captured = captured(closure, variables);
    let kept: Vec<Ident> = captured.iter().map(|name| format_ident!("__undo_{}", name, span = here)).collect();
    let at = Ends::of(&closure.body, here).first;
    let clones = |from: &[Ident], to: &[Ident]| {
        let pairs = from.iter().zip(to);
        let clones = pairs.map(|(from, to)| {
            let keep = krate.private("keep_for_undo", from.span());
            quote_spanned!(from.span()=> let #to = #keep(&#from);)
        });
        quote!(#(#[allow(unused_variables, reason = "not every use of it is left in the generated code")] #clones)*)
    };
    let (keep, clone) = (clones(&captured, &kept), clones(&captured, &captured));
    let input = match closure.inputs.first() {
        Some(input) => quote!(#input),
        None => quote_spanned!(here=> _),
    };
    let body = expand_content(
        Body::new((*closure.body).clone()).into_content(),
        Around { is_discarded: true, ..around },
        krate,
    );
    let method = Ident::new("undo", here.located_at(at));
    let undo = quote_spanned! {here=>
        #(#[allow(unused_variables, reason = "not every use of it is left in the generated code")] let #captured = #kept;)*
        move |#input| {
            #clone
            async move { #body }
        }
    };
    if captured.is_empty() {
        return quote!(#step.#method({ #undo }));
    }
    // Before the step is made: it may take what the undo uses.
    quote_spanned!(here=> { #keep #step.#method({ #undo }) })
}

/// The variables around the closure that it uses.
pub(super) fn captured(closure: &ExprClosure, variables: Option<&Bound>) -> Vec<Ident> {
    let Some(variables) = variables else { return Vec::new() };
    let within = Bound::collect(|bound| bound.visit_expr_closure(closure));
    let mut captured = Captured { is_outer: &|name| variables.has(name) && !within.has(name), found: Vec::new() };
    captured.visit_expr(&closure.body);
    captured.found
}

struct Captured<'a> {
    is_outer: &'a dyn Fn(&Ident) -> bool,
    found: Vec<Ident>,
}

impl Captured<'_> {
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

impl<'ast> Visit<'ast> for Captured<'_> {
    fn visit_expr_path(&mut self, node: &'ast syn::ExprPath) {
        if let Some(ident) = node.path.get_ident() {
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
