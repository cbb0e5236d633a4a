//! Rewrites a body so that every `.await` goes through `Durable`, and every `step!` becomes a step.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAsync, ExprAwait, ExprClosure, Item, Macro, Pat, Path, Signature, Stmt};

use super::check::is_ours;
use super::macros::{self, Arguments, Kind};
use super::race;
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;
use crate::spans::{self, parenthesized};
use crate::step;
use crate::step::captures::{Bound, Closure};

/// A body that could not be rewritten, because part of it is no Rust that we can read; it was reported.
pub(crate) struct Broken;

/// Rewrites the body of a function in place.
pub(crate) fn rewrite_body(block: &mut Block, sig: &Signature, krate: &Krate) -> Result<(), Broken> {
    let variables = Bound::of_function(sig, block);
    let place = Place::Async;
    let mut rewrite = Rewrite { krate, variables, place, is_discarded: false, is_broken: false, used: Vec::new() };
    rewrite.visit_block_mut(block);
    if rewrite.is_broken {
        return Err(Broken);
    }
    let uses = rewrite.used.iter().map(|path| Stmt::Item(Item::Verbatim(quote!(#path! { @used }))));
    block.stmts.splice(0..0, uses);
    Ok(())
}

/// The `use` items that rewritten code needs around it.
pub(crate) fn expand_imports(krate: &Krate) -> TokenStream {
    let here = Span::mixed_site();
    let [plain, none] = ["PlainFuture", "NoFuture"].map(|name| krate.private(name, here));
    quote_spanned!(here=> #[allow(unused_imports)] use {#plain as _, #none as _};)
}

#[derive(Clone)]
enum Place {
    Async,
    /// A closure, with its variables.
    Closure {
        own: Bound,
        is_move: bool,
    },
    /// A function that can't await.
    Function,
}

struct Rewrite<'a> {
    krate: &'a Krate,
    /// All variables of the function.
    variables: Bound,
    place: Place,
    /// Whether nobody looks at the value of the next step.
    is_discarded: bool,
    is_broken: bool,
    /// The macros that were replaced. Each is called once, so that its import is used, and an editor finds it.
    used: Vec<Path>,
}

impl Rewrite<'_> {
    fn use_macro(&mut self, call: &Macro) {
        if !self.used.contains(&call.path) {
            self.used.push(call.path.clone());
        }
    }

    fn within(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.place, place);
        walk(self);
        self.place = around;
    }

    fn rewrite_closure(&mut self, node: &mut ExprClosure) {
        let own = Bound::collect(|bound| {
            if let Place::Closure { own, .. } = &self.place {
                *bound = own.clone();
            }
            bound.visit_expr_closure(node);
        });
        let is_move = node.capture.is_some();
        self.within(Place::Closure { own, is_move }, |rewrite| rewrite.visit_expr_mut(&mut node.body));
    }

    fn expand_await(&self, node: &ExprAwait) -> TokenStream {
        let ExprAwait { attrs, base, dot_token, await_token } = node;
        let span = await_token.span;
        let base = bare(base);
        if !matches!(self.place, Place::Async) {
            // It was reported; this has the type that an `.await` would have.
            let misplaced = self.krate.private("misplaced_await", span);
            return quote!(#misplaced(#base));
        }
        let durable = spans::call(self.krate.private("durable", span), base, span);
        let operation = quote_spanned!(span=> .operation());
        quote!(#(#attrs)* #durable #operation #dot_token #await_token)
    }

    /// Whether this is an `.await` that was reported, because its closure can't wait.
    fn is_misplaced(&self, expr: &Expr) -> bool {
        !matches!(self.place, Place::Async) && matches!(expr, Expr::Await(_))
    }

    fn expand_async(&self, node: &ExprAsync) -> TokenStream {
        let span = node.async_token.span;
        let block = self.krate.private("block", span);
        let argument = parenthesized(node.to_token_stream(), span);
        quote!(#block #argument)
    }

    /// An `async` closure that makes steps was reported; it is treated as the closure that the message suggests.
    fn mend_async_closure(&mut self, node: &mut ExprClosure) {
        let Some(asyncness) = node.asyncness else { return };
        if macros::find_step(&node.body.to_token_stream()).is_none() {
            return;
        }
        node.asyncness = None;
        self.within(Place::Async, |inner| inner.visit_expr_mut(&mut node.body));
        let block = self.krate.private("block", asyncness.span);
        let body = bare(&node.body);
        *node.body = Expr::Verbatim(quote!(#block(async move { #body })));
    }

    fn expand_step(&mut self, call: &Macro) -> Option<TokenStream> {
        let is_discarded = std::mem::take(&mut self.is_discarded);
        let Some(mut step) = step::parse_step(call, &mut Diagnostics::default()) else {
            self.is_broken = true;
            return None;
        };
        self.use_macro(call);
        self.visit_expr_mut(&mut step.id);
        step.options.iter_mut().filter_map(|option| option.value.as_mut()).for_each(|value| self.visit_expr_mut(value));
        let closure = match &self.place {
            Place::Closure { own, is_move } => Some(Closure { all: &self.variables, own, is_move: *is_move }),
            Place::Async | Place::Function => None,
        };
        Some(step::expand_step(
            step,
            step::Around { is_discarded, closure, variables: Some(&self.variables) },
            self.krate,
        ))
    }

    fn expand_race(&mut self, call: &Macro) -> Option<TokenStream> {
        if !race::has_arms(call) {
            return self.rewrite_arguments(call);
        }
        let Some(mut arms) = race::parse_race(call, &mut Diagnostics::default()) else {
            self.is_broken = true;
            return None;
        };
        self.use_macro(call);
        for arm in &mut arms {
            self.visit_expr_mut(&mut arm.durable);
            self.visit_expr_mut(&mut arm.body);
        }
        Some(expand_race(call, &arms, self.krate))
    }

    fn rewrite_arguments(&mut self, call: &Macro) -> Option<TokenStream> {
        let Some(mut arguments) = Arguments::parse(call) else {
            self.is_broken |= macros::find_step(&call.tokens).is_some();
            return None;
        };
        arguments.exprs.iter_mut().for_each(|expr| self.visit_expr_mut(expr));
        let mut call = call.clone();
        call.tokens = arguments.to_token_stream();
        Some(call.to_token_stream())
    }

    /// What takes the place of a macro call, if anything does.
    fn expand_macro(&mut self, call: &Macro) -> Option<TokenStream> {
        match macros::kind(call) {
            Kind::Step => self.expand_step(call),
            Kind::Race => self.expand_race(call),
            Kind::Join | Kind::Known(_) => self.rewrite_arguments(call),
            // A step in there was reported; where possible it is expanded all the same, so that its types are known.
            Kind::Conditional | Kind::Opaque if macros::find_step(&call.tokens).is_some() => {
                self.rewrite_arguments(call)
            }
            Kind::Conditional | Kind::Opaque => None,
        }
    }
}

impl VisitMut for Rewrite<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::Await(inner) => {
                self.visit_expr_mut(&mut inner.base);
                *node = Expr::Verbatim(self.expand_await(inner));
            }
            Expr::Try(inner) if self.is_misplaced(&inner.expr) => {
                let Expr::Await(base) = &mut *inner.expr else { return };
                self.visit_expr_mut(&mut base.base);
                let misplaced = self.krate.private("misplaced_try", base.await_token.span);
                let base = bare(&base.base);
                *node = Expr::Verbatim(quote!(#misplaced(#base)));
            }
            Expr::Async(inner) => {
                self.within(Place::Async, |rewrite| rewrite.visit_block_mut(&mut inner.block));
                *node = Expr::Verbatim(self.expand_async(inner));
            }
            Expr::Closure(inner) if inner.asyncness.is_some() => self.mend_async_closure(inner),
            Expr::Closure(inner) => self.rewrite_closure(inner),
            Expr::Macro(inner) => {
                if let Some(tokens) = self.expand_macro(&inner.mac) {
                    *node = Expr::Verbatim(tokens);
                }
            }
            Expr::Const(_) => {}
            other => {
                self.is_discarded |= is_discarding_expr(other);
                visit_mut::visit_expr_mut(self, other);
            }
        }
    }

    fn visit_stmt_mut(&mut self, node: &mut Stmt) {
        self.is_discarded = is_discarding_stmt(node);
        let Stmt::Macro(inner) = node else {
            return visit_mut::visit_stmt_mut(self, node);
        };
        if let Some(tokens) = self.expand_macro(&inner.mac) {
            let attrs = &inner.attrs;
            *node = Stmt::Expr(Expr::Verbatim(quote!(#(#attrs)* #tokens)), inner.semi_token);
        }
    }

    fn visit_item_mut(&mut self, node: &mut Item) {
        // Functions within are not the workflow's code. A step in one was reported; it is expanded as the message
        // suggests, so that no second error follows.
        let Item::Fn(function) = node else { return };
        if is_ours(&function.attrs) || macros::find_step(&function.block.to_token_stream()).is_none() {
            return;
        }
        if function.sig.asyncness.is_none() {
            return self.within(Place::Function, |inner| inner.visit_block_mut(&mut function.block));
        }
        *node = Item::Verbatim(crate::durable::expand_as_durable(function, self.krate));
    }
}

/// `step!(..)`, `step!(..).await`, `step!(..).await?`.
fn is_step(expr: &Expr) -> bool {
    match expr {
        Expr::Await(node) => is_step(&node.base),
        Expr::Try(node) => is_step(&node.expr),
        Expr::Macro(node) => macros::kind(&node.mac) == Kind::Step,
        _ => false,
    }
}

/// Whether the statement is a step of which nobody looks at the value.
fn is_discarding_stmt(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Expr(Expr::MethodCall(call), Some(_)) => is_step(&call.receiver) && call.method == "ok",
        Stmt::Expr(expr, Some(_)) => is_step(expr),
        Stmt::Macro(call) => macros::kind(&call.mac) == Kind::Step,
        Stmt::Local(local) => {
            let is_value_unused = matches!(local.pat, Pat::Wild(_)) || is_err_pattern(&local.pat);
            is_value_unused && local.init.as_ref().is_some_and(|init| is_step(&init.expr))
        }
        Stmt::Expr(_, None) | Stmt::Item(_) => false,
    }
}

/// Whether the expression asks a step for its error only.
fn is_discarding_expr(expr: &Expr) -> bool {
    const ERROR_ONLY: &[&str] = &["err", "expect_err", "is_err", "is_ok", "unwrap_err"];
    match expr {
        Expr::MethodCall(call) => is_step(&call.receiver) && ERROR_ONLY.iter().any(|name| call.method == name),
        Expr::Let(condition) => is_step(&condition.expr) && is_err_pattern(&condition.pat),
        _ => false,
    }
}

fn is_err_pattern(pattern: &Pat) -> bool {
    matches!(pattern, Pat::TupleStruct(pattern) if pattern.path.segments.last().is_some_and(|last| last.ident == "Err"))
}

fn expand_race(call: &Macro, arms: &[race::Arm], krate: &Krate) -> TokenStream {
    let span = call.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let here = Span::mixed_site().located_at(span);
    let [durable, race, one] =
        ["durable", "race", &format!("Race{}", arms.len())].map(|name| krate.private(name, here));
    let value = Ident::new("__value", Span::mixed_site());
    let operands = arms.iter().map(|arm| {
        let call = spans::call(krate.private("durable", span), bare(&arm.durable), span);
        quote_spanned!(here=> #call.operand())
    });
    let arms = arms.iter().enumerate().map(|(index, race::Arm { pattern, body, .. })| {
        let variant = Ident::new(&race::variant(index), here);
        let body = bare(body);
        // A `let` of its own, so that a pattern that does not always match is an error at the pattern.
        quote_spanned!(here=> #one::#variant(#value) => { let #pattern = #value; #body })
    });
    // Parenthesized, because a `match` at the beginning of a statement ends it.
    let choice = quote_spanned!(here=> match #durable(#race((#(#operands,)*))).operation().await { #(#arms)* });
    parenthesized(choice, here)
}

/// Without parentheses or braces that nobody needs around an argument, and about which rustc would warn there.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) if paren.attrs.is_empty() => bare(&paren.expr),
        Expr::Block(block) if block.attrs.is_empty() && block.label.is_none() => match block.block.stmts.as_slice() {
            [Stmt::Expr(only, None)] => bare(only),
            _ => expr,
        },
        _ => expr,
    }
}
