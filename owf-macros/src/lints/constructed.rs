//! What a value of the crate's own types has in it, where its declaration leaves that open: a type parameter, or a `dyn Trait`.
//!
//! The types of such fields stand behind the type's arguments, in the order of the fields.

use syn::Expr;

use super::helpers::has_open_part;
use super::patterns::more_of;
use super::walk::Walk;
use crate::resolve::{Head, Known, Method, Shape};

impl Walk<'_> {
    /// A type of the file, with what the values of its fields tell.
    pub(super) fn with_fields(&mut self, known: Known, fields: &[(String, &Expr)]) -> Known {
        let Head::Own(own) = &known.head else { return known };
        let Some(shape) = self.scope.shape(own) else { return known };
        let is_parameter = |ty: &syn::Type, name: &str| matches!(ty, syn::Type::Path(path) if path.path.is_ident(name));
        let mut value_of = |name: &str| {
            let (_, value) = fields.iter().find(|(field, _)| field == name)?;
            self.type_of(value)
        };
        let argument = |name: &String| {
            let of_it = shape.fields.iter().find(|field| is_parameter(&field.ty, name))?;
            value_of(&of_it.name)
        };
        let mut arguments: Vec<_> = shape.generics.iter().map(argument).collect();
        if has_open_field(&shape) {
            let open =
                |field: &crate::resolve::Field| has_open_part(&field.ty).then(|| value_of(&field.name)).flatten();
            arguments.extend(shape.fields.iter().map(open));
        }
        Known { arguments, ..known }
    }

    /// What a function returns, with what its last expression puts into the fields that the type leaves open.
    pub(super) fn with_tail(&mut self, known: Known, method: &Method, types: &[Option<Known>]) -> Known {
        let Head::Own(own) = &known.head else { return known };
        if !self.scope.shape(own).is_some_and(|shape| has_open_field(&shape)) {
            return known;
        }
        let tail = self.type_of_tail(method, types);
        more_of(Some(known.clone()), tail).unwrap_or(known)
    }
}

fn has_open_field(shape: &Shape) -> bool {
    !shape.is_enum && shape.fields.iter().any(|field| has_open_part(&field.ty))
}
