//! What stands in the wrong place in a workflow's body.

use proc_macro2::TokenTree;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ExprAsync, ExprAwait, ExprClosure, ItemFn, ItemMacro, Macro, Signature};

use super::Context;
use super::macros::{self, Kind};
use super::{race, reading};
use crate::diagnostics::{Diagnostics, Message, source};
use crate::lints::Lint;
use crate::probes::captures::{self, Uses};
use crate::resolve::FileScope;
use crate::step;
use crate::step::captures::Bound;

/// Reports every misplaced step and `.await` within the body of a workflow or a `#[durable]` function.
pub(crate) fn check_body(block: &Block, sig: &Signature, context: &Context, diagnostics: &mut Diagnostics) {
    let variables = context.variables(sig, block);
    let mut check =
        BodyCheck { diagnostics, variables: &variables, scope: &context.scope, place: Place::Async, may_change: false };
    check.visit_block(block);
    if check.may_change {
        context.uses.get_or_init(|| Uses::of(block));
    }
    crate::lints::check_names(block, sig, context, diagnostics);
    context.is_clean.set(diagnostics.is_empty());
}

/// What is around an expression.
#[derive(Clone)]
enum Place {
    /// Code that may await.
    Async,
    /// A closure, which may make a step and can't await it.
    Closure,
    /// A function within the workflow, which is not the workflow's code.
    Function { name: String, is_async: bool },
}

struct BodyCheck<'a> {
    diagnostics: &'a mut Diagnostics,
    variables: &'a Bound,
    scope: &'a FileScope,
    place: Place,
    /// Whether a step may change something through a shared reference.
    may_change: bool,
}

impl BodyCheck<'_> {
    fn within(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.place, place);
        walk(self);
        self.place = around;
    }

    fn check_step(&mut self, call: &Macro) {
        if let Place::Function { name, is_async } = &self.place {
            let step = source(&call.path);
            let message = Message::new(format!(
                "`{step}!` in the function `{name}`, which is not part of the workflow around it"
            ));
            let help = if *is_async {
                format!("mark it: `#[durable] async fn {name}(..)`")
            } else {
                format!("make it `#[durable] async fn {name}(..)`, and await it")
            };
            self.diagnostics.report(&call.path, message.help(help).note(Lint::HiddenStep.note()));
        }
        let Some(step) = reading::step(call, self.diagnostics) else { return };
        step::check_step(&step, self.variables, self.scope, self.diagnostics);
        self.may_change |= captures::may_change(&step);
        self.visit_expr(&step.id);
        step.options.iter().filter_map(|option| option.value.as_ref()).for_each(|value| self.visit_expr(value));
    }

    fn check_race(&mut self, call: &Macro) {
        if !race::has_arms(call) {
            if !race::check_no_arms(call, self.diagnostics) {
                self.check_arguments(call);
            }
            return;
        }
        for arm in race::parse_race(call, self.diagnostics).unwrap_or_default() {
            self.visit_expr(&arm.durable);
            self.visit_expr(&arm.body);
        }
    }

    fn check_arguments(&mut self, call: &Macro) {
        if !macros::may_contain(call, &["await", "!"]) {
            return;
        }
        match reading::arguments(call) {
            Some(arguments) => arguments.exprs.iter().for_each(|expr| self.visit_expr(expr)),
            None => self.check_closed(call, "its arguments are no list of expressions"),
        }
    }

    /// A macro that nothing may hide in.
    fn check_closed(&mut self, call: &Macro, why: &str) {
        let hidden = match (&self.place, macros::find_step(&call.tokens)) {
            (_, Some(step)) => Some((step.clone(), format!("{step}!"))),
            (Place::Function { .. }, None) => None,
            (_, None) => macros::find_await(&call.tokens).map(|token| (token, ".await".to_owned())),
        };
        if let Some((at, what)) = hidden {
            self.report_hidden(call, &at, &what, why);
        }
    }

    fn report_hidden(&mut self, call: &Macro, at: &TokenTree, what: &str, why: &str) {
        let name = source(&call.path);
        let message = Message::new(format!("`{what}` inside `{name}!`: {why}"));
        let help = match macros::name(call).as_str() {
            "select" | "select_biased" => {
                "use `race! { value = step!(..) => .., .. }`, which records the winner".to_owned()
            }
            "try_join" => "use `join!(..).await`, and `?` on each of its values".to_owned(),
            "macro_rules" => "write the step where the macro is used, and pass its value to the macro".to_owned(),
            _ => format!("bind it with `let` first: `let value = step!(..).await?;`, then `{name}!(.. value ..)`"),
        };
        self.diagnostics.report(at, message.help(help).note(Lint::HiddenStep.note()));
    }
}

impl<'ast> Visit<'ast> for BodyCheck<'_> {
    fn visit_expr_async(&mut self, node: &'ast ExprAsync) {
        match self.place {
            Place::Function { .. } => self.visit_block(&node.block),
            _ => self.within(Place::Async, |inner| inner.visit_block(&node.block)),
        }
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        if let Place::Function { .. } = self.place {
            return self.visit_expr(&node.body);
        }
        if let Some(asyncness) = node.asyncness {
            let message = Message::new("an `async` closure makes plain futures, which a workflow can't await");
            let inputs = source(&node.inputs);
            let help = format!("write `|{inputs}| async move {{ .. }}`, or keep it inside a step");
            self.diagnostics.report(asyncness, message.help(help));
            return self.within(Place::Async, |inner| inner.visit_expr(&node.body));
        }
        self.within(Place::Closure, |inner| inner.visit_expr(&node.body));
    }

    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        if let Place::Closure = self.place {
            let message =
                Message::new("`.await` in a closure that is not async: it can make a step, and can't wait for it");
            let help = "let it return the step and await them all, `join_all(items.iter().map(|item| step!(..))).await`,\nor use a `for` loop";
            self.diagnostics.report(node.await_token, message.help(help));
        }
        visit::visit_expr_await(self, node);
    }

    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        if !is_ours(&node.attrs) {
            let place = Place::Function { name: node.sig.ident.to_string(), is_async: node.sig.asyncness.is_some() };
            self.within(place, |inner| inner.visit_block(&node.block));
        }
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        if !is_ours(&node.attrs) {
            let place = Place::Function { name: node.sig.ident.to_string(), is_async: node.sig.asyncness.is_some() };
            self.within(place, |inner| inner.visit_block(&node.block));
        }
    }

    fn visit_item_macro(&mut self, node: &'ast ItemMacro) {
        self.check_closed(&node.mac, "a macro hides it from the attribute, which has to see every step");
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        // Constants are computed by the compiler.
        if !matches!(node, Expr::Const(_)) {
            visit::visit_expr(self, node);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        match macros::kind(call) {
            Kind::Step => self.check_step(call),
            Kind::Race => self.check_race(call),
            Kind::Join | Kind::Known(_) => self.check_arguments(call),
            Kind::Conditional => {
                self.check_closed(call, "it may leave its arguments out, and the step would come and go with a setting")
            }
            Kind::Opaque => self.check_closed(call, "what becomes of it there can't be seen"),
        }
    }
}

/// Whether the function has an attribute that takes care of its steps.
pub(crate) fn is_ours(attrs: &[Attribute]) -> bool {
    attrs
        .iter()
        .any(|attr| attr.path().segments.last().is_some_and(|last| last.ident == "durable" || last.ident == "workflow"))
}
