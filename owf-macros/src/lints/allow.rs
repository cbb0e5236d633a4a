//! `#[owf::allow(wall_clock, reason = "..")]` on a statement, and `allow(wall_clock, reason = "..")` of a function.
//!
//! The attributes are found in the tokens of the function before these are parsed, so that they may stand within the
//! arguments of a macro, too. Each is replaced by its number, under which the checks and the expansion find it again, and
//! which [`Allows::strip`] removes at the end. What no lint asked for by then silences nothing, and is reported.

use std::cell::Cell;

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, Stmt, Token};

use super::Lint;
use crate::diagnostics::{Diagnostics, Message};

const USAGE: &str = "write `#[owf::allow(wall_clock, reason = \"only printed\")]`";

/// Everything that one function allows.
#[derive(Default)]
pub(crate) struct Allows {
    list: Vec<Allow>,
}

/// One `allow(..)`.
struct Allow {
    entries: Vec<Entry>,
    /// Of the whole function, not of a statement.
    is_function: bool,
}

/// One lint in an `allow(..)`.
struct Entry {
    name: Ident,
    lint: Lint,
    is_used: Cell<bool>,
}

/// The allows around an expression, innermost last. It is a number in [`Allows`] for each.
#[derive(Clone, Default)]
pub(crate) struct AllowStack(Vec<usize>);

impl Allows {
    /// Adds the `allow(..)` of the function's attribute.
    pub(crate) fn add_function(&mut self, tokens: TokenStream, at: &Ident, diagnostics: &mut Diagnostics) {
        let entries = parse_entries(tokens, at, diagnostics);
        self.list.push(Allow { entries, is_function: true });
    }

    /// Replaces each `#[owf::allow(..)]` within a function by `#[owf::allow(number)]`.
    pub(crate) fn take(&mut self, function: TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
        if may_have_allow(&function) { self.take_all(function, diagnostics) } else { function }
    }

    fn take_all(&mut self, tokens: TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
        if !has_allow(&tokens) {
            return tokens;
        }
        let mut taken = TokenStream::new();
        for token in tokens {
            taken.extend([match token {
                TokenTree::Group(group) => TokenTree::Group(self.take_group(&group, diagnostics)),
                other => other,
            }]);
        }
        taken
    }

    fn take_group(&mut self, group: &Group, diagnostics: &mut Diagnostics) -> Group {
        let content = match allow_attribute(group) {
            Some((path, name, arguments)) => {
                let entries = parse_entries(arguments.stream(), &name, diagnostics);
                let mut number = Literal::usize_unsuffixed(self.list.len());
                number.set_span(arguments.span());
                self.list.push(Allow { entries, is_function: false });
                quote_spanned!(arguments.span()=> #path (#number))
            }
            None => self.take_all(group.stream(), diagnostics),
        };
        let mut taken = Group::new(group.delimiter(), content);
        taken.set_span(group.span());
        taken
    }

    /// Removes what [`Allows::take`] left.
    pub(crate) fn strip(&self, tokens: TokenStream) -> TokenStream {
        if self.list.iter().all(|allow| allow.is_function) {
            return tokens;
        }
        let mut stripped: Vec<TokenTree> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Group(group) if allow_attribute(&group).is_some() => {
                    stripped.pop();
                }
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.strip(group.stream()));
                    inner.set_span(group.span());
                    stripped.push(inner.into());
                }
                other => stripped.push(other),
            }
        }
        stripped.into_iter().collect()
    }

    /// The allows of the function itself.
    pub(crate) fn function(&self) -> AllowStack {
        AllowStack(
            (0..self.list.len()).filter(|at| self.list.get(*at).is_some_and(|allow| allow.is_function)).collect(),
        )
    }

    /// Those that hold within `stmt`, if it has attributes of its own.
    pub(crate) fn within(&self, stack: &AllowStack, stmt: &Stmt) -> Option<AllowStack> {
        if self.list.iter().all(|allow| allow.is_function) {
            return None;
        }
        let mut inner = stack.clone();
        let mut tokens = stmt.to_token_stream().into_iter();
        while let (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(group))) = (tokens.next(), tokens.next()) {
            if hash.as_char() != '#' {
                break;
            }
            inner.0.extend(allow_attribute(&group).and_then(|(_, _, arguments)| number(&arguments)));
        }
        (inner.0.len() > stack.0.len()).then_some(inner)
    }

    /// Whether `lint` is allowed, which uses the innermost `allow` of it up.
    pub(crate) fn allows(&self, stack: &AllowStack, lint: Lint) -> bool {
        let mut entries = stack.0.iter().rev().filter_map(|at| self.list.get(*at)).flat_map(|allow| &allow.entries);
        let found = entries.find(|entry| entry.lint == lint);
        found.inspect(|entry| entry.is_used.set(true)).is_some()
    }

    /// Reports every allowed lint that nobody asked for.
    pub(crate) fn report_unused(&self, diagnostics: &mut Diagnostics) {
        for allow in &self.list {
            for entry in allow.entries.iter().filter(|entry| !entry.is_used.get()) {
                let place = if allow.is_function { "this function" } else { "the statement after it" };
                let text = format!("`{}` is allowed here, and {place} has nothing that the lint finds", entry.name);
                diagnostics
                    .report(&entry.name, Message::new(text).help("remove it, so that later code is checked again"));
            }
        }
    }
}

fn number(arguments: &Group) -> Option<usize> {
    match arguments.stream().into_iter().next() {
        Some(TokenTree::Literal(number)) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// Asks the texts of a function's parts, which the compiler has at hand: its tokens are walked far more slowly here.
fn may_have_allow(function: &TokenStream) -> bool {
    function.clone().into_iter().any(|part| match part {
        TokenTree::Group(group) => text_of(&group).contains("allow"),
        _ => false,
    })
}

/// The source of a group, where all of it stands in one place of the user's; else what the compiler makes of its tokens.
fn text_of(group: &Group) -> String {
    let span = group.span();
    let source = format!("{span:?}").starts_with("#0 bytes(").then(|| span.source_text()).flatten();
    source.unwrap_or_else(|| group.stream().to_string())
}

fn has_allow(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => allow_attribute(&group).is_some() || has_allow(&group.stream()),
        _ => false,
    })
}

/// The parts of `[owf::allow(..)]`: the path, its last word, and the parentheses.
fn allow_attribute(group: &Group) -> Option<(TokenStream, Ident, Group)> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let tokens: Vec<TokenTree> = group.stream().into_iter().take(6).collect();
    let [TokenTree::Ident(krate), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(name), rest @ ..] =
        tokens.as_slice()
    else {
        return None;
    };
    if krate != "owf" || name != "allow" {
        return None;
    }
    let path = tokens.iter().take(4).cloned().collect();
    match rest {
        [TokenTree::Group(arguments)] => Some((path, name.clone(), arguments.clone())),
        // `#[owf::allow]` and the like: arguments that are not there, which is reported as such.
        _ => Some((path, name.clone(), Group::new(Delimiter::Parenthesis, TokenStream::new()))),
    }
}

/// One part of an `allow`.
enum Part {
    Lint(Ident),
    Reason(Ident, Option<LitStr>),
}

fn parse_entries(tokens: TokenStream, at: &Ident, diagnostics: &mut Diagnostics) -> Vec<Entry> {
    let parts = match parse_parts.parse2(tokens) {
        Ok(parts) => parts,
        Err(error) => {
            diagnostics.report_at(error.span(), Message::new("`allow` takes names of lints, and a reason").help(USAGE));
            return Vec::new();
        }
    };
    let (mut entries, mut has_reason) = (Vec::<Entry>::new(), false);
    for part in parts {
        match part {
            Part::Reason(_, Some(text)) if !text.value().trim().is_empty() => has_reason = true,
            Part::Reason(name, _) => {
                has_reason = true;
                let message = Message::new("the reason is a text, which tells readers why a replay does no harm here");
                diagnostics.report(name, message.help(USAGE));
            }
            Part::Lint(name) if entries.iter().any(|entry| entry.name == name) => {
                diagnostics.report(&name, Message::new(format!("`{name}` is given twice")));
            }
            Part::Lint(name) => match Lint::parse(&name.unraw().to_string()) {
                Some(lint) if lint.is_absolute() => {
                    let text = format!("`{name}` can't be allowed: such a step does not become one");
                    diagnostics.report(&name, Message::new(text));
                }
                Some(lint) => entries.push(Entry { name, lint, is_used: Cell::new(false) }),
                None => report_unknown(&name, diagnostics),
            },
        }
    }
    if !has_reason {
        let message = Message::new("an `allow` needs a reason, which tells readers why a replay does no harm here");
        diagnostics.report(at, message.help(USAGE));
    } else if entries.is_empty() && diagnostics.is_empty() {
        diagnostics.report(at, Message::new("this `allow` names no lint").help(USAGE));
    }
    entries
}

fn parse_parts(input: ParseStream<'_>) -> syn::Result<Vec<Part>> {
    let mut parts = Vec::new();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        if name == "reason" {
            let text = match input.parse::<Option<Token![=]>>()? {
                Some(_) if input.peek(LitStr) => Some(input.parse()?),
                Some(_) => input.parse::<syn::Expr>().map(|_| None)?,
                None => None,
            };
            parts.push(Part::Reason(name, text));
        } else {
            parts.push(Part::Lint(name));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(parts)
}

fn report_unknown(name: &Ident, diagnostics: &mut Diagnostics) {
    let names = Lint::names();
    let lines: Vec<_> = names.chunks(7).map(|line| line.join(", ")).collect();
    let help = format!("the lints are {}", lines.join(",\n"));
    diagnostics.report(name, Message::new(format!("there is no lint `{name}`")).help(help));
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn taken(tokens: TokenStream) -> (Allows, TokenStream, Vec<String>) {
        let (mut allows, mut diagnostics) = (Allows::default(), Diagnostics::default());
        let tokens = allows.take(tokens, &mut diagnostics);
        (allows, tokens, diagnostics.texts())
    }

    #[test]
    fn an_allow_holds_within_its_statement() {
        let (allows, tokens, texts) = taken(quote!({
            #[owf::allow(wall_clock, reason = "printed")]
            let x = now();
            y();
        }));
        assert_eq!(texts, Vec::<String>::new());
        let block: syn::Block = syn::parse2(tokens).expect("the statements are left as they were");
        let inner = allows.within(&allows.function(), &block.stmts[0]).expect("the first has an allow");
        assert!(allows.allows(&inner, Lint::WallClock));
        assert!(!allows.allows(&inner, Lint::Io));
        assert!(allows.within(&allows.function(), &block.stmts[1]).is_none());
    }

    #[test]
    fn attributes_are_gone_in_the_end_wherever_they_stand() {
        let (allows, tokens, _) = taken(quote!(vec![{
            #[owf::allow(io, reason = "x")]
            #[other]
            f()
        }]));
        assert_eq!(
            allows.strip(tokens).to_string(),
            quote!(vec![{
                #[other]
                f()
            }])
            .to_string()
        );
    }

    #[test]
    fn a_reason_is_required_and_lints_are_known() {
        assert_eq!(taken(quote!(#[owf::allow(io)])).2.len(), 1);
        assert_eq!(taken(quote!(#[owf::allow(io, reason = "")])).2.len(), 1);
        let texts = taken(quote!(#[owf::allow(clock, reason = "x")])).2;
        assert!(texts[0].starts_with("there is no lint `clock`\n  = help: the lints are wall_clock"), "{texts:?}");
    }

    #[test]
    fn what_silences_nothing_is_reported() {
        let (allows, _, _) = taken(quote!(#[owf::allow(io, wall_clock, reason = "x")]));
        allows.allows(&AllowStack(vec![0]), Lint::Io);
        let mut diagnostics = Diagnostics::default();
        allows.report_unused(&mut diagnostics);
        assert_eq!(diagnostics.texts().len(), 1);
        assert!(diagnostics.texts()[0].starts_with("`wall_clock` is allowed here"));
    }
}
