//! Visits the code of a workflow outside of its steps, or of a helper, and tells what it finds.
//!
//! [`visit`](super::visit) says which parts of the code are visited, [`paths`](super::paths), [`calls`](super::calls) and
//! [`macro_calls`](super::macro_calls) what is asked of each, and [`infer`](super::infer) what the types are.

use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit as _;
use syn::{Block, Expr, FnArg, LitStr, Pat, ReturnType, Signature, Type};

use super::Lint;
use super::allow::AllowStack;
use super::bound::seen_by_as_ref;
use super::helpers::{Helpers, Reason};
use super::names::{About, Name};
use super::site::{Site, Statement};
use super::steps::{Steps, is_operation};
use super::unstable_id;
use super::variables::{Variable, Variables, sorted};
use crate::body::Context;
use crate::diagnostics::{Diagnostics, Message, source};
use crate::formats::parse_format;
use crate::resolve::{FileScope, Found, Generics, Head, Known, Namespace, generics};
use crate::step::captures::Bound;

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
    let helpers = context.scope.memory::<Helpers>();
    let allowed = context.allows.function();
    let report = Report { context, diagnostics, block, allowed, steps: Steps::default(), is_detailed };
    let generics = context.scope.generics_around();
    Walk::new(context.scope.clone(), &helpers, Sink::Report(report), generics).visit_function(sig, block, &[]);
    helpers.end();
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
    pub(super) block: &'a Block,
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
    pub(super) helpers: &'a Helpers,
    sink: Sink<'a>,
    pub(super) statement: Statement,
    /// The source of what the method at hand is called on, for a help.
    pub(super) called_on: Option<String>,
    /// Whether this is the ID of a step.
    pub(super) is_id: bool,
    /// The type parameters, and `Self`.
    pub(super) generics: Generics,
    /// The `cfg`s around.
    pub(super) conditions: Vec<String>,
    /// What the next expression is to be, where that is written down.
    pub(super) expected: Option<Type>,
    /// What is to be in the `Option` or `Result` that the next expression makes.
    pub(super) expected_within: Option<Type>,
    /// What the next expression is to return, if it is a closure.
    pub(super) closure_output: Option<Type>,
    /// What the function or closure returns, where that is written down.
    pub(super) returned: Option<Type>,
    /// Its error, if that is a type of the crate's files.
    pub(super) error: Option<Known>,
    /// Whether the order of the next chain of iterators is of no consequence.
    pub(super) is_order_free: bool,
    /// Whether the value that is being bound is sorted later.
    pub(super) is_sorted: bool,
    /// What the next expression gets, if it is a closure.
    pub(super) closure_input: Option<Known>,
    /// How many of its arguments come before that.
    pub(super) closure_skips: usize,
    /// Whether the next expression is what a method is called on.
    pub(super) is_in_chain: bool,
    /// Whether the `unsafe` around was reported, with all that is in it.
    pub(super) is_unsafe: bool,
    /// How many macros expand to what is visited.
    pub(super) expansions: usize,
    /// Whether the call around was reported, and so what it is given is none of the workflow's code.
    pub(super) is_refused: bool,
    /// Whether the chain of iterators around ends in what depends on the order for sure.
    pub(super) is_end_in_order: bool,
}

impl<'a> Walk<'a> {
    fn new(scope: FileScope, helpers: &'a Helpers, sink: Sink<'a>, generics: Generics) -> Self {
        Walk {
            scope,
            variables: Variables::default(),
            helpers,
            sink,
            statement: Statement::default(),
            called_on: None,
            is_id: false,
            generics,
            conditions: Vec::new(),
            expected: None,
            expected_within: None,
            closure_output: None,
            returned: None,
            error: None,
            is_order_free: false,
            is_sorted: false,
            closure_input: None,
            closure_skips: 0,
            is_in_chain: false,
            is_unsafe: false,
            expansions: 0,
            is_refused: false,
            is_end_in_order: false,
        }
    }

    pub(super) fn of_helper(scope: FileScope, helpers: &'a Helpers, generics: Generics) -> Self {
        Walk::new(scope, helpers, Sink::Helper(None), generics)
    }

    /// `arguments` are the types that a call gives it, as far as they say more than the signature.
    fn visit_function(&mut self, sig: &Signature, block: &Block, arguments: &[Option<Known>]) {
        for name in generics(&sig.generics) {
            self.generics.entry(name).or_insert(None);
        }
        self.variables.enter();
        self.bind_arguments(sig, arguments);
        self.variables.bound = Some(match &self.sink {
            Sink::Report(report) => report.context.variables(sig, block),
            Sink::Helper(_) => Rc::new(Bound::of_function(sig, block)),
        });
        self.variables.sorted = sorted(block);
        self.returning(&sig.output, |walk| walk.visit_block(block));
        self.check_ends(block, sig);
        self.leave();
    }

    /// Visits the body of a function or closure that returns what is written there.
    pub(super) fn returning(&mut self, output: &ReturnType, walk: impl FnOnce(&mut Self)) {
        let returned = match output {
            ReturnType::Type(_, ty) => Some((**ty).clone()),
            ReturnType::Default => None,
        };
        let error = self.error_of_result(output);
        let (around, error_around) =
            (std::mem::replace(&mut self.returned, returned.clone()), std::mem::replace(&mut self.error, error));
        self.expected = returned;
        walk(self);
        (self.expected, self.returned, self.error) = (None, around, error_around);
    }

    fn bind_arguments(&mut self, sig: &Signature, arguments: &[Option<Known>]) {
        for (at, input) in sig.inputs.iter().enumerate() {
            let given = arguments.get(at).cloned().flatten();
            match input {
                FnArg::Typed(typed) => {
                    let known = given.or_else(|| self.scope.known(&typed.ty, &self.generics));
                    // Whatever is given, if it is none of the file's types, what is asked of it is what `as_ref` makes of it.
                    let is_own = known.as_ref().is_some_and(|known| matches!(known.head, Head::Own(_)));
                    let behind = if is_own { None } else { seen_by_as_ref(sig, &typed.ty) };
                    let behind = behind.and_then(|ty| self.scope.known(ty, &self.generics));
                    self.bind_known(&typed.pat, behind.or(known));
                }
                FnArg::Receiver(_) => {
                    let known = given.or_else(|| self.generics.get("Self").cloned().flatten());
                    self.variables.declare("self", Variable { known, ..Variable::default() });
                }
            }
        }
    }

    pub(super) fn helper_reason(
        mut self,
        sig: &Signature,
        block: &Block,
        arguments: &[Option<Known>],
    ) -> Option<Reason> {
        self.visit_function(sig, block, arguments);
        self.into_reason()
    }

    /// The type of a function's last expression.
    pub(super) fn tail_type(mut self, sig: &Signature, block: &Block, arguments: &[Option<Known>]) -> Option<Known> {
        self.variables.enter();
        self.bind_arguments(sig, arguments);
        let (tail, before) = block.stmts.split_last()?;
        for stmt in before {
            if let syn::Stmt::Local(local) = stmt {
                let known = local.init.as_ref().and_then(|init| self.type_of(&init.expr));
                self.bind_known(&local.pat, known);
            }
        }
        match tail {
            syn::Stmt::Expr(Expr::Return(node), _) => self.type_of(node.expr.as_ref()?),
            syn::Stmt::Expr(tail, None) => self.type_of(tail),
            _ => None,
        }
    }

    /// Why an expression outside of a function is not deterministic, if it isn't.
    pub(super) fn expr_reason(mut self, expr: &Expr) -> Option<Reason> {
        self.within(|walk| walk.visit_expr(expr));
        self.into_reason()
    }

    pub(super) fn into_reason(self) -> Option<Reason> {
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

    /// How much was reported so far.
    pub(super) fn reported(&mut self) -> usize {
        self.report().map_or(0, |report| report.diagnostics.count())
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

    /// Visits under further `cfg`s.
    pub(super) fn under(&mut self, conditions: Vec<String>, walk: impl FnOnce(&mut Self)) {
        let around = self.conditions.len();
        self.conditions.extend(conditions);
        walk(self);
        self.conditions.truncate(around);
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
        self.keeps_reason(about, &[], clause)
    }

    pub(super) fn keeps_reason(
        &mut self,
        about: &'static About,
        further: &[String],
        clause: impl FnOnce() -> String,
    ) -> bool {
        let Sink::Helper(reason) = &mut self.sink else { return false };
        let conditions: Vec<_> = self.conditions.iter().chain(further).cloned().collect();
        // What holds under fewer conditions says more.
        if reason.as_ref().is_none_or(|known| conditions.len() < known.conditions.len()) {
            *reason = Some(Reason { about, clause: clause(), conditions });
        }
        true
    }

    /// What a function or macro of the file does: its `clause`, after `verb` and its name.
    pub(super) fn found_reason(
        &mut self,
        reason: &Reason,
        at: &dyn ToTokens,
        arguments: Option<&dyn ToTokens>,
        (verb, name): (&str, &str),
    ) {
        let clause = || format!("{verb} `{name}`, which {}", reason.clause);
        if !self.keeps_reason(reason.about, &reason.conditions, clause) {
            let what = format!("`{}` {}", written(at), reason.clause);
            let conditions = reason.conditions.clone();
            self.under(conditions, |walk| walk.found(reason.about, at, arguments, &what, super::names::STEP));
        }
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
        let path = match &self.called_on {
            Some(receiver) if arguments.is_some() => format!("{receiver}.{}", written(at)),
            _ => written(at),
        };
        let site = Site { path, arguments, code: None, statement: self.statement.clone() };
        self.found_at_site(about, at, &site, what, instead);
    }

    pub(super) fn found_at_site(&mut self, about: &About, at: &dyn ToTokens, site: &Site, what: &str, instead: &str) {
        let about = if self.is_id { &unstable_id::ABOUT } else { about };
        let (is_id, conditions, scope) = (self.is_id, self.conditions.clone(), &self.scope.clone());
        let Some(report) = self.report() else { return };
        if report.allows(about.lint) {
            return;
        }
        let help = match is_id {
            true => {
                "build the ID of the input, of the results of steps, or of a count: `format!(\"charge-{}\", order.id)`"
                    .to_owned()
            }
            false => qualified(site.fill(instead), scope),
        };
        let message = Message::new(format!("{what}, and {}", about.consequence)).help(help).note(about.lint.note());
        report.diagnostics.report_under(&conditions, at.to_token_stream(), message);
    }

    // Variables that are mentioned.

    /// Notes that a variable is mentioned; false if there is none of that name.
    pub(super) fn mention(&mut self, name: &str) -> bool {
        let Some(variable) = self.variables.find(name) else { return false };
        (variable.unawaited, variable.is_used) = (None, true);
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

    pub(super) fn mention_names(&mut self, text: &LitStr) {
        for found in parse_format(&text.value()) {
            let Some(name) = found.name else { continue };
            if !found.is_debug && !found.is_pointer {
                self.shown(&name);
            }
            self.mention(&name);
        }
    }
}

/// Names one of our operations in full in a help, where its name stands for something else.
fn qualified(help: String, scope: &FileScope) -> String {
    let is_meant = |name: &str| match scope.find(&[name.to_owned()], Namespace::Values) {
        Found::Absolute(full) => is_operation(&full),
        Found::Unknown => true,
        _ => false,
    };
    let mut help = help;
    for name in ["now", "random", "sleep", "uuid"] {
        for before in ["`", "= "] {
            let written = format!("{before}{name}(\"");
            if help.contains(&written) && !is_meant(name) {
                help = help.replace(&written, &format!("{before}owf_runtime::{name}(\""));
            }
        }
    }
    help
}

/// What the user wrote, without generic arguments.
pub(super) fn written(at: &dyn ToTokens) -> String {
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
