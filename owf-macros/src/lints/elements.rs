//! Of what type the elements are that a loop or a closure gets.

use syn::{Expr, ExprMethodCall};

use super::conversions::is_result;
use super::infer::{LISTS, MAPS, OPTION, RESULT, element};
use super::paths::Target;
use super::walk::Walk;
use crate::idents::is_one_of;
use crate::resolve::{Head, Known, segments};

/// Methods whose closure gets what is inside.
const OF_OPTIONS: &[&str] =
    &["and_then", "filter", "inspect", "is_ok_and", "is_some_and", "map", "map_or", "map_or_else"];

/// Methods whose closure gets the error.
const OF_ERRORS: &[&str] = &["inspect_err", "is_err_and", "map_err", "or_else", "unwrap_or_else"];

/// Methods whose closure gets each element, or two of them.
const OF_ITERATORS: &[&str] = &[
    "all",
    "any",
    "dedup_by_key",
    "filter",
    "filter_map",
    "find",
    "find_map",
    "flat_map",
    "fold",
    "for_each",
    "inspect",
    "map",
    "map_while",
    "max_by",
    "max_by_key",
    "min_by",
    "min_by_key",
    "partition",
    "partition_point",
    "position",
    "retain",
    "skip_while",
    "sort_by",
    "sort_by_cached_key",
    "sort_by_key",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "take_while",
    "try_fold",
];

/// Adapters whose elements are of the type of those before.
const SAME_ELEMENTS: &[&str] =
    &["chain", "cloned", "copied", "filter", "inspect", "rev", "skip", "skip_while", "step_by", "take", "take_while"];

/// Adapters that make other elements of those before.
const MAPPING: &[&str] = &["enumerate", "filter_map", "flat_map", "map", "map_while", "zip"];

/// Methods that put an element into a list.
const FILLING: &[&str] = &["push", "push_back", "push_front"];

impl Walk<'_> {
    /// `list.push(element)` says of what a list is that began without saying it: `Vec::new()`.
    pub(super) fn filled(&mut self, call: &ExprMethodCall) {
        let (Expr::Path(list), Some(first)) = (&*call.receiver, call.args.first()) else { return };
        if !is_one_of(&call.method, FILLING) {
            return;
        }
        let Some(name) = list.path.get_ident().map(ToString::to_string) else { return };
        // What is in it may be one of several.
        let is_open = |known: &Known| {
            let element = known.arguments.first().and_then(Option::as_ref).map(|element| &element.innermost().head);
            known.is_one_of(LISTS)
                && element.is_none_or(|head| matches!(head, Head::Own(_) | Head::Object(_) | Head::OneOf))
        };
        if !self.variables.find(&name).is_some_and(|list| list.known.as_ref().is_some_and(is_open)) {
            return;
        }
        let element = self.type_of(first);
        if let Some(known) = self.variables.find(&name).and_then(|list| list.known.as_mut()) {
            let before = known.argument(0).filter(|known| !known.is_open());
            known.arguments = vec![Known::one_of([before, element]).or_else(|| known.argument(0))];
        }
    }

    /// What the turns of a loop over a value get.
    pub(super) fn type_of_turn(&mut self, head: &Expr) -> Option<Known> {
        if let Expr::MethodCall(call) = head
            && is_one_of(&call.method, SAME_ELEMENTS)
        {
            return self.type_of_turn(&call.receiver);
        }
        if let Expr::MethodCall(call) = head
            && is_one_of(&call.method, MAPPING)
        {
            return self.type_of_mapped(call);
        }
        if let Expr::MethodCall(call) = head
            && call.args.is_empty()
            && is_one_of(&call.method, &["iter", "iter_mut", "into_iter", "drain"])
        {
            let list = self.innermost_of(&call.receiver)?;
            if !list.is_one_of(MAPS) {
                return element(&list);
            }
        }
        let (whole, method) = match head {
            Expr::MethodCall(call) if call.args.is_empty() => (&*call.receiver, call.method.to_string()),
            other => (other, String::new()),
        };
        let map = match method.as_str() {
            "" | "iter" | "iter_mut" | "into_iter" | "keys" | "into_keys" | "values" | "values_mut" | "into_values" => {
                self.innermost_of(whole)?
            }
            _ => return None,
        };
        if !map.is_one_of(MAPS) {
            return if method.is_empty() { element(&map) } else { None };
        }
        match method.as_str() {
            "keys" | "into_keys" => map.argument(0),
            "values" | "values_mut" | "into_values" => map.argument(1),
            _ => Some(Known { head: Head::Tuple, arguments: vec![map.argument(0), map.argument(1)] }),
        }
    }

    /// What the elements are that an adapter makes of those before.
    fn type_of_mapped(&mut self, call: &ExprMethodCall) -> Option<Known> {
        let method = call.method.to_string();
        if matches!(method.as_str(), "enumerate" | "zip") {
            let before = self.type_of_turn(&call.receiver);
            let other = call.args.first().and_then(|other| self.type_of_turn(other));
            let arguments = if method == "zip" { vec![before, other] } else { vec![None, before] };
            return Some(Known { head: Head::Tuple, arguments });
        }
        let input = self.type_of_turn(&call.receiver);
        let made = self.type_of_made_by(call.args.first()?, input)?;
        match method.as_str() {
            "map" => Some(made),
            "flat_map" => element(&made),
            _ => (made.is(OPTION) || is_result(&made)).then(|| made.argument(0)).flatten(),
        }
    }

    /// What a closure makes of an input, or a function that is named.
    pub(super) fn type_of_made_by(&mut self, function: &Expr, input: Option<Known>) -> Option<Known> {
        match function {
            Expr::Closure(closure) => {
                self.variables.enter();
                closure.inputs.iter().for_each(|pat| self.bind_known(pat, input.clone()));
                let made = self.type_of(&closure.body);
                self.variables.leave();
                made
            }
            Expr::Path(function) => match self.target(function, None) {
                Target::Functions(methods) if !methods.is_empty() => self.type_of_result(&methods, &[]),
                _ => self.type_of_made(&segments(&function.path)),
            },
            _ => None,
        }
    }

    /// A list of the type, with the type of what is collected into it.
    pub(super) fn with_collected(&mut self, known: Known, call: &ExprMethodCall) -> Known {
        if call.method != "collect" || !known.is_one_of(LISTS) || known.argument(0).is_some() {
            return known;
        }
        Known { arguments: vec![self.type_of_turn(&call.receiver)], ..known }
    }

    /// What a closure gets that is handed to a method of an `Option`, or of an iterator over a list.
    pub(super) fn type_of_closure_input(&mut self, call: &ExprMethodCall) -> Option<Known> {
        let is_closure = call.args.last().is_some_and(|last| matches!(last, Expr::Closure(_) | Expr::Path(_)));
        let is_one_of = |names: &[&str]| is_one_of(&call.method, names);
        if !is_closure {
            return None;
        }
        if is_one_of(OF_OPTIONS)
            && let Some(known) = self.type_of(&call.receiver).filter(|known| known.is_one_of(&[OPTION, RESULT]))
        {
            return known.argument(0);
        }
        if is_one_of(OF_ERRORS) {
            return self.type_of(&call.receiver).filter(is_result)?.argument(1);
        }
        if is_one_of(OF_ITERATORS) { self.type_of_turn(&call.receiver) } else { None }
    }
}
