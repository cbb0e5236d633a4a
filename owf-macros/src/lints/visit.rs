//! Which parts of the code the walk visits, and what it asks of each.

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprAssign, ExprAsync, ExprBinary, ExprCall, ExprCast, ExprClosure, ExprForLoop, ExprIf, ExprLet,
    ExprLoop, ExprMatch, ExprMethodCall, ExprPath, ExprReturn, ExprStruct, ExprUnsafe, ExprWhile, Ident, Item, Local,
    Macro, Pat, Path, ReturnType, StaticMutability, Stmt, Type,
};

use super::patterns::more_of;
use super::site::Statement;
use super::values::{maker, taking_apart};
use super::variables::Variable;
use super::walk::Walk;
use super::{addresses, shared_state, unsafe_code};
use crate::body::macros::{self, Kind};
use crate::resolve::{Found, Head, Namespace, Own, conditions};

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_block(&mut self, node: &'ast Block) {
        let returned = self.expected.take();
        self.scope.enter(node);
        self.within(|walk| {
            for at in 0..node.stmts.len() {
                let Some(stmt) = node.stmts.get(at) else { continue };
                if let Stmt::Expr(tail, None) = stmt {
                    walk.expected = returned.clone();
                    walk.is_order_free = walk.is_free_as(tail, returned.as_ref());
                } else {
                    walk.is_order_free = walk.is_free_stmt(&node.stmts, at);
                }
                walk.visit_stmt(stmt);
            }
        });
        self.scope.leave();
    }

    fn visit_stmt(&mut self, node: &'ast Stmt) {
        if self.throws_step_away(node) {
            return;
        }
        let outer = std::mem::take(&mut self.statement);
        let mut around = None;
        if let Some(report) = self.report() {
            let inner = report.context.allows.within(&report.allowed, node);
            around = inner.map(|inner| std::mem::replace(&mut report.allowed, inner));
            if report.is_detailed {
                self.statement = Statement::of(node);
            }
            self.check_awaited(node);
        }
        self.under(conditions(attributes(node)), |walk| visit::visit_stmt(walk, node));
        if let Stmt::Expr(value, Some(_)) = node {
            self.implied_by_temporary(value);
        }
        if let (Some(around), Some(report)) = (around, self.report()) {
            report.allowed = around;
        }
        self.statement = outer;
    }

    fn visit_local(&mut self, node: &'ast Local) {
        let written = match &node.pat {
            Pat::Type(typed) => Some(&*typed.ty),
            _ => None,
        };
        let (mut found, mut unawaited, mut text, mut makes_steps) = (None, None, None, false);
        let reported = self.reported();
        if let Some(init) = &node.init {
            self.expected = written.cloned();
            self.is_sorted = self.variables.is_sorted(&node.pat);
            self.visit_expr(&init.expr);
            (self.expected, self.is_sorted) = (None, false);
            self.forgive_step_only(node, reported);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
            found = self.type_of(&init.expr);
            if found.as_ref().is_some_and(|known| known.innermost().is_hash_iterator()) {
                self.kept_iterator(&init.expr);
            }
            unawaited = self.unawaited(&node.pat, &init.expr);
            text = self.id_text(&init.expr);
            makes_steps = self.makes_steps(&init.expr);
        }
        let known = more_of(written.and_then(|ty| self.scope.known(ty, &self.generics)), found);
        let known = match node.init.as_ref().map(|init| &*init.expr) {
            Some(Expr::MethodCall(call)) => known.map(|known| self.with_collected(known, call)),
            _ => known,
        };
        if let (Some(known), Some(init)) = (&known, &node.init) {
            self.made_by("Drop", "drop", known, &init.expr);
        }
        // What is `mut` may become another text.
        let is_fixed =
            |pat: &Pat| matches!(pat, Pat::Ident(name) if name.mutability.is_none() && name.by_ref.is_none());
        let is_fixed = is_fixed(&node.pat) || matches!(&node.pat, Pat::Type(typed) if is_fixed(&typed.pat));
        let text = text.filter(|_| is_fixed);
        let is_reported = self.reported() > reported;
        let is_operation = unawaited.is_some() && node.init.as_ref().is_some_and(|init| maker(&init.expr).is_some());
        self.bind(&node.pat, || Variable {
            unawaited: unawaited.clone(),
            is_operation,
            text: text.clone(),
            makes_steps,
            is_reported,
            ..Variable::default()
        });
        let pat = if let Pat::Type(typed) = &node.pat { &typed.pat } else { &node.pat };
        self.tell(pat, known);
        if let Some(init) = &node.init {
            self.unawaited_parts(pat, &init.expr);
            self.taken_apart(pat, &init.expr);
        }
    }

    fn visit_item(&mut self, node: &'ast Item) {
        // Functions within are helpers, and the other items are no code of the workflow's.
        if let Item::Static(item) = node
            && (matches!(item.mutability, StaticMutability::Mut(_))
                || matches!(
                    self.scope.find(&[item.ident.to_string()], Namespace::Values),
                    Found::Own(Own::Static(item)) if self.scope.why_changing(&item).is_some()
                ))
        {
            let what = format!("`{}` is a static, which belongs to the whole process", item.ident);
            self.found(&shared_state::ABOUT, &item.ident, None, &what, "use a `let`, or what a step returns");
        }
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        // Constants are computed by the compiler.
        if matches!(node, Expr::Const(_)) {
            return;
        }
        self.closure_input = self.closure_input.take().filter(|_| matches!(node, Expr::Closure(_) | Expr::Path(_)));
        let (is_free, is_in_chain) = (std::mem::take(&mut self.is_order_free), std::mem::take(&mut self.is_in_chain));
        self.hash_order(node, is_free, is_in_chain);
        self.tell_probes(node);
        self.check_values(node);
        self.implied(node);
        let expected = self.expected.take();
        if let Some(ty) = &expected {
            self.made_by_type(node, ty);
        }
        self.expect_of_parts(node, expected.as_ref());
        self.expected = expected.filter(|_| matches!(node, Expr::Block(_) | Expr::If(_) | Expr::Match(_)));
        visit::visit_expr(self, node);
    }

    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        let reported = self.reported();
        match &*node.func {
            Expr::Path(path) => self.path(path, Some(&node.args)),
            other => self.visit_expr(other),
        }
        self.implied_by_function(node);
        self.shown_by_function(node);
        let is_refused = self.is_refused || self.reported() > reported;
        let around = std::mem::replace(&mut self.is_refused, is_refused);
        self.call_arguments(node);
        self.is_refused = around;
    }

    fn visit_expr_path(&mut self, node: &'ast ExprPath) {
        self.path(node, None);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        let output = self.closure_output.take();
        self.is_in_chain = matches!(&*node.receiver, Expr::MethodCall(_) | Expr::Call(_));
        let reported = self.reported();
        if !self.holds(node) {
            self.visit_expr(&node.receiver);
        }
        self.implied_by_temporary(&node.receiver);
        self.method_call(node);
        self.tell_reported(node, reported);
        let is_end_in_order = self.is_end_in_order;
        let input = self.type_of_closure_input(node);
        self.expected_within = None;
        for argument in &node.args {
            self.closure_input = input.clone();
            self.closure_skips = usize::from(node.args.len() == 2 && input.is_some());
            self.closure_output = output.clone();
            self.visit_expr(argument);
        }
        (self.closure_input, self.closure_output) = (None, None);
        self.is_end_in_order = is_end_in_order;
        self.filled(node);
    }

    fn visit_expr_assign(&mut self, node: &'ast ExprAssign) {
        if self.report().is_some() && matches!(&*node.left, Expr::Infer(_)) {
            self.check_discarded(&node.right);
        }
        self.assigned(node);
        visit::visit_expr_assign(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        use syn::BinOp::{Ge, Gt, Le, Lt};
        visit::visit_expr_binary(self, node);
        if matches!(node.op, Lt(_) | Le(_) | Gt(_) | Ge(_))
            && self.is_address(&node.left)
            && !self.is_helper(&addresses::ABOUT, || "compares addresses".to_owned())
        {
            let what = "addresses are compared here";
            self.found(&addresses::ABOUT, &node.op, None, what, addresses::INSTEAD);
        }
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        let (known, output) = (self.closure_input.take(), self.closure_output.take());
        let skips = std::mem::take(&mut self.closure_skips);
        self.within(|walk| {
            for (at, input) in node.inputs.iter().enumerate() {
                // What a `fold` carries along comes first.
                walk.bind_known(input, known.clone().filter(|_| at >= skips || node.inputs.len() == 1));
            }
            walk.returning(&node.output, |walk| {
                walk.expected = walk.expected.take().or(output);
                walk.visit_expr(&node.body);
            });
        });
    }

    fn visit_expr_async(&mut self, node: &'ast ExprAsync) {
        self.returning(&ReturnType::Default, |walk| walk.visit_block(&node.block));
    }

    fn visit_expr_return(&mut self, node: &'ast ExprReturn) {
        if let Some(value) = &node.expr {
            self.expected = self.returned.clone();
            self.visit_expr(value);
        }
    }

    fn visit_expr_struct(&mut self, node: &'ast ExprStruct) {
        self.fields_made(node);
        visit::visit_expr_struct(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        let returned = self.expected.take();
        self.visit_expr(&node.expr);
        let known = self.type_of(&node.expr);
        let is_taken_apart = node.arms.iter().any(|arm| taking_apart(&arm.pat).is_some());
        let is_step = self.makes_step(&node.expr) && !is_taken_apart;
        for arm in &node.arms {
            let conditions = conditions(&arm.attrs);
            self.under(conditions, |walk| {
                walk.within(|walk| {
                    walk.bind_known(&arm.pat, known.clone());
                    if let Pat::Guard(guarded) = &arm.pat {
                        walk.visit_expr(&guarded.guard);
                    }
                    if is_step {
                        walk.matched(&arm.pat, &node.expr);
                    }
                    walk.expected = returned.clone();
                    walk.is_order_free = walk.is_free_as(&arm.body, returned.as_ref());
                    walk.visit_expr(&arm.body);
                });
            });
        }
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        let returned = self.expected.take();
        self.within(|walk| {
            walk.visit_expr(&node.cond);
            walk.expected = returned.clone();
            walk.visit_block(&node.then_branch);
        });
        if let Some((_, otherwise)) = &node.else_branch {
            self.expected = returned;
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_let(&mut self, node: &'ast ExprLet) {
        self.visit_expr(&node.expr);
        let known = self.type_of(&node.expr);
        self.bind_known(&node.pat, known);
        if self.makes_step(&node.expr) {
            self.matched(&node.pat, &node.expr);
        }
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        self.within_loop(|walk| visit::visit_expr_while(walk, node));
    }

    fn visit_expr_loop(&mut self, node: &'ast ExprLoop) {
        self.within_loop(|walk| visit::visit_expr_loop(walk, node));
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        let is_free = self.report().is_some() || self.is_free_as(&Expr::ForLoop(node.clone()), None);
        self.is_order_free = is_free;
        let step = self.step_of_turn(&node.expr);
        self.visit_expr(&node.expr);
        if !is_free {
            self.turns(node);
        }
        let known = self.type_of_turn(&node.expr);
        self.within_loop(|walk| {
            walk.bind_known(&node.pat, known);
            walk.awaits_in_turn(&node.pat, step);
            walk.visit_block(&node.body);
        });
    }

    /// Patterns are bound where they are met.
    fn visit_pat(&mut self, _: &'ast Pat) {}

    fn visit_expr_unsafe(&mut self, node: &'ast ExprUnsafe) {
        if self.report().is_some() {
            self.found(
                &unsafe_code::ABOUT,
                &node.unsafe_token,
                None,
                "`unsafe` code can do anything",
                unsafe_code::INSTEAD,
            );
        }
        let is_reported = self.report().is_some();
        let around = std::mem::replace(&mut self.is_unsafe, is_reported);
        self.visit_block(&node.block);
        self.is_unsafe = around;
    }

    fn visit_expr_cast(&mut self, node: &'ast ExprCast) {
        self.visit_expr(&node.expr);
        let is_address = |known: crate::resolve::Known| matches!(known.head, Head::Pointer | Head::Function);
        if is_number(&node.ty)
            && self.type_of(&node.expr).is_some_and(is_address)
            && !self.is_helper(&addresses::ABOUT, || "makes a number of an address".to_owned())
        {
            let what = "an address becomes a number here";
            self.found(&addresses::ABOUT, &node.ty, None, what, addresses::INSTEAD);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let kind = macros::kind(call);
        if kind == Kind::Step {
            return self.step(call);
        }
        let reported = self.reported();
        self.known_macro(call);
        if matches!(kind, Kind::Join | Kind::Race) {
            self.check_operands(call);
        }
        match kind {
            // What is only logged decides nothing.
            _ if self.is_log(call) => self.mention_all(call.tokens.clone()),
            Kind::Race => self.race(call),
            Kind::Opaque if NOT_EVALUATED.contains(&macros::name(call).as_str()) => {}
            _ => self.arguments(call),
        }
        // What it does with its arguments matters no more where they are wrong as they stand.
        if self.reported() == reported {
            self.expansion(call);
        }
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_ident(&mut self, _: &'ast Ident) {}

    fn visit_path(&mut self, _: &'ast Path) {}
}

/// Macros whose arguments are text to them.
const NOT_EVALUATED: &[&str] = &["stringify", "compile_error", "thread_local", "macro_rules"];

fn is_number(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    ["usize", "isize", "u64", "i64", "u32", "i32", "u128", "i128"].iter().any(|name| path.path.is_ident(name))
}

/// The attributes of a statement, of the kinds that matter here.
fn attributes(stmt: &Stmt) -> &[syn::Attribute] {
    match stmt {
        Stmt::Local(local) => &local.attrs,
        Stmt::Macro(call) => &call.attrs,
        Stmt::Item(Item::Static(item)) => &item.attrs,
        Stmt::Item(_) => &[],
        Stmt::Expr(expr, _) => match expr {
            Expr::Assign(node) => &node.attrs,
            Expr::Block(node) => &node.attrs,
            Expr::Call(node) => &node.attrs,
            Expr::ForLoop(node) => &node.attrs,
            Expr::If(node) => &node.attrs,
            Expr::Loop(node) => &node.attrs,
            Expr::Macro(node) => &node.attrs,
            Expr::Match(node) => &node.attrs,
            Expr::MethodCall(node) => &node.attrs,
            Expr::Return(node) => &node.attrs,
            Expr::Unsafe(node) => &node.attrs,
            Expr::While(node) => &node.attrs,
            _ => &[],
        },
    }
}
