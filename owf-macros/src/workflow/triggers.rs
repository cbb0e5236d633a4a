//! What starts a workflow by itself: `event = ".."`, `cron = ".."` with `timezone = ".."`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, LitStr};

use crate::arguments;
use crate::diagnostics::{Diagnostics, Message};
use crate::krate::Krate;
use crate::spans::{Ends, parenthesized};

/// What the attribute says of triggers; what is wrong was reported and is left out.
#[derive(Default)]
pub(crate) struct Triggers {
    event: Option<LitStr>,
    cron: Option<LitStr>,
    timezone: Option<LitStr>,
}

impl Triggers {
    pub(crate) fn new(
        event: Option<Expr>,
        cron: Option<Expr>,
        timezone: Option<Expr>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let has_cron = cron.is_some();
        let mut text =
            |name: &str, value: Option<Expr>| value.and_then(|value| arguments::text(name, &value, diagnostics));
        let (event, cron, timezone) = (text("event", event), text("cron", cron), text("timezone", timezone));
        if let Some(timezone) = &timezone
            && !has_cron
        {
            let message = Message::new("a time zone says when a `cron` expression is due, and there is none");
            diagnostics.report(timezone, message.help("add `cron = \"0 2 * * *\"`, or leave `timezone` out"));
        }
        Triggers {
            event,
            cron: cron.filter(|cron| check_cron(cron, diagnostics)),
            timezone: timezone.filter(|timezone| check_timezone(timezone, diagnostics)),
        }
    }

    /// The method that tells them; nothing where there are none. `input` is what the workflow takes.
    pub(crate) fn expand(&self, input: &TokenStream, krate: &Krate) -> Option<TokenStream> {
        let here = Span::mixed_site();
        let root = krate.root(here);
        let event = self.event.iter().map(|name| quote!(#root::Trigger::Event { name: #name }));
        let cron = self.cron.iter().map(|expression| {
            let timezone = match &self.timezone {
                Some(timezone) => quote!(::core::option::Option::Some(#timezone)),
                None => quote!(::core::option::Option::None),
            };
            quote!(#root::Trigger::Cron { expression: #expression, timezone: #timezone })
        });
        let all: Vec<TokenStream> = event.chain(cron).collect();
        let assertions = self.cron.iter().map(|cron| expand_assertions(cron, input, krate));
        let method = quote_spanned! {here=>
            fn triggers(&self) -> &'static [#root::Trigger] {
                #(#assertions)*
                &[#(#all),*]
            }
        };
        (!all.is_empty()).then_some(method)
    }
}

/// Lets rustc say that there are no schedules, or that a schedule cannot give the workflow what it takes.
fn expand_assertions(cron: &LitStr, input: &TokenStream, krate: &Krate) -> TokenStream {
    let Ends { first, last } = Ends::of(input, cron.span());
    let [scheduler, schedules] = ["assert_scheduler", "Schedules"].map(|name| krate.private(name, cron.span()));
    let scheduled = krate.private("assert_scheduled", first);
    let call = parenthesized(TokenStream::new(), last);
    quote! {
        #scheduler::<#schedules>();
        #scheduled::<#input> #call;
    }
}

/// The fields of a cron expression, with the numbers that they take.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7)];

/// Checks the number of fields and the numbers in them; the rest is checked when the workflow is registered.
fn check_cron(cron: &LitStr, diagnostics: &mut Diagnostics) -> bool {
    let text = cron.value();
    let fields: Vec<&str> = text.split_whitespace().collect();
    let names: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
    if fields.len() != FIELDS.len() {
        let text = format!("a cron expression has five fields, and this has {}", fields.len());
        let help = format!("write {}: `\"0 2 * * *\"` is each day at 2:00", names.join(", "));
        diagnostics.report(cron, Message::new(text).help(help));
        return false;
    }
    for (field, (name, least, most)) in fields.iter().zip(FIELDS) {
        let numbers = field.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
        // What follows a slash is a step, which may be larger than the least number only.
        let after_slash: Vec<&str> =
            field.split(',').filter_map(|part| part.split_once('/')).map(|(_, step)| step).collect();
        for number in numbers {
            let is_step = after_slash.contains(&number);
            let fits = number.parse::<u32>().is_ok_and(|number| number <= most && (number >= least || is_step));
            if !fits {
                let text =
                    format!("the {name} of a cron expression goes from {least} to {most}, and this has `{number}`");
                diagnostics.report(cron, Message::new(text).help(format!("the fields are {}", names.join(", "))));
                return false;
            }
        }
        if after_slash.contains(&"0") {
            let message =
                Message::new(format!("the {name} of this cron expression has a step of 0, which never comes"));
            diagnostics.report(cron, message.help("write a step of at least 1, as in `*/15`"));
            return false;
        }
    }
    true
}

fn check_timezone(timezone: &LitStr, diagnostics: &mut Diagnostics) -> bool {
    let text = timezone.value();
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    let is_valid = text.split('/').all(is_name);
    if !is_valid {
        let message = Message::new(format!("`{text}` is not the name of a time zone"));
        diagnostics.report(timezone, message.help("write an IANA name, as `\"Europe/Amsterdam\"` or `\"UTC\"`"));
    }
    is_valid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(cron: &str) -> Option<String> {
        let mut diagnostics = Diagnostics::default();
        check_cron(&LitStr::new(cron, Span::call_site()), &mut diagnostics);
        diagnostics.texts().first().cloned()
    }

    #[test]
    fn usual_expressions_are_accepted() {
        for cron in ["0 2 * * *", "*/15 9-17 * * MON-FRI", "0 0 1,15 JAN 7", "0/10 * * * *", "5 4 L * *"] {
            assert_eq!(problem(cron), None, "{cron}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let text = problem("0 24 * * *").expect("there is no such hour");
        assert!(text.contains("the hour of a cron expression goes from 0 to 23, and this has `24`"), "{text}");
        assert!(problem("0 0 0 * *").is_some());
        assert!(problem("*/0 * * * *").is_some());
    }

    #[test]
    fn a_missing_field_is_counted() {
        assert!(problem("0 2 * *").is_some_and(|text| text.contains("five fields, and this has 4")));
    }
}
