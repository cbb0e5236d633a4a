//! The path under which generated code finds the runtime.

use std::cell::Cell;
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// `::owf_runtime`, or what the user says with `crate = path`.
#[derive(Clone, Default)]
pub(crate) struct Krate {
    path: Option<TokenStream>,
    /// Which of [`TRAITS`] are needed, as bits.
    needed: Rc<Cell<u32>>,
}

/// The traits whose methods are called on what a name of `__private` makes. Each import costs the compiler.
const TRAITS: &[(&str, &[&str])] = &[
    ("durable", &["PlainFuture", "NoFuture"]),
    ("effect", &["DurableEffect", "NoEffect"]),
    ("value", &["BorrowedValue", "FallibleValue", "ForgottenFuture", "PlainValue"]),
    ("failed", &["CausedFailure", "TypedFailure", "UntypedFailure"]),
    ("returned", &["TypedReturn", "UntypedReturn"]),
    ("Plain", &["NotAResult"]),
    ("Probe", &["Harmless"]),
    ("Callee", &["ListedCallee", "UnlistedCallee"]),
    ("Captured", &["KeepValue"]),
];

impl Krate {
    pub(crate) fn new(path: &syn::Path) -> Self {
        Krate { path: Some(path.to_token_stream()), needed: Rc::default() }
    }

    /// The path of `name` in `__private`, displayed at `span`.
    pub(crate) fn private(&self, name: &str, span: Span) -> TokenStream {
        self.need_traits(name);
        let name = Ident::new(name, span);
        if self.path.is_none() {
            return quote_spanned!(span=> ::owf_runtime::__private::#name);
        }
        let root = self.root(span);
        quote_spanned!(span=> #root::__private::#name)
    }

    /// The crate's path, displayed at `span`.
    pub(crate) fn root(&self, span: Span) -> TokenStream {
        let Some(path) = &self.path else { return quote_spanned!(span=> ::owf_runtime) };
        // Each token still resolves where it was written (`$crate`).
        let at = |mut token: TokenTree| {
            token.set_span(span.resolved_at(token.span()));
            token
        };
        path.clone().into_iter().map(at).collect()
    }

    /// Has the traits of `name` imported, which a macro of the runtime uses.
    pub(crate) fn need_traits(&self, name: &str) {
        if let Some(at) = TRAITS.iter().position(|(maker, _)| *maker == name) {
            self.needed.set(self.needed.get() | 1 << at);
        }
    }

    /// The `use` item that the code needs around it which was made so far.
    pub(crate) fn expand_imports(&self) -> Option<TokenStream> {
        let here = Span::mixed_site();
        let needed = TRAITS.iter().enumerate().filter(|(at, _)| self.needed.get() & 1 << at != 0);
        let mut names = needed.flat_map(|(_, (_, names))| *names).map(|name| Ident::new(name, here)).peekable();
        names.peek()?;
        let root = self.root(here);
        Some(
            quote_spanned!(here=> #[allow(unused_imports, reason = "which of them is called, the types decide")] use #root::__private::{#(#names as _),*};),
        )
    }
}
