//! What a module or a block declares, as plain data.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprLit, ForeignItem, ImplItem, Item, ItemImpl, ItemMacro, ItemTrait, ItemUse, Lit, Path,
    Signature, StaticMutability, Stmt, Token, TraitItem, Type, UseTree,
};

/// The names of a module or a block.
#[derive(Default)]
pub(crate) struct Items {
    pub(crate) own: BTreeMap<String, Vec<Own>>,
    /// `use path as name`.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// `use path::*`.
    pub(crate) globs: Vec<Vec<String>>,
    /// The functions in `impl` blocks and traits, by type and name.
    pub(crate) methods: BTreeMap<(String, String), Rc<Function>>,
}

/// An item that a name stands for.
#[derive(Clone)]
pub(crate) enum Own {
    Module(usize),
    /// `mod name;`
    OtherFile,
    Function(Rc<Function>),
    /// A static; with the reason if it can change.
    Static(Option<String>),
    /// A constant; with its text, if it is one.
    Const(Option<String>),
    Type,
    Alias(Vec<String>),
    /// A function of another language.
    Foreign,
    Macro(Rc<MacroRules>),
}

/// A function or method in the file.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) sig: Signature,
    /// The type that it is a method of.
    pub(crate) owner: Option<String>,
    pub(crate) marker: Marker,
    pub(crate) is_async: bool,
    pub(crate) module: usize,
    /// Whether its tokens were read from the file, without the compiler.
    pub(crate) is_read: bool,
    pub(crate) body: Body,
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
}

/// Types whose values change behind a shared reference.
const CHANGING: &[&str] = &[
    "AtomicBool",
    "AtomicI8",
    "AtomicI16",
    "AtomicI32",
    "AtomicI64",
    "AtomicIsize",
    "AtomicPtr",
    "AtomicU8",
    "AtomicU16",
    "AtomicU32",
    "AtomicU64",
    "AtomicUsize",
    "Cell",
    "DashMap",
    "DashSet",
    "LazyCell",
    "LazyLock",
    "Lazy",
    "Mutex",
    "Once",
    "OnceCell",
    "OnceLock",
    "RefCell",
    "ReentrantLock",
    "RwLock",
    "UnsafeCell",
    "ArcSwap",
    "OnceBox",
    "OnceRef",
];

impl Items {
    /// What the statements of a block declare.
    pub(crate) fn of_block(block: &Block) -> Self {
        let mut items = Items::default();
        for stmt in &block.stmts {
            match stmt {
                Stmt::Item(item) => items.add(item, 0),
                Stmt::Macro(call) => items.add_thread_local(&call.mac.path, call.mac.tokens.clone()),
                _ => {}
            }
        }
        items
    }

    /// Adds an item other than a module of a file.
    pub(crate) fn add(&mut self, item: &Item, module: usize) {
        match item {
            Item::Use(item) => self.add_use(item),
            Item::Fn(item) => {
                let function = Function::new(&item.sig, &item.attrs, Some(&item.block), None, module);
                self.insert(&item.sig.ident, Own::Function(Rc::new(function)));
            }
            Item::Static(item) => {
                let why = match item.mutability {
                    StaticMutability::Mut(_) => Some("a `static mut`".to_owned()),
                    _ => changing_type(&item.ty, self),
                };
                self.insert(&item.ident, Own::Static(why));
            }
            Item::Const(item) => self.insert(&item.ident, Own::Const(text(&item.expr))),
            Item::Struct(item) => self.insert(&item.ident, Own::Type),
            Item::Enum(item) => self.insert(&item.ident, Own::Type),
            Item::Union(item) => self.insert(&item.ident, Own::Type),
            Item::TraitAlias(item) => self.insert(&item.ident, Own::Type),
            Item::Mod(item) => self.insert(&item.ident, Own::OtherFile),
            Item::Type(item) => match &*item.ty {
                Type::Path(path) if path.qself.is_none() => {
                    self.insert(&item.ident, Own::Alias(super::segments(&path.path)));
                }
                _ => self.insert(&item.ident, Own::Type),
            },
            Item::Trait(item) => self.add_trait(item, module),
            Item::Impl(item) => self.add_impl(item, module),
            Item::ForeignMod(item) => item.items.iter().for_each(|item| match item {
                ForeignItem::Fn(item) => self.insert(&item.sig.ident, Own::Foreign),
                ForeignItem::Static(item) => self.insert(&item.ident, Own::Static(Some("foreign".to_owned()))),
                _ => {}
            }),
            Item::Macro(item) => self.add_macro(item),
            _ => {}
        }
    }

    pub(crate) fn insert(&mut self, name: &Ident, own: Own) {
        self.own.entry(plain(name)).or_default().push(own);
    }

    pub(crate) fn is_module(&self, name: &str) -> bool {
        self.own.get(name).is_some_and(|own| own.iter().any(|own| matches!(own, Own::Module(_) | Own::OtherFile)))
    }

    fn add_use(&mut self, item: &ItemUse) {
        let mut prefix: Vec<String> = item.leading_colon.iter().map(|_| String::new()).collect();
        self.add_tree(&item.tree, &mut prefix);
    }

    fn add_tree(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(plain(&path.ident));
                self.add_tree(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Name(name) => self.add_import(plain(&name.ident), None, prefix),
            UseTree::Rename(rename) => self.add_import(plain(&rename.ident), Some(plain(&rename.rename)), prefix),
            UseTree::Glob(_) => self.globs.push(prefix.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, prefix)),
        }
    }

    fn add_import(&mut self, name: String, rename: Option<String>, prefix: &[String]) {
        let mut path = prefix.to_vec();
        if name != "self" {
            path.push(name);
        }
        if let Some(last) = rename.or_else(|| path.last().cloned()) {
            self.imports.insert(last, path);
        }
    }

    fn add_trait(&mut self, item: &ItemTrait, module: usize) {
        self.insert(&item.ident, Own::Type);
        let owner = plain(&item.ident);
        for inner in &item.items {
            let TraitItem::Fn(method) = inner else { continue };
            let function =
                Function::new(&method.sig, &method.attrs, method.default.as_ref(), Some(owner.clone()), module);
            self.methods.insert((owner.clone(), function.name.clone()), Rc::new(function));
        }
    }

    fn add_impl(&mut self, item: &ItemImpl, module: usize) {
        let Type::Path(path) = &*item.self_ty else { return };
        let Some(owner) = path.path.segments.last().map(|last| plain(&last.ident)) else { return };
        for inner in &item.items {
            let ImplItem::Fn(method) = inner else { continue };
            let function = Function::new(&method.sig, &method.attrs, Some(&method.block), Some(owner.clone()), module);
            self.methods.insert((owner.clone(), function.name.clone()), Rc::new(function));
        }
    }

    fn add_macro(&mut self, item: &ItemMacro) {
        let tokens = item.mac.tokens.clone();
        match &item.ident {
            Some(name) => {
                let rules = MacroRules { name: plain(name), tokens };
                self.insert(name, Own::Macro(Rc::new(rules)));
            }
            None => self.add_thread_local(&item.mac.path, tokens),
        }
    }

    /// `thread_local! { static NAME: .. }`
    fn add_thread_local(&mut self, path: &Path, tokens: TokenStream) {
        if path.segments.last().is_none_or(|last| last.ident != "thread_local") {
            return;
        }
        let mut is_name = false;
        for token in tokens {
            if let TokenTree::Ident(name) = token {
                if is_name {
                    self.insert(&name, Own::Static(Some("a thread-local".to_owned())));
                }
                is_name = name == "static";
            }
        }
    }
}

impl Function {
    fn new(sig: &Signature, attrs: &[Attribute], block: Option<&Block>, owner: Option<String>, module: usize) -> Self {
        let body = match block {
            None => Body::Missing,
            Some(block) => match deferred(block) {
                Some(number) => Body::Deferred(number),
                None => Body::Parsed(Box::new(block.clone())),
            },
        };
        // What the compiler runs is the same each time.
        let is_linted = sig.constness.is_some()
            || attrs.iter().any(|attr| {
                let last = attr.path().segments.last();
                last.is_some_and(|last| ["workflow", "durable", "deterministic"].iter().any(|name| last.ident == name))
            });
        Function {
            name: plain(&sig.ident),
            sig: sig.clone(),
            owner,
            marker: if is_linted { Marker::Linted } else { Marker::None },
            is_async: sig.asyncness.is_some(),
            module,
            is_read: super::Fallback::is_active(),
            body,
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

/// The type within `ty` that changes behind a shared reference, as words for a message.
fn changing_type(ty: &Type, items: &Items) -> Option<String> {
    struct Finder<'a> {
        items: &'a Items,
        found: Option<String>,
    }
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_path(&mut self, path: &'ast Path) {
            let last = path.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
            let is_own = path.segments.len() == 1
                && self.items.own.get(&last).is_some_and(|own| own.iter().any(|own| matches!(own, Own::Type)));
            if CHANGING.contains(&last.as_str()) && !is_own {
                let article = if last.starts_with(['A', 'O', 'U']) { "an" } else { "a" };
                self.found.get_or_insert(format!("{article} `{last}`"));
            }
            visit::visit_path(self, path);
        }
    }
    let mut finder = Finder { items, found: None };
    finder.visit_type(ty);
    finder.found
}

/// The text of an expression that is one, or `concat!`s some.
pub(crate) fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Paren(paren) => text(&paren.expr),
        Expr::Group(group) => text(&group.expr),
        Expr::Reference(reference) => text(&reference.expr),
        Expr::Macro(call) if call.mac.path.segments.last().is_some_and(|last| last.ident == "concat") => {
            let parts = parse_texts.parse2(call.mac.tokens.clone()).ok()?;
            parts.iter().map(text).collect()
        }
        _ => None,
    }
}

fn parse_texts(input: ParseStream<'_>) -> syn::Result<Vec<Expr>> {
    Ok(syn::punctuated::Punctuated::<Expr, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// A name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}
