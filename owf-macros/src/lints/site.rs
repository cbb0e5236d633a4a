//! Where something was found, for the help that says what to write there.

use quote::ToTokens;
use syn::{Expr, Local, Pat, Stmt};

use crate::body::macros;
use crate::diagnostics::source;

/// Names of functions that say little without their type or module.
const GENERAL: &[&str] = &["connect", "default", "get", "id", "new", "open"];

/// Longer code is not repeated in a message.
const SOURCE_MAX: usize = 70;

/// The statement around, as far as it can be moved into a step as a whole.
#[derive(Clone, Default)]
pub(super) struct Statement {
    /// The variable that a `let` binds.
    binding: Option<String>,
    /// What it binds it to, if that awaits nothing.
    whole: Option<String>,
}

impl Statement {
    pub(super) fn of(stmt: &Stmt) -> Self {
        match stmt {
            Stmt::Local(Local { pat, init: Some(init), .. }) if init.diverge.is_none() => {
                let pat = if let Pat::Type(typed) = pat { &typed.pat } else { pat };
                let Pat::Ident(name) = pat else { return Statement::default() };
                Statement { binding: Some(name.ident.to_string()), whole: movable(&init.expr) }
            }
            Stmt::Expr(Expr::Try(inner), Some(_)) => Statement { binding: None, whole: movable(&inner.expr) },
            Stmt::Expr(expr @ (Expr::Call(_) | Expr::MethodCall(_)), Some(_)) => {
                Statement { binding: None, whole: movable(expr) }
            }
            _ => Statement::default(),
        }
    }
}

/// The source of an expression that can be put into a step.
fn movable(expr: &Expr) -> Option<String> {
    let tokens = expr.to_token_stream();
    if macros::find_await(&tokens).is_some() || macros::find_step(&tokens).is_some() {
        return None;
    }
    Some(source(tokens)).filter(|text| text.len() <= SOURCE_MAX && !text.contains('{'))
}

/// What was found, and around what.
pub(super) struct Site {
    /// What is called, as written.
    pub(super) path: String,
    /// The arguments as written, for a call.
    pub(super) arguments: Option<String>,
    /// The code as a whole, where that is no call.
    pub(super) code: Option<String>,
    pub(super) statement: Statement,
}

impl Site {
    /// Fills a help in: `{call}`, `{args}`, `{code}`, `{id}`, and `{let}` and `{;}` where it is the value of a variable.
    pub(super) fn fill(&self, template: &str) -> String {
        let call = match &self.arguments {
            _ if let Some(code) = &self.code => code.clone(),
            Some(arguments) if arguments.len() + self.path.len() <= SOURCE_MAX => format!("{}({arguments})", self.path),
            Some(_) => format!("{}(..)", self.path),
            None if self.path.ends_with('!') => format!("{}(..)", self.path),
            None => format!("{}()", self.path),
        };
        let whole = self.statement.whole.as_ref().filter(|_| self.arguments.is_some() || self.code.is_some());
        let is_whole = whole.is_some_and(|whole| *whole == call || *whole == format!("{call}?"));
        let text = whole.filter(|_| template.contains("{call}")).cloned();
        let binding = self.statement.binding.as_ref().filter(|_| text.is_some() || is_whole);
        // What is written anew for the whole statement is named after its variable.
        // Who takes another function for ours has written the ID.
        let has_id = self.arguments.as_ref().is_some_and(|arguments| arguments.starts_with('"'));
        let template = if has_id { template.replace("\"{id}\", {args}", "{args}") } else { template.to_owned() };
        let named = binding.or(self.statement.binding.as_ref().filter(|_| template.contains("{ .. }")));
        let id = named.cloned().unwrap_or_else(|| self.short());
        template
            .replace("{let}", &binding.map(|name| format!("let {name} = ")).unwrap_or_default())
            .replace("{;}", if binding.is_some() { ";" } else { "" })
            .replace("{code}", self.code.as_deref().unwrap_or(".."))
            .replace("{call}", &text.unwrap_or(call))
            .replace("{args}", self.arguments.as_deref().filter(|args| args.len() <= SOURCE_MAX).unwrap_or(".."))
            .replace("{id}", &id.trim_start_matches('_').replace('_', "-").to_lowercase())
    }

    fn short(&self) -> String {
        let mut parts = self.path.rsplit(['.', ':']).filter(|part| !part.is_empty());
        let last = parts.next().unwrap_or("step");
        // `Command::new` is about the command.
        let name = if GENERAL.contains(&last) { parts.next().unwrap_or(last) } else { last };
        name.trim_end_matches('!').trim_start_matches("r#").to_owned()
    }
}
