//! The macro calls within a body: which ones are ours, and which ones have arguments that can be read.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Macro, Pat, Token};

/// What is known of a macro, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `step!` and `transaction!`.
    Step,
    Join,
    Race,
    /// Its arguments are expressions that it evaluates once, in order.
    Known(Grammar),
    /// It evaluates its arguments in some builds or configurations only.
    Conditional,
    Opaque,
}

/// How the arguments of a known macro are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    Commas,
    /// `vec![a, b]` and `vec![a; n]`.
    Vec,
    /// `matches!(value, pattern if guard)`.
    Matches,
}

const COMMAS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "write",
    "writeln",
];

/// Logging evaluates its arguments if the level is on, a debug assertion in debug builds.
const CONDITIONAL: &[&str] = &[
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "debug_span",
    "error",
    "error_span",
    "event",
    "info",
    "info_span",
    "log",
    "span",
    "trace",
    "trace_span",
    "warn",
    "warn_span",
];

/// The last segment of the macro's path.
pub(crate) fn name(call: &Macro) -> String {
    call.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

pub(crate) fn kind(call: &Macro) -> Kind {
    match name(call).as_str() {
        "step" | "transaction" => Kind::Step,
        "join" => Kind::Join,
        "race" => Kind::Race,
        "vec" => Kind::Known(Grammar::Vec),
        "matches" => Kind::Known(Grammar::Matches),
        name if COMMAS.contains(&name) => Kind::Known(Grammar::Commas),
        name if CONDITIONAL.contains(&name) => Kind::Conditional,
        _ => Kind::Opaque,
    }
}

/// The expressions among a macro's arguments, and how to write them back.
#[derive(Clone)]
pub(crate) struct Arguments {
    pub(crate) exprs: Vec<Expr>,
    layout: Layout,
}

#[derive(Clone)]
enum Layout {
    Commas,
    Repeat,
    /// The pattern; the guard, if any, is the second expression.
    Matches(Box<Pat>),
}

impl Arguments {
    /// Reads the arguments of a macro whose grammar is known; of another one, as if it took expressions.
    pub(crate) fn parse(call: &Macro) -> Option<Self> {
        let tokens = call.tokens.clone();
        let parsed = match kind(call) {
            Kind::Known(Grammar::Vec) => parse_vec.parse2(tokens),
            Kind::Known(Grammar::Matches) => parse_matches.parse2(tokens),
            _ => parse_commas.parse2(tokens),
        };
        parsed.ok()
    }
}

fn parse_commas(input: ParseStream<'_>) -> syn::Result<Arguments> {
    let exprs = Punctuated::<Expr, Token![,]>::parse_terminated(input)?;
    Ok(Arguments { exprs: exprs.into_iter().collect(), layout: Layout::Commas })
}

fn parse_vec(input: ParseStream<'_>) -> syn::Result<Arguments> {
    if input.is_empty() {
        return parse_commas(input);
    }
    let first = input.parse::<Expr>()?;
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(Arguments { exprs: vec![first, input.parse()?], layout: Layout::Repeat });
    }
    let mut exprs = vec![first];
    if input.parse::<Option<Token![,]>>()?.is_some() {
        exprs.extend(parse_commas(input)?.exprs);
    }
    Ok(Arguments { exprs, layout: Layout::Commas })
}

fn parse_matches(input: ParseStream<'_>) -> syn::Result<Arguments> {
    let mut exprs = vec![input.parse()?];
    input.parse::<Token![,]>()?;
    let pattern = Pat::parse_multi_with_leading_vert(input)?;
    if input.parse::<Option<Token![if]>>()?.is_some() {
        exprs.push(input.parse()?);
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(Arguments { exprs, layout: Layout::Matches(Box::new(pattern)) })
}

impl ToTokens for Arguments {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let exprs = &self.exprs;
        tokens.extend(match &self.layout {
            Layout::Commas => quote!(#(#exprs),*),
            Layout::Repeat => quote!(#(#exprs);*),
            Layout::Matches(pattern) => {
                let (value, guard) = (exprs.first(), exprs.get(1).map(|guard| quote!(if #guard)));
                quote!(#value, #pattern #guard)
            }
        });
    }
}

/// Whether one of `parts` may stand in a macro's arguments. Their text is the compiler's, and made far faster than they are parsed here.
pub(crate) fn may_contain(call: &Macro, parts: &[&str]) -> bool {
    let text = call.tokens.to_string();
    parts.iter().any(|part| text.contains(part))
}

/// The first `step!` or `transaction!` within the tokens, at any depth.
pub(crate) fn find_step(tokens: &TokenStream) -> Option<TokenTree> {
    find(tokens, &|previous, token, next| {
        (is_ident(token, "step") || is_ident(token, "transaction"))
            && next.is_some_and(|next| is_punct(next, '!'))
            && !previous.is_some_and(|p| is_punct(p, '.'))
    })
}

/// The first `.await` within the tokens, at any depth.
pub(crate) fn find_await(tokens: &TokenStream) -> Option<TokenTree> {
    find(tokens, &|previous, token, _| is_ident(token, "await") && previous.is_some_and(|p| is_punct(p, '.')))
}

type Neighbours<'a> = &'a dyn Fn(Option<&TokenTree>, &TokenTree, Option<&TokenTree>) -> bool;

fn find(tokens: &TokenStream, is_match: Neighbours<'_>) -> Option<TokenTree> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    tokens.iter().enumerate().find_map(|(at, token)| {
        let previous = at.checked_sub(1).and_then(|before| tokens.get(before));
        match token {
            TokenTree::Group(group) => find(&group.stream(), is_match),
            token if is_match(previous, token, tokens.get(at + 1)) => Some(token.clone()),
            _ => None,
        }
    })
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn written_back(call: Macro) -> String {
        Arguments::parse(&call).expect("the arguments are expressions").to_token_stream().to_string()
    }

    #[test]
    fn arguments_are_written_back_as_they_were() {
        assert_eq!(written_back(parse_quote!(vec![a, b?])), "a , b ?");
        assert_eq!(written_back(parse_quote!(vec![a; 3])), "a ; 3");
        assert_eq!(written_back(parse_quote!(vec![])), "");
        assert_eq!(
            written_back(parse_quote!(matches!(v, Some(1..=9) | None if ok()))),
            "v , Some (1 ..= 9) | None if ok ()"
        );
        assert_eq!(written_back(parse_quote!(format!("{a} {}", b, c = d))), "\"{a} {}\" , b , c = d");
    }

    #[test]
    fn steps_and_awaits_are_found_in_tokens() {
        assert!(find_step(&quote!(a => { x(step!("a", 1)) })).is_some());
        assert!(find_step(&quote!(owf_runtime::step!("a", 1))).is_some());
        assert!(find_step(&quote!(self.step, step)).is_none());
        assert!(find_await(&quote!(x => y.await)).is_some());
        assert!(find_await(&quote!("x.await", awaited)).is_none());
    }
}
