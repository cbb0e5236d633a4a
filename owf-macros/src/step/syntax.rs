//! What is wrong with the tokens of a `step!` that are no list of parts: a comma, braces or an `=` is missing.
//!
//! They are read a second time for that, as syn can say no more than which token it did not expect.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Ident, Macro, Token};

use super::options::OPTIONS;
use super::parse::{Part, parse_part};
use crate::body::macros;
use crate::diagnostics::{Diagnostics, Message, source};

/// Longer code is not repeated in a message.
const SOURCE_MAX: usize = 60;

/// Reports why the tokens of a step can't be read: in our words, or else in syn's.
pub(super) fn report_unreadable(call: &Macro, error: syn::Error, diagnostics: &mut Diagnostics) {
    let name = macros::name(call);
    let explain = |input: ParseStream<'_>| {
        let found = explain(input, &name);
        input.parse::<TokenStream>()?;
        Ok(found)
    };
    match explain.parse2(call.tokens.clone()) {
        Ok(Some((at, message))) => diagnostics.report(at, message),
        _ => diagnostics.syntax(error),
    }
}

fn explain(input: ParseStream<'_>, name: &str) -> Option<(TokenStream, Message)> {
    let mut id = None;
    loop {
        let (from_here, part) = (input.fork(), parse_part(input).ok()?);
        if input.peek(Token![;]) {
            let body = from_here.parse::<TokenStream>().ok()?;
            return Some((body.clone(), statements(name, id.as_ref(), body)));
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>().ok()?;
            id = id.or(match part {
                Part::Plain(id) => Some(id),
                Part::Named(_) => None,
            });
            continue;
        }
        let at = input.parse::<proc_macro2::TokenTree>().ok()?;
        return match (part, id) {
            (Part::Plain(Expr::Path(option)), Some(_)) if is_punct(&at, ':') => {
                Some((at.into(), colon(option.path.get_ident()?, input)))
            }
            (Part::Plain(id), None) => {
                let is_arrow = is_punct(&at, '=');
                let body = if is_arrow { input.parse::<Token![>]>().ok().map(|_| TokenStream::new()) } else { None };
                let body = body.unwrap_or_else(|| at.clone().into());
                let rest = input.parse::<TokenStream>().ok()?;
                let text = "a comma stands between the id of a step and its body, and here is none";
                let body = short(quote::quote!(#body #rest), "..");
                let help = format!("write `{name}!({}, {body})`", source(id));
                Some((at.into(), Message::new(text.replace("step", name)).help(help)))
            }
            (..) => {
                let text = format!("a comma is missing before this: one stands between all parts of a {name}");
                Some((at.into(), Message::new(text)))
            }
        };
    }
}

/// `retries: 5`
fn colon(option: &Ident, input: ParseStream<'_>) -> Message {
    let value =
        input.fork().parse::<Expr>().map_or_else(|_| "..".to_owned(), |value| short(value.to_token_stream(), ".."));
    let text = match OPTIONS.iter().any(|known| option == known.name) {
        true => format!("`{option}` is an option, and is given with `=`"),
        false => "the options of a step are given with `=`".to_owned(),
    };
    Message::new(text).help(format!("write `{option} = {value}`"))
}

/// `let x = 1; x` in place of a body.
pub(super) fn statements(name: &str, id: Option<&Expr>, body: TokenStream) -> Message {
    let text = format!("the body of a {name} is one expression, and this is a statement");
    let id = id.map_or_else(|| "\"id\"".to_owned(), source);
    Message::new(text).help(format!("put the statements into braces: `{name}!({id}, {{ {} }})`", short(body, "..")))
}

fn short(tokens: TokenStream, otherwise: &str) -> String {
    let text = source(tokens);
    if text.len() <= SOURCE_MAX { text.trim().to_owned() } else { otherwise.to_owned() }
}

fn is_punct(token: &proc_macro2::TokenTree, char: char) -> bool {
    matches!(token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == char)
}
