//! What a macro of the file does that only its expansion tells: with methods, and with what it is given.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parse;
use syn::visit::Visit as _;
use syn::{Block, Expr, Macro};

use super::Lint;
use super::helpers::Reason;
use super::macro_calls::MacroPath;
use super::variables::sorted;
use super::walk::Walk;
use crate::resolve::{Fallback, Found, Known, MacroRules, Namespace, Own, segments};
use crate::step::captures::Bound;

/// How deep macros are expanded within the expansions of others.
const DEPTH_MAX: usize = 8;

impl Walk<'_> {
    /// What the expansion of a macro of the file does.
    pub(super) fn expansion(&mut self, call: &Macro) {
        let Some(rules) = self.own_macro(call) else { return };
        // What comes out of it in a random order may be sorted here.
        let is_sorted = |reason: &Reason| self.is_sorted && reason.about.lint == Lint::HashIteration;
        if let Some(reason) = self.expansion_reason(&rules, call).filter(|reason| !is_sorted(reason)) {
            let name = format!("{}!", rules.name);
            self.found_reason(&reason, &MacroPath(call), Some(&call.tokens), ("uses", &name));
        }
    }

    fn expansion_reason(&self, rules: &MacroRules, call: &Macro) -> Option<Reason> {
        let _fallback = rules.is_read.then(Fallback::enter);
        let mut walk = self.of_expansion()?;
        let block: Block = self.parsed_expansion(rules, call, |tokens| quote!({ #tokens }))?;
        walk.variables.sorted = sorted(&block);
        walk.variables.bound = Some(Rc::new(Bound::collect(|bound| bound.visit_block(&block))));
        walk.within(|walk| walk.visit_block(&block));
        walk.into_reason()
    }

    /// The type of what a macro of the file makes.
    pub(super) fn type_of_expansion(&self, call: &Macro) -> Option<Known> {
        let rules = self.own_macro(call)?;
        let _fallback = rules.is_read.then(Fallback::enter);
        let mut walk = self.of_expansion()?;
        let expr: Expr = self.parsed_expansion(&rules, call, |tokens| tokens)?;
        walk.type_of(&expr)
    }

    fn own_macro(&self, call: &Macro) -> Option<Rc<MacroRules>> {
        match self.scope.find(&segments(&call.path), Namespace::Macros) {
            Found::Own(Own::Macro(rules)) => Some(rules),
            _ => None,
        }
    }

    fn parsed_expansion<T: Parse>(
        &self,
        rules: &MacroRules,
        call: &Macro,
        wrap: fn(TokenStream) -> TokenStream,
    ) -> Option<T> {
        let tokens = self.scope.expansion(rules, &call.tokens)?;
        syn::parse2(wrap(tokens)).ok()
    }

    /// A walk over code that stands in place of a call, and sees the variables that the call does.
    fn of_expansion(&self) -> Option<Self> {
        if self.expansions >= DEPTH_MAX {
            return None;
        }
        let mut walk = Walk::of_helper(self.scope.clone(), self.helpers, self.generics.clone());
        walk.expansions = self.expansions + 1;
        walk.variables = self.variables.seen();
        Some(walk)
    }
}
