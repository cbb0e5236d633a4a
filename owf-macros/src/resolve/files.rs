//! Reads the file of a macro call, and those that its names lead to.
//!
//! A file is read when a name leads there. Only what stands outside of function bodies is parsed; a body is when somebody
//! calls the function. The result is kept for the next call in the same crate.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use proc_macro2::TokenStream;
use syn::{Block, Item, ItemMacro};

use super::bodies::{Deferred, defer_bodies};
use super::expansion::{expand, restored};
use super::items::{Items, is_of_tests};
use super::own::Own;
use super::{Found, Namespace, places};

/// What the files of a crate declare that were read so far.
#[derive(Default)]
pub(crate) struct Files {
    modules: RefCell<Vec<Rc<Module>>>,
    bodies: RefCell<Vec<Rc<Deferred>>>,
    files: RefCell<Vec<Source>>,
    /// The modules that `mod name;` led to, by the module where it stands.
    children: RefCell<BTreeMap<(usize, String), Option<usize>>>,
    /// How many `mod name;` there are, of those that were looked for or not.
    declared: Cell<usize>,
    /// What paths stand for in a module.
    found: RefCell<BTreeMap<(usize, Namespace), BTreeMap<String, Found>>>,
    memory: RefCell<Option<Rc<dyn Any>>>,
    checked: Cell<Option<Instant>>,
}

/// A file that was read.
struct Source {
    path: PathBuf,
    stamp: Option<Stamp>,
    /// Its outermost module.
    module: usize,
    /// Whether `crate::` is this file.
    is_root: bool,
}

/// What tells that a file was changed.
type Stamp = (u64, SystemTime);

/// A module of a file.
#[derive(Default)]
pub(super) struct Module {
    /// Not known of a file's outermost one until a name leads there from above.
    parent: Cell<Option<usize>>,
    pub(super) items: Rc<Items>,
    pub(super) file: usize,
    /// Where the files of its modules are.
    folder: PathBuf,
    lines: (usize, usize),
}

/// How long the files are taken for unchanged: rustc reads them once, and an editor's process lives for hours.
const TRUSTED: Duration = Duration::from_secs(1);

impl Files {
    /// Reads the file at `path`, or finds it among those that were read; the second is its outermost module. None if it can't be
    /// read.
    pub(crate) fn load(path: &Path) -> Option<(Rc<Files>, usize)> {
        thread_local! {
            static LAST: RefCell<Rc<Files>> = RefCell::default();
        }
        let mut files = LAST.with(|last| Rc::clone(&last.borrow()));
        if !files.are_unchanged(path) {
            files = Rc::default();
            LAST.with(|last| last.replace(Rc::clone(&files)));
        }
        let module = files.module_of(path)?;
        Some((files, module))
    }

    /// What the text of a file declares; its outermost module is the first.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Option<Files> {
        let files = Files::default();
        files.add(text, PathBuf::from("lib.rs"), PathBuf::new(), None)?;
        Some(files)
    }

    fn are_unchanged(&self, path: &Path) -> bool {
        let is_due = self.checked.get().is_none_or(|checked| checked.elapsed() > TRUSTED);
        let files = self.files.borrow();
        let is_unchanged = |source: &Source| source.stamp == stamp(&source.path);
        let unchanged = files.iter().filter(|source| is_due || source.path == path).all(is_unchanged);
        if is_due {
            self.checked.set(Some(Instant::now()));
        }
        unchanged
    }

    /// The outermost module of the file at `path`.
    fn module_of(&self, path: &Path) -> Option<usize> {
        self.module_in(path, places::folder_of(path))
    }

    /// As [`Files::module_of`], where the files of its modules are in `folder`.
    fn module_in(&self, path: &Path, folder: PathBuf) -> Option<usize> {
        let known = self.files.borrow().iter().find(|source| source.path == path).map(|source| source.module);
        known.or_else(|| self.read(path, folder))
    }

    fn read(&self, path: &Path, folder: PathBuf) -> Option<usize> {
        // Before the text, so that a change meanwhile is seen.
        let stamp = stamp(path);
        let text = std::fs::read_to_string(path).ok()?;
        self.add(&text, path.to_owned(), folder, stamp)
    }

    fn add(&self, text: &str, path: PathBuf, folder: PathBuf, stamp: Option<Stamp>) -> Option<usize> {
        let _fallback = Fallback::enter();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // The `#!` line of a script is none of the language's.
        let script = text.starts_with("#!") && !text.trim_start_matches("#!").trim_start().starts_with('[');
        let text = if script { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
        let first = self.bodies.borrow().len();
        let (around, bodies) = defer_bodies(text, first);
        let parsed = syn::parse_file(&around).ok()?;
        let file = self.files.borrow().len();
        let mut added = Added {
            file,
            first: self.modules.borrow().len(),
            modules: Vec::new(),
            declared: 0,
            rules: BTreeMap::new(),
            bodies: (first, &bodies),
            expansions: 0,
        };
        let is_root = places::is_root(&path) || declares_main(&parsed.items);
        let beside = path.parent().map(Path::to_owned);
        let folder = beside.filter(|_| is_root).unwrap_or(folder);
        let module = added.add(&parsed.items, None, folder, (0, 0), false);
        let (modules, declared) = (added.modules, added.declared);
        self.bodies.borrow_mut().extend(bodies.into_iter().map(|body| Rc::new(Deferred { file, ..body })));
        self.modules.borrow_mut().extend(modules.into_iter().flatten().map(Rc::new));
        self.declared.set(self.declared.get() + declared);
        self.files.borrow_mut().push(Source { path, stamp, module, is_root });
        Some(module)
    }

    pub(super) fn module(&self, number: usize) -> Option<Rc<Module>> {
        self.modules.borrow().get(number).cloned()
    }

    /// What others remember of these files. There is one kind of it.
    pub(super) fn memory<T: Default + 'static>(&self) -> Rc<T> {
        let known = self.memory.borrow().clone().and_then(|memory| memory.downcast::<T>().ok());
        known.unwrap_or_else(|| {
            let memory = Rc::<T>::default();
            self.memory.replace(Some(Rc::clone(&memory) as Rc<dyn Any>));
            memory
        })
    }

    /// What a path stands for in a module; `find` finds it for the first time.
    pub(super) fn found(
        &self,
        module: usize,
        namespace: Namespace,
        path: &[String],
        find: impl FnOnce() -> Found,
    ) -> Found {
        let text = path.join("::");
        if let Some(known) = self.found.borrow().get(&(module, namespace)).and_then(|paths| paths.get(&text)) {
            return known.clone();
        }
        let found = find();
        self.found.borrow_mut().entry((module, namespace)).or_default().insert(text, found.clone());
        found
    }

    pub(super) fn items(&self) -> Vec<Rc<Items>> {
        self.modules.borrow().iter().map(|module| Rc::clone(&module.items)).collect()
    }

    /// Whether any type or trait has a method of this name.
    pub(super) fn has_method(&self, name: &str) -> bool {
        self.modules.borrow().iter().any(|module| module.items.has_method(name))
    }

    /// Whether there are modules that no name has led to.
    pub(super) fn has_unread(&self) -> bool {
        self.children.borrow().len() < self.declared.get()
    }

    /// The module that `mod name;` declares in another one.
    pub(super) fn child(&self, module: usize, name: &str, path: Option<&str>) -> Option<usize> {
        let key = (module, name.to_owned());
        if let Some(known) = self.children.borrow().get(&key) {
            return *known;
        }
        let child = self.find_child(module, name, path);
        self.children.borrow_mut().insert(key, child);
        child
    }

    fn find_child(&self, module: usize, name: &str, path: Option<&str>) -> Option<usize> {
        let parent = self.module(module)?;
        let file = self.files.borrow().get(parent.file)?.path.clone();
        let found = places::child(&file, &parent.folder, name, path)?;
        let child = match path {
            // The modules of a file that is named are beside it.
            Some(_) => self.module_in(&found, found.parent()?.to_owned()),
            None => self.module_of(&found),
        }?;
        self.module(child)?.parent.set(Some(module));
        Some(child)
    }

    /// The module around another one.
    pub(super) fn parent(&self, module: usize) -> Option<usize> {
        let known = || self.module(module)?.parent.get();
        known().or_else(|| {
            self.find_above(module)?;
            known()
        })
    }

    /// The outermost module of the crate.
    pub(super) fn root(&self, module: usize) -> Option<usize> {
        let file = self.module(module)?.file;
        let (is_root, outermost) = self.files.borrow().get(file).map(|source| (source.is_root, source.module))?;
        if is_root {
            return Some(outermost);
        }
        match self.module(outermost)?.parent.get() {
            Some(parent) => self.root(parent),
            None => self.find_above(outermost),
        }
    }

    /// Goes from the crate's root to the file of a module, which thereby gets its parent. Returns the root.
    fn find_above(&self, module: usize) -> Option<usize> {
        let file = self.module(module)?.file;
        let path = self.files.borrow().get(file)?.path.clone();
        let (root, names) = places::root_of(&path)?;
        let root = self.module_of(&root)?;
        let mut at = root;
        for name in names {
            at = self.module(at)?.items.declared_module(&name, |path| self.child(at, &name, path))?;
        }
        // Another file of that name would be another module.
        (self.module(at)?.file == file).then_some(root)
    }

    /// Whether what is private to `module` is seen from `viewer`, which is in it.
    pub(super) fn sees(&self, viewer: usize, module: usize) -> bool {
        std::iter::successors(Some(viewer), |at| self.parent(*at)).any(|at| at == module)
    }

    /// The innermost module around a line of the file whose outermost one is `outermost`.
    pub(super) fn module_at(&self, outermost: usize, line: usize) -> usize {
        let modules = self.modules.borrow();
        let Some(file) = modules.get(outermost).map(|module| module.file) else { return outermost };
        let around = |module: &Rc<Module>| module.file == file && module.lines.0 <= line && line <= module.lines.1;
        modules.iter().rposition(around).unwrap_or(outermost)
    }

    /// What the functions around a line declare.
    pub(super) fn blocks_at(&self, module: usize, line: usize) -> Vec<Rc<Items>> {
        let Some(file) = self.module(module).map(|module| module.file) else { return Vec::new() };
        let bodies = self.bodies.borrow();
        let around = bodies.iter().filter(|body| body.file == file && body.lines.0 <= line && line <= body.lines.1);
        let _fallback = Fallback::enter();
        around.filter_map(|body| Some(Rc::new(Items::of_block(&body.parse()?)))).collect()
    }

    pub(super) fn deferred(&self, number: usize) -> Option<Block> {
        let body = self.bodies.borrow().get(number).cloned()?;
        body.parse()
    }

    /// With its braces.
    pub(super) fn deferred_text(&self, number: usize) -> Option<String> {
        self.bodies.borrow().get(number).map(|body| body.text.clone())
    }
}

/// The modules of a file that is being read.
struct Added<'a> {
    file: usize,
    /// The number of the first.
    first: usize,
    modules: Vec<Option<Module>>,
    declared: usize,
    /// The macros so far, as one sees those above it.
    rules: BTreeMap<String, TokenStream>,
    /// The bodies of functions that were taken out, and the number of the first.
    bodies: (usize, &'a [Deferred]),
    /// How many macros expand to what is added.
    expansions: usize,
}

/// How deep macros are expanded that expand to calls of others.
const EXPANSIONS_MAX: usize = 8;

impl Added<'_> {
    /// Adds a module with its items; its number.
    fn add(
        &mut self,
        items: &[Item],
        parent: Option<usize>,
        folder: PathBuf,
        lines: (usize, usize),
        is_of_tests: bool,
    ) -> usize {
        let number = self.first + self.modules.len();
        let at = self.modules.len();
        self.modules.push(None);
        let mut own = Items::of_module(number, is_of_tests);
        self.add_items(items, &mut own, number, &folder);
        let module = Module { parent: Cell::new(parent), items: Rc::new(own), file: self.file, folder, lines };
        if let Some(place) = self.modules.get_mut(at) {
            *place = Some(module);
        }
        number
    }

    fn add_items(&mut self, items: &[Item], own: &mut Items, number: usize, folder: &Path) {
        for item in items {
            match item {
                Item::Mod(inner) if let Some((brace, items)) = &inner.content => {
                    let lines = (brace.span.open().start().line, brace.span.close().end().line);
                    let name = super::items::plain(&inner.ident);
                    let is_of_tests = own.is_of_tests || is_of_tests(&inner.attrs);
                    let module = self.add(items, Some(number), folder.join(&name), lines, is_of_tests);
                    own.insert(&inner.ident, Own::Module(module), &inner.vis);
                }
                Item::Macro(call) if let Some(items) = self.expanded(call) => {
                    self.expansions += 1;
                    self.add_items(&items, own, number, folder);
                    self.expansions -= 1;
                }
                item => {
                    self.declared += usize::from(matches!(item, Item::Mod(_)));
                    if let Item::Macro(ItemMacro { ident: Some(name), mac, .. }) = item {
                        self.rules.insert(super::items::plain(name), mac.tokens.clone());
                    }
                    own.add(item);
                }
            }
        }
    }

    /// The items that a call of one of the macros becomes.
    fn expanded(&self, call: &ItemMacro) -> Option<Vec<Item>> {
        let rules = self.rules.get(&call.mac.path.get_ident()?.to_string()).filter(|_| call.ident.is_none())?;
        if self.expansions >= EXPANSIONS_MAX {
            return None;
        }
        let (first, bodies) = self.bodies;
        let body = |number: usize| Some(bodies.get(number.checked_sub(first)?)?.text.clone());
        let (rules, given) = (restored(rules.clone(), &body), restored(call.mac.tokens.clone(), &body));
        let file: syn::File = syn::parse2(expand(&rules, &given)?).ok()?;
        Some(file.items)
    }
}

fn declares_main(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item, Item::Fn(function) if function.sig.ident == "main"))
}

impl Deferred {
    fn parse(&self) -> Option<Block> {
        let _fallback = Fallback::enter();
        syn::parse_str(&self.text).ok()
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// While it lives, tokens are made without the compiler, which could not say where in the file they stand.
///
/// Tokens of the two kinds must not be mixed. So code that holds one of these makes no tokens for the user.
pub(crate) struct Fallback(());

impl Fallback {
    pub(crate) fn enter() -> Self {
        if DEPTH.replace(DEPTH.get() + 1) == 0 {
            proc_macro2::fallback::force();
        }
        Fallback(())
    }

    pub(super) fn is_active() -> bool {
        DEPTH.get() > 0
    }
}

impl Drop for Fallback {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            proc_macro2::fallback::unforce();
        }
    }
}
