//! What the walk asks of a method call: whose method it is.

use syn::{Expr, ExprMethodCall};

use super::walk::Walk;
use super::{addresses, names, tasks};
use crate::diagnostics::source;
use crate::probes::{self, told};
use crate::resolve::{Head, Known, Namespace};

/// What tells one address from another by where it is.
const COMPARING: &[&str] = &["cmp", "ge", "gt", "hash", "le", "lt", "offset_from", "partial_cmp"];

impl Walk<'_> {
    pub(super) fn method_call(&mut self, call: &ExprMethodCall) {
        if self.report().is_some_and(|report| report.is_detailed) {
            self.called_on = Some(source(&call.receiver));
        }
        self.asks_method(call);
        self.called_on = None;
    }

    /// Notes that something was reported of a call, or of what it is called on, for whoever expands it.
    pub(super) fn tell_reported(&mut self, call: &ExprMethodCall, before: usize) {
        let of_variable = match &*call.receiver {
            Expr::Path(path) => path.path.get_ident().and_then(|name| self.variables.find(&name.to_string())),
            _ => None,
        };
        let is_of_variable = of_variable.is_some_and(|variable| variable.is_reported);
        if (is_of_variable || self.reported() > before)
            && let Some(report) = self.report()
        {
            report.context.told.note(call.method.span(), told::REPORTED, true);
        }
    }

    fn asks_method(&mut self, call: &ExprMethodCall) {
        let name = call.method.to_string();
        // A type costs more than a name, and most names are of no interest whatever they are called on.
        let is_own = self.scope.has_method(&name);
        let is_asked = is_own || names::ends_a_function(&name) || name == "addr" || self.may_imply(&name);
        let receiver = is_asked.then(|| self.type_of(&call.receiver)).flatten();
        let (mut is_answered, reported) = (false, self.reported());
        for known in receiver.iter().flat_map(Known::alternatives) {
            is_answered |= self.reported() == reported && self.asks_method_of(call, &name, &known);
        }
        if is_answered {
            return;
        }
        if receiver.is_none() && is_own {
            let methods = self.scope.extensions(&name);
            if !methods.is_empty() {
                return self.functions(&call.method, Some(&call.args), &methods, &[]);
            }
        }
        if COMPARING.contains(&name.as_str())
            && self.is_address(&call.receiver)
            && !self.is_helper(&addresses::ABOUT, || "compares addresses".to_owned())
        {
            self.found(&addresses::ABOUT, &call.method, None, "addresses are compared here", addresses::INSTEAD);
        } else if name == "addr"
            && receiver.as_ref().is_some_and(|known| known.head == Head::Pointer)
            && !self.is_helper(&addresses::ABOUT, || "makes a number of an address".to_owned())
        {
            self.found(&addresses::ABOUT, &call.method, None, "an address becomes a number here", addresses::INSTEAD);
        } else if name == "poll" && call.args.iter().any(|argument| self.is_task_context(argument)) {
            let known = (&tasks::ABOUT, &tasks::POLL);
            self.listed(&call.method, Some(&call.args), known, &name);
        } else if let Some(known) = names::find_method(&name)
            && !is_own
        {
            self.listed(&call.method, Some(&call.args), known, &name);
        }
    }

    /// Asks what is called on a receiver of this type, and returns whether that is known.
    fn asks_method_of(&mut self, call: &ExprMethodCall, name: &str, known: &Known) -> bool {
        let methods = self.scope.methods(known, name);
        if !methods.is_empty() {
            let types: Vec<_> = std::iter::once(Some(known.clone())).chain(self.types_of(&call.args)).collect();
            self.arguments_made(&methods, &call.args);
            self.functions(&call.method, Some(&call.args), &methods, &types);
            return true;
        }
        if let Some(full) = self.listed_method(known, &call.receiver, name)
            && let Some(known) = names::find(&full, Namespace::Values)
        {
            self.listed(&call.method, Some(&call.args), known, &full.join("::"));
            return true;
        }
        self.implied_by_method(call, known);
        false
    }

    /// The full path of a method, as the tables may know it.
    fn listed_method(&mut self, known: &Known, receiver: &Expr, name: &str) -> Option<Vec<String>> {
        // What the type probes ask they ask better, and they don't go into helpers; of constants they don't ask.
        let is_constant = matches!(receiver, Expr::Path(path) if path.path.segments.len() > 1
            || path.path.get_ident().is_some_and(|name| self.variables.find(&name.to_string()).is_none()));
        // Nor do they see through a `Deref`.
        let is_own = matches!(known.head, Head::Own(_));
        if self.report().is_some() && probes::asks_receiver(name) && !is_constant && !is_own {
            return None;
        }
        self.scope.seen(known).into_iter().find_map(|seen| {
            let Head::Foreign(owner) = seen.head else { return None };
            let owner = if &*owner == "std::path::PathBuf" { "std::path::Path" } else { &*owner };
            let full: Vec<String> = owner.split("::").chain([name]).map(str::to_owned).collect();
            names::is_function(&full).then_some(full)
        })
    }

    fn is_task_context(&mut self, argument: &Expr) -> bool {
        self.type_of(argument).is_some_and(|known| known.is("std::task::Context"))
    }
}

/// `Default::default`
pub(super) fn is_default(path: &syn::Path) -> bool {
    let mut last = path.segments.iter().rev();
    let names = [last.next(), last.next()].map(|segment| segment.map(|segment| segment.ident.to_string()));
    matches!(names, [Some(method), Some(owner)] if method == "default" && owner == "Default")
}
