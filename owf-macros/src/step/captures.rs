//! What a step captures when it is made in a closure, as in `items.iter().map(|item| step!("ship", ship(&order, item)))`.
//!
//! The step leaves the closure, so it must own the closure's own variables (`item`), and still borrow those of the
//! workflow around it (`order`). No closure in Rust captures like that. So the step's closure is a `move` closure, and the
//! outer variables are replaced by references to them: `order` becomes a reference, and `(*order)` where it is used.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprLit, ExprUnary, FieldValue, FnArg, Item, Lit, Local, Macro, Member, Pat, PatIdent, Receiver,
    ReceiverKind, Signature, Token, Type, UnOp,
};

use super::model::Content;
use super::parse::read_step;
use super::tail::is_open;
use crate::body::macros::{self, Arguments, Kind};
use crate::body::reading;

/// The variables that the patterns within a piece of code bind.
#[derive(Clone, Default)]
pub(crate) struct Bound {
    names: BTreeMap<String, Named>,
    /// Of the pattern that comes next.
    next: Option<Made>,
    /// Whether there is a `&mut self`.
    has_mut_self: bool,
}

/// The variables of one name.
#[derive(Clone, Copy)]
struct Named {
    /// Whether one of them is declared `mut`.
    is_mut: bool,
    /// What they are, as far as all `let`s say the same.
    made: Option<Made>,
    /// Whether one of them is no reference for sure.
    is_owned: bool,
}

/// What a `let` makes, by its type or by what is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Integer,
    /// A text or a list.
    List,
    /// A set, which forgets in what order it was filled.
    Set,
    /// A map.
    Map,
    /// What was awaited, or is converted.
    Owned,
}

impl Bound {
    pub(crate) fn collect(walk: impl FnOnce(&mut Bound)) -> Self {
        let mut bound = Bound::default();
        walk(&mut bound);
        bound
    }

    /// Variables of these names.
    pub(crate) fn of_names(names: impl IntoIterator<Item = String>) -> Self {
        let named = Named { is_mut: false, made: None, is_owned: false };
        Bound { names: names.into_iter().map(|name| (name, named)).collect(), ..Bound::default() }
    }

    /// The variables of a function: its arguments, and what its body binds.
    pub(crate) fn of_function(sig: &Signature, block: &Block) -> Self {
        Bound::collect(|bound| {
            bound.visit_signature(sig);
            bound.visit_block(block);
        })
    }

    pub(crate) fn has(&self, name: &Ident) -> bool {
        self.has_named(&name.to_string())
    }

    fn has_named(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// What the variables of this name are.
    pub(crate) fn made(&self, name: &Ident) -> Option<Made> {
        self.names.get(&name.to_string())?.made
    }

    /// Whether a variable of this name is no reference for sure, be its type known later only.
    pub(crate) fn has_owned(&self, name: &Ident) -> bool {
        self.names.get(&name.to_string()).is_some_and(|named| named.is_owned)
    }

    /// Whether it is a collection of the standard library that is declared `mut`.
    pub(crate) fn has_mut_collection(&self, name: &Ident) -> bool {
        self.has_mut(name) && matches!(self.made(name), Some(Made::List | Made::Set | Made::Map))
    }

    pub(crate) fn has_mut_self(&self) -> bool {
        self.has_mut_self
    }

    /// Whether a variable of this name is declared `mut`.
    pub(crate) fn has_mut(&self, name: &Ident) -> bool {
        self.has_mut_named(&name.to_string())
    }

    pub(crate) fn has_mut_named(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|named| named.is_mut)
    }
}

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        let name = node.ident.to_string();
        // A capital begins a constant or a variant.
        if !name.starts_with(char::is_uppercase) {
            let (is_mut, made) = (node.mutability.is_some(), self.next.take());
            let named = self.names.entry(name).or_insert(Named { is_mut, made, is_owned: false });
            named.is_mut |= is_mut;
            named.is_owned |= made == Some(Made::Owned);
            named.made = named.made.filter(|known| Some(*known) == made);
        }
        visit::visit_pat_ident(self, node);
    }

    fn visit_receiver(&mut self, node: &'ast Receiver) {
        self.has_mut_self = node.mutability.is_some() || matches!(node.kind, ReceiverKind::Reference(_, _, Some(_)));
    }

    fn visit_fn_arg(&mut self, node: &'ast FnArg) {
        if let FnArg::Typed(typed) = node {
            self.next = made_of_type(&typed.ty).filter(|_| matches!(*typed.pat, Pat::Ident(_)));
        }
        visit::visit_fn_arg(self, node);
    }

    fn visit_local(&mut self, node: &'ast Local) {
        let (pattern, made) = match &node.pat {
            Pat::Type(typed) => (&*typed.pat, made_of_type(&typed.ty)),
            pattern => (pattern, node.init.as_ref().and_then(|init| made_of_value(&init.expr))),
        };
        if let (Pat::Tuple(parts), Some(init)) = (pattern, &node.init)
            && let Expr::Tuple(values) = &*init.expr
            && parts.elems.len() == values.elems.len()
        {
            for (part, value) in parts.elems.iter().zip(&values.elems) {
                self.next = made_of_value(value).filter(|_| matches!(part, Pat::Ident(_)));
                self.visit_pat(part);
            }
            return self.visit_expr(&init.expr);
        }
        self.next = made.filter(|_| matches!(pattern, Pat::Ident(_)));
        visit::visit_local(self, node);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        match macros::kind(call) {
            Kind::Step => {
                let Some(step) = read_step(call) else { return };
                self.visit_expr(&step.id);
                step.options.iter().filter_map(|option| option.value.as_ref()).for_each(|value| self.visit_expr(value));
                step.body.visit(self);
                step.undo.iter().for_each(|undo| self.visit_expr(undo));
            }
            Kind::Opaque => {}
            Kind::Join | Kind::Race | Kind::Known(_) | Kind::Conditional => {
                let arguments = reading::arguments(call);
                arguments.iter().flat_map(|read| &read.exprs).for_each(|expr| self.visit_expr(expr));
            }
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

fn made_of_type(ty: &Type) -> Option<Made> {
    let Type::Path(path) = ty else { return None };
    made_by_name(&path.path.segments.last()?.ident.to_string())
}

fn made_of_value(value: &Expr) -> Option<Made> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) => Some(Made::Integer),
        Expr::Macro(call) if macros::name(&call.mac) == "vec" => Some(Made::List),
        // What is recorded is no reference.
        Expr::Await(_) => Some(Made::Owned),
        Expr::Try(node) => made_of_value(&node.expr).filter(|made| *made == Made::Owned),
        _ if is_open(value) => Some(Made::Owned),
        // `BTreeSet::new()`
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return None };
            let owner = function.path.segments.iter().rev().nth(1)?;
            made_by_name(&owner.ident.to_string()).filter(|made| *made != Made::Integer)
        }
        _ => None,
    }
}

fn made_by_name(name: &str) -> Option<Made> {
    match name {
        "BinaryHeap" | "String" | "Vec" | "VecDeque" => Some(Made::List),
        "BTreeSet" | "HashSet" => Some(Made::Set),
        "BTreeMap" | "HashMap" => Some(Made::Map),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => {
            Some(Made::Integer)
        }
        _ => None,
    }
}

/// What a step in a closure finds around it.
#[derive(Clone, Copy)]
pub(crate) struct Closure<'a> {
    /// The variables of the function, the closure's own among them.
    pub(crate) all: &'a Bound,
    /// The closure's own variables.
    pub(crate) own: &'a Bound,
    /// Whether the closure owns what it uses, so that nothing in it can be borrowed.
    pub(crate) is_move: bool,
}

impl Closure<'_> {
    /// Replaces the outer variables in `content`, and returns the `let`s that make references of them.
    pub(crate) fn borrow_outer(&self, content: &mut Content) -> TokenStream {
        if self.is_move {
            return TokenStream::new();
        }
        let bound_within = Bound::collect(|bound| {
            content.stmts.iter().for_each(|stmt| bound.visit_stmt(stmt));
            content.tail.iter().for_each(|tail| bound.visit_expr(tail));
        });
        let is_outer =
            |name: &str| self.all.has_named(name) && !self.own.has_named(name) && !bound_within.has_named(name);
        let mut dereference = Dereference { is_outer: &is_outer, found: BTreeMap::new() };
        content.stmts.iter_mut().for_each(|stmt| dereference.visit_stmt_mut(stmt));
        content.tail.iter_mut().for_each(|tail| dereference.visit_expr_mut(tail));
        let found = dereference.found.values();
        quote_spanned!(Span::mixed_site()=> #(#[allow(unused_variables, reason = "not every use of it is left in the generated code")] let #found = &#found;)*)
    }
}

struct Dereference<'a> {
    is_outer: &'a dyn Fn(&str) -> bool,
    found: BTreeMap<String, Ident>,
}

impl Dereference<'_> {
    fn find(&mut self, ident: &Ident) -> bool {
        let name = ident.to_string();
        let is_outer = (self.is_outer)(&name);
        if is_outer {
            self.found.entry(name).or_insert_with(|| ident.clone());
        }
        is_outer
    }

    /// Variables named in the text of `format!("{order}")`, which work as references, too.
    fn find_in_text(&mut self, text: &syn::LitStr) {
        for part in text.value().split('{').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if let Ok(ident) = syn::parse_str::<Ident>(&name) {
                self.find(&Ident::new(&ident.to_string(), text.span()));
            }
        }
    }

    fn dereferenced(ident: Expr, span: Span) -> Expr {
        let star = Token![*](Span::mixed_site().located_at(span));
        Expr::Unary(ExprUnary { attrs: Vec::new(), op: UnOp::Deref(star), expr: Box::new(ident) })
    }
}

impl VisitMut for Dereference<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::Path(path) => {
                if let Some(ident) = path.path.get_ident().cloned()
                    && self.find(&ident)
                {
                    let inner = std::mem::replace(node, Expr::Verbatim(TokenStream::new()));
                    *node = Self::dereferenced(inner, ident.span());
                }
            }
            Expr::Macro(call) => self.visit_macro_mut(&mut call.mac),
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_field_value_mut(&mut self, node: &mut FieldValue) {
        // `Order { id }` can't stay short when `id` becomes `*id`.
        if node.colon_token.is_none()
            && let Member::Named(name) = &node.member
            && (self.is_outer)(&name.to_string())
        {
            node.colon_token = Some(Token![:](name.span()));
        }
        self.visit_expr_mut(&mut node.expr);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if matches!(macros::kind(call), Kind::Opaque) {
            return;
        }
        let Some(mut arguments) = Arguments::parse(call) else { return };
        for argument in &mut arguments.exprs {
            match argument {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => self.find_in_text(text),
                // `format!("{x}", x = value)`: the name is not a variable.
                Expr::Assign(named) => self.visit_expr_mut(&mut named.right),
                other => self.visit_expr_mut(other),
            }
        }
        call.tokens = arguments.to_token_stream();
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse_quote;

    use super::super::model::Body;
    use super::*;

    fn borrowed(body: Expr) -> (String, String) {
        let function: syn::Block = parse_quote!({
            let order = 1;
            let limit = 2;
            items.map(|item| item)
        });
        let all = Bound::collect(|bound| bound.visit_block(&function));
        let own = Bound::collect(|bound| bound.visit_pat(&parse_quote!(item)));
        let mut content = Body::Borrowing(body).into_content();
        let lets = Closure { all: &all, own: &own, is_move: false }.borrow_outer(&mut content);
        let super::Content { stmts, tail, .. } = content;
        (lets.to_string(), quote!(#(#stmts)* #tail).to_string())
    }

    #[test]
    fn outer_variables_become_references() {
        let (lets, body) = borrowed(parse_quote!(ship(&order, item, LIMIT, order.id)));
        assert!(lets.ends_with("let order = & order ;") && lets.matches("let").count() == 1, "{lets}");
        assert_eq!(body, "ship (& * order , item , LIMIT , (* order) . id)");
    }

    #[test]
    fn names_in_format_strings_are_references_as_they_are() {
        let (lets, body) = borrowed(parse_quote!(format!("{limit} {item} {}", order)));
        assert_eq!(lets.matches("let").count(), 2);
        assert_eq!(body, "format ! (\"{limit} {item} {}\" , * order)");
    }

    #[test]
    fn names_bound_within_are_left_alone() {
        let (lets, body) = borrowed(parse_quote!({
            let order = item;
            order
        }));
        assert_eq!((lets.as_str(), body.as_str()), ("", "let order = item ; order"));
    }

    #[test]
    fn short_fields_are_written_out() {
        assert_eq!(borrowed(parse_quote!(Shipment { order, item })).1, "Shipment { order : * order , item }");
    }
}
