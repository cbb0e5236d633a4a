//! Of what types the variables of a pattern are.

use syn::Pat;

use super::conversions::is_result;
use super::infer::{OPTION, element, name_of};
use super::variables::Variable;
use super::walk::Walk;
use crate::resolve::{Head, Known};

impl Walk<'_> {
    /// Binds a pattern to a value of a type.
    pub(super) fn bind_known(&mut self, pat: &Pat, known: Option<Known>) {
        self.bind(pat, Variable::default);
        self.tell(pat, known);
    }

    /// Says of what types the variables of a pattern are.
    pub(super) fn tell(&mut self, pat: &Pat, known: Option<Known>) {
        match pat {
            Pat::Ident(name) => {
                if let Some((_, within)) = &name.subpat {
                    self.tell(within, known.clone());
                }
                if let (Some(known), Some(variable)) = (known, self.variables.find(&name.ident.to_string())) {
                    variable.known = Some(known);
                }
            }
            Pat::Or(or) => or.cases.iter().for_each(|case| self.tell(case, known.clone())),
            Pat::Slice(slice) => {
                let element = known.as_ref().and_then(|known| element(&self.scope.innermost(known)));
                let parts = slice.elems.iter().filter(|part| !is_rest(part));
                parts.for_each(|part| self.tell(part, element.clone()));
            }
            Pat::Guard(guarded) => self.tell(&guarded.pat, known),
            Pat::Reference(reference) => self.tell(&reference.pat, known),
            Pat::Paren(paren) => self.tell(&paren.pat, known),
            Pat::Type(typed) => {
                let written = self.scope.known(&typed.ty, &self.generics);
                self.tell(&typed.pat, more_of(written, known));
            }
            Pat::Tuple(tuple) => {
                let has_rest = tuple.elems.iter().any(|elem| matches!(elem, Pat::Rest(_)));
                for (at, elem) in tuple.elems.iter().enumerate() {
                    let part = known.as_ref().filter(|known| known.head == Head::Tuple && !has_rest);
                    self.tell(elem, part.and_then(|known| known.argument(at)));
                }
            }
            Pat::TupleStruct(made) => {
                let name = made.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                for (at, elem) in made.elems.iter().enumerate() {
                    let part = known.as_ref().and_then(|known| match name.as_str() {
                        "Some" | "Ok" if known.is(OPTION) || is_result(known) => known.argument(0),
                        "Err" if is_result(known) => known.argument(1),
                        _ => self.field_of_variant(known, &name, &at.to_string()),
                    });
                    self.tell(elem, part);
                }
            }
            Pat::Struct(made) => {
                let variant = made.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                for field in &made.fields {
                    let name = name_of(&field.member);
                    let part = known.as_ref().and_then(|known| self.field_of_variant(known, &variant, &name));
                    self.tell(&field.pat, part);
                }
            }
            _ => {}
        }
    }

    /// The type of a field of an `enum`'s variant, or of a `struct` of that name.
    fn field_of_variant(&self, known: &Known, variant: &str, field: &str) -> Option<Known> {
        let of_variant = self.scope.field(known, &format!("{variant}::{field}"));
        of_variant.or_else(|| self.scope.field(known, field))
    }
}

/// `rest @ ..`, which is a list of its own.
fn is_rest(pat: &Pat) -> bool {
    let Pat::Ident(name) = pat else { return false };
    name.subpat.as_ref().is_some_and(|(_, within)| matches!(**within, Pat::Rest(_)))
}

/// The type that says more: what was written, or, where that is one of several, what was found.
pub(super) fn more_of(written: Option<Known>, found: Option<Known>) -> Option<Known> {
    let is_open = written.as_ref().is_none_or(Known::is_open);
    let fits = found.as_ref().is_some_and(|found| {
        let is_any = |written: &Known| matches!(written.head, Head::Object(_)) || found.head == Head::OneOf;
        written.as_ref().is_none_or(|written| written.head == found.head || is_any(written))
    });
    let says_more =
        |written: &Known| found.as_ref().is_some_and(|found| found.arguments.len() > written.arguments.len());
    if !fits || !(is_open || written.as_ref().is_some_and(says_more)) {
        return written;
    }
    let mut more = found?;
    // `Vec::new()` says nothing of what is in it.
    if let Some(written) = written.filter(|written| written.head == more.head) {
        more.learn(&written);
    }
    Some(more)
}
