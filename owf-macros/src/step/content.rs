//! Rewrites the body of a step: its `.await`s, its `?`s, and what it yields.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprAsync, ExprAwait, ExprClosure, ExprReturn, ExprTry, Item, Macro, Stmt};

use super::callees::{Callee, Names};
use super::expand::{Around, expand_refused, expand_step};
use super::model::Content;
use super::tail::{self, Tail};
use crate::body::expand::bare;
use crate::body::macros::{self, Arguments, Kind};
use crate::diagnostics::Diagnostics;
use crate::krate::Krate;
use crate::spans::{self, Ends, parenthesized};

/// The statements of the closure's `async` block, which yields a `Result<T, Failure>`.
pub(crate) fn expand_content(mut content: Content, around: Around<'_>, krate: &Krate) -> TokenStream {
    let ends = Tail::of(&content);
    let names = Names { scope: around.scope, variables: around.variables };
    let mut rewrite = StepBody { krate, names, own: true, is_sync: content.is_sync };
    if matches!(ends, Tail::Tries | Tail::Diverges)
        && let Some(tail) = &mut content.tail
    {
        tail::for_each_end(tail, &mut |end| rewrite.take_try(end));
    }
    content.stmts.iter_mut().for_each(|stmt| rewrite.visit_stmt_mut(stmt));
    content.tail.iter_mut().for_each(|tail| rewrite.visit_expr_mut(tail));

    let here = Span::mixed_site();
    let failure = krate.private("Failure", here);
    let Content { stmts, tail, .. } = &content;
    match (ends, tail) {
        (Tail::Diverges, tail) => {
            // Nothing says what the value would be. Where nobody looks at it, it is `()`.
            let unit = quote_spanned!(here=> if false { return ::core::result::Result::Ok::<(), #failure>(()); });
            let unit = around.is_discarded.then_some(unit);
            quote!(#unit #(#stmts)* #tail)
        }
        (Tail::Tries, tail) => quote!(#(#stmts)* #tail),
        (Tail::Plain, None) => {
            // rustc warns about the first thing that is never reached: the `let`, where the warning is off.
            let unit = Ident::new("__unit", here);
            quote_spanned! {here=>
                #(#stmts)*
                #[allow(unreachable_code, clippy::let_unit_value, reason = "the body may never get here")]
                let #unit = ();
                ::core::result::Result::<_, #failure>::Ok(#unit)
            }
        }
        (Tail::Plain, Some(tail)) => {
            let tail = bare(tail);
            quote_spanned!(here=> #(#stmts)* ::core::result::Result::<_, #failure>::Ok(#tail))
        }
        (Tail::Value, tail) => {
            let at = Ends::of(tail, here);
            // In one syntax context with the receiver, so that rustc underlines that.
            let outcome = Ident::new("result", here.located_at(at.first));
            let value = krate.private("value", here.located_at(at.first));
            let into_failure = into_failure(Callee::Unknown, at.first, krate);
            let tail = tail.as_ref().map(bare).to_token_stream();
            let argument = parenthesized(tail, here.located_at(at.last));
            quote_spanned! {here=>
                #(#stmts)*
                #value #argument.#outcome().map_err(#into_failure)
            }
        }
    }
}

/// The function from the user's error to the one that is recorded, which keeps a typed error's value.
pub(super) fn into_failure(callee: Callee, at: Span, krate: &Krate) -> TokenStream {
    let here = Span::mixed_site().located_at(at);
    if callee == Callee::StdError {
        let failure = krate.private("Failure", here);
        return quote_spanned!(here=> #failure::from);
    }
    let failed = krate.private("failed", here);
    let error = Ident::new("__error", here);
    let failure = Ident::new("failure", at);
    quote_spanned!(here=> |#error| #failed(#error).#failure())
}

/// `join!` or `race!`.
fn is_combinator(expr: &Expr) -> bool {
    matches!(expr, Expr::Macro(call) if matches!(macros::kind(&call.mac), Kind::Join | Kind::Race))
}

/// Rewrites a step body. `own` is whether `?` would leave the step, `is_sync` whether it can't wait.
pub(super) struct StepBody<'a> {
    pub(super) krate: &'a Krate,
    pub(super) names: Names<'a>,
    pub(super) own: bool,
    pub(super) is_sync: bool,
}

impl StepBody<'_> {
    fn inner(&mut self, walk: impl FnOnce(&mut StepBody<'_>)) {
        walk(&mut StepBody { krate: self.krate, names: self.names, own: false, is_sync: self.is_sync });
    }

    /// Makes `expr?` at the end of a body into the `Result` that the body yields.
    fn take_try(&mut self, end: &mut Expr) {
        let Expr::Try(ExprTry { expr, question_token, .. }) = end else { return };
        if tail::is_open_conversion(expr) {
            let failure = self.krate.private("Failure", Span::mixed_site());
            self.visit_expr_mut(expr);
            *end = Expr::Verbatim(
                quote_spanned!(Span::mixed_site()=> ::core::result::Result::<_, #failure>::Ok(#expr #question_token)),
            );
            return;
        }
        let callee = self.names.awaited(expr);
        self.visit_expr_mut(expr);
        *end = Expr::Verbatim(self.attempt(expr, callee, question_token.span));
    }

    /// The `Result` before a `?`, with the error that is recorded. Where the file tells the types, it is made with less.
    fn attempt(&self, expr: &Expr, callee: Callee, question: Span) -> TokenStream {
        let call = match callee {
            Callee::Unknown | Callee::Future => {
                spans::call(self.krate.private("attempt", question), bare(expr), question)
            }
            Callee::Fallible | Callee::StdError => bare(expr).to_token_stream(),
        };
        let into_failure = into_failure(callee, question, self.krate);
        let here = Span::mixed_site().located_at(question);
        quote_spanned!(here=> #call.map_err(#into_failure))
    }

    fn expand_try(&mut self, node: &ExprTry, callee: Callee) -> Option<TokenStream> {
        let ExprTry { attrs, expr, question_token } = node;
        if !self.own || tail::is_open_conversion(expr) {
            return None;
        }
        let attempt = self.attempt(expr, callee, question_token.span);
        Some(quote!(#(#attrs)* #attempt #question_token))
    }

    fn expand_await(&self, node: &ExprAwait) -> TokenStream {
        let ExprAwait { attrs, base, dot_token, await_token } = node;
        let span = await_token.span;
        if self.is_sync {
            // It was reported; this has the type that an `.await` would have.
            return spans::call(self.krate.private("misplaced_effect", span), bare(base), span);
        }
        let call = spans::call(self.krate.private("effect", span), bare(base), span);
        let effect = quote_spanned!(span=> .effect());
        quote!(#(#attrs)* #call #effect #dot_token #await_token)
    }

    fn expand_combinator(&mut self, call: &Macro) -> TokenStream {
        let mut call = call.clone();
        if let Some(arguments) = Arguments::parse(&call) {
            let operands = arguments.exprs.into_iter().map(|operand| match &operand {
                Expr::Macro(step) if macros::kind(&step.mac) == Kind::Step => {
                    let step = super::parse_step(&step.mac, &mut Diagnostics::default());
                    step.map_or_else(
                        || operand.to_token_stream(),
                        |step| expand_step(step, Around::default(), self.krate),
                    )
                }
                other => other.to_token_stream(),
            });
            call.tokens = quote!(#(#operands),*);
        }
        call.to_token_stream()
    }

    fn expand_macro(&mut self, call: &Macro) -> Option<TokenStream> {
        match macros::kind(call) {
            // It was reported. As a future it has the type that it would have outside.
            Kind::Step => {
                let step = super::parse_step(call, &mut Diagnostics::default())?;
                Some(expand_refused("nested_step", quote!(|| async), step, self.krate))
            }
            Kind::Known(_) => {
                let mut arguments = Arguments::parse(call)?;
                arguments.exprs.iter_mut().for_each(|expr| self.visit_expr_mut(expr));
                let mut call = call.clone();
                call.tokens = arguments.to_token_stream();
                Some(call.to_token_stream())
            }
            // It was reported. Like a `return`, `bail!` has any type.
            Kind::Opaque if self.own && self.names.is_bailing(call) => {
                let here = Span::mixed_site();
                let is_bail = macros::name(call) == "bail";
                Some(if is_bail { quote_spanned!(here=> ::core::unreachable!()) } else { quote_spanned!(here=> ()) })
            }
            Kind::Join | Kind::Race | Kind::Conditional | Kind::Opaque => None,
        }
    }
}

impl VisitMut for StepBody<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::Await(inner) if is_combinator(&inner.base) => {
                // It was reported. Its steps are expanded as they would be outside.
                let Expr::Macro(call) = &*inner.base else { return };
                let combinator = self.expand_combinator(&call.mac);
                let misplaced = self.krate.private("misplaced_durable", inner.await_token.span);
                *node = Expr::Verbatim(quote!(#misplaced(#combinator).await));
            }
            // What the file says to be a future is one.
            Expr::Await(inner) if self.names.called(&inner.base) != Callee::Unknown => {
                self.visit_expr_mut(&mut inner.base);
            }
            Expr::Await(inner) => {
                self.visit_expr_mut(&mut inner.base);
                *node = Expr::Verbatim(self.expand_await(inner));
            }
            Expr::Try(inner) => {
                let callee = self.names.awaited(&inner.expr);
                self.visit_expr_mut(&mut inner.expr);
                if let Some(tokens) = self.expand_try(inner, callee) {
                    *node = Expr::Verbatim(tokens);
                }
            }
            Expr::Async(ExprAsync { block, .. }) => self.inner(|inner| inner.visit_block_mut(block)),
            Expr::Closure(ExprClosure { body, .. }) => self.inner(|inner| inner.visit_expr_mut(body)),
            // It was reported. Like a `return`, this has any type.
            Expr::Return(ExprReturn { .. }) if self.own => {
                *node = Expr::Verbatim(quote_spanned!(Span::mixed_site()=> ::core::unreachable!()));
            }
            Expr::Macro(inner) => {
                if let Some(tokens) = self.expand_macro(&inner.mac) {
                    *node = Expr::Verbatim(tokens);
                }
            }
            Expr::Const(_) => {}
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_stmt_mut(&mut self, node: &mut Stmt) {
        let Stmt::Macro(inner) = node else {
            return visit_mut::visit_stmt_mut(self, node);
        };
        if let Some(tokens) = self.expand_macro(&inner.mac) {
            let attrs = &inner.attrs;
            *node = Stmt::Expr(Expr::Verbatim(quote!(#(#attrs)* #tokens)), inner.semi_token);
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}
