//! What a module or a block declares, as plain data.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, Block, Expr, ExprLit, ForeignItem, GenericArgument, ImplItem, Item, ItemImpl, ItemMacro, ItemTrait,
    ItemUse, Lit, Macro, Meta, Path, PathArguments, StaticMutability, Stmt, TraitItem, Type, UseTree, Visibility,
};

use super::own::{Alias, Const, Field, Function, Impl, MacroRules, Own, Shape, Static, StaticKind, fields, generics};

/// The names of a module or a block.
#[derive(Default)]
pub(crate) struct Items {
    pub(crate) own: BTreeMap<String, Vec<Own>>,
    /// `use path as name`.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// `use path::*`.
    pub(crate) globs: Vec<Glob>,
    /// Macro calls that may declare further items.
    pub(crate) macros: Vec<ItemMacroCall>,
    /// The names that only this module and those within it see.
    hidden: BTreeSet<String>,
    pub(crate) impls: Vec<Rc<Impl>>,
    /// Those that have a method of a name.
    pub(super) impls_with: BTreeMap<String, Vec<Rc<Impl>>>,
    /// Those of a trait, by its last name.
    pub(super) impls_of: BTreeMap<String, Vec<Rc<Impl>>>,
    /// The names of the methods that its traits declare.
    pub(super) trait_methods: BTreeSet<String>,
    pub(crate) home: Home,
    /// Whether they are there for tests only.
    pub(super) is_of_tests: bool,
}

/// A macro call among the items of a module.
pub(crate) struct ItemMacroCall {
    pub(crate) path: Vec<String>,
    pub(crate) tokens: TokenStream,
}

/// `use path::*`
pub(crate) struct Glob {
    pub(crate) path: Vec<String>,
    /// Whether only this module and those within it see what it brings.
    pub(crate) is_hidden: bool,
}

/// Where an item stands, and what its names are to be resolved with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Home {
    Module(usize),
    /// In a function around.
    Block,
}

impl Default for Home {
    fn default() -> Self {
        Home::Module(0)
    }
}

impl Items {
    /// What a module declares, to which its items are added.
    pub(crate) fn of_module(module: usize, is_of_tests: bool) -> Self {
        Items { home: Home::Module(module), is_of_tests, ..Items::default() }
    }

    /// What the statements of a block declare.
    pub(crate) fn of_block(block: &Block) -> Self {
        let mut items = Items { home: Home::Block, ..Items::default() };
        for stmt in &block.stmts {
            match stmt {
                Stmt::Item(item) => items.add(item),
                Stmt::Macro(call) => items.add_statics(&call.mac),
                _ => {}
            }
        }
        items
    }

    /// Adds an item other than a module of a file.
    pub(crate) fn add(&mut self, item: &Item) {
        let home = self.home;
        match item {
            Item::Use(item) => self.add_use(item),
            Item::ExternCrate(item) => {
                if let Some((_, rename)) = &item.rename {
                    // As `use ::name as rename`.
                    self.imports.insert(plain(rename), vec![String::new(), plain(&item.ident)]);
                }
            }
            Item::Fn(item) => {
                let function = Function::new(&item.sig, &item.attrs, Some(&item.block), false, home);
                self.insert(&item.sig.ident, Own::Function(Rc::new(function)), &item.vis);
            }
            Item::Static(item) => {
                let kind = match item.mutability {
                    StaticMutability::Mut(_) => StaticKind::Changing("a `static mut`"),
                    _ => StaticKind::Typed(Box::new(Const::new(&item.ty, &item.expr, home))),
                };
                self.insert(&item.ident, Own::Static(Rc::new(Static { kind, home })), &item.vis);
            }
            Item::Const(item) => {
                let value = Const::new(&item.ty, &item.expr, home);
                self.insert(&item.ident, Own::Const(Rc::new(value)), &item.vis);
            }
            Item::Struct(item) => {
                let shape = Shape { fields: fields(&item.fields), ..Shape::new(&item.generics, &item.attrs) };
                self.insert(&item.ident, Own::Type(Rc::new(shape)), &item.vis);
            }
            Item::Enum(item) => {
                let of_variant = |variant: &syn::Variant| {
                    let name = plain(&variant.ident);
                    let named = move |field: Field| Field { name: format!("{name}::{}", field.name), ..field };
                    fields(&variant.fields).into_iter().map(named)
                };
                let fields = item.variants.iter().flat_map(of_variant).collect();
                let variants = item.variants.iter().map(|variant| plain(&variant.ident)).collect();
                let shape = Shape { fields, variants, is_enum: true, ..Shape::new(&item.generics, &item.attrs) };
                self.insert(&item.ident, Own::Type(Rc::new(shape)), &item.vis);
            }
            Item::Union(item) => self.insert(&item.ident, Own::Type(Rc::default()), &item.vis),
            Item::TraitAlias(item) => self.insert(&item.ident, Own::Type(Rc::default()), &item.vis),
            Item::Mod(item) => self.insert(&item.ident, Own::OtherFile(path_attribute(&item.attrs)), &item.vis),
            Item::Type(item) => {
                let alias = Alias { generics: generics(&item.generics), ty: (*item.ty).clone(), home };
                self.insert(&item.ident, Own::Alias(Rc::new(alias)), &item.vis);
            }
            Item::Trait(item) => self.add_trait(item),
            Item::Impl(item) => self.add_impl(item),
            Item::ForeignMod(item) => item.items.iter().for_each(|item| match item {
                ForeignItem::Fn(item) => self.insert(&item.sig.ident, Own::Foreign, &item.vis),
                ForeignItem::Static(item) => {
                    let kind = StaticKind::Changing("a static of another language");
                    self.insert(&item.ident, Own::Static(Rc::new(Static { kind, home })), &item.vis);
                }
                _ => {}
            }),
            Item::Macro(item) => self.add_macro(item),
            _ => {}
        }
    }

    pub(crate) fn insert(&mut self, name: &Ident, own: Own, vis: &Visibility) {
        self.insert_seen(name, own);
        self.hide(plain(name), vis);
    }

    /// Adds what is taken for visible everywhere.
    fn insert_seen(&mut self, name: &Ident, own: Own) {
        self.own.entry(plain(name)).or_default().push(own);
    }

    fn hide(&mut self, name: String, vis: &Visibility) {
        if is_hidden(vis) {
            self.hidden.insert(name);
        }
    }

    /// Whether only this module and those within it see the name.
    pub(crate) fn hides(&self, name: &str) -> bool {
        self.hidden.contains(name)
    }

    /// Whether there are no names but those that are written here.
    pub(crate) fn is_all_known(&self) -> bool {
        self.macros.is_empty() && self.globs.is_empty()
    }

    pub(crate) fn is_module(&self, name: &str) -> bool {
        self.own.get(name).is_some_and(|own| own.iter().any(|own| matches!(own, Own::Module(_) | Own::OtherFile(_))))
    }

    /// Whether a path may begin with the name of something that is declared here.
    pub(crate) fn leads_on(&self, name: &str) -> bool {
        let leads = |own: &Own| matches!(own, Own::Module(_) | Own::OtherFile(_) | Own::Type(_) | Own::Alias(_));
        self.own.get(name).is_some_and(|own| own.iter().any(leads))
    }

    /// The module of a name; `find` finds the one of a `mod name;`. None where a condition chooses one.
    pub(crate) fn declared_module(
        &self,
        name: &str,
        find: impl FnOnce(Option<&str>) -> Option<usize>,
    ) -> Option<usize> {
        let mut modules = self.own.get(name)?.iter().filter(|own| matches!(own, Own::Module(_) | Own::OtherFile(_)));
        match (modules.next()?, modules.next()) {
            (Own::Module(module), _) => Some(*module),
            (Own::OtherFile(path), None) => find(path.as_deref()),
            _ => None,
        }
    }

    fn add_use(&mut self, item: &ItemUse) {
        let mut prefix: Vec<String> = item.leading_colon.iter().map(|_| String::new()).collect();
        self.add_tree(&item.tree, &mut prefix, &item.vis);
    }

    fn add_tree(&mut self, tree: &UseTree, prefix: &mut Vec<String>, vis: &Visibility) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(plain(&path.ident));
                self.add_tree(&path.tree, prefix, vis);
                prefix.pop();
            }
            UseTree::Name(name) => self.add_import(plain(&name.ident), None, prefix, vis),
            UseTree::Rename(rename) => {
                self.add_import(plain(&rename.ident), Some(plain(&rename.rename)), prefix, vis);
            }
            UseTree::Glob(_) => self.globs.push(Glob { path: prefix.clone(), is_hidden: is_hidden(vis) }),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, prefix, vis)),
        }
    }

    fn add_import(&mut self, name: String, rename: Option<String>, prefix: &[String], vis: &Visibility) {
        let mut path = prefix.to_vec();
        if name != "self" {
            path.push(name);
        }
        if let Some(last) = rename.or_else(|| path.last().cloned()) {
            self.hide(last.clone(), vis);
            self.imports.insert(last, path);
        }
    }

    fn add_trait(&mut self, item: &ItemTrait) {
        let mut shape = Shape { is_trait: true, ..Shape::new(&item.generics, &item.attrs) };
        for inner in &item.items {
            let TraitItem::Fn(method) = inner else { continue };
            let function = Function::new(&method.sig, &method.attrs, method.default.as_ref(), true, self.home);
            self.trait_methods.insert(function.name.clone());
            shape.methods.insert(function.name.clone(), Rc::new(function));
        }
        self.insert(&item.ident, Own::Type(Rc::new(shape)), &item.vis);
    }

    fn add_impl(&mut self, item: &ItemImpl) {
        let (mut methods, mut consts, mut types) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for inner in &item.items {
            match inner {
                ImplItem::Fn(method) => {
                    let function = Function::new(&method.sig, &method.attrs, Some(&method.block), true, self.home);
                    methods.insert(function.name.clone(), Rc::new(function));
                }
                ImplItem::Const(item) => {
                    consts.insert(plain(&item.ident), Rc::new(Const::new(&item.ty, &item.expr, self.home)));
                }
                ImplItem::Type(item) => {
                    types.insert(plain(&item.ident), item.ty.clone());
                }
                _ => {}
            }
        }
        let block = Rc::new(Impl {
            generics: generics(&item.generics),
            ty: (*item.self_ty).clone(),
            of_trait: item.trait_.as_ref().map(|(path, _)| super::segments(path)),
            trait_argument: item.trait_.as_ref().and_then(|(path, _)| first_argument(path)),
            methods,
            consts,
            types,
            home: self.home,
            is_of_tests: self.is_of_tests || is_of_tests(&item.attrs),
            lines: (item.brace_token.span.open().start().line, item.brace_token.span.close().end().line),
            known: OnceCell::new(),
        });
        for method in block.methods.keys() {
            self.impls_with.entry(method.clone()).or_default().push(Rc::clone(&block));
        }
        if let Some(last) = block.of_trait.as_ref().and_then(|path| path.last()) {
            self.impls_of.entry(last.clone()).or_default().push(Rc::clone(&block));
        }
        self.impls.push(block);
    }

    /// Whether a type or trait has a method of this name.
    pub(super) fn has_method(&self, name: &str) -> bool {
        self.impls_with.contains_key(name) || self.trait_methods.contains(name)
    }

    fn add_macro(&mut self, item: &ItemMacro) {
        match &item.ident {
            Some(name) => {
                let is_read = super::Fallback::is_active();
                let rules = MacroRules { name: plain(name), tokens: item.mac.tokens.clone(), is_read };
                self.insert_seen(name, Own::Macro(Rc::new(rules)));
            }
            None => self.add_statics(&item.mac),
        }
    }

    /// `thread_local! { static NAME: .. }` and `lazy_static! { static ref NAME: .. }`.
    fn add_statics(&mut self, call: &Macro) {
        let last = call.path.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
        let words = match last.as_str() {
            "thread_local" => "a thread-local",
            "lazy_static" => "a lazy static",
            _ => {
                // A statement may as well be a `println!`, and costs more to keep than it tells.
                if matches!(self.home, Home::Module(_)) {
                    let (path, tokens) = (super::segments(&call.path), call.tokens.clone());
                    self.macros.push(ItemMacroCall { path, tokens });
                }
                return;
            }
        };
        let mut is_name = false;
        for token in call.tokens.clone() {
            if let TokenTree::Ident(name) = token {
                if is_name && name == "ref" {
                    continue;
                }
                if is_name {
                    let kind = StaticKind::Changing(words);
                    self.insert_seen(&name, Own::Static(Rc::new(Static { kind, home: self.home })));
                }
                is_name = name == "static";
            }
        }
    }
}

fn is_hidden(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Inherited)
}

/// `T` in `Trait<T>`.
fn first_argument(path: &Path) -> Option<Type> {
    let PathArguments::AngleBracketed(list) = &path.segments.last()?.arguments else { return None };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// What `#[path = "name.rs"]` says.
fn path_attribute(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

/// The `cfg(..)`s among the attributes, as text.
pub(crate) fn conditions(attrs: &[Attribute]) -> Vec<String> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .map(|attr| attr.meta.to_token_stream().to_string())
        .collect()
}

/// Whether `#[cfg(test)]` is among the attributes.
pub(super) fn is_of_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        attr.path().is_ident("cfg") && attr.parse_args::<Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// A name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}
