//! Reads the file of a macro call.
//!
//! Only what stands outside of function bodies is parsed; a body is when somebody calls the function. The result is kept
//! for the next call in the same file.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;

use syn::{Block, Item};

use super::bodies::{Deferred, defer_bodies};
use super::items::Items;
use super::own::Own;

/// What the file declares.
pub(crate) struct File {
    /// The first is the file itself.
    pub(super) modules: Vec<Module>,
    bodies: Vec<Deferred>,
    /// Whether `crate::` is this file.
    pub(super) is_root: bool,
}

/// A module of the file.
#[derive(Default)]
pub(super) struct Module {
    pub(super) parent: Option<usize>,
    pub(super) items: Items,
    lines: (usize, usize),
}

impl File {
    /// Reads the file at `path`; None if it can't be read.
    pub(crate) fn load(path: &Path) -> Option<Rc<File>> {
        thread_local! {
            static LAST: RefCell<Option<(String, Rc<File>)>> = const { RefCell::new(None) };
        }
        let text = std::fs::read_to_string(path).ok()?;
        LAST.with(|last| {
            if let Some((known, file)) = &*last.borrow()
                && *known == text
            {
                return Some(Rc::clone(file));
            }
            let file = Rc::new(File::parse(&text, is_root(path))?);
            last.replace(Some((text, Rc::clone(&file))));
            Some(file)
        })
    }

    /// Parses the text of a file.
    pub(crate) fn parse(text: &str, is_root: bool) -> Option<File> {
        let _fallback = Fallback::enter();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // The `#!` line of a script is none of the language's.
        let script = text.starts_with("#!") && !text.trim_start_matches("#!").trim_start().starts_with('[');
        let text = if script { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
        let (around, bodies) = defer_bodies(text);
        let parsed = syn::parse_file(&around).ok()?;
        let mut file = File { modules: vec![Module::default()], bodies, is_root };
        file.add_items(&parsed.items, 0);
        file.is_root |= file.modules.iter().take(1).any(|root| root.items.own.contains_key("main"));
        Some(file)
    }

    fn add_items(&mut self, items: &[Item], module: usize) {
        for item in items {
            let inner = match item {
                Item::Mod(inner) => inner.content.as_ref().map(|content| (&inner.ident, content)),
                _ => None,
            };
            let Some((name, (brace, items))) = inner else {
                if let Some(module_items) = self.modules.get_mut(module) {
                    module_items.items.add(item);
                }
                continue;
            };
            let lines = (brace.span.open().start().line, brace.span.close().end().line);
            let number = self.modules.len();
            self.modules.push(Module { parent: Some(module), lines, items: Items::of_module(number) });
            if let Some(around) = self.modules.get_mut(module) {
                around.items.insert(name, Own::Module(number));
            }
            self.add_items(items, number);
        }
    }

    /// The innermost module around a line.
    pub(super) fn module_at(&self, line: usize) -> usize {
        let around = |module: &Module| module.lines.0 <= line && line <= module.lines.1;
        let innermost = (1..self.modules.len()).rev().find(|at| self.modules.get(*at).is_some_and(around));
        innermost.unwrap_or(0)
    }

    /// What the functions around a line declare.
    pub(super) fn blocks_at(&self, line: usize) -> Vec<Rc<Items>> {
        let _fallback = Fallback::enter();
        let around = self.bodies.iter().filter(|body| body.lines.0 <= line && line <= body.lines.1);
        around.filter_map(|body| Some(Rc::new(Items::of_block(&body.parse()?)))).collect()
    }

    pub(super) fn deferred(&self, number: usize) -> Option<Block> {
        self.bodies.get(number)?.parse()
    }
}

impl Deferred {
    fn parse(&self) -> Option<Block> {
        let _fallback = Fallback::enter();
        syn::parse_str(&self.text).ok()
    }
}

/// Whether a file is the root of its crate, by its name.
fn is_root(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    matches!(stem, "lib" | "main") || matches!(folder, "examples" | "tests" | "benches" | "bin")
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
