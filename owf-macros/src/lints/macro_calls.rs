//! What the walk asks of a macro call: which macro it is, what it shows, and what the tokens of one of the file say.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit as _;
use syn::{Expr, ExprLit, Lit, LitStr, Macro, Pat};

use super::helpers::Reason;
use super::walk::Walk;
use super::{addresses, hash_iteration, hidden_step, names, shared_state, unsafe_code};
use crate::body::macros::{self, Kind};
use crate::body::reading;
use crate::formats::{Shown, parse_format};
use crate::probes::told;
use crate::resolve::{Fallback, Found, Generics, Head, Known, MacroRules, Method, Namespace, Own, arms};

/// How deep macros of the file are followed into each other.
const DEPTH_MAX: usize = 8;

impl Walk<'_> {
    pub(super) fn known_macro(&mut self, call: &Macro) {
        match self.scope.find(&crate::resolve::segments(&call.path), Namespace::Macros) {
            Found::Absolute(full) => {
                if let Some(known) = names::find(&full, Namespace::Macros) {
                    let at = MacroPath(call);
                    self.listed(&at, Some(&call.tokens), known, &format!("{}!", full.join("::")));
                }
            }
            Found::Own(Own::Macro(rules)) => {
                if macros::find_await(&rules.tokens).is_some() && macros::find_step(&rules.tokens).is_none() {
                    let what = format!("`{}!` hides an `.await`", rules.name);
                    let instead = "write the `.await` where the macro is used, and pass its value to the macro";
                    self.found(&hidden_step::ABOUT, &MacroPath(call), Some(&call.tokens), &what, instead);
                    return;
                }
                let Some(reason) = self.macro_reason(&rules, call.tokens.clone(), 0) else { return };
                let name = format!("{}!", rules.name);
                self.found_reason(&reason, &MacroPath(call), Some(&call.tokens), ("uses", &name));
            }
            _ => {}
        }
    }

    pub(super) fn arguments(&mut self, call: &Macro) {
        let Some(arguments) = reading::arguments(call) else { return self.mention_all(call.tokens.clone()) };
        let is_format = matches!(macros::kind(call), Kind::Known(macros::Grammar::Commas));
        let mut text = None;
        for (at, argument) in arguments.exprs.iter().enumerate() {
            match argument {
                Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) if is_format && text.is_none() => {
                    self.mention_names(literal);
                    text = Some((at, literal));
                }
                // `format!("{x}", x = value)`
                Expr::Assign(named) if is_format => self.visit_expr(&named.right),
                other => self.visit_expr(other),
            }
        }
        if let Some(target) =
            arguments.exprs.first().filter(|_| matches!(macros::name(call).as_str(), "write" | "writeln"))
        {
            self.implied_by_writing(target);
        }
        if let Some((at, text)) = text {
            self.format(text, arguments.exprs.get(at + 1..).unwrap_or_default(), call);
        }
    }

    fn format(&mut self, text: &LitStr, arguments: &[Expr], call: &Macro) {
        let placeholders = parse_format(&text.value());
        for found in &placeholders {
            if let Some(name) = &found.name
                && !arguments.iter().any(|argument| is_named(argument, name))
            {
                self.captured(text, name);
            }
        }
        let mut types = Vec::new();
        let may_imply = self.scope.may_have_method("fmt");
        for placeholder in placeholders.iter().filter(|placeholder| placeholder.is_debug || may_imply) {
            let known = self.type_of_shown(&placeholder.shown, arguments);
            if let Some(known) = &known {
                let of_trait = if placeholder.is_debug { "Debug" } else { "Display" };
                self.made_by(of_trait, "fmt", known, text);
            }
            if !placeholder.is_debug {
                continue;
            }
            if let (Some(known), Some(report)) = (&known, self.report()) {
                report.context.told.note(text.span(), &placeholder.shown.part(), told::has_ordered_text(known));
            }
            types.push(known);
        }
        let shows_address =
            types.iter().flatten().any(|known| matches!(known.innermost().head, Head::Pointer | Head::Function));
        if (shows_address || placeholders.iter().any(|found| found.is_pointer))
            && !self.is_helper(&addresses::ABOUT, || "shows an address".to_owned())
        {
            return self.found(&addresses::ABOUT, text, None, "this text shows an address", addresses::INSTEAD);
        }
        let is_text = matches!(macros::name(call).as_str(), "format" | "format_args" | "write" | "writeln" | "panic");
        let shows_order = is_text && types.iter().flatten().any(|known| self.shows_unprobed(known, "Debug"));
        if shows_order && !self.is_helper(&hash_iteration::ABOUT, || "shows a hash map or set".to_owned()) {
            let what = "this text shows a hash map or set";
            self.found(&hash_iteration::ABOUT, text, None, what, hash_iteration::INSTEAD);
        }
    }

    /// A name in the braces of a format string that is no variable: a static or a constant.
    fn captured(&mut self, text: &LitStr, name: &str) {
        if self.variables.find(name).is_some() {
            return;
        }
        if let Found::Own(Own::Static(item)) = self.scope.find(&[name.to_owned()], Namespace::Values)
            && let Some(why) = self.scope.why_changing(&item)
        {
            self.changing_static(text, name, name, &why);
        }
    }

    fn type_of_shown(&mut self, shown: &Shown, arguments: &[Expr]) -> Option<Known> {
        match shown {
            Shown::At(index) => self.type_of(arguments.get(*index)?),
            Shown::Named(name) => {
                let named = arguments.iter().find(|argument| is_named(argument, name));
                match named {
                    Some(Expr::Assign(named)) => self.type_of(&named.right),
                    _ => self.variables.find(name)?.known.clone(),
                }
            }
        }
    }

    pub(super) fn race_arm(&mut self, pattern: &Pat, known: Option<Known>, body: &Expr) {
        self.within(|walk| {
            walk.bind_known(pattern, known);
            walk.visit_expr(body);
        });
    }

    pub(super) fn is_log(&self, call: &Macro) -> bool {
        macros::kind(call) == Kind::Conditional && !macros::name(call).starts_with("debug_assert")
    }

    // What the tokens of a `macro_rules!` say. Its names stand for what they do where it is used.

    /// Why the expansion of a macro of the file is not deterministic, if its tokens tell.
    fn macro_reason(&self, rules: &MacroRules, given: TokenStream, depth: usize) -> Option<Reason> {
        let _fallback = rules.is_read.then(Fallback::enter);
        let given: Vec<String> = given.into_iter().map(|token| token.to_string()).collect();
        let arms = arms(&rules.tokens);
        let mut fitting = arms.into_iter().filter(|(pattern, _)| may_match(pattern, &given)).peekable();
        fitting.peek()?;
        // The first that matches is taken, and which that is can't always be told.
        let reasons: Option<Vec<Reason>> = fitting
            .map(|(_, body)| {
                let mut walk = Walk::of_helper(self.scope.clone(), self.helpers, Generics::new());
                let bound = bound_names(&body);
                walk.visit_tokens(body, &bound, depth);
                walk.into_reason()
            })
            .collect();
        reasons?.into_iter().next()
    }

    fn visit_tokens(&mut self, tokens: TokenStream, bound: &[String], depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) => self.visit_tokens(group.stream(), bound, depth),
                TokenTree::Ident(keyword) if keyword == "unsafe" => {
                    self.is_helper(&unsafe_code::ABOUT, || "has `unsafe` code".to_owned());
                }
                TokenTree::Ident(keyword) if keyword == "static" => {
                    self.static_tokens(tokens.get(at..).unwrap_or_default());
                }
                TokenTree::Ident(first) => {
                    let before = at.checked_sub(2).and_then(|before| tokens.get(before));
                    let mut path = vec![first.to_string()];
                    while let [colon, other, TokenTree::Ident(next), ..] = tokens.get(at..).unwrap_or_default()
                        && is_punct(colon, ':')
                        && is_punct(other, ':')
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    let is_part = before.is_some_and(|before| is_punct(before, '$') || is_punct(before, '.'));
                    let is_bound = matches!(path.as_slice(), [name] if bound.contains(name));
                    if !is_part && !is_bound {
                        self.token_path(&path, tokens.get(at..).unwrap_or_default(), depth);
                    }
                }
                _ => {}
            }
        }
    }

    /// `NAME: Type = ..` of a static that a macro declares.
    fn static_tokens(&mut self, tokens: &[TokenTree]) {
        let is_keyword = |token: &&TokenTree| matches!(token, TokenTree::Ident(name) if name == "mut" || name == "ref");
        let changes = tokens.first().filter(is_keyword).is_some();
        let mut rest = tokens.iter().skip_while(is_keyword);
        let (Some(TokenTree::Ident(name)), Some(colon)) = (rest.next(), rest.next()) else { return };
        let ty: TokenStream = rest.take_while(|token| !is_punct(token, '=')).cloned().collect();
        let why = match syn::parse2(ty) {
            _ if changes => Some("one that changes".to_owned()),
            Ok(ty) if is_punct(colon, ':') => self.scope.why_type_changes(&ty),
            _ => None,
        };
        if let Some(why) = why {
            self.is_helper(&shared_state::ABOUT, || format!("uses the static `{name}`, which is {why}"));
        }
    }

    fn token_path(&mut self, path: &[String], rest: &[TokenTree], depth: usize) {
        if rest.first().is_some_and(|next| is_punct(next, '!')) {
            return self.token_macro(path, rest.get(1), depth);
        }
        let is_called = is_parenthesized(rest.first());
        match self.scope.find(path, Namespace::Values) {
            // A single name may be a field or a label, unless it is called.
            Found::Absolute(full) if path.len() > 1 || is_called => {
                if let Some((about, name)) = names::find(&full, Namespace::Values) {
                    self.is_helper(about, || format!("calls `{}`, which {}", full.join("::"), name.what));
                }
            }
            Found::Own(Own::Function(function)) if is_called => {
                self.functions(&path.join("::"), None, &[Method::of_function(function)], &[]);
            }
            Found::Own(Own::Static(item)) => {
                let name = path.last().cloned().unwrap_or_default();
                if let Some(why) = self.scope.why_changing(&item) {
                    self.changing_static(&name, &name, &name, &why);
                }
            }
            Found::Associated(own, name) if is_called => {
                let methods = self.scope.methods_of(&Known::own(own), &name);
                self.functions(&name, None, &methods, &[]);
            }
            _ => {}
        }
    }

    fn token_macro(&mut self, path: &[String], given: Option<&TokenTree>, depth: usize) {
        match self.scope.find(path, Namespace::Macros) {
            Found::Absolute(full) => {
                if let Some((about, name)) = names::find(&full, Namespace::Macros) {
                    self.is_helper(about, || format!("uses `{}!`, which {}", full.join("::"), name.what));
                }
            }
            Found::Own(Own::Macro(rules)) if depth < DEPTH_MAX => {
                let given = match given {
                    Some(TokenTree::Group(group)) => group.stream(),
                    _ => TokenStream::new(),
                };
                if let Some(reason) = self.macro_reason(&rules, given, depth + 1) {
                    let name = format!("{}!", rules.name);
                    self.found_reason(&reason, &name, None, ("uses", &name));
                }
            }
            _ => {}
        }
    }
}

/// Whether a pattern may match, by the words that it begins with.
fn may_match(pattern: &TokenStream, given: &[String]) -> bool {
    let pattern: Vec<TokenTree> = pattern.clone().into_iter().collect();
    let fixed = pattern.iter().take_while(|token| matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_)));
    let fixed: Vec<String> = fixed.map(ToString::to_string).collect();
    let is_whole = fixed.len() == pattern.len();
    let is_optional = pattern.iter().any(|token| matches!(token, TokenTree::Group(_)));
    given.starts_with(&fixed)
        && (!is_whole || given.len() == fixed.len())
        && (is_whole || is_optional || !given.is_empty())
}

/// The names that a macro's own code declares.
fn bound_names(tokens: &TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut previous = String::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                names.extend(bound_names(&group.stream()));
                previous.clear();
            }
            TokenTree::Ident(name) if name == "mut" => {}
            TokenTree::Ident(name) => {
                if matches!(previous.as_str(), "let" | "fn" | "static" | "const" | "for" | "|") {
                    names.push(name.to_string());
                }
                previous = name.to_string();
            }
            other => previous = other.to_string(),
        }
    }
    names
}

fn is_named(argument: &Expr, name: &str) -> bool {
    matches!(argument, Expr::Assign(named) if matches!(&*named.left, Expr::Path(path) if path.path.is_ident(name)))
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_parenthesized(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

/// A macro's path and its `!`.
pub(super) struct MacroPath<'a>(pub(super) &'a Macro);

impl ToTokens for MacroPath<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.path.to_tokens(tokens);
        self.0.bang_token.to_tokens(tokens);
    }
}
