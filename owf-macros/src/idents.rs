//! Comparing names: a token of the compiler's is made a text for each comparison, so that is done once for a list.

use proc_macro2::Ident;

/// Whether the name is one of `names`.
pub(crate) fn is_one_of(ident: &Ident, names: &[&str]) -> bool {
    let text = ident.to_string();
    names.contains(&text.as_str())
}
