//! Reads the tokens of a `step!`.

use std::rc::Rc;

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Macro, Token};

use super::model::{Body, Step};
use super::options::OPTIONS;
use super::syntax::{report_unreadable, statements};
use crate::arguments::{Argument, valid};
use crate::body::{macros, reading};
use crate::diagnostics::{Diagnostics, Message, source};

/// How it is written.
fn example(is_transaction: bool) -> &'static str {
    match is_transaction {
        false => "write `step!(\"charge\", charge(&order).await?)`",
        true => "write `transaction!(\"debit\", |db| db.execute(\"UPDATE ..\", [cents]))`",
    }
}

/// One of the comma-separated parts of a `step!`.
pub(super) enum Part {
    Named(Argument),
    Plain(Expr),
}

/// The model of a `step!`, if it is well-formed.
pub(crate) fn read_step(call: &Macro) -> Option<Rc<Step>> {
    reading::step(call, &mut Diagnostics::default())
}

/// Makes the model of a `step!`, or reports why it can't.
pub(crate) fn parse_step(call: &Macro, diagnostics: &mut Diagnostics) -> Option<Step> {
    let span = call.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let parts = match parse_parts.parse2(call.tokens.clone()) {
        Ok(parts) => parts,
        Err(error) => {
            report_unreadable(call, error, diagnostics);
            return None;
        }
    };
    assemble(call, span, parts, diagnostics)
}

fn parse_parts(input: ParseStream<'_>) -> syn::Result<Vec<Part>> {
    let mut parts = Vec::new();
    while !input.is_empty() {
        parts.push(parse_part(input)?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(parts)
}

pub(super) fn parse_part(input: ParseStream<'_>) -> syn::Result<Part> {
    let is_named =
        input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) && !input.peek2(Token![=>]);
    if !is_named {
        return Ok(Part::Plain(input.parse()?));
    }
    let name = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok(Part::Named(Argument { name, value: Some(input.parse()?), list: None }))
}

fn assemble(call: &Macro, span: Span, parts: Vec<Part>, diagnostics: &mut Diagnostics) -> Option<Step> {
    let is_transaction = macros::name(call) == "transaction";
    let noun = if is_transaction { "transaction" } else { "step" };
    let mut parts = parts.into_iter();
    let id = match parts.next() {
        None => {
            let text = format!("a {noun} needs an id, under which its result is recorded, and a body");
            diagnostics.report(&call.path, Message::new(text).help(example(is_transaction)));
            return None;
        }
        Some(Part::Named(first)) => {
            let text = format!("a {noun} begins with its id, and this begins with `{}`", first.name);
            diagnostics.report(&first.name, Message::new(text).help(example(is_transaction)));
            return None;
        }
        Some(Part::Plain(id)) => id,
    };
    let mut options = Vec::new();
    let mut body = None;
    let mut undo = None;
    for part in parts {
        match (part, &body) {
            (Part::Named(option), _) if option.name == "undo" && undo.is_none() => undo = option.value,
            (Part::Named(option), _) if option.name == "undo" => {
                let message = Message::new("`undo` is given twice");
                diagnostics
                    .report(&option.name, message.help("one undo may do several things: `undo = |receipt| { .. }`"));
            }
            (Part::Plain(expr @ Expr::Let(_)), _) => {
                let message = statements(noun, Some(&id), quote::quote!(#expr; ..));
                diagnostics.report(&expr, message);
                body = Some(Expr::Verbatim(quote::quote!({})));
            }
            (Part::Plain(expr), None) => body = Some(expr),
            (Part::Named(option), Some(_)) if is_option(&option.name) => {
                let text = format!("`{}` stands after the body", option.name);
                diagnostics.report(
                    &option.name,
                    Message::new(text).help("write the options between the id and the body; only `undo` may follow it"),
                );
            }
            (Part::Named(Argument { name, value: Some(value @ Expr::Closure(_)), .. }), _)
                if !is_option(&name) && undo.is_none() =>
            {
                let message = Message::new(format!("`{noun}!` has no option `{name}`"));
                diagnostics.report(&name, message.help(format!("write `undo = {}`", source(&value))));
                undo = Some(value);
            }
            // One that there is none of is reported as such.
            (Part::Named(option), _) => options.push(option),
            (Part::Plain(expr), Some(before)) => match option_as_call(before) {
                Some(option) => {
                    let value = option.value.as_ref().map(source).unwrap_or_default();
                    let text = format!("`{}` is an option, and is given with `=`", option.name);
                    let help = format!("write `{} = {value}`", option.name);
                    diagnostics.report(before, Message::new(text).help(help));
                    options.push(option);
                    body = Some(expr);
                }
                None if matches!(expr, Expr::Closure(_)) && undo.is_none() => {
                    let text = format!("this closure after the body has no name, and the undo of a {noun} has one");
                    diagnostics.report(&expr, Message::new(text).help(format!("write `undo = {}`", source(&expr))));
                    undo = Some(expr);
                }
                None => {
                    let message =
                        Message::new(format!("a {noun} has one body, and this is another expression after it"));
                    let block = if is_transaction { "|db| { first; second }" } else { "{ first; second }" };
                    let help = format!("put both into one block: `{noun}!(\"id\", {block})`");
                    diagnostics.report(&expr, message.help(help));
                }
            },
        }
    }
    let Some(body) = body else {
        match is_transaction {
            false => report_no_body(&id, &options, diagnostics),
            true => {
                let message = Message::new("a transaction is an id and a closure, and this is one of the two");
                diagnostics.report(&id, message.help(example(true)));
            }
        }
        return None;
    };
    let body = if is_transaction { Body::of_transaction(body) } else { Body::new(body) };
    Some(Step { span, is_transaction, id, options, body, undo })
}

fn is_option(name: &Ident) -> bool {
    OPTIONS.iter().any(|known| name == known.name)
}

/// `retries(5)`, where a body follows.
fn option_as_call(expr: &Expr) -> Option<Argument> {
    let Expr::Call(call) = expr else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let name = path.path.get_ident().filter(|name| is_option(name))?;
    (call.args.len() == 1).then(|| Argument { name: name.clone(), value: call.args.first().cloned(), list: None })
}

fn report_no_body(id: &Expr, options: &[Argument], diagnostics: &mut Diagnostics) {
    if let Some(last) = options.last() {
        let text = format!("this step has no body: its last part is `{} = ..`, which is read as an option", last.name);
        let message = Message::new(text).help("write the body after the options; an assignment goes into braces");
        diagnostics.report(&last.name, message.note(valid(OPTIONS)));
    } else if is_text(id) {
        let text = "this step has an id and no body";
        let help = format!("write what to do after the id: `step!({}, charge(&order).await?)`", source(id));
        diagnostics.report(id, Message::new(text).help(help));
    } else {
        let message = Message::new("this step has a body and no id, under which its result is recorded");
        let help = match id {
            Expr::Call(_) | Expr::MethodCall(_) | Expr::Await(_) | Expr::Try(_) if source(id).len() < 50 => {
                format!("give it a name that stays the same: `step!(\"some-id\", {})`", source(id))
            }
            _ => "give it a name that stays the same: `step!(\"some-id\", ..)`".to_owned(),
        };
        diagnostics.report(id, message.help(help));
    }
}

fn is_text(id: &Expr) -> bool {
    match id {
        Expr::Lit(_) | Expr::Path(_) | Expr::Reference(_) => true,
        Expr::Macro(call) => call.mac.path.to_token_stream().to_string().contains("format"),
        _ => false,
    }
}
