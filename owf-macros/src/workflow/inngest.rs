//! `inngest(..)`: what a workflow says of itself as a function of an Inngest app.

mod options;

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, LitInt, LitStr, Token};

use self::options::{EXCLUSIVE, Kind, OPTIONS, Parameter, Setting, Shape};
use crate::arguments::{self, Argument};
use crate::diagnostics::{Diagnostics, Message, source};
use crate::krate::Krate;

/// What is said; what is wrong was reported and is left out.
#[derive(Default)]
pub(crate) struct Inngest {
    said: Vec<Said>,
    /// Whether something is said, and nothing of it is wrong.
    is_told: bool,
}

/// An option and the values of its parameters, in the order of the table.
struct Said {
    option: &'static Setting,
    name: Ident,
    values: Vec<Option<Value>>,
}

/// A value that was checked.
enum Value {
    Count(LitInt),
    Text(LitStr),
    Length(Duration),
    Choice(&'static str),
}

impl Inngest {
    pub(crate) fn parse(lists: Vec<(Ident, TokenStream)>, has_event: bool, diagnostics: &mut Diagnostics) -> Self {
        let (is_said, errors) = (!lists.is_empty(), diagnostics.count());
        let mut inngest = Inngest::default();
        for (_, list) in lists {
            let parsed = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(list);
            match parsed {
                Ok(arguments) => arguments.into_iter().for_each(|argument| inngest.take(argument, diagnostics)),
                Err(error) => {
                    let message = Message::new("`inngest(..)` takes options of the form `name = value` or `name(..)`");
                    diagnostics.report_at(error.span(), message.help(valid()));
                }
            }
        }
        inngest.check_exclusions(diagnostics);
        if let Some(when) = inngest.said.iter().find(|said| said.option.name == "when")
            && !has_event
        {
            let message = Message::new("`when` says for which events a run starts, and no event starts this workflow");
            diagnostics.report(&when.name, message.help("add `event = \"order.created\"`, or leave `when` out"));
        }
        inngest.is_told = is_said && diagnostics.count() == errors;
        inngest
    }

    fn take(&mut self, argument: Argument, diagnostics: &mut Diagnostics) {
        let name = argument.name.clone();
        let Some(option) = OPTIONS.iter().find(|option| name == option.name) else {
            let message = Message::new(format!("`inngest(..)` has no option `{name}`"));
            diagnostics.report(&name, message.help(valid()));
            return;
        };
        let count = self.said.iter().filter(|said| said.option.name == option.name).count();
        if count >= option.times_max {
            let times =
                if option.times_max == 1 { "once".to_owned() } else { format!("at most {} times", option.times_max) };
            let message = Message::new(format!("`{name}` is said {times}: the server takes no more"));
            diagnostics.report(&name, message.help(format!("write `{}`", option.usage)));
            return;
        }
        if let Some(values) = parse_values(option, argument, diagnostics) {
            self.said.push(Said { option, name, values });
        }
    }

    /// The server refuses some options together.
    fn check_exclusions(&self, diagnostics: &mut Diagnostics) {
        for (one, other, reason) in EXCLUSIVE {
            let find = |name: &str| self.said.iter().find(|said| said.option.name == name);
            if let (Some(_), Some(second)) = (find(one), find(other)) {
                let message = Message::new(format!("`{one}` and `{other}` exclude each other: {reason}"));
                diagnostics.report(&second.name, message.help(format!("leave `{one}` or `{other}` out")));
            }
        }
    }

    /// The method that tells them; nothing where nothing is said.
    pub(crate) fn expand(&self, krate: &Krate) -> Option<TokenStream> {
        if !self.is_told {
            return None;
        }
        let here = Span::mixed_site();
        let root = krate.root(here);
        let calls = self.said.iter().map(|said| said.expand(&root));
        Some(quote_spanned! {here=>
            #root::__inngest! {
                fn inngest(&self, function: #root::inngest::InngestFunction) -> #root::inngest::InngestFunction {
                    function #(#calls)*
                }
            }
        })
    }
}

impl Said {
    fn expand(&self, root: &TokenStream) -> TokenStream {
        let method = Ident::new(self.option.name, Span::mixed_site());
        let pairs: Vec<(&Parameter, &Value)> = self
            .option
            .parameters
            .iter()
            .zip(&self.values)
            .filter_map(|(parameter, value)| Some((parameter, value.as_ref()?)))
            .collect();
        let value = |(_, value): &(&Parameter, &Value)| value.expand(root);
        match self.option.shape {
            Shape::Value => {
                let value = pairs.first().map(value);
                quote!(.#method(#value))
            }
            Shape::Struct { name, constructor } => {
                let ty = Ident::new(name, Span::mixed_site());
                let (required, others): (Vec<_>, Vec<_>) =
                    pairs.iter().partition(|(parameter, _)| parameter.is_required);
                // A choice that is required is a constructor of its own.
                let constructor = match required.first() {
                    Some((_, Value::Choice(choice))) => choice,
                    _ => constructor,
                };
                let constructor = Ident::new(constructor, Span::mixed_site());
                let arguments =
                    required.iter().filter(|(_, value)| !matches!(value, Value::Choice(_))).map(value_of(root));
                let others = others.iter().map(|(parameter, value)| {
                    let method = Ident::new(parameter.name, Span::mixed_site());
                    let value = value.expand(root);
                    quote!(.#method(#value))
                });
                quote!(.#method(#root::inngest::#ty::#constructor(#(#arguments),*) #(#others)*))
            }
        }
    }
}

fn value_of(root: &TokenStream) -> impl Fn(&(&Parameter, &Value)) -> TokenStream {
    let root = root.clone();
    move |(_, value)| value.expand(&root)
}

impl Value {
    fn expand(&self, root: &TokenStream) -> TokenStream {
        match self {
            Value::Count(count) => quote!(#count),
            Value::Text(text) => quote!(#text),
            Value::Length(length) => {
                let seconds = length.as_secs();
                quote!(::core::time::Duration::from_secs(#seconds))
            }
            Value::Choice(choice) => {
                let variant = Ident::new(choice, Span::mixed_site());
                quote!(#root::inngest::Scope::#variant)
            }
        }
    }
}

fn parse_values(
    option: &'static Setting,
    argument: Argument,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Option<Value>>> {
    let usage = || format!("write `{}`", option.usage);
    if let Shape::Value = option.shape {
        let Some(value) = argument.value else {
            let message = Message::new(format!("`{}` needs a value", argument.name));
            diagnostics.report(&argument.name, message.help(usage()));
            return None;
        };
        return Some(vec![Some(parse_value(&option.parameters[0], &value, diagnostics)?)]);
    }
    let Some(list) = argument.list else {
        let message = Message::new(format!("`{}` is a list", argument.name));
        diagnostics.report(&argument.name, message.help(usage()));
        return None;
    };
    let parsed = match Punctuated::<Argument, Token![,]>::parse_terminated.parse2(list) {
        Ok(parsed) => parsed,
        Err(error) => {
            let message = Message::new(format!("`{}` takes arguments of the form `name = value`", argument.name));
            diagnostics.report_at(error.span(), message.help(usage()));
            return None;
        }
    };
    let mut values: Vec<Option<Value>> = option.parameters.iter().map(|_| None).collect();
    let mut is_whole = true;
    for Argument { name, value, .. } in parsed {
        let Some(position) = option.parameters.iter().position(|parameter| name == parameter.name) else {
            let message = Message::new(format!("`{}` has no argument `{name}`", option.name));
            diagnostics.report(&name, message.help(usage()));
            is_whole = false;
            continue;
        };
        let parsed = value.as_ref().and_then(|value| parse_value(&option.parameters[position], value, diagnostics));
        if value.is_none() {
            diagnostics.report(&name, Message::new(format!("`{name}` needs a value")).help(usage()));
        } else if values[position].is_some() {
            diagnostics.report(&name, Message::new(format!("`{name}` is given twice")).help(usage()));
        }
        is_whole &= parsed.is_some();
        values[position] = parsed;
    }
    let missing =
        option.parameters.iter().zip(&values).find(|(parameter, value)| parameter.is_required && value.is_none());
    if let Some((parameter, _)) = missing
        && is_whole
    {
        let message = Message::new(format!("`{}` needs `{}`", option.name, parameter.name));
        diagnostics.report(&argument.name, message.help(usage()));
        return None;
    }
    is_whole.then_some(values)
}

fn parse_value(parameter: &Parameter, value: &Expr, diagnostics: &mut Diagnostics) -> Option<Value> {
    let name = parameter.name;
    match parameter.kind {
        Kind::Text => arguments::text(name, value, diagnostics).map(Value::Text),
        Kind::Count { least, most } => {
            let count = match value {
                Expr::Lit(ExprLit { lit: Lit::Int(count), .. }) => Some(count),
                _ => None,
            };
            let fits =
                |count: &&LitInt| count.base10_parse::<u32>().is_ok_and(|number| (least..=most).contains(&number));
            let Some(count) = count.filter(fits) else {
                let range =
                    if most == u32::MAX { format!("of at least {least}") } else { format!("from {least} to {most}") };
                let message = Message::new(format!("`{name}` is a number {range}, and this is `{}`", source(value)));
                diagnostics.report(value, message.help(format!("write `{name} = {}`", least.max(2))));
                return None;
            };
            Some(Value::Count(count.clone()))
        }
        Kind::Length { least, most } => {
            let text = arguments::text(name, value, diagnostics)?;
            let length = parse_length(&text.value());
            let Some(length) = length.filter(|length| (least..=most).contains(&length.as_secs())) else {
                let message = Message::new(format!(
                    "`{name}` is a time from {} to {}, and this is `{}`",
                    unit(least),
                    unit(most),
                    source(value)
                ));
                diagnostics.report(
                    value,
                    message.help("write a number and a unit (s, m, h, d, w), as in `\"90s\"` or `\"1h30m\"`"),
                );
                return None;
            };
            Some(Value::Length(length))
        }
        Kind::Choice(choices) => {
            let text = arguments::text(name, value, diagnostics)?;
            let choice = choices.iter().find(|(written, _)| *written == text.value());
            if choice.is_none() {
                let written: Vec<String> = choices.iter().map(|(written, _)| format!("`\"{written}\"`")).collect();
                let message =
                    Message::new(format!("`{name}` is one of {}, and this is `{}`", written.join(", "), source(value)));
                diagnostics.report(value, message.help(format!("write `{name} = \"{}\"`", choices[0].0)));
            }
            choice.map(|(_, variant)| Value::Choice(variant))
        }
    }
}

const UNITS: [(char, u64); 5] = [('w', 7 * 24 * 3600), ('d', 24 * 3600), ('h', 3600), ('m', 60), ('s', 1)];

fn parse_length(text: &str) -> Option<Duration> {
    let (mut total, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let unit = rest[digits..].chars().next()?;
        let (_, size) = UNITS.iter().find(|(known, _)| *known == unit)?;
        total = total.checked_add(rest[..digits].parse::<u64>().ok()?.checked_mul(*size)?)?;
        rest = &rest[digits + 1..];
    }
    Some(Duration::from_secs(total)).filter(|_| !text.is_empty())
}

/// A limit of the table, for people.
fn unit(seconds: u64) -> String {
    let (unit, size) = UNITS.iter().find(|(_, size)| seconds >= *size && seconds % size == 0).unwrap_or(&('s', 1));
    format!("{}{unit}", seconds / size)
}

/// The options, without their arguments.
fn valid() -> String {
    let short = OPTIONS.iter().map(|option| match option.shape {
        Shape::Value => format!("`{} = \"..\"`", option.name),
        Shape::Struct { .. } => format!("`{}(..)`", option.name),
    });
    format!("valid are {}", short.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: TokenStream) -> Vec<String> {
        let mut diagnostics = Diagnostics::default();
        let lists = vec![(Ident::new("inngest", Span::call_site()), list)];
        Inngest::parse(lists, true, &mut diagnostics);
        diagnostics.texts()
    }

    #[test]
    fn every_usage_of_the_table_is_valid() {
        for option in OPTIONS {
            let list: TokenStream = option.usage.parse().expect("tokens");
            assert_eq!(texts(list), Vec::<String>::new(), "{}", option.usage);
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(parse_length("1h30m"), Some(Duration::from_secs(5400)));
        for wrong in ["", "5", "m", "1.5h", "-1s", "1y", "99999999999999999w"] {
            assert_eq!(parse_length(wrong), None, "{wrong}");
        }
        assert_eq!((unit(60), unit(604_800), unit(90)), ("1m".to_owned(), "1w".to_owned(), "90s".to_owned()));
    }

    #[test]
    fn limits_and_exclusions_are_told() {
        let text = &texts(quote!(batch(max_size = 101, timeout = "5s")))[0];
        assert!(text.starts_with("`max_size` is a number from 2 to 100, and this is `101`"), "{text}");
        let text = &texts(quote!(batch(max_size = 2, timeout = "5s"), debounce(period = "1s")))[0];
        assert!(text.starts_with("`batch` and `debounce` exclude each other"), "{text}");
        let three = quote!(concurrency(limit = 1), concurrency(limit = 2), concurrency(limit = 3));
        assert!(texts(three)[0].starts_with("`concurrency` is said at most 2 times"));
        assert!(texts(quote!(throttle(limit = 1)))[0].starts_with("`throttle` needs `period`"));
    }
}
