//! The items that a file declares: what is kept of each.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Block, Expr, ExprLit, Fields, Generics, Lit, Path, Signature, Stmt, Token, Type};

use super::items::{Home, conditions, plain};
use super::types::Known;
use crate::idents::is_one_of;

/// An item that a name stands for.
#[derive(Clone)]
pub(crate) enum Own {
    Module(usize),
    /// `mod name;`, and what its `#[path]` says.
    OtherFile(Option<String>),
    Function(Rc<Function>),
    Static(Rc<Static>),
    Const(Rc<Const>),
    Type(Rc<Shape>),
    Alias(Rc<Alias>),
    /// A function of another language.
    Foreign,
    Macro(Rc<MacroRules>),
}

/// `type Name<T> = ..;`
pub(crate) struct Alias {
    pub(crate) generics: Vec<String>,
    pub(crate) ty: Type,
    pub(crate) home: Home,
}

impl Alias {
    /// The path of the type, if it is one that may lead on.
    pub(super) fn path(&self) -> Option<Vec<String>> {
        match &self.ty {
            Type::Path(path) if path.qself.is_none() => Some(super::segments(&path.path)),
            _ => None,
        }
    }
}

/// A static, and what makes it one that changes.
pub(crate) struct Static {
    pub(crate) kind: StaticKind,
    pub(crate) home: Home,
}

pub(crate) enum StaticKind {
    /// It is what these words say.
    Changing(&'static str),
    /// Whether it changes depends on its type.
    Typed(Box<Const>),
}

/// A constant.
pub(crate) struct Const {
    pub(crate) ty: Type,
    pub(crate) value: Expr,
    pub(crate) home: Home,
    /// As [`Function::is_read`].
    pub(crate) is_read: bool,
}

/// What a type or a trait looks like.
#[derive(Default)]
pub(crate) struct Shape {
    pub(crate) generics: Vec<String>,
    /// What they are where nothing is written: `struct Limiter<C = Wall>`.
    pub(crate) defaults: Vec<Option<Type>>,
    /// Those of all variants of an `enum`, with the variant's name: `Until::0`.
    pub(crate) fields: Vec<Field>,
    /// The traits that are derived.
    pub(crate) derives: Vec<String>,
    /// Those of an `enum`.
    pub(crate) variants: Vec<String>,
    /// The methods of a trait.
    pub(crate) methods: BTreeMap<String, Rc<Function>>,
    pub(crate) is_trait: bool,
    pub(crate) is_enum: bool,
    /// Its `#[serde(..)]`s.
    pub(crate) attributes: Vec<Attribute>,
}

/// A field of a type.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Whether a `#[serde(..)]` or the like has a say in it.
    pub(crate) has_attributes: bool,
    /// What `ty` stands for, once somebody asked.
    pub(super) known: OnceCell<Option<Known>>,
    /// Its `#[serde(..)]`s.
    pub(crate) attributes: Vec<Attribute>,
}

/// An `impl` block.
pub(crate) struct Impl {
    pub(crate) generics: Vec<String>,
    pub(crate) ty: Type,
    pub(crate) of_trait: Option<Vec<String>>,
    /// The first type argument of the trait: `Source` in `From<Source>`.
    pub(crate) trait_argument: Option<Type>,
    pub(crate) methods: BTreeMap<String, Rc<Function>>,
    pub(crate) consts: BTreeMap<String, Rc<Const>>,
    /// The associated types of a trait.
    pub(crate) types: BTreeMap<String, Type>,
    pub(crate) home: Home,
    pub(crate) lines: (usize, usize),
    /// Whether it is there for tests only.
    pub(crate) is_of_tests: bool,
    /// What `ty` stands for, once somebody asked.
    pub(super) known: OnceCell<Option<Known>>,
}

/// A function or method in the file.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) sig: Signature,
    pub(crate) is_method: bool,
    pub(crate) marker: Marker,
    pub(crate) is_async: bool,
    /// Whether it is a `#[workflow]`, of which no function is left.
    pub(crate) is_workflow: bool,
    pub(crate) home: Home,
    /// Whether its tokens were read from the file, without the compiler.
    pub(crate) is_read: bool,
    /// The conditions under which there is such a function.
    pub(crate) conditions: Vec<String>,
    pub(crate) body: Body,
    /// What it returns, once somebody asked, if no type parameters have a say in it.
    pub(super) returned: OnceCell<Option<Known>>,
}

/// Which of our attributes a function has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    None,
    /// It is linted where it stands.
    Linted,
}

/// The code of a function.
pub(crate) enum Body {
    /// In a file, it is parsed when somebody asks.
    Deferred(usize),
    Parsed(Box<Block>),
    Missing,
}

/// `macro_rules!`.
pub(crate) struct MacroRules {
    pub(crate) name: String,
    pub(crate) tokens: TokenStream,
    /// As [`Function::is_read`].
    pub(crate) is_read: bool,
}

impl Const {
    pub(super) fn new(ty: &Type, value: &Expr, home: Home) -> Self {
        Const { ty: ty.clone(), value: value.clone(), home, is_read: super::Fallback::is_active() }
    }
}

impl Shape {
    pub(super) fn new(list: &Generics, attrs: &[Attribute]) -> Self {
        let defaults = list.type_params().map(|parameter| Some(parameter.default.as_ref()?.1.clone())).collect();
        Shape {
            generics: generics(list),
            defaults,
            derives: derives(attrs),
            attributes: of_serde(attrs),
            ..Shape::default()
        }
    }
}

fn of_serde(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("serde")).cloned().collect()
}

/// The names of the type parameters.
pub(crate) fn generics(list: &Generics) -> Vec<String> {
    list.type_params().map(|parameter| plain(&parameter.ident)).collect()
}

fn derives(attrs: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        let parse = Punctuated::<Path, Token![,]>::parse_terminated;
        let paths = attr.parse_args_with(parse).unwrap_or_default();
        names.extend(paths.iter().filter_map(|path| Some(plain(&path.segments.last()?.ident))));
    }
    names
}

pub(super) fn fields(fields: &Fields) -> Vec<Field> {
    let field = |(at, field): (usize, &syn::Field)| Field {
        name: field.ident.as_ref().map_or_else(|| at.to_string(), plain),
        ty: field.ty.clone(),
        has_attributes: field.attrs.iter().any(|attr| !attr.path().is_ident("doc")),
        known: OnceCell::new(),
        attributes: of_serde(&field.attrs),
    };
    fields.iter().enumerate().map(field).collect()
}

impl Function {
    pub(super) fn new(
        sig: &Signature,
        attrs: &[Attribute],
        block: Option<&Block>,
        is_method: bool,
        home: Home,
    ) -> Self {
        let body = match block {
            None => Body::Missing,
            Some(block) => match deferred(block) {
                Some(number) => Body::Deferred(number),
                None => Body::Parsed(Box::new(block.clone())),
            },
        };
        let has = |names: &[&str]| {
            attrs.iter().any(|attr| attr.path().segments.last().is_some_and(|last| is_one_of(&last.ident, names)))
        };
        let is_workflow = has(&["workflow"]);
        // What the compiler runs is the same each time.
        let is_linted = is_workflow || sig.constness.is_some() || has(&["durable", "deterministic"]);
        Function {
            name: plain(&sig.ident),
            sig: sig.clone(),
            is_method,
            marker: if is_linted { Marker::Linted } else { Marker::None },
            is_async: sig.asyncness.is_some(),
            is_workflow,
            home,
            is_read: super::Fallback::is_active(),
            conditions: conditions(attrs),
            body,
            returned: OnceCell::new(),
        }
    }
}

/// The number that the file put in place of a body: `{ 17usize }`.
fn deferred(block: &Block) -> Option<usize> {
    match block.stmts.as_slice() {
        [Stmt::Expr(Expr::Lit(ExprLit { lit: Lit::Int(number), .. }), None)]
            if number.suffix() == super::bodies::DEFERRED =>
        {
            number.base10_parse().ok()
        }
        _ => None,
    }
}
