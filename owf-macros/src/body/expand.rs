//! Rewrites a body so that every `.await` goes through `Durable`, and every `step!` becomes a step.

use std::collections::BTreeSet;
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit as _;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprAsync, ExprAwait, ExprClosure, ExprMethodCall, Item, Local, Macro, Pat, Path, Signature, Stmt,
};

use super::Context;
use super::check::is_ours;
use super::macros::{self, Kind};
use super::{race, reading};
use crate::diagnostics::Diagnostics;
use crate::idents::is_one_of;
use crate::krate::Krate;
use crate::lints::Lint;
use crate::lints::allow::AllowStack;
use crate::lints::values;
use crate::probes::captures;
use crate::probes::identity::{self, Listed};
use crate::probes::{self, Question, Site, order};
use crate::resolve::FileScope;
use crate::spans::{self, parenthesized};
use crate::step;
use crate::step::captures::{Bound, Closure};

/// A body that could not be rewritten, because part of it is no Rust that we can read; it was reported.
pub(crate) struct Broken;

/// The body of a function, rewritten.
pub(crate) fn rewrite_body(mut block: Block, sig: &Signature, context: &Context) -> Result<Block, Broken> {
    let variables = context.variables(sig, &block);
    let place = Place::Async;
    let mut rewrite = Rewrite {
        krate: &context.krate,
        context,
        variables,
        scope: context.scope.clone(),
        identified: BTreeSet::new(),
        place,
        allowed: context.allows.function(),
        is_discarded: false,
        is_awaited: false,
        is_order_free: false,
        is_broken: false,
        used: Vec::new(),
    };
    rewrite.visit_block_mut(&mut block);
    if rewrite.is_broken {
        return Err(Broken);
    }
    let uses = rewrite.used.iter().map(|path| Stmt::Item(Item::Verbatim(quote!(#path! { @used }))));
    block.stmts.splice(0..0, uses);
    Ok(block)
}

#[derive(Clone)]
pub(super) enum Place {
    Async,
    /// A closure, with its variables.
    Closure {
        own: Bound,
        is_move: bool,
    },
    /// A function that can't await.
    Function,
}

pub(super) struct Rewrite<'a> {
    pub(super) krate: &'a Krate,
    pub(super) context: &'a Context,
    /// All variables of the function.
    variables: Rc<Bound>,
    scope: FileScope,
    /// The functions that are compared with the listed ones already.
    identified: BTreeSet<String>,
    pub(super) place: Place,
    /// The opt-outs around the code.
    allowed: AllowStack,
    /// Whether nobody looks at the value of the next step.
    is_discarded: bool,
    /// Whether the next step is awaited where it is made.
    is_awaited: bool,
    /// Whether the order of the next iterator is of no consequence.
    is_order_free: bool,
    is_broken: bool,
    /// The macros that were replaced. Each is called once, so that its import is used, and an editor finds it.
    used: Vec<Path>,
}

impl Rewrite<'_> {
    /// Whether the user allows what `lint` finds here. To be asked where something would be put, and only there: an
    /// opt-out that nobody asks for is reported.
    pub(crate) fn allows(&self, lint: Lint) -> bool {
        self.context.allows.allows(&self.allowed, lint)
    }

    /// Rewrites an expression's parts, and asks its types what its names don't tell.
    fn visit_probed(&mut self, node: &mut Expr) {
        let is_ordered_loop = matches!(node, Expr::ForLoop(_)) && self.is_told(node);
        self.is_order_free |= !is_ordered_loop && order::is_order_free(node, &self.variables);
        let site = probes::site(node, &self.variables, &self.scope).filter(|site| {
            let is_exempt =
                matches!(site, Site::Result(Question::Order) | Site::Head) && std::mem::take(&mut self.is_order_free);
            !is_exempt && !self.is_told(node) && !self.allows(site.lint())
        });
        visit_mut::visit_expr_mut(self, node);
        match node {
            Expr::Call(call) => {
                if let Some(listed) = Listed::with_arguments(call.args.len())
                    && self.asks_identity(&call.func)
                {
                    *call.func = Expr::Verbatim(identity::expand_callee(&call.func, listed, self.krate));
                }
            }
            Expr::MethodCall(call) => {
                let listed = Listed::for_method(&call.method);
                for argument in &mut call.args {
                    if self.asks_identity(argument) {
                        *argument = Expr::Verbatim(identity::expand(argument, &[listed], self.krate));
                    }
                }
            }
            _ => {}
        }
        if let Some(site) = site {
            probes::expand(node, site, self.krate);
        }
    }

    /// Whether the names of the files tell that there is nothing to ask.
    fn is_told(&self, node: &Expr) -> bool {
        probes::told_at(node).is_some_and(|at| self.context.told.is_harmless(at, ""))
    }

    /// Whether this may be a function of another file that was not compared with the listed ones yet.
    fn asks_identity(&mut self, node: &Expr) -> bool {
        let Some(function) = identity::unknown_function(node, &self.variables, &self.scope) else { return false };
        let name = function.to_token_stream().to_string();
        if self.identified.contains(&name) || identity::LINTS.iter().any(|lint| self.allows(*lint)) {
            return false;
        }
        self.identified.insert(name)
    }

    fn rewrite_stmt(&mut self, node: &mut Stmt) {
        self.is_discarded = is_discarding_stmt(node);
        // A step that a listed function gets was reported with it.
        if let Stmt::Expr(call @ Expr::Call(_), Some(_)) = node
            && self.is_reported(call)
            && macros::find_step(&call.to_token_stream()).is_some()
        {
            *call = Expr::Verbatim(quote!(()));
            return;
        }
        if !self.context.is_clean.get() && self.mend_stmt(node) {
            return;
        }
        let Stmt::Macro(inner) = node else {
            return visit_mut::visit_stmt_mut(self, node);
        };
        if let Some(tokens) = self.expand_macro(&inner.mac) {
            let attrs = &inner.attrs;
            // `race! { .. }` is a statement without a semicolon: what follows must not be read as its continuation.
            let is_race = inner.semi_token.is_none() && macros::kind(&inner.mac) == Kind::Race;
            let tokens = if is_race { quote!({ #tokens }) } else { tokens };
            *node = Stmt::Expr(Expr::Verbatim(quote!(#(#attrs)* #tokens)), inner.semi_token);
        }
    }

    fn use_macro(&mut self, call: &Macro) {
        if !self.used.contains(&call.path) {
            self.used.push(call.path.clone());
        }
    }

    pub(super) fn within(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
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

    /// `step` is where a step begins that was made to be awaited at once.
    fn expand_await(&self, node: &ExprAwait, step: Option<Span>) -> TokenStream {
        let ExprAwait { attrs, base, dot_token, await_token } = node;
        let span = await_token.span;
        let base = bare(base);
        if !matches!(self.place, Place::Async) {
            // It was reported; this has the type that an `.await` would have.
            let misplaced = self.krate.private("misplaced_await", span);
            return quote!(#misplaced(#base));
        }
        if let Some(step) = step {
            // What is wrong with the whole is underlined from its beginning, and not from where the body stands.
            let base = parenthesized(base.to_token_stream(), step);
            return quote!(#(#attrs)* #base #dot_token #await_token);
        }
        let durable = spans::call(self.krate.private("durable", span), base, span);
        let operation = quote_spanned!(span=> .operation());
        quote!(#(#attrs)* #durable #operation #dot_token #await_token)
    }

    /// Whether this is an `.await` that was reported, because its closure can't wait.
    fn is_misplaced(&self, expr: &Expr) -> bool {
        !matches!(self.place, Place::Async) && matches!(expr, Expr::Await(_))
    }

    /// Whether a lint says already that this can't be called, of which the `.await` would only say it again.
    fn is_reported(&self, base: &Expr) -> bool {
        !self.context.is_clean.get()
            && matches!(self.place, Place::Async)
            && crate::lints::listed_call(base, &self.variables, &self.scope).is_some_and(|lint| !self.allows(lint))
    }

    /// Whether something was reported of a method call, or of what it is called on.
    fn is_reported_method(&self, call: &ExprMethodCall) -> bool {
        !self.context.is_clean.get() && self.context.told.is_reported(call.method.span())
    }

    fn expand_async(&self, node: &ExprAsync) -> TokenStream {
        let span = node.async_token.span;
        let block = self.krate.private("block", span);
        let argument = parenthesized(node.to_token_stream(), span);
        quote!(#block #argument)
    }

    fn expand_step(&mut self, call: &Macro) -> Option<TokenStream> {
        let is_discarded = std::mem::take(&mut self.is_discarded);
        let is_awaited = std::mem::take(&mut self.is_awaited);
        let Some(mut step) = reading::take_step(call) else {
            self.is_broken = true;
            return None;
        };
        self.use_macro(call);
        if step.is_transaction {
            self.context.has_transactions.set(true);
        }
        self.visit_expr_mut(&mut step.id);
        step.options.iter_mut().filter_map(|option| option.value.as_mut()).for_each(|value| self.visit_expr_mut(value));
        let leaving = self.context.leaving.of(call);
        let closure = match &self.place {
            Place::Closure { own, is_move } => Some(Closure { all: &self.variables, own, is_move: *is_move }),
            Place::Async if !is_awaited => {
                leaving.as_ref().map(|own| Closure { all: &self.variables, own, is_move: false })
            }
            Place::Async | Place::Function => None,
        };
        let uses = self.context.uses.get();
        let mut suspects = uses.map_or_else(Vec::new, |uses| captures::suspects(&step, &self.variables, uses));
        if !suspects.is_empty() && self.allows(Question::Capture.lint()) {
            suspects.clear();
        }
        let around = step::Around {
            is_discarded,
            is_awaited,
            closure,
            variables: Some(&self.variables),
            scope: Some(&self.scope),
            is_future: !self.context.is_clean.get() && self.context.told.take(step.span, values::FUTURE),
        };
        let step = step::expand_step(step, around, self.krate);
        Some(if suspects.is_empty() { step } else { probes::expand_step(step, &suspects, self.krate) })
    }

    fn expand_race(&mut self, call: &Macro) -> Option<TokenStream> {
        if !race::has_arms(call) {
            if race::check_no_arms(call, &mut Diagnostics::default()) {
                self.is_broken = true;
                return None;
            }
            self.krate.need_traits("durable");
            return self.rewrite_arguments(call);
        }
        let Some(mut arms) = race::parse_race(call, &mut Diagnostics::default()) else {
            self.is_broken = true;
            return None;
        };
        self.use_macro(call);
        for arm in &mut arms {
            self.mend_operand(&mut arm.durable);
            self.visit_expr_mut(&mut arm.durable);
            self.visit_expr_mut(&mut arm.body);
        }
        Some(expand_race(call, &arms, self.krate))
    }

    fn rewrite_arguments(&mut self, call: &Macro) -> Option<TokenStream> {
        let Some(mut arguments) = reading::take_arguments(call) else {
            self.is_broken |= macros::find_step(&call.tokens).is_some();
            return None;
        };
        let questions = probes::format::questions(&macros::name(call), &arguments, &self.context.told);
        if matches!(macros::kind(call), Kind::Join | Kind::Race) {
            arguments.exprs.iter_mut().for_each(|operand| self.mend_operand(operand));
        }
        arguments.exprs.iter_mut().for_each(|expr| self.visit_expr_mut(expr));
        if let Some(questions) = questions
            && !self.allows(Question::Text.lint())
        {
            questions.expand(&mut arguments, self.krate);
        }
        let mut call = call.clone();
        call.tokens = arguments.to_token_stream();
        Some(call.to_token_stream())
    }

    /// What takes the place of a macro call, if anything does.
    fn expand_macro(&mut self, call: &Macro) -> Option<TokenStream> {
        match macros::kind(call) {
            Kind::Step => self.expand_step(call),
            Kind::Race => self.expand_race(call),
            Kind::Join => {
                self.krate.need_traits("durable");
                self.rewrite_arguments(call)
            }
            Kind::Known(_) => self.rewrite_arguments(call),
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
        if !self.context.is_clean.get() && self.mend(node) {
            return;
        }
        match node {
            Expr::Call(_) if self.is_reported(node) && macros::find_step(&node.to_token_stream()).is_none() => {}
            Expr::Await(inner) if self.is_reported(&inner.base) => self.visit_expr_mut(&mut inner.base),
            Expr::Await(inner) => {
                let step = match bare(&inner.base) {
                    Expr::Macro(call) if macros::kind(&call.mac) == Kind::Step => Some(&call.mac.path),
                    _ => None,
                };
                let step = step.filter(|_| matches!(self.place, Place::Async));
                let step = step.and_then(|path| path.segments.first()).map(|first| first.ident.span());
                self.is_awaited = step.is_some();
                self.visit_expr_mut(&mut inner.base);
                *node = Expr::Verbatim(self.expand_await(inner, step));
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
            Expr::MethodCall(inner) if self.is_reported_method(inner) => {
                // What gets a future there was reported, and rustc need not say it again.
                let plain = |value: &&mut Expr| {
                    matches!(value, Expr::Async(_)) && macros::find_step(&value.to_token_stream()).is_none()
                };
                inner.args.iter_mut().filter(plain).for_each(|value| *value = Expr::Verbatim(value.to_token_stream()));
                self.is_discarded |= is_discarding_expr(node);
                self.visit_probed(node);
            }
            other => {
                self.is_discarded |= is_discarding_expr(other);
                self.visit_probed(other);
            }
        }
    }

    fn visit_local_mut(&mut self, node: &mut Local) {
        visit_mut::visit_local_mut(self, node);
        if let Some(init) = &mut node.init
            && self.asks_identity(&init.expr)
        {
            *init.expr = Expr::Verbatim(identity::expand(&init.expr, Listed::ALL, self.krate));
        }
    }

    fn visit_block_mut(&mut self, node: &mut Block) {
        self.scope.enter(node);
        for at in 0..node.stmts.len() {
            self.is_order_free = order::is_order_free_stmt(&node.stmts, at, &self.variables);
            if let Some(stmt) = node.stmts.get_mut(at) {
                self.visit_stmt_mut(stmt);
            }
        }
        self.scope.leave();
    }

    fn visit_stmt_mut(&mut self, node: &mut Stmt) {
        if let Some(inner) = self.context.allows.within(&self.allowed, node) {
            let around = std::mem::replace(&mut self.allowed, inner);
            self.rewrite_stmt(node);
            self.allowed = around;
        } else {
            self.rewrite_stmt(node);
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
        Expr::MethodCall(call) => is_step(&call.receiver) && is_one_of(&call.method, ERROR_ONLY),
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
