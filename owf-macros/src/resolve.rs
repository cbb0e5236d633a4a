//! What the names in a body stand for, as far as the file tells in which the body stands.
//!
//! A macro sees one item. So it reads the file around it: `use` items, modules, types, functions, statics; and the files of the
//! same crate to which these lead, by `mod name;` and the usual places of files. What leads further is [`Found::Unknown`] or
//! [`Found::OtherFile`].

mod bodies;
mod changing;
mod expansion;
mod files;
mod items;
mod macros;
mod methods;
mod own;
mod places;
mod types;

use std::rc::Rc;

use syn::{Block, Path};

use crate::lints::Listed;

pub(crate) use expansion::arms;
pub(crate) use files::Fallback;
use files::Files;
use items::Items;
pub(crate) use items::{Home, conditions};
pub(crate) use macros::mentions;
pub(crate) use methods::Method;
use own::Body;
pub(crate) use own::{
    Alias, Const, Field, Function, Impl, MacroRules, Marker, Own, Shape, Static, StaticKind, generics,
};
pub(crate) use types::{Generics, Head, Known, OwnType};

/// A body's place in its file.
#[derive(Clone, Default)]
pub(crate) struct FileScope {
    /// None where the compiler tells no file, as some editors do.
    files: Option<Rc<Files>>,
    module: usize,
    /// That of the macro call.
    line: usize,
    /// What the blocks around declare, outermost first.
    blocks: Vec<Rc<Items>>,
    /// How many aliases of types led here.
    aliases: usize,
}

/// What a path stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// An item of the standard library or of another crate.
    Absolute(Vec<String>),
    /// The user's own, in this file.
    Local,
    /// The file does not tell.
    Unknown,
}

/// What a path stands for, in full.
#[derive(Clone)]
pub(crate) enum Found {
    Absolute(Vec<String>),
    /// An item of this file.
    Own(Own),
    /// A type of this file.
    Type(OwnType),
    /// `Type::name` of a type in this file.
    Associated(OwnType, String),
    /// What another type is called here, where a type is asked for.
    Alias(Rc<Alias>),
    Local,
    /// In another file of the user's crate, which is not found.
    OtherFile,
    Unknown,
}

/// Which names are meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Namespace {
    Values,
    Macros,
    /// As `Values`, but an alias that the path ends with is found as such.
    Types,
}

/// How often a name may lead to another one.
const DEPTH_MAX: usize = 16;

/// Crates whose names are as likely to be a module of the user's: not trusted where there is no file.
const AMBIGUOUS: &[&str] = &["rand", "time", "log", "futures", "fake", "oneshot", "retry"];

impl FileScope {
    /// Reads the file of the macro call.
    pub(crate) fn load() -> Self {
        if !proc_macro::is_available() {
            return FileScope::default();
        }
        let call = proc_macro::Span::call_site();
        match call.local_file().and_then(|path| Files::load(&path)) {
            Some((files, module)) => FileScope::at(files, module, call.line()),
            None => FileScope::default(),
        }
    }

    /// The scope at the beginning of a file.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Self {
        Files::parse(text).map_or_else(FileScope::default, |files| FileScope::at(Rc::new(files), 0, 0))
    }

    fn at(files: Rc<Files>, outermost: usize, line: usize) -> Self {
        let module = files.module_at(outermost, line);
        let blocks = files.blocks_at(outermost, line);
        FileScope { files: Some(files), module, line, blocks, aliases: 0 }
    }

    /// What `Self` and the type parameters stand for at the line of the macro call.
    pub(crate) fn generics_around(&self) -> Generics {
        let Some(files) = &self.files else { return Generics::new() };
        let file_of = |module: usize| files.module(module).map(|module| module.file);
        let here = file_of(self.module);
        let is_here =
            |home: Home| matches!(home, Home::Module(module) if file_of(module) == here) || home == Home::Block;
        let around = |block: &Rc<Impl>| block.lines.0 <= self.line && self.line <= block.lines.1 && is_here(block.home);
        let items = self.all_items();
        let Some(block) = items.iter().flat_map(|items| &items.impls).find(|block| around(block)) else {
            return Generics::new();
        };
        let mut generics: Generics = block.generics.iter().map(|name| (name.clone(), None)).collect();
        generics.insert("Self".to_owned(), self.at_home(block.home).known(&block.ty, &generics));
        generics
    }

    /// The scope of an item of the file, for what it names.
    pub(crate) fn at_home(&self, home: Home) -> Self {
        match home {
            Home::Module(module) => FileScope {
                files: self.files.clone(),
                module,
                line: self.line,
                blocks: Vec::new(),
                aliases: self.aliases,
            },
            Home::Block => self.clone(),
        }
    }

    /// Adds what `block` declares: names in it come first from now on.
    pub(crate) fn enter(&mut self, block: &Block) {
        self.blocks.push(Rc::new(Items::of_block(block)));
    }

    pub(crate) fn leave(&mut self) {
        self.blocks.pop();
    }

    /// What `path` stands for in the body of the function, if it is no variable.
    pub(crate) fn resolve(&self, path: &Path) -> Resolved {
        match self.find(&segments(path), Namespace::Values) {
            Found::Absolute(path) => Resolved::Absolute(path),
            Found::Unknown | Found::OtherFile => Resolved::Unknown,
            _ => Resolved::Local,
        }
    }

    /// Whether a type's path leads to one of the crate's own, be it another name of a foreign one.
    pub(crate) fn is_own_type(&self, path: &Path) -> bool {
        !matches!(self.find(&segments(path), Namespace::Types), Found::Absolute(_) | Found::Unknown)
    }

    /// What others remember of the files, as long as these stay what they are.
    pub(crate) fn memory<T: Default + 'static>(&self) -> Rc<T> {
        self.files.as_ref().map_or_else(Rc::default, |files| files.memory())
    }

    /// What the path of `segments` stands for; a leading `::` is an empty segment.
    pub(crate) fn find(&self, segments: &[String], namespace: Namespace) -> Found {
        let search = Search { scope: self, namespace };
        for block in self.blocks.iter().rev() {
            if let Some(found) = search.in_items(block, self.module, segments, None, 0) {
                return found;
            }
        }
        let find = || search.in_module(self.module, segments, None, 0);
        match &self.files {
            Some(files) => files.found(self.module, namespace, segments, find),
            None => find(),
        }
    }

    /// The code of a function.
    pub(crate) fn body(&self, function: &Function) -> Option<Block> {
        match &function.body {
            Body::Deferred(number) => self.files.as_ref()?.deferred(*number),
            Body::Parsed(block) => Some((**block).clone()),
            Body::Missing => None,
        }
    }

    /// Everything that the functions around declare, and the modules that were read.
    fn all_items(&self) -> Vec<Rc<Items>> {
        let modules = self.files.iter().flat_map(|files| files.items());
        self.blocks.iter().rev().cloned().chain(modules).collect()
    }

    /// What a type of the file looks like.
    pub(crate) fn shape(&self, own: &OwnType) -> Option<Rc<Shape>> {
        let in_items = |items: &Items| {
            items.own.get(&own.name)?.iter().find_map(|item| match item {
                Own::Type(shape) => Some(Rc::clone(shape)),
                _ => None,
            })
        };
        match own.home {
            Home::Block => self.blocks.iter().rev().find_map(|block| in_items(block)),
            Home::Module(module) => in_items(&self.files.as_ref()?.module(module)?.items),
        }
    }

    /// The other functions of the same name, of which a condition chooses one.
    pub(crate) fn alternatives(&self, function: &Function) -> Vec<Rc<Function>> {
        let items = self.all_items();
        let named = items.iter().filter(|items| items.home == function.home);
        let named = named.flat_map(|items| items.own.get(&function.name)).flatten();
        let functions =
            named.filter_map(|own| if let Own::Function(function) = own { Some(Rc::clone(function)) } else { None });
        functions.filter(|other| !std::ptr::eq(&**other, function)).collect()
    }
}

/// The names of a path; a leading `::` is an empty one.
pub(crate) fn segments(path: &Path) -> Vec<String> {
    let root = path.leading_colon.map(|_| String::new());
    root.into_iter().chain(path.segments.iter().map(|segment| items::plain(&segment.ident))).collect()
}

struct Search<'a> {
    scope: &'a FileScope,
    namespace: Namespace,
}

impl Search<'_> {
    /// Finds a path in a module. `viewer` is the module of the path that led there; None where it is this one.
    fn in_module(&self, module: usize, path: &[String], viewer: Option<usize>, depth: usize) -> Found {
        let Some((first, rest)) = path.split_first() else { return Found::Local };
        if depth > DEPTH_MAX {
            return Found::Unknown;
        }
        let files = self.scope.files.as_ref();
        let led = Some(viewer.unwrap_or(module));
        let in_module = |module: Option<usize>| {
            module.map_or(Found::OtherFile, |module| self.in_module(module, rest, led, depth + 1))
        };
        match first.as_str() {
            "" => return absolute(rest),
            "Self" => return Found::Local,
            "crate" => return in_module(files.and_then(|files| files.root(module))),
            "self" => return in_module(Some(module)),
            "super" => return in_module(files.and_then(|files| files.parent(module))),
            _ => {}
        }
        if let Some(read) = files.and_then(|files| files.module(module))
            && let Some(found) = self.in_items(&read.items, module, path, viewer, depth)
        {
            return found;
        }
        let is_known = || files.and_then(|files| files.module(module)).is_some_and(|read| read.items.is_all_known());
        match viewer {
            None if self.may_be_of_macro(module, path, depth) => Found::Unknown,
            None => self.outside(first, path),
            Some(_) if is_known() => Found::Unknown,
            Some(_) => Found::OtherFile,
        }
    }

    /// Whether a name of a module is seen from `viewer`.
    fn is_seen(&self, is_hidden: bool, module: usize, viewer: Option<usize>) -> bool {
        let sees = |viewer| self.scope.files.as_ref().is_none_or(|files| files.sees(viewer, module));
        !is_hidden || viewer.is_none_or(sees)
    }

    /// Whether a macro that is called in the module may declare the one with which the path begins.
    fn may_be_of_macro(&self, module: usize, path: &[String], depth: usize) -> bool {
        let read = self.scope.files.as_ref().and_then(|files| files.module(module));
        let (Some(read), [first, _, ..]) = (read, path) else { return false };
        read.items.macros.iter().any(|call| {
            let search = Search { scope: self.scope, namespace: Namespace::Macros };
            match search.in_module(module, &call.path, None, depth + 1) {
                Found::Own(Own::Macro(rules)) => {
                    let declared = macros::declared_modules(&rules.tokens);
                    declared.names.contains(first) || (declared.is_any && macros::mentions(&call.tokens, first))
                }
                _ => macros::declared_modules(&call.tokens).names.contains(first),
            }
        })
    }

    /// A path that nothing in the file declares: it begins with the name of a crate, or comes from a glob.
    fn outside(&self, first: &str, path: &[String]) -> Found {
        let is_std = matches!(first, "std" | "core" | "alloc");
        let is_crate = path.len() > 1 && first.starts_with(char::is_lowercase);
        match &self.scope.files {
            _ if is_std => absolute(path),
            Some(_) if is_crate => absolute(path),
            None if is_crate && !AMBIGUOUS.contains(&first) => absolute(path),
            // `println!` and its like are not declared anywhere.
            Some(_) if self.namespace == Namespace::Macros && path.len() == 1 => Found::Unknown,
            _ => Found::Unknown,
        }
    }

    fn in_items(
        &self,
        items: &Items,
        module: usize,
        path: &[String],
        viewer: Option<usize>,
        depth: usize,
    ) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        if depth > DEPTH_MAX || !self.is_seen(items.hides(first), module, viewer) {
            return None;
        }
        let led = Some(viewer.unwrap_or(module));
        for own in items.own.get(first).into_iter().flatten() {
            match own {
                Own::Module(inner) if !rest.is_empty() => {
                    return Some(self.in_module(*inner, rest, led, depth + 1));
                }
                Own::OtherFile(_) if !rest.is_empty() => {
                    let files = self.scope.files.as_ref()?;
                    let inner = items.declared_module(first, |path| files.child(module, first, path));
                    return Some(inner.map_or(Found::OtherFile, |inner| self.in_module(inner, rest, led, depth + 1)));
                }
                Own::Alias(alias) if self.namespace == Namespace::Types && rest.is_empty() => {
                    return Some(Found::Alias(Rc::clone(alias)));
                }
                Own::Alias(alias) if let Some(target) = alias.path() => {
                    return Some(self.in_module(module, &joined(&target, rest), None, depth + 1));
                }
                Own::Type(_) | Own::Alias(_) if self.namespace != Namespace::Macros => {
                    let own = OwnType { home: items.home, name: first.clone() };
                    return Some(match rest {
                        [name] => Found::Associated(own, name.clone()),
                        [] => Found::Type(own),
                        _ => Found::Local,
                    });
                }
                Own::Macro(_) if self.namespace == Namespace::Macros && rest.is_empty() => {
                    return Some(Found::Own(own.clone()));
                }
                Own::Function(_) | Own::Static(_) | Own::Const(_) | Own::Foreign
                    if rest.is_empty() && self.namespace == Namespace::Values =>
                {
                    return Some(Found::Own(own.clone()));
                }
                _ => {}
            }
        }
        if let Some(target) = items.imports.get(first) {
            return Some(self.imported(module, &joined(target, rest), first, depth + 1));
        }
        let globs = items.globs.iter().filter(|glob| self.is_seen(glob.is_hidden, module, viewer));
        globs.into_iter().find_map(|glob| {
            let found = self.in_glob(module, &glob.path, path, depth + 1)?;
            let is_sure = !matches!(found, Found::Absolute(_)) || !self.may_be_of_own_glob(items, module, path, depth);
            is_sure.then_some(found)
        })
    }

    /// Whether a glob of the user's own may have the name, in a file that is not read.
    fn may_be_of_own_glob(&self, items: &Items, module: usize, path: &[String], depth: usize) -> bool {
        items.globs.iter().any(|glob| {
            let first = glob.path.first().map(String::as_str).unwrap_or_default();
            let is_own = matches!(first, "crate" | "self" | "super") || items.is_module(first);
            let leads = || self.imported(module, &joined(&glob.path, path), "", depth + 1);
            is_own && matches!(leads(), Found::OtherFile)
        })
    }

    /// The path of a `use` item, which `name` led to.
    fn imported(&self, module: usize, path: &[String], name: &str, depth: usize) -> Found {
        let Some(first) = path.first() else { return Found::Unknown };
        if matches!(first.as_str(), "" | "crate" | "self" | "super") {
            return self.in_module(module, path, None, depth);
        }
        let read = self.scope.files.as_ref().and_then(|files| files.module(module));
        let is_own = read
            .map(|module| Rc::clone(&module.items))
            .is_some_and(|items| items.leads_on(first) || (first != name && items.imports.contains_key(first)));
        if is_own { self.in_module(module, path, None, depth) } else { absolute(path) }
    }

    /// A path that may come from `use glob::*`.
    fn in_glob(&self, module: usize, glob: &[String], path: &[String], depth: usize) -> Option<Found> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.imported(module, &joined(glob, path), "", depth) {
            // Of another crate's names the listed ones are known.
            Found::Absolute(full) if types::is_listed(&full) => Some(Found::Absolute(full)),
            Found::Absolute(full) => {
                let name = path.first().map(String::as_str).unwrap_or_default();
                let is_known = match crate::lints::listed_as(&full, self.namespace)? {
                    Listed::ByName => true,
                    // All names of a module are listed, but not every name is of this module.
                    Listed::ByModule => !glob.iter().any(|segment| segment == "prelude") && is_module_name(name),
                };
                is_known.then_some(Found::Absolute(full))
            }
            // What is behind a type, which no glob brings, is `Local`.
            Found::Unknown | Found::OtherFile | Found::Local => None,
            // `use Mode::*` brings the variants only.
            Found::Associated(own, name) if path.len() == 1 => {
                let is_variant = self.scope.shape(&own)?.variants.contains(&name);
                is_variant.then_some(Found::Associated(own, name))
            }
            found => Some(found),
        }
    }
}

/// Types that come with a glob of a listed module. Any other name with a capital may as well be of another glob, or of the
/// standard prelude.
const MODULE_TYPES: &[&str] = &[
    "Command",
    "File",
    "JoinSet",
    "LocalSet",
    "OpenOptions",
    "Runtime",
    "Stdin",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "UnixListener",
    "UnixStream",
];

fn is_module_name(name: &str) -> bool {
    MODULE_TYPES.contains(&name) || (name.starts_with(char::is_lowercase) && name != "drop")
}

fn joined(path: &[String], rest: &[String]) -> Vec<String> {
    path.iter().chain(rest).cloned().collect()
}

/// `core` and `alloc` are `std` by other names, and a crate's prelude has what the crate has.
fn absolute(path: &[String]) -> Found {
    let mut path = path.to_vec();
    if path.len() > 2 && path.get(1).is_some_and(|module| module == "prelude") {
        path.remove(1);
    }
    if let Some(first) = path.first_mut()
        && matches!(first.as_str(), "core" | "alloc")
    {
        *first = "std".to_owned();
    }
    Found::Absolute(path)
}
