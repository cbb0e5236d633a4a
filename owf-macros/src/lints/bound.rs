//! What the arguments of a call say of a function's type parameters.

use syn::{FnArg, GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound, WherePredicate};

use crate::resolve::{Generics, Head, Known, generics};

/// The type parameters of a function, and those of its `impl` that are open, as far as the arguments tell.
pub(super) fn bound_by_call(sig: &Signature, of_impl: &Generics, arguments: &[Option<Known>]) -> Generics {
    let mut bound = open(sig, of_impl);
    if bound.is_empty() {
        return bound;
    }
    for (input, known) in sig.inputs.iter().zip(arguments) {
        if let (FnArg::Typed(typed), Some(known)) = (input, known) {
            bind(&typed.ty, known, &mut bound);
        }
    }
    bound
}

/// The type parameters that are open, as far as the type of the result tells.
pub(super) fn bound_by_result(sig: &Signature, of_impl: &Generics, result: &Known) -> Generics {
    let mut bound = open(sig, of_impl);
    if let ReturnType::Type(_, ty) = &sig.output {
        bind(ty, result, &mut bound);
    }
    bound
}

/// What `as_ref` makes of an argument whose type is only bounded: `impl AsRef<Path>`, or a `P` with `P: AsRef<Path>`.
pub(super) fn seen_by_as_ref<'s>(sig: &'s Signature, ty: &'s Type) -> Option<&'s Type> {
    match ty {
        Type::Reference(reference) => seen_by_as_ref(sig, &reference.elem),
        Type::ImplTrait(node) => node.bounds.iter().find_map(of_as_ref),
        Type::Path(path) => {
            let name = path.path.get_ident()?;
            let parameter = sig.generics.type_params().find(|parameter| parameter.ident == *name)?;
            let of_where = sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
            let of_where = of_where.filter_map(|predicate| match predicate {
                WherePredicate::Type(predicate) if matches!(&predicate.bounded_ty, Type::Path(of) if of.path.is_ident(name)) => {
                    Some(&predicate.bounds)
                }
                _ => None,
            });
            parameter.bounds.iter().chain(of_where.flatten()).find_map(of_as_ref)
        }
        _ => None,
    }
}

/// `T` of a bound `AsRef<T>`
fn of_as_ref(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last().filter(|last| last.ident == "AsRef")?;
    let PathArguments::AngleBracketed(list) = &last.arguments else { return None };
    list.args.iter().find_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None })
}

fn open(sig: &Signature, of_impl: &Generics) -> Generics {
    let of_impl = of_impl.iter().filter(|(_, known)| known.is_none()).map(|(name, _)| name.clone());
    generics(&sig.generics).into_iter().chain(of_impl).map(|name| (name, None)).collect()
}

/// Binds the type parameters in `ty` to what stands in their place in `known`.
fn bind(ty: &Type, known: &Known, bound: &mut Generics) {
    match ty {
        Type::Reference(reference) => bind(&reference.elem, known, bound),
        Type::Paren(paren) => bind(&paren.elem, known, bound),
        Type::Slice(slice) => bind_part(&slice.elem, known, 0, bound),
        Type::Array(array) => bind_part(&array.elem, known, 0, bound),
        Type::Tuple(tuple) if known.head == Head::Tuple => {
            tuple.elems.iter().enumerate().for_each(|(at, elem)| bind_part(elem, known, at, bound));
        }
        Type::Path(path) => {
            if let Some(name) = path.path.get_ident()
                && let Some(place) = bound.get_mut(&name.to_string())
            {
                place.get_or_insert_with(|| known.clone());
            }
            let Some(PathArguments::AngleBracketed(list)) = path.path.segments.last().map(|last| &last.arguments)
            else {
                return;
            };
            let types = list.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.enumerate().for_each(|(at, ty)| bind_part(ty, known, at, bound));
        }
        _ => {}
    }
}

fn bind_part(ty: &Type, known: &Known, at: usize, bound: &mut Generics) {
    if let Some(part) = known.argument(at) {
        bind(ty, &part, bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, arguments: &[Known]) -> Known {
        Known::foreign(name, arguments.iter().cloned().map(Some).collect())
    }

    #[test]
    fn parameters_are_bound_wherever_they_stand() {
        let sig: Signature =
            syn::parse_str("fn f<T, U, V>(list: &[T], map: &BTreeMap<u32, Vec<U>>, other: V)").expect("a function");
        let list = Known { head: Head::List, arguments: vec![Some(known("Order", &[]))] };
        let map = known("BTreeMap", &[known("u32", &[]), known("Vec", &[known("Line", &[])])]);
        let bound = bound_by_call(&sig, &Generics::new(), &[Some(list), Some(map), None]);
        assert_eq!(bound.get("T"), Some(&Some(known("Order", &[]))));
        assert_eq!(bound.get("U"), Some(&Some(known("Line", &[]))));
        assert_eq!(bound.get("V"), Some(&None));
    }
}
