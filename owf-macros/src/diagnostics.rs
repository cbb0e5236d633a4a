//! The errors of one macro call: collected by every phase, emitted together.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// What is wrong, what to write instead, and what else helps.
///
/// A proc macro on stable Rust can emit nothing but the text of a `compile_error!`, so `help` and `note` are further
/// lines of that text.
pub(crate) struct Message {
    text: String,
}

impl Message {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Message { text: text.into() }
    }

    pub(crate) fn help(mut self, help: impl AsRef<str>) -> Self {
        self.line("help", help.as_ref());
        self
    }

    pub(crate) fn note(mut self, note: impl AsRef<str>) -> Self {
        self.line("note", note.as_ref());
        self
    }

    /// The message as an error's text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, label: &str, text: &str) {
        // The lines after the first of a help stand under its text, as rustc's own do.
        let indented = text.replace('\n', "\n          ");
        let _ = write!(self.text, "\n  = {label}: {indented}");
    }
}

/// Every error found so far.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Vec<Diagnostic>,
}

struct Diagnostic {
    error: syn::Error,
    /// The `cfg`s under which it is one, as text.
    conditions: Vec<String>,
}

impl Diagnostics {
    /// Reports at the tokens of `at`.
    pub(crate) fn report(&mut self, at: impl ToTokens, message: Message) {
        self.report_under(&[], at, message);
    }

    /// Reports at the tokens of `at`, which are there under the `cfg`s only.
    pub(crate) fn report_under(&mut self, conditions: &[String], at: impl ToTokens, message: Message) {
        let error = syn::Error::new_spanned(at, message.text);
        self.errors.push(Diagnostic { error, conditions: conditions.to_vec() });
    }

    /// Reports at a span.
    pub(crate) fn report_at(&mut self, span: proc_macro2::Span, message: Message) {
        self.syntax(syn::Error::new(span, message.text));
    }

    /// Passes on what syn could not read.
    pub(crate) fn syntax(&mut self, error: syn::Error) {
        self.errors.push(Diagnostic { error, conditions: Vec::new() });
    }

    pub(crate) fn count(&self) -> usize {
        self.errors.len()
    }

    /// Forgets all but the first `count`.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.errors.truncate(count);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Takes over what `other` was told.
    pub(crate) fn append(&mut self, mut other: Diagnostics) {
        self.errors.append(&mut other.errors);
    }

    /// The errors as items, to stand beside the user's own.
    pub(crate) fn into_items(self) -> TokenStream {
        let item = |Diagnostic { error, conditions }: &Diagnostic| {
            let conditions = conditions.iter().filter_map(|condition| condition.parse::<TokenStream>().ok());
            let error = error.to_compile_error();
            quote!(#(#[#conditions])* #error)
        };
        self.errors.iter().map(item).collect()
    }

    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<String> {
        self.errors.iter().map(|diagnostic| diagnostic.error.to_string()).collect()
    }
}

/// The source of `tokens`, spaced as people write it, for use inside a message.
pub(crate) fn source(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write_source(tokens.to_token_stream(), &mut text);
    text
}

fn write_source(tokens: TokenStream, text: &mut String) {
    // Between the bars of a closure's arguments.
    let mut is_bar_open = false;
    // How many lists of types are open: `Vec<Option<`.
    let mut lists: usize = 0;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => (" { ", " }"),
                    Delimiter::Bracket if ends_with_keyword(text) => (" [", "]"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write_source(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                let is_closing = punct.as_char() == '|' && is_bar_open;
                if punct.as_char() == '|' {
                    let begins =
                        text.is_empty() || text.trim_end().ends_with(['(', ',', '=', '{']) || text.ends_with("move");
                    is_bar_open = !is_closing && begins;
                }
                let is_alone = punct.spacing() == proc_macro2::Spacing::Alone;
                let is_operator = is_operator(punct.as_char(), text, lists);
                match punct.as_char() {
                    '<' if !is_operator => lists += 1,
                    '>' if !is_operator && !text.ends_with(['-', '=']) => lists = lists.saturating_sub(1),
                    _ => {}
                }
                match punct.as_char() {
                    '|' if is_closing => {}
                    _ if is_operator => text.push(' '),
                    '-' | '&' | '*' if ends_with_keyword(text) => text.push(' '),
                    '!' if !is_alone && ends_with_value(text) => text.push(' '),
                    '=' | '+' | '|' if text.ends_with(|c: char| c.is_alphanumeric()) => text.push(' '),
                    '+' if text.ends_with(')') => text.push(' '),
                    '\'' if text.ends_with(|c: char| c.is_alphanumeric()) => text.push(' '),
                    _ => {}
                }
                text.push(punct.as_char());
                match punct.as_char() {
                    '|' if is_closing => text.push(' '),
                    ',' | ';' => text.push(' '),
                    _ if is_operator && is_alone => text.push(' '),
                    '&' if text.ends_with(" &&") => text.push(' '),
                    '=' | '+' if is_alone => text.push(' '),
                    '>' if text.ends_with("->") || text.ends_with("=>") => text.push(' '),
                    ':' if !text.ends_with("::") && is_alone => text.push(' '),
                    _ => {}
                }
            }
            word => {
                if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

/// Whether a sign stands between two values, and is none of a type's: `n - 1`, `n < 10`.
fn is_operator(sign: char, text: &str, lists: usize) -> bool {
    ends_with_value(text)
        && match sign {
            '-' | '*' | '/' | '%' | '&' => true,
            // A type begins with a capital.
            '<' => !last_word(text).starts_with(char::is_uppercase),
            '>' => lists == 0,
            _ => false,
        }
}

fn ends_with_value(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '"')) && !ends_with_keyword(text)
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// Whether a `[` that follows begins a list, and is no index.
fn ends_with_keyword(text: &str) -> bool {
    matches!(last_word(text), "as" | "dyn" | "else" | "in" | "match" | "mut" | "return")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_is_spaced_as_people_write_it() {
        assert_eq!(
            source(quote!(std::collections::HashMap<String, Vec<u8>>)),
            "std::collections::HashMap<String, Vec<u8>>"
        );
        assert_eq!(source(quote!(&'a mut [u8])), "&'a mut [u8]");
        assert_eq!(source(quote!(impl Fn(u32) -> u32 + Send)), "impl Fn(u32) -> u32 + Send");
        assert_eq!(source(quote!(map(|x, y| x.y()))), "map(|x, y| x.y())");
        assert_eq!(source(quote!(map(|| x))), "map(|| x)");
        assert_eq!(source(quote!(n - 1 < 10 && -n != a * &b)), "n - 1 < 10 && -n != a * &b");
        assert_eq!(source(quote!(f(a > b, x as u8 >= 2, return -1))), "f(a > b, x as u8 >= 2, return -1)");
        assert_eq!(source(quote!(fn() -> Result<u32, Vec<u8>>)), "fn() -> Result<u32, Vec<u8>>");
    }

    #[test]
    fn help_and_note_follow_on_lines_of_their_own() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.report(quote!(x), Message::new("wrong").help("write\nthis").note("because"));
        assert_eq!(diagnostics.texts(), ["wrong\n  = help: write\n          this\n  = note: because"]);
    }
}
