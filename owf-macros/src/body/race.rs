//! The arm form of `race!`, which only the attribute can expand, because its arms may `.await`, `?` and `return`.

use proc_macro2::TokenTree;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Ident, Macro, Pat, Token, token};

use super::reading;
use crate::diagnostics::{Diagnostics, Message, source};

/// The runtime's `Race2` to `Race12`.
const ARMS_MAX: usize = 12;

/// `pattern = durable => body`.
pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) durable: Expr,
    pub(crate) body: Expr,
}

/// Whether this is `race! { a = b => c }` rather than `race!(a, b)`.
pub(crate) fn has_arms(call: &Macro) -> bool {
    let tokens: Vec<_> = call.tokens.clone().into_iter().collect();
    tokens.windows(2).any(|pair| match pair {
        [TokenTree::Punct(one), TokenTree::Punct(two)] => one.as_char() == '=' && two.as_char() == '>',
        _ => false,
    })
}

/// Makes the model of a race, or reports why it can't.
pub(crate) fn parse_race(call: &Macro, diagnostics: &mut Diagnostics) -> Option<Vec<Arm>> {
    let refused = &mut Vec::new();
    let parsed = (|input: ParseStream<'_>| parse_arms(input, refused)).parse2(call.tokens.clone());
    let arms = match parsed {
        Ok(arms) => arms,
        Err(error) => {
            diagnostics.syntax(error);
            return None;
        }
    };
    let is_refused = !refused.is_empty();
    for (at, message) in refused.drain(..) {
        diagnostics.report(at, message);
    }
    let count = arms.len();
    if !is_refused && !(2..=ARMS_MAX).contains(&count) {
        let text = format!("a race has 2 to {ARMS_MAX} arms, and this has {count}");
        let help = if count < 2 {
            "await the only one: `let value = durable.await;`"
        } else {
            "race groups of them, each in an `async { race! { .. } }` block"
        };
        diagnostics.report(&call.path, Message::new(text).help(help));
        return None;
    }
    (!is_refused).then_some(arms)
}

fn parse_arms(input: ParseStream<'_>, refused: &mut Vec<(TokenTree, Message)>) -> syn::Result<Vec<Arm>> {
    let mut arms = Vec::new();
    if input.peek(Ident) && input.peek2(Token![;]) {
        let biased = input.parse::<Ident>()?;
        input.parse::<Token![;]>()?;
        let message = Message::new("`race!` has no `biased`: it is always biased, and the winner is recorded");
        refused.push((biased.into(), message.help("leave it out: of several that are ready, the first arm wins")));
    }
    while !input.is_empty() {
        if input.peek(Token![else]) {
            let keyword = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
            let message = Message::new(
                "`race!` has no `else`: every arm stands for an operation that ends, and patterns always match",
            );
            refused.push((
                keyword.into(),
                message.help("bind the value in the arm and look at it there: `value = op => match value { .. }`"),
            ));
            input.parse::<Token![=>]>()?;
            parse_arm_body(input)?;
            continue;
        }
        arms.push(parse_arm(input, refused)?);
    }
    Ok(arms)
}

fn parse_arm(input: ParseStream<'_>, refused: &mut Vec<(TokenTree, Message)>) -> syn::Result<Arm> {
    let pattern = Pat::parse_multi_with_leading_vert(input)?;
    input.parse::<Token![=]>()?;
    let durable = input.parse()?;
    if input.peek(Token![if]) || (input.peek(Token![,]) && input.peek2(Token![if])) {
        input.parse::<Option<Token![,]>>()?;
        let keyword = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
        let message = Message::new("`race!` has no guards: which arms take part must not change between replays");
        refused.push((keyword.into(), message.help("branch around it: `if ready { race! { .. } } else { .. }`")));
        input.parse::<Expr>()?;
    }
    if !input.peek(Token![=>]) {
        let pattern = source(&pattern);
        return Err(syn::Error::new_spanned(&durable, no_arrow(&pattern, &durable).into_text()));
    }
    input.parse::<Token![=>]>()?;
    Ok(Arm { pattern, durable, body: parse_arm_body(input)? })
}

/// What is said of an arm that ends with its operation.
fn no_arrow(pattern: &str, durable: &Expr) -> Message {
    let text = "an arm of `race!` needs a `=>`, and behind it what becomes of the value if this one wins";
    let (value, name) = if pattern == "_" { ("()", "_") } else { (pattern, pattern) };
    let durable = source(durable);
    let durable = if durable.len() <= 50 { durable.as_str() } else { ".." };
    Message::new(text).help(format!("write `{name} = {durable} => {value},`"))
}

/// Reports a race whose arms all end with their operations: `race! { a = step!(..), b = step!(..) }`. Whether it is one.
pub(crate) fn check_no_arms(call: &Macro, diagnostics: &mut Diagnostics) -> bool {
    let Some(arguments) = reading::arguments(call) else { return false };
    let arm = arguments.exprs.iter().find_map(|argument| match argument {
        Expr::Assign(arm) => Some(arm),
        _ => None,
    });
    if let Some(arm) = arm {
        diagnostics.report(&arm.right, no_arrow(&source(&arm.left), &arm.right));
    }
    arm.is_some()
}

/// As the body of a `match` arm: a block needs no comma behind it.
fn parse_arm_body(input: ParseStream<'_>) -> syn::Result<Expr> {
    let is_block = input.peek(token::Brace);
    let body = Expr::parse_with_earlier_boundary_rule(input)?;
    let comma = input.parse::<Option<Token![,]>>()?;
    if comma.is_none() && !is_block && !input.is_empty() {
        return Err(input.error("expected `,` after the arm"));
    }
    Ok(body)
}

/// The name of the enum's variant that stands for an arm: `A`, `B`, ..
pub(crate) fn variant(index: usize) -> String {
    u8::try_from(index).map_or('A', |index| char::from(b'A' + index)).to_string()
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn parse(call: Macro) -> (Option<usize>, Vec<String>) {
        let mut diagnostics = Diagnostics::default();
        let arms = parse_race(&call, &mut diagnostics);
        (arms.map(|arms| arms.len()), diagnostics.texts())
    }

    #[test]
    fn arms_are_told_from_a_list() {
        assert!(has_arms(&parse_quote!(race! { a = b => c })));
        assert!(!has_arms(&parse_quote!(race!(a, |x| match x {
            y => z,
        }))));
    }

    #[test]
    fn a_block_needs_no_comma() {
        assert_eq!(parse(parse_quote!(race! { a = b => { c } d = e => f, })), (Some(2), vec![]));
    }

    #[test]
    fn guards_else_and_biased_are_refused() {
        let (arms, texts) = parse(parse_quote!(race! { biased; a = b, if c => d, e = f => g, else => h }));
        assert_eq!(arms, None);
        assert_eq!(texts.len(), 3, "{texts:?}");
    }

    #[test]
    fn one_arm_is_no_race() {
        assert_eq!(parse(parse_quote!(race! { a = b => c })).1.len(), 1);
    }
}
