//! The path under which generated code finds the runtime.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// `::owf_runtime`, or what the user says with `crate = path`.
#[derive(Clone, Default)]
pub(crate) struct Krate {
    path: Option<TokenStream>,
}

impl Krate {
    pub(crate) fn new(path: &syn::Path) -> Self {
        Krate { path: Some(path.to_token_stream()) }
    }

    /// The path of `name` in `__private`, displayed at `span`.
    pub(crate) fn private(&self, name: &str, span: Span) -> TokenStream {
        let root = self.root(span);
        let name = Ident::new(name, span);
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
}
