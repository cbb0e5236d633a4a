//! What a call of a `macro_rules!` becomes: what rustc makes of it, but for hygiene.
//!
//! Where one does something out of the ordinary (`${count(x)}`, a fragment that no syntax is known for), nothing is told.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Block, Expr, Item, Lifetime, Lit, Meta, Pat, Path, Stmt, Type, Visibility};

use super::bodies::deferred_number;
use super::{Fallback, FileScope, MacroRules};

/// Calls that become more than this are not worth their time.
const TOKENS_MAX: usize = 10_000;

/// Nor are calls that are given more: each fragment is looked for in all that is left, so that the time grows with the square.
const GIVEN_MAX: usize = 1_000;

/// What was matched, by the name behind its `$`.
type Bindings = BTreeMap<String, Binding>;

#[derive(Clone)]
enum Binding {
    One(TokenStream),
    /// What each turn of a repetition matched.
    Many(Vec<Binding>),
}

/// A part of a pattern or a body.
enum Part<'a> {
    /// `$name` and, in a pattern, its kind: `$name:kind`.
    Named(String, String),
    /// `$(..) separator *`
    Repetition(Vec<TokenTree>, Option<&'a TokenTree>, bool),
    Token(&'a TokenTree),
}

impl FileScope {
    /// The tokens that a call of a macro of the file becomes. They are of the file if the macro is: see [`Fallback`].
    pub(crate) fn expansion(&self, rules: &MacroRules, given: &TokenStream) -> Option<TokenStream> {
        if !rules.is_read {
            return expand(&rules.tokens, given);
        }
        let _fallback = Fallback::enter();
        let given = given.to_string().parse().ok()?;
        let body = |number| self.files.as_ref()?.deferred_text(number);
        expand(&restored(rules.tokens.clone(), &body), &given)
    }
}

/// Puts the bodies of functions back of which the file keeps but the numbers.
pub(super) fn restored(tokens: TokenStream, body: &dyn Fn(usize) -> Option<String>) -> TokenStream {
    let restore = |token| {
        let TokenTree::Group(group) = token else { return token.into() };
        let text = deferred_number(&group).and_then(body);
        match text.and_then(|text| text.parse::<TokenStream>().ok()) {
            Some(body) => body,
            None => TokenTree::from(Group::new(group.delimiter(), restored(group.stream(), body))).into(),
        }
    };
    tokens.into_iter().map(restore).collect()
}

/// The tokens that the call with the arguments `given` becomes, by the first arm that matches.
pub(super) fn expand(rules: &TokenStream, given: &TokenStream) -> Option<TokenStream> {
    let given = trees(given);
    let matching = |(pattern, body)| {
        let (bindings, rest) = match_all(&trees(&pattern), &given)?;
        rest.is_empty().then_some((bindings, body))
    };
    let (bindings, body) = arms(rules).into_iter().find_map(matching)?;
    let mut left = TOKENS_MAX;
    transcribe(&trees(&body), &bindings, &mut left)
}

/// The patterns and bodies of a `macro_rules!`.
pub(crate) fn arms(rules: &TokenStream) -> Vec<(TokenStream, TokenStream)> {
    let groups: Vec<TokenStream> = rules
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        })
        .collect();
    groups.chunks_exact(2).filter_map(|pair| Some((pair.first()?.clone(), pair.last()?.clone()))).collect()
}

fn trees(tokens: &TokenStream) -> Vec<TokenTree> {
    tokens.clone().into_iter().collect()
}

/// The first part, and what comes behind it.
fn part(tokens: &[TokenTree]) -> Option<(Part<'_>, &[TokenTree])> {
    let (first, rest) = tokens.split_first()?;
    if !is_punct(first, '$') {
        return Some((Part::Token(first), rest));
    }
    match rest.split_first()? {
        (TokenTree::Ident(name), rest) => {
            let name = name.unraw().to_string();
            Some(match rest {
                [colon, TokenTree::Ident(kind), rest @ ..] if is_punct(colon, ':') => {
                    (Part::Named(name, kind.to_string()), rest)
                }
                rest => (Part::Named(name, String::new()), rest),
            })
        }
        (TokenTree::Group(group), rest) if group.delimiter() == Delimiter::Parenthesis => {
            let is_operator = |token: &TokenTree| ['*', '+', '?'].iter().any(|char| is_punct(token, *char));
            let (separator, operator, rest) = match rest {
                [operator, rest @ ..] if is_operator(operator) => (None, operator, rest),
                [separator, operator, rest @ ..] if is_operator(operator) => (Some(separator), operator, rest),
                _ => return None,
            };
            Some((Part::Repetition(trees(&group.stream()), separator, is_punct(operator, '?')), rest))
        }
        _ => None,
    }
}

// Matching.

/// Matches a pattern with what `given` begins with, and returns the rest of that.
fn match_all<'g>(pattern: &[TokenTree], mut given: &'g [TokenTree]) -> Option<(Bindings, &'g [TokenTree])> {
    if given.len() > GIVEN_MAX {
        return None;
    }
    let (mut bindings, mut pattern) = (Bindings::new(), pattern);
    while !pattern.is_empty() {
        let (part, behind) = part(pattern)?;
        pattern = behind;
        given = match part {
            Part::Named(name, kind) => {
                let (matched, rest) = fragment(&kind, given)?;
                bindings.insert(name, Binding::One(matched));
                rest
            }
            Part::Repetition(inner, separator, is_optional) => {
                let (turns, rest) = match_turns(&inner, separator, is_optional, given);
                for name in names(&inner) {
                    let of_turn = |turn: &Bindings| turn.get(&name).cloned();
                    bindings.insert(name.clone(), Binding::Many(turns.iter().filter_map(of_turn).collect()));
                }
                rest
            }
            Part::Token(TokenTree::Group(group)) => {
                let (TokenTree::Group(other), rest) = given.split_first()? else { return None };
                let inner = trees(&other.stream());
                let (found, left) = match_all(&trees(&group.stream()), &inner)?;
                if group.delimiter() != other.delimiter() || !left.is_empty() {
                    return None;
                }
                bindings.extend(found);
                rest
            }
            Part::Token(token) => {
                let (other, rest) = given.split_first()?;
                (token.to_string() == other.to_string()).then_some(rest)?
            }
        };
    }
    Some((bindings, given))
}

fn match_turns<'g>(
    inner: &[TokenTree],
    separator: Option<&TokenTree>,
    is_optional: bool,
    mut given: &'g [TokenTree],
) -> (Vec<Bindings>, &'g [TokenTree]) {
    let mut turns = Vec::new();
    while !given.is_empty() && (!is_optional || turns.is_empty()) {
        let from = match separator.filter(|_| !turns.is_empty()) {
            Some(separator) => match given.split_first() {
                Some((first, rest)) if first.to_string() == separator.to_string() => rest,
                _ => break,
            },
            None => given,
        };
        match match_all(inner, from) {
            Some((turn, rest)) if rest.len() < from.len() => {
                turns.push(turn);
                given = rest;
            }
            _ => break,
        }
    }
    (turns, given)
}

/// The names that a pattern binds.
fn names(mut pattern: &[TokenTree]) -> Vec<String> {
    let mut all = Vec::new();
    while let Some((part, rest)) = part(pattern) {
        pattern = rest;
        match part {
            Part::Named(name, _) => all.push(name),
            Part::Repetition(inner, ..) => all.extend(names(&inner)),
            Part::Token(TokenTree::Group(group)) => all.extend(names(&trees(&group.stream()))),
            Part::Token(_) => {}
        }
    }
    all
}

/// Takes what a `$name:kind` matches.
fn fragment<'g>(kind: &str, given: &'g [TokenTree]) -> Option<(TokenStream, &'g [TokenTree])> {
    let count = match kind {
        "tt" => match given {
            [TokenTree::Punct(quote), TokenTree::Ident(_), ..] if quote.as_char() == '\'' => 2,
            given => given.len().min(1),
        },
        "ident" => usize::from(matches!(given.first(), Some(TokenTree::Ident(_)))),
        "block" => length::<Block>(given)?,
        "expr" | "expr_2021" => length::<Expr>(given)?,
        "item" => length::<Item>(given)?,
        "lifetime" => length::<Lifetime>(given)?,
        "literal" => length::<Lit>(given)?,
        "meta" => length::<Meta>(given)?,
        "pat" => length_of(Pat::parse_multi_with_leading_vert, given)?,
        "pat_param" => length_of(Pat::parse_single, given)?,
        "path" => length::<Path>(given)?,
        "stmt" => length::<Stmt>(given)?,
        "ty" => length::<Type>(given)?,
        "vis" => return visibility(given),
        _ => return None,
    };
    let (matched, rest) = given.split_at_checked(count).filter(|_| count > 0)?;
    let matched: TokenStream = matched.iter().cloned().collect();
    // One operand, whatever operators it has.
    let is_operand = kind.starts_with("expr") && count > 1;
    let grouped = || TokenTree::from(Group::new(Delimiter::None, matched.clone())).into();
    Some((if is_operand { grouped() } else { matched }, rest))
}

/// A visibility, which may be of no tokens.
fn visibility(given: &[TokenTree]) -> Option<(TokenStream, &[TokenTree])> {
    let (matched, rest) = given.split_at_checked(length::<Visibility>(given)?)?;
    Some((matched.iter().cloned().collect(), rest))
}

fn length<T: Parse>(given: &[TokenTree]) -> Option<usize> {
    length_of(T::parse, given)
}

/// How many of the tokens something is made of that they begin with.
fn length_of<T>(parse: impl Fn(ParseStream<'_>) -> syn::Result<T>, given: &[TokenTree]) -> Option<usize> {
    let parse = |input: ParseStream<'_>| {
        parse(input)?;
        input.parse::<TokenStream>()
    };
    let rest = parse.parse2(given.iter().cloned().collect()).ok()?;
    given.len().checked_sub(rest.into_iter().count())
}

// Transcribing.

/// The body of an arm with what was matched; None where it does something out of the ordinary.
fn transcribe(mut body: &[TokenTree], bindings: &Bindings, left: &mut usize) -> Option<TokenStream> {
    let mut made = TokenStream::new();
    while !body.is_empty() {
        let (part, rest) = part_of_body(body)?;
        body = rest;
        *left = left.checked_sub(1)?;
        match part {
            Part::Named(name, _) if name == "crate" => {
                made.extend([TokenTree::from(Ident::new("crate", Span::call_site()))])
            }
            Part::Named(name, _) => match bindings.get(&name)? {
                Binding::One(tokens) => made.extend(tokens.clone()),
                Binding::Many(_) => return None,
            },
            Part::Repetition(inner, separator, _) => {
                for turn in 0..turns(&inner, bindings)? {
                    made.extend(separator.filter(|_| turn > 0).cloned());
                    made.extend(transcribe(&inner, &of_turn(bindings, turn), left)?);
                }
            }
            Part::Token(TokenTree::Group(group)) => {
                let inner = transcribe(&trees(&group.stream()), bindings, left)?;
                let mut copy = Group::new(group.delimiter(), inner);
                copy.set_span(group.span());
                made.extend([TokenTree::from(copy)]);
            }
            Part::Token(token) => made.extend([token.clone()]),
        }
    }
    Some(made)
}

/// As [`part`], where a `:` behind a name is none of its own.
fn part_of_body(body: &[TokenTree]) -> Option<(Part<'_>, &[TokenTree])> {
    match body {
        [dollar, TokenTree::Ident(name), rest @ ..] if is_punct(dollar, '$') => {
            Some((Part::Named(name.unraw().to_string(), String::new()), rest))
        }
        body => part(body),
    }
}

/// How often what repeats in a body does.
fn turns(inner: &[TokenTree], bindings: &Bindings) -> Option<usize> {
    let lengths = names(inner).into_iter().filter_map(|name| match bindings.get(&name)? {
        Binding::Many(turns) => Some(turns.len()),
        Binding::One(_) => None,
    });
    lengths.max()
}

/// What is bound in one turn of a repetition.
fn of_turn(bindings: &Bindings, turn: usize) -> Bindings {
    let bound = |(name, binding): (&String, &Binding)| {
        let binding = match binding {
            Binding::Many(turns) => turns.get(turn).cloned()?,
            one => one.clone(),
        };
        Some((name.clone(), binding))
    };
    bindings.iter().filter_map(bound).collect()
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(rules: &str, given: &str) -> Option<String> {
        let tokens = |text: &str| text.parse::<TokenStream>().expect("tokens");
        // The groups around operands are not seen in a text.
        Some(expand(&tokens(rules), &tokens(given))?.to_string().replace(' ', ""))
    }

    #[test]
    fn what_is_matched_stands_where_its_name_did() {
        let rules = "($t:expr, $unit:ident) => { $t.elapsed().$unit() };";
        assert_eq!(expanded(rules, "a + b, as_secs").as_deref(), Some("a+b.elapsed().as_secs()"));
        assert_eq!(expanded(rules, "a"), None);
    }

    #[test]
    fn repetitions_are_repeated_with_their_separators() {
        let rules = "($($k:expr => $v:expr),* $(,)?) => { [$(($k, $v)),*] };";
        assert_eq!(expanded(rules, "a => 1, b => 2,").as_deref(), Some("[(a,1),(b,2)]"));
        assert_eq!(expanded(rules, "").as_deref(), Some("[]"));
        let nested = "($($f:ident: [$($a:ty),*]);*) => { $(fn $f($(_: $a),*) {})* };";
        assert_eq!(expanded(nested, "a: [u8]; b: []").as_deref(), Some("fna(_:u8){}fnb(){}"));
    }

    #[test]
    fn the_first_arm_that_matches_is_taken() {
        let rules = "(now) => { 1 }; ($x:ident) => { $x }; ($x:literal) => { lit($x) };";
        assert_eq!(expanded(rules, "now").as_deref(), Some("1"));
        assert_eq!(expanded(rules, "then").as_deref(), Some("then"));
        assert_eq!(expanded(rules, "3").as_deref(), Some("lit(3)"));
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_alone() {
        assert_eq!(expanded("($x:expr) => { ${count($x)} };", "1"), None);
        assert_eq!(expanded("($($x:expr),*) => { $x };", "1, 2"), None);
        let table = |entries: usize| expanded("($($x:literal),*) => { [$($x),*] };", &vec!["1"; entries].join(", "));
        assert_eq!((table(100).is_some(), table(100_000)), (true, None));
        let inner = |entries: usize| {
            expanded("([$($x:literal),*]) => { [$($x),*] };", &format!("[{}]", vec!["1"; entries].join(", ")))
        };
        assert_eq!((inner(100).is_some(), inner(100_000)), (true, None));
    }
}
