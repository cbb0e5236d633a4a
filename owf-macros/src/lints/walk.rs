//! Visits the code of a workflow outside of its steps, or of a helper, and asks the tables about each name.

use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit as _;
use syn::{Block, Expr, ExprLit, ExprPath, Lit, LitStr, Macro, Pat, Signature, Type};

use super::Lint;
use super::allow::AllowStack;
use super::formats::parse_format;
use super::helpers::{Helpers, Reason};
use super::names::{self, About, Name};
use super::site::{Site, Statement};
use super::steps::Steps;
use super::variables::{Variable, Variables};
use super::{addresses, hidden_step, shared_state, strict, unsafe_code, unstable_id};
use crate::body::Context;
use crate::body::macros::{self, Arguments, Kind};
use crate::diagnostics::{Diagnostics, Message, source};
use crate::resolve::{FileScope, Found, Function, Namespace, Own, segments};

/// Reports what a replay would do differently in the body of a function.
pub(crate) fn check_names(block: &Block, sig: &Signature, context: &Context, diagnostics: &mut Diagnostics) {
    // What a help says of the statement around costs more than all else, and most functions need none.
    let mut found = Diagnostics::default();
    walk(block, sig, context, &mut found, false);
    if !found.is_empty() {
        walk(block, sig, context, diagnostics, true);
    }
}

fn walk(block: &Block, sig: &Signature, context: &Context, diagnostics: &mut Diagnostics, is_detailed: bool) {
    let helpers = Helpers::default();
    let allowed = context.allows.function();
    let report = Report { context, diagnostics, allowed, steps: Steps::default(), is_detailed };
    Walk::new(context.scope.clone(), &helpers, Sink::Report(report)).visit_function(sig, block);
}

/// Who is told of what is found.
enum Sink<'a> {
    Report(Report<'a>),
    /// The first thing in a helper is enough.
    Helper(Option<Reason>),
}

/// The body of a workflow, or of another function with one of our attributes.
pub(super) struct Report<'a> {
    pub(super) context: &'a Context,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) allowed: AllowStack,
    pub(super) steps: Steps,
    /// Whether a help is to say what the statement around becomes.
    pub(super) is_detailed: bool,
}

impl Report<'_> {
    pub(super) fn allows(&self, lint: Lint) -> bool {
        self.context.allows.allows(&self.allowed, lint)
    }
}

pub(super) struct Walk<'a> {
    pub(super) scope: FileScope,
    pub(super) variables: Variables,
    helpers: &'a Helpers,
    sink: Sink<'a>,
    pub(super) statement: Statement,
    /// Whether this is the ID of a step.
    pub(super) is_id: bool,
    /// The type whose method this is.
    pub(super) owner: Option<String>,
}

impl<'a> Walk<'a> {
    fn new(scope: FileScope, helpers: &'a Helpers, sink: Sink<'a>) -> Self {
        let (variables, statement) = (Variables::default(), Statement::default());
        Walk { scope, variables, helpers, sink, statement, is_id: false, owner: None }
    }

    pub(super) fn of_helper(scope: FileScope, helpers: &'a Helpers, owner: Option<String>) -> Self {
        Walk { owner, ..Walk::new(scope, helpers, Sink::Helper(None)) }
    }

    fn visit_function(&mut self, sig: &Signature, block: &Block) {
        self.variables.enter();
        self.variables.bind_signature(sig, &self.scope);
        self.visit_block(block);
        self.leave();
    }

    pub(super) fn helper_reason(mut self, sig: &Signature, block: &Block) -> Option<Reason> {
        self.visit_function(sig, block);
        self.into_reason()
    }

    fn into_reason(self) -> Option<Reason> {
        match self.sink {
            Sink::Helper(reason) => reason,
            Sink::Report(_) => None,
        }
    }

    pub(super) fn report(&mut self) -> Option<&mut Report<'a>> {
        match &mut self.sink {
            Sink::Report(report) => Some(report),
            Sink::Helper(_) => None,
        }
    }

    fn leave(&mut self) {
        for step in self.variables.leave() {
            self.report_unawaited(&step);
        }
    }

    pub(super) fn bind(&mut self, pat: &Pat, variable: impl Fn() -> Variable) {
        for step in self.variables.bind(pat, variable) {
            self.report_unawaited(&step);
        }
    }

    /// Visits in a scope of variables.
    pub(super) fn within(&mut self, walk: impl FnOnce(&mut Self)) {
        self.variables.enter();
        walk(self);
        self.leave();
    }

    pub(super) fn within_loop(&mut self, walk: impl FnOnce(&mut Self)) {
        self.variables.loops += 1;
        self.within(walk);
        self.variables.loops -= 1;
    }

    // What was found.

    /// A name of the tables.
    pub(super) fn listed(
        &mut self,
        at: &dyn ToTokens,
        arguments: Option<&dyn ToTokens>,
        known: (&'static About, &Name),
        full: &str,
    ) {
        let (about, name) = known;
        let clause = || format!("calls `{full}`, which {}", name.what);
        if self.is_helper(about, clause) {
            return;
        }
        let written = written(at);
        let alias = if is_same(&written, full) { String::new() } else { format!(" (`{full}`)") };
        self.found(about, at, arguments, &format!("`{written}`{alias} {}", name.what), name.instead);
    }

    /// Whether this is the walk of a helper, which keeps the first reason.
    pub(super) fn is_helper(&mut self, about: &'static About, clause: impl FnOnce() -> String) -> bool {
        let Sink::Helper(reason) = &mut self.sink else { return false };
        if reason.is_none() {
            *reason = Some(Reason { about, clause: clause() });
        }
        true
    }

    pub(super) fn found(
        &mut self,
        about: &About,
        at: &dyn ToTokens,
        arguments: Option<&dyn ToTokens>,
        what: &str,
        instead: &str,
    ) {
        let arguments = arguments.map(|arguments| source(arguments).trim().trim_end_matches(',').to_owned());
        let site = Site { path: written(at), arguments, statement: self.statement.clone() };
        let about = if self.is_id { &unstable_id::ABOUT } else { about };
        let is_id = self.is_id;
        let Some(report) = self.report() else { return };
        if report.allows(about.lint) {
            return;
        }
        let help = match is_id {
            true => {
                "build the ID of the input, of the results of steps, or of a count: `format!(\"charge-{}\", order.id)`"
                    .to_owned()
            }
            false => site.fill(instead),
        };
        let message = Message::new(format!("{what}, and {}", about.consequence)).help(help).note(about.lint.note());
        report.diagnostics.report(at.to_token_stream(), message);
    }

    /// A function of the file.
    pub(super) fn helper(&mut self, at: &dyn ToTokens, arguments: Option<&dyn ToTokens>, function: &Rc<Function>) {
        if let Some(reason) = self.helpers.reason(function, &self.scope) {
            let clause = || format!("calls `{}`, which {}", function.name, reason.clause);
            if !self.is_helper(reason.about, clause) {
                let what = format!("`{}` {}", written(at), reason.clause);
                self.found(reason.about, at, arguments, &what, names::STEP);
            }
            return;
        }
        let is_strict = self.report().is_some_and(|report| report.context.is_strict);
        if is_strict && function.owner.is_none() && function.marker == crate::resolve::Marker::None {
            let (what, help) = strict::advice(&function.name, function.is_async);
            self.found(&strict::ABOUT, at, arguments, &what, &help);
        }
    }

    pub(super) fn path(&mut self, path: &ExprPath, arguments: Option<&dyn ToTokens>) {
        let names = match &path.qself {
            None => segments(&path.path),
            Some(_) => match qualified(path) {
                Some(names) => names,
                None => return,
            },
        };
        if let ([name], None) = (names.as_slice(), &path.qself)
            && self.mention(name)
        {
            return;
        }
        if let ([this, name], Some(owner)) = (names.as_slice(), &self.owner)
            && this == "Self"
        {
            let method = self.scope.method(owner, name);
            return method.iter().for_each(|method| self.helper(path, arguments, method));
        }
        match self.scope.find(&names, Namespace::Values) {
            Found::Absolute(full) => {
                let in_id = unstable_id::IN_IDS.iter().find(|name| self.is_id && full.join("::") == name.path);
                let known = in_id.map(|name| (&unstable_id::ABOUT, name));
                // `StdRng::from_os_rng` is the method of a trait, as a path.
                let method = || full.last().and_then(|last| names::find_method(last));
                if let Some(known) = known.or_else(|| names::find(&full, Namespace::Values)).or_else(method) {
                    self.listed(path, arguments, known, &full.join("::"));
                }
            }
            Found::Own(Own::Function(function)) => self.helper(path, arguments, &function),
            Found::Own(Own::Static(Some(why))) => {
                let name = names.last().cloned().unwrap_or_default();
                if !self.is_helper(&shared_state::ABOUT, || format!("uses the static `{name}`, which is {why}")) {
                    let what = format!("`{}` is {why} of the whole process", written(path));
                    self.found(&shared_state::ABOUT, path, None, &what, shared_state::INSTEAD);
                }
            }
            Found::Own(Own::Foreign) => {
                let name = names.last().cloned().unwrap_or_default();
                if !self.is_helper(&unsafe_code::ABOUT, || format!("calls `{name}`, a function of another language")) {
                    let what = format!("`{name}` is a function of another language");
                    self.found(&unsafe_code::ABOUT, path, arguments, &what, names::STEP);
                }
            }
            Found::Associated(owner, name) => {
                let method = self.scope.method(&owner, &name);
                method.iter().for_each(|method| self.helper(path, arguments, method));
            }
            _ => {}
        }
    }

    /// Notes that a variable is mentioned; false if there is none of that name.
    pub(super) fn mention(&mut self, name: &str) -> bool {
        let Some(variable) = self.variables.find(name) else { return false };
        variable.unawaited = None;
        if let Some(lost) = variable.lost.take() {
            self.report_lost(&lost);
        }
        true
    }

    /// Notes the variables that are mentioned in tokens.
    pub(super) fn mention_all(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.mention_all(group.stream()),
                TokenTree::Ident(name) => {
                    self.mention(&name.to_string());
                }
                TokenTree::Literal(literal) => {
                    let is_format = literal.to_string().contains('{');
                    if is_format && let Ok(text) = syn::parse2::<LitStr>(TokenTree::Literal(literal).into()) {
                        self.mention_names(&text);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn mention_names(&mut self, text: &LitStr) {
        for name in parse_format(&text.value()).into_iter().filter_map(|found| found.name) {
            self.mention(&name);
        }
    }

    pub(super) fn race_arm(&mut self, pattern: &Pat, body: &Expr) {
        self.within(|walk| {
            walk.bind(pattern, Variable::default);
            walk.visit_expr(body);
        });
    }

    // Macros.

    pub(super) fn known_macro(&mut self, call: &Macro) {
        match self.scope.find(&segments(&call.path), Namespace::Macros) {
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
                let Some(reason) = self.helpers.macro_reason(&rules, &self.scope) else { return };
                let name = &rules.name;
                if !self.is_helper(reason.about, || format!("uses `{name}!`, which {}", reason.clause)) {
                    let what = format!("`{name}!` {}", reason.clause);
                    self.found(reason.about, &MacroPath(call), Some(&call.tokens), &what, names::STEP);
                }
            }
            _ => {}
        }
    }

    pub(super) fn arguments(&mut self, call: &Macro) {
        let Some(arguments) = Arguments::parse(call) else { return self.mention_all(call.tokens.clone()) };
        let is_format = matches!(macros::kind(call), Kind::Known(macros::Grammar::Commas));
        for argument in &arguments.exprs {
            match argument {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if is_format => self.format(text),
                // `format!("{x}", x = value)`
                Expr::Assign(named) if is_format => self.visit_expr(&named.right),
                other => self.visit_expr(other),
            }
        }
    }

    fn format(&mut self, text: &LitStr) {
        self.mention_names(text);
        let placeholders = parse_format(&text.value());
        let is_address = placeholders.iter().any(|found| {
            let named = found.name.as_ref().filter(|_| found.is_debug).and_then(|name| self.variables.find(name));
            found.is_pointer || named.is_some_and(|variable| variable.is_address)
        });
        if is_address && !self.is_helper(&addresses::ABOUT, || "shows an address".to_owned()) {
            self.found(&addresses::ABOUT, text, None, "this text shows an address", addresses::INSTEAD);
        }
    }

    /// What the tokens of a `macro_rules!` say by their paths.
    pub(super) fn tokens_reason(mut self, tokens: TokenStream) -> Option<Reason> {
        self.visit_tokens(tokens);
        self.into_reason()
    }

    fn visit_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(name) if path.last().is_some_and(|last| last.is_empty()) || path.is_empty() => {
                    path.retain(|part| !part.is_empty());
                    path.push(name.to_string());
                    self.token_path(&path);
                }
                TokenTree::Ident(name) => path = vec![name.to_string()],
                TokenTree::Punct(colon) if colon.as_char() == ':' => path.push(String::new()),
                TokenTree::Group(group) => {
                    path.clear();
                    self.visit_tokens(group.stream());
                }
                _ => path.clear(),
            }
        }
    }

    fn token_path(&mut self, path: &[String]) {
        if path.len() < 2 {
            return;
        }
        if let Found::Absolute(full) = self.scope.find(path, Namespace::Values)
            && let Some((about, name)) = names::find(&full, Namespace::Values)
        {
            self.is_helper(about, || format!("calls `{}`, which {}", full.join("::"), name.what));
        }
    }

    pub(super) fn is_log(&self, call: &Macro) -> bool {
        macros::kind(call) == Kind::Conditional && !macros::name(call).starts_with("debug_assert")
    }
}

/// A macro's path and its `!`.
struct MacroPath<'a>(&'a Macro);

impl ToTokens for MacroPath<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.path.to_tokens(tokens);
        self.0.bang_token.to_tokens(tokens);
    }
}

/// What the user wrote, without generic arguments.
fn written(at: &dyn ToTokens) -> String {
    let text = source(at.to_token_stream());
    match text.split_once("::<") {
        Some((path, rest)) if rest.ends_with('>') => path.to_owned(),
        _ => text,
    }
}

/// Whether a path as written says enough of the full one: `SystemTime::now`, `tokio::spawn`.
fn is_same(written: &str, full: &str) -> bool {
    let written = written.trim_start_matches("::");
    full == written || full.ends_with(&format!("::{written}"))
}

/// The names of `<Type>::method`; those of a trait's method for a type can't be known.
fn qualified(path: &ExprPath) -> Option<Vec<String>> {
    let qself = path.qself.as_ref()?;
    let Type::Path(ty) = &*qself.ty else { return None };
    if ty.qself.is_some() {
        return None;
    }
    let method = path.path.segments.iter().skip(qself.position).map(|segment| segment.ident.to_string());
    Some(segments(&ty.path).into_iter().chain(method).collect())
}
