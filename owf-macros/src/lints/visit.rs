//! Which parts of the code the walk visits, and what it asks of each.

use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprCall, ExprCast, ExprClosure, ExprForLoop, ExprIf, ExprLet, ExprLoop, ExprMethodCall,
    ExprPath, ExprUnsafe, ExprWhile, Ident, Item, Local, Macro, Pat, Path, StaticMutability, Stmt, Type,
};

use super::site::Statement;
use super::variables::{Variable, expr_owner, type_owner};
use super::walk::Walk;
use super::{addresses, names, shared_state, unsafe_code};
use crate::body::macros::{self, Kind};
use crate::resolve::{Found, Namespace, Own, segments};

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_block(&mut self, node: &'ast Block) {
        self.scope.enter(node);
        self.within(|walk| visit::visit_block(walk, node));
        self.scope.leave();
    }

    fn visit_stmt(&mut self, node: &'ast Stmt) {
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
        visit::visit_stmt(self, node);
        if let (Some(around), Some(report)) = (around, self.report()) {
            report.allowed = around;
        }
        self.statement = outer;
    }

    fn visit_local(&mut self, node: &'ast Local) {
        let mut variable = (None, None);
        let mut is_address = false;
        if let Some(init) = &node.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
            is_address = is_pointer(&init.expr);
            variable = (expr_owner(&init.expr, &self.scope), self.unawaited(&node.pat, &init.expr));
        }
        if let Pat::Type(typed) = &node.pat {
            variable.0 = type_owner(&typed.ty, &self.scope).or(variable.0);
            is_address |= matches!(&*typed.ty, Type::Ptr(_));
        }
        let (owner, unawaited) = variable;
        self.bind(&node.pat, || Variable {
            owner: owner.clone(),
            unawaited: unawaited.clone(),
            is_address,
            ..Variable::default()
        });
    }

    fn visit_item(&mut self, node: &'ast Item) {
        // Functions within are helpers, and the other items are no code of the workflow's.
        if let Item::Static(item) = node
            && (matches!(item.mutability, StaticMutability::Mut(_))
                || matches!(
                    self.scope.find(&[item.ident.to_string()], Namespace::Values),
                    Found::Own(Own::Static(Some(_)))
                ))
        {
            let what = format!("`{}` is a static, which belongs to the whole process", item.ident);
            self.found(&shared_state::ABOUT, &item.ident, None, &what, "use a `let`, or what a step returns");
        }
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        // Constants are computed by the compiler.
        if !matches!(node, Expr::Const(_)) {
            visit::visit_expr(self, node);
        }
    }

    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        match &*node.func {
            Expr::Path(path) => self.path(path, Some(&node.args)),
            other => self.visit_expr(other),
        }
        node.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    fn visit_expr_path(&mut self, node: &'ast ExprPath) {
        self.path(node, None);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        self.visit_expr(&node.receiver);
        let name = node.method.to_string();
        if let Some(owner) = self.receiver(&node.receiver)
            && let Some(method) = self.scope.method(&owner, &name)
        {
            self.helper(&node.method, Some(&node.args), &method);
        } else if let Some(full) = self.static_method(&node.receiver, &name)
            && let Some(known) = names::find(&full, Namespace::Values)
        {
            self.listed(&node.method, Some(&node.args), known, &full.join("::"));
        } else if name == "addr"
            && self.is_address(&node.receiver)
            && !self.is_helper(&addresses::ABOUT, || "makes a number of an address".to_owned())
        {
            self.found(&addresses::ABOUT, &node.method, None, "an address becomes a number here", addresses::INSTEAD);
        } else if let Some(known) = names::find_method(&name)
            && !self.scope.has_method(&name)
        {
            self.listed(&node.method, Some(&node.args), known, &name);
        }
        node.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        self.within(|walk| {
            for input in &node.inputs {
                let owner = if let Pat::Type(typed) = input { type_owner(&typed.ty, &walk.scope) } else { None };
                walk.bind(input, || Variable { owner: owner.clone(), ..Variable::default() });
            }
            walk.visit_expr(&node.body);
        });
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        self.within(|walk| visit::visit_arm(walk, node));
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        self.within(|walk| visit::visit_expr_if(walk, node));
    }

    fn visit_expr_let(&mut self, node: &'ast ExprLet) {
        self.visit_expr(&node.expr);
        self.bind(&node.pat, Variable::default);
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        self.within_loop(|walk| visit::visit_expr_while(walk, node));
    }

    fn visit_expr_loop(&mut self, node: &'ast ExprLoop) {
        self.within_loop(|walk| visit::visit_expr_loop(walk, node));
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.visit_expr(&node.expr);
        self.within_loop(|walk| {
            walk.bind(&node.pat, Variable::default);
            walk.visit_block(&node.body);
        });
    }

    /// The pattern of a `match` arm; others are bound where they are met.
    fn visit_pat(&mut self, node: &'ast Pat) {
        self.bind(node, Variable::default);
        if let Pat::Guard(guarded) = node {
            self.visit_expr(&guarded.guard);
        }
    }

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
        self.visit_block(&node.block);
    }

    fn visit_expr_cast(&mut self, node: &'ast ExprCast) {
        self.visit_expr(&node.expr);
        if is_number(&node.ty)
            && (is_pointer(&node.expr) || self.is_address(&node.expr))
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
        self.known_macro(call);
        match kind {
            // What is only logged decides nothing.
            _ if self.is_log(call) => self.mention_all(call.tokens.clone()),
            Kind::Race => self.race(call),
            Kind::Opaque if NOT_EVALUATED.contains(&macros::name(call).as_str()) => {}
            _ => self.arguments(call),
        }
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_ident(&mut self, _: &'ast Ident) {}

    fn visit_path(&mut self, _: &'ast Path) {}
}

/// Macros whose arguments are text to them.
const NOT_EVALUATED: &[&str] = &["stringify", "compile_error", "thread_local", "macro_rules"];

impl Walk<'_> {
    /// The type of a receiver, if it is one of the file's own and the text tells.
    fn receiver(&mut self, receiver: &Expr) -> Option<String> {
        match receiver {
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) if name == "self" => self.owner.clone(),
                Some(name) => match self.variables.find(&name.to_string()) {
                    Some(variable) => variable.owner.clone(),
                    None => expr_owner(receiver, &self.scope),
                },
                None => expr_owner(receiver, &self.scope),
            },
            Expr::Paren(paren) => self.receiver(&paren.expr),
            Expr::Reference(reference) => self.receiver(&reference.expr),
            other => expr_owner(other, &self.scope),
        }
    }

    fn is_address(&mut self, expr: &Expr) -> bool {
        let Expr::Path(path) = expr else { return false };
        let Some(name) = path.path.get_ident() else { return false };
        self.variables.find(&name.to_string()).is_some_and(|variable| variable.is_address)
    }

    /// `UNIX_EPOCH.elapsed()`: the method of a constant whose type is known.
    fn static_method(&mut self, receiver: &Expr, method: &str) -> Option<Vec<String>> {
        let Expr::Path(path) = receiver else { return None };
        let names = segments(&path.path);
        if let [name] = names.as_slice()
            && self.variables.find(name).is_some()
        {
            return None;
        }
        let Found::Absolute(full) = self.scope.find(&names, Namespace::Values) else { return None };
        matches!(full.join("::").as_str(), "std::time::UNIX_EPOCH" | "std::time::SystemTime::UNIX_EPOCH")
            .then(|| ["std", "time", "SystemTime", method].map(str::to_owned).to_vec())
    }
}

fn is_number(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    ["usize", "isize", "u64", "i64", "u32", "i32", "u128", "i128"].iter().any(|name| path.path.is_ident(name))
}

/// Whether an expression is an address, by its text.
fn is_pointer(expr: &Expr) -> bool {
    match expr {
        Expr::Cast(cast) => matches!(&*cast.ty, Type::Ptr(_) | Type::FnPtr(_)) || is_pointer(&cast.expr),
        Expr::Paren(paren) => is_pointer(&paren.expr),
        Expr::MethodCall(call) => call.args.is_empty() && (call.method == "as_ptr" || call.method == "as_mut_ptr"),
        Expr::RawAddr(_) => true,
        Expr::Macro(call) => matches!(macros::name(&call.mac).as_str(), "addr_of" | "addr_of_mut"),
        _ => false,
    }
}
