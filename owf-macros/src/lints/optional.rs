//! Of what type the results of methods are that an `Option` or a `Result` has, or that give one.

use syn::ExprMethodCall;

use super::conversions::is_result;
use super::infer::{OPTION, RESULT};
use super::walk::Walk;
use crate::resolve::Known;

impl Walk<'_> {
    /// What a method of an `Option` or a `Result` returns.
    pub(super) fn type_of_optional(&mut self, known: &Known, method: &str, call: &ExprMethodCall) -> Option<Known> {
        let inside = known.argument(0);
        match method {
            "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" => inside,
            "as_ref" | "as_mut" | "as_deref" | "cloned" | "copied" | "take" | "or" | "or_else" | "filter" => {
                Some(known.clone())
            }
            "ok" => Some(Known::foreign(OPTION, vec![inside])),
            "map" => {
                let made = self.type_of_made_by(call.args.first()?, inside);
                let error = is_result(known).then(|| known.argument(1));
                Some(Known { arguments: std::iter::once(made).chain(error).collect(), ..known.clone() })
            }
            "and_then" => self.type_of_made_by(call.args.first()?, inside),
            "ok_or" | "ok_or_else" | "map_err" => {
                let argument = call.args.first()?;
                let error = match method {
                    "ok_or" => self.type_of(argument),
                    _ => self.type_of_made_by(argument, known.argument(1)),
                };
                Some(Known::foreign(RESULT, vec![inside, error]))
            }
            _ => None,
        }
    }

    /// What a method returns that looks for one of an iterator's elements.
    pub(super) fn type_of_one_turn(&mut self, method: &str, call: &ExprMethodCall) -> Option<Known> {
        let is_one = matches!(
            method,
            "find"
                | "last"
                | "max"
                | "max_by"
                | "max_by_key"
                | "min"
                | "min_by"
                | "min_by_key"
                | "next"
                | "next_back"
                | "nth"
        );
        let element = if is_one { self.type_of_turn(&call.receiver) } else { None };
        Some(Known::foreign(OPTION, vec![Some(element?)]))
    }
}
