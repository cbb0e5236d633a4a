//! `#[test]`: a test in virtual time.

mod check;
mod expand;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::arguments::{self, Accepted, Arguments};
use crate::diagnostics::{Diagnostics, Message};
use crate::krate::Krate;
use crate::signature::Function;

const ACCEPTED: &[Accepted] = &[Accepted { name: "crate", usage: "crate = ::owf_runtime" }];

/// Expands the attribute.
pub(crate) fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let mut given = Arguments::parse("`#[owf_runtime::test]`", ACCEPTED, args, &mut diagnostics);
    let path = given.value("crate", &mut diagnostics);
    let path = path.and_then(|value| arguments::path("crate", &value, &mut diagnostics));
    let krate = path.map_or_else(Krate::default, |path| Krate::new(&path));
    let mut function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let message = Message::new("`#[owf_runtime::test]` stands on an `async fn`, and this is something else");
            diagnostics.report_at(error.span(), message.help(expand::EXAMPLE));
            return [item, diagnostics.into_items()].into_iter().collect();
        }
    };
    if let Some(error) = function.body_error.take() {
        diagnostics.syntax(error);
    }
    check::check_test(&function, &mut diagnostics);
    if diagnostics.is_empty() {
        return expand::expand_test(&function, &krate);
    }
    // Not a test, so that the test harness adds no error of its own.
    let errors = diagnostics.into_items();
    quote!(#[allow(dead_code, unused_variables, reason = "nobody calls a test that was refused")] #item #errors)
}

/// What the attribute does where its runtime is not there.
pub(crate) fn test_without_feature(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let message = Message::new("`#[owf_runtime::test]` needs the feature `testing` of `owf-runtime`");
    let help =
        "write in `Cargo.toml`:\n[dev-dependencies]\nowf-runtime = { version = \"0.1\", features = [\"testing\"] }";
    diagnostics.report_at(Span::call_site(), message.help(help));
    let errors = diagnostics.into_items();
    quote!(#[allow(dead_code, unused_variables, reason = "nobody calls a test that was refused")] #item #errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_feature_the_error_says_what_to_write() {
        let tokens = test_without_feature(quote!(
            async fn pays() {}
        ))
        .to_string();
        assert!(tokens.contains("needs the feature `testing`"), "{tokens}");
        assert!(tokens.contains("async fn pays"), "the function is kept: {tokens}");
    }
}
