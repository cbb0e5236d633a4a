//! Lists of `name = value`: the arguments of the attributes, and the options of a step.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Path, Token, UnOp, token};

use crate::diagnostics::{Diagnostics, Message, source};

/// An argument that an attribute or a step accepts.
pub(crate) struct Accepted {
    pub(crate) name: &'static str,
    /// How to write it, for messages.
    pub(crate) usage: &'static str,
}

/// One `name = value`, one `name(list)`, or a `name` alone.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Option<Expr>,
    pub(crate) list: Option<TokenStream>,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            return Ok(Argument { name, value: None, list: Some(content.parse()?) });
        }
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Argument { name, value, list: None })
    }
}

/// The arguments of an attribute, each name once.
pub(crate) struct Arguments {
    /// Who takes them, for messages: `` `#[workflow]` ``.
    owner: &'static str,
    accepted: &'static [Accepted],
    list: Vec<Argument>,
}

impl Arguments {
    pub(crate) fn parse(
        owner: &'static str,
        accepted: &'static [Accepted],
        tokens: TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let parsed = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens);
        let list = match parsed {
            Ok(list) => list.into_iter().collect(),
            Err(error) => {
                let text = format!("{owner} takes arguments of the form `name = value`");
                diagnostics.report_at(error.span(), Message::new(text).help(valid(accepted)));
                Vec::new()
            }
        };
        Arguments { owner, accepted, list: only_valid(owner, accepted, list, diagnostics) }
    }

    /// Takes the value of `name`, which must not stand alone.
    pub(crate) fn value(&mut self, name: &str, diagnostics: &mut Diagnostics) -> Option<Expr> {
        let at = self.list.iter().position(|argument| argument.name == name)?;
        let argument = self.list.swap_remove(at);
        if argument.value.is_none() {
            let text = format!("`{name}` needs a value");
            diagnostics.report(&argument.name, Message::new(text).help(usage(self.accepted, name)));
        }
        argument.value
    }

    /// Whether `name` is there, which takes no value.
    pub(crate) fn flag(&mut self, name: &str, diagnostics: &mut Diagnostics) -> bool {
        let Some(at) = self.list.iter().position(|argument| argument.name == name) else { return false };
        let argument = self.list.swap_remove(at);
        let value = argument.value.map(|value| value.to_token_stream()).or(argument.list);
        if let Some(value) = value {
            let text = format!("`{name}` of {} takes no value", self.owner);
            diagnostics.report(value, Message::new(text).help(usage(self.accepted, name)));
        }
        true
    }

    /// Takes every `name(..)`, which may be there several times.
    pub(crate) fn lists(&mut self, name: &str, diagnostics: &mut Diagnostics) -> Vec<(Ident, TokenStream)> {
        let (taken, rest): (Vec<_>, Vec<_>) = self.list.drain(..).partition(|argument| argument.name == name);
        self.list = rest;
        let mut lists = Vec::new();
        for Argument { name: at, list, .. } in taken {
            match list {
                Some(list) => lists.push((at, list)),
                None => {
                    let text = format!("`{name}` of {} is a list", self.owner);
                    diagnostics.report(&at, Message::new(text).help(usage(self.accepted, name)));
                }
            }
        }
        lists
    }
}

/// Drops arguments with an unknown or a repeated name, and reports them.
pub(crate) fn only_valid(
    owner: &str,
    accepted: &[Accepted],
    list: Vec<Argument>,
    diagnostics: &mut Diagnostics,
) -> Vec<Argument> {
    let mut kept: Vec<Argument> = Vec::new();
    for argument in list {
        let name = &argument.name;
        if !accepted.iter().any(|known| name == known.name) {
            let text = format!("{owner} has no argument `{}`", name.unraw());
            diagnostics.report(name, Message::new(text).help(valid(accepted)));
        } else if argument.list.is_none() && kept.iter().any(|earlier| earlier.name == *name) {
            let text = format!("`{name}` is given twice");
            diagnostics.report(name, Message::new(text).help(valid(accepted)));
        } else {
            kept.push(argument);
        }
    }
    kept
}

/// The list of valid arguments, as a help.
pub(crate) fn valid(accepted: &[Accepted]) -> String {
    let usages: Vec<_> = accepted.iter().map(|known| format!("`{}`", known.usage)).collect();
    format!("valid are {}", usages.join(", "))
}

fn usage(accepted: &[Accepted], name: &str) -> String {
    let known = accepted.iter().find(|known| known.name == name);
    format!("write `{}`", known.map_or(name, |known| known.usage))
}

/// A text that is not empty.
pub(crate) fn text(name: &str, value: &Expr, diagnostics: &mut Diagnostics) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().trim().is_empty() => {
            let message = format!("`{name}` is an empty text");
            diagnostics.report(value, Message::new(message).help(format!("leave `{name}` out, or give a text")));
            None
        }
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => {
            let message = format!("`{name}` is a string literal, and this is `{}`", source(value));
            diagnostics.report(value, Message::new(message).help(format!("write `{name} = \"..\"`")));
            None
        }
    }
}

/// A path to a crate or module.
pub(crate) fn path(name: &str, value: &Expr, diagnostics: &mut Diagnostics) -> Option<Path> {
    match value {
        Expr::Path(ExprPath { qself: None, path, .. }) => Some(path.clone()),
        _ => {
            let message = format!("`{name}` is a path, and this is `{}`", source(value));
            diagnostics.report(value, Message::new(message).help(format!("write `{name} = ::my_crate::owf`")));
            None
        }
    }
}

/// A number of times. An expression that is no literal is left to the type checker.
pub(crate) fn count(name: &str, value: &Expr, diagnostics: &mut Diagnostics) -> bool {
    let fits = is_number(value, 0);
    if !fits {
        let message = format!("`{name}` is a number from 0 to {}, and this is `{}`", u32::MAX, source(value));
        diagnostics.report(value, Message::new(message).help(format!("write `{name} = 3`")));
    }
    fits
}

/// A version. An expression that is no literal is left to the type checker.
pub(crate) fn version(name: &str, value: &Expr, diagnostics: &mut Diagnostics) -> bool {
    let fits = is_number(value, 1);
    if !fits {
        let message = format!("`{name}` is a number from 1 to {}, and this is `{}`", u32::MAX, source(value));
        let help =
            format!("versions are whole numbers from 1: write `{name} = 1`, and a higher one when the code changes");
        diagnostics.report(value, Message::new(message).help(help));
    }
    fits
}

/// Whether this is a number from `least` on, or no literal.
fn is_number(value: &Expr, least: u32) -> bool {
    match literal(value) {
        Some((negative, Lit::Int(number))) => {
            !negative && number.base10_parse::<u32>().is_ok_and(|number| number >= least)
        }
        Some(_) => false,
        None => true,
    }
}

/// A time or a backoff, which has no literals.
pub(crate) fn no_literal(name: &str, kind: &str, value: &Expr, diagnostics: &mut Diagnostics) -> bool {
    let fits = literal(value).is_none();
    if !fits {
        let message = format!("`{name}` is a {kind}, and this is `{}`", source(value));
        diagnostics.report(value, Message::new(message).help(format!("write `{name} = Duration::from_secs(5)`")));
    }
    fits
}

fn literal(value: &Expr) -> Option<(bool, &Lit)> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some((false, lit)),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal(&unary.expr).map(|(_, lit)| (true, lit)),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    const ACCEPTED: &[Accepted] =
        &[Accepted { name: "name", usage: "name = \"..\"" }, Accepted { name: "boxed", usage: "boxed" }];

    fn parse(tokens: TokenStream) -> (Arguments, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let arguments = Arguments::parse("`#[x]`", ACCEPTED, tokens, &mut diagnostics);
        (arguments, diagnostics)
    }

    #[test]
    fn unknown_and_repeated_names_list_the_valid_ones() {
        let (_, diagnostics) = parse(quote!(nmae = "a", name = "b", name = "c"));
        let texts = diagnostics.texts();
        assert_eq!(texts[0], "`#[x]` has no argument `nmae`\n  = help: valid are `name = \"..\"`, `boxed`");
        assert_eq!(texts[1], "`name` is given twice\n  = help: valid are `name = \"..\"`, `boxed`");
    }

    #[test]
    fn a_flag_takes_no_value_and_a_value_is_no_flag() {
        let (mut arguments, mut diagnostics) = parse(quote!(boxed = true, name));
        assert!(arguments.flag("boxed", &mut diagnostics));
        assert!(arguments.value("name", &mut diagnostics).is_none());
        assert_eq!(diagnostics.texts().len(), 2);
    }

    #[test]
    fn text_that_is_no_list_is_an_error() {
        let (_, diagnostics) = parse(quote!("name"));
        assert_eq!(diagnostics.texts().len(), 1);
    }

    #[test]
    fn a_version_is_a_number_from_one() {
        let mut diagnostics = Diagnostics::default();
        assert!(!version("version", &syn::parse_quote!(0), &mut diagnostics));
        assert!(!version("version", &syn::parse_quote!("2"), &mut diagnostics));
        assert!(version("version", &syn::parse_quote!(1), &mut diagnostics));
        assert!(version("version", &syn::parse_quote!(TODAY), &mut diagnostics));
        assert_eq!(diagnostics.texts().len(), 2);
    }

    #[test]
    fn a_count_is_no_string_and_not_negative() {
        let mut diagnostics = Diagnostics::default();
        assert!(!count("retries", &syn::parse_quote!("3"), &mut diagnostics));
        assert!(!count("retries", &syn::parse_quote!(-3), &mut diagnostics));
        assert!(count("retries", &syn::parse_quote!(LIMIT), &mut diagnostics));
        assert!(count("retries", &syn::parse_quote!(3), &mut diagnostics));
        assert_eq!(diagnostics.texts().len(), 2);
    }
}
