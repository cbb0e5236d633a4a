//! What the tokens of a macro say of the modules that it declares.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

/// The modules that tokens declare.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) names: BTreeSet<String>,
    /// Whether they declare some whose names are arguments: `mod $name`.
    pub(super) is_any: bool,
}

pub(super) fn declared_modules(tokens: &TokenStream) -> Declared {
    let mut declared = Declared::default();
    collect(tokens.clone(), &mut declared);
    declared
}

fn collect(tokens: TokenStream, declared: &mut Declared) {
    let mut is_name = false;
    for token in tokens {
        let was_name = std::mem::take(&mut is_name);
        match token {
            TokenTree::Ident(name) if was_name => {
                declared.names.insert(name.to_string());
            }
            TokenTree::Ident(name) => is_name = name == "mod",
            TokenTree::Punct(punct) => declared.is_any |= was_name && punct.as_char() == '$',
            TokenTree::Group(group) => collect(group.stream(), declared),
            TokenTree::Literal(_) => {}
        }
    }
}

/// Whether a name stands among the tokens.
pub(crate) fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> (Vec<String>, bool) {
        let declared = declared_modules(&text.parse().expect("tokens"));
        (declared.names.into_iter().collect(), declared.is_any)
    }

    #[test]
    fn modules_are_told_by_their_names_and_by_parameters() {
        assert_eq!(declared("() => { pub mod time { mod inner; } }"), (vec!["inner".into(), "time".into()], false));
        assert_eq!(declared("($($m:ident),*) => { $(mod $m { fn random() {} })* }"), (Vec::new(), true));
        assert_eq!(declared("($n:ident) => { fn $n() { module } }"), (Vec::new(), false));
    }

    #[test]
    fn names_are_found_at_any_depth() {
        let tokens = "rand => 4, { dice }".parse().expect("tokens");
        assert!(mentions(&tokens, "rand") && mentions(&tokens, "dice"));
        assert!(!mentions(&tokens, "fastrand"));
    }
}
