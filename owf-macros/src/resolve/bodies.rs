//! Takes the bodies of functions out of a file's text, so that only what stands around them is parsed.
//!
//! Tokens cost far more than bytes. So this reads bytes, and knows no more of the language than where comments, strings and
//! braces end. What it gets wrong is parsed as it stands.

use proc_macro2::{Group, TokenTree};

/// The suffix of the numbers that stand for bodies: it begins with no letter that means something in a number.
pub(super) const DEFERRED: &str = "deferred";

/// The number that a pair of braces has in it, if that stands for a body.
pub(super) fn deferred_number(group: &Group) -> Option<usize> {
    let mut tokens = group.stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(number)), None) => number.to_string().strip_suffix(DEFERRED)?.parse().ok(),
        _ => None,
    }
}

/// A body that is not parsed yet.
pub(super) struct Deferred {
    /// With its braces.
    pub(super) text: String,
    pub(super) lines: (usize, usize),
    pub(super) file: usize,
}

/// Puts a number in place of each function's body, and keeps the lines. The numbers begin with `first_number`.
pub(super) fn defer_bodies(text: &str, first_number: usize) -> (String, Vec<Deferred>) {
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0, line: 1 };
    let (mut rest, mut bodies, mut copied) = (String::with_capacity(text.len() / 2), Vec::new(), 0);
    // The nesting of parentheses and brackets; whether a function has begun, and at which nesting.
    let (mut nesting, mut function) = (0usize, None);
    while let Some(part) = scan.next() {
        match part {
            Part::Function => function = Some(nesting),
            Part::Open => nesting += 1,
            Part::Close => nesting = nesting.saturating_sub(1),
            Part::Semicolon if function == Some(nesting) => function = None,
            Part::Brace if function == Some(nesting) => {
                let (from, first) = (scan.at - 1, scan.line);
                let mut body = Scan { text, bytes: scan.bytes, at: scan.at, line: scan.line };
                let is_closed = body.skip_braces();
                if !is_closed || body.is_in_generics() {
                    continue;
                }
                function = None;
                rest.push_str(text.get(copied..from).unwrap_or_default());
                rest.push_str(&format!(
                    "{{{}{DEFERRED}{}}}",
                    first_number + bodies.len(),
                    "\n".repeat(body.line - first)
                ));
                let code = text.get(from..body.at).unwrap_or_default().to_owned();
                bodies.push(Deferred { text: code, lines: (first, body.line), file: 0 });
                (copied, scan) = (body.at, body);
            }
            Part::Brace | Part::End | Part::Semicolon => {}
        }
    }
    rest.push_str(text.get(copied..).unwrap_or_default());
    (rest, bodies)
}

/// What matters of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `fn name`
    Function,
    /// `(` or `[`
    Open,
    Close,
    /// `{`
    Brace,
    /// `}`
    End,
    Semicolon,
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Scan<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn bump(&mut self) {
        self.line += usize::from(self.byte(0) == b'\n');
        self.at += 1;
    }

    /// The next part that matters, behind which the scan stands then.
    fn next(&mut self) -> Option<Part> {
        loop {
            self.skip_plain();
            let part = match self.byte(0) {
                b'(' | b'[' => Part::Open,
                b')' | b']' => Part::Close,
                b'{' => Part::Brace,
                b'}' => Part::End,
                b';' => Part::Semicolon,
                b'/' if matches!(self.byte(1), b'/' | b'*') => {
                    self.skip_comment();
                    continue;
                }
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'\'' => {
                    self.skip_quote();
                    continue;
                }
                byte if is_word(byte) => {
                    if self.skip_word() {
                        return Some(Part::Function);
                    }
                    continue;
                }
                _ if self.at >= self.bytes.len() => return None,
                _ => {
                    self.at += 1;
                    continue;
                }
            };
            self.at += 1;
            return Some(part);
        }
    }

    /// Skips what never matters, which is most of a text: spaces, operators, and words that begin neither a function nor a raw string.
    ///
    /// This is compiled without optimization, where a pattern costs far less than a call.
    fn skip_plain(&mut self) {
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut is_in_word = false;
        while let [byte, after @ ..] = rest {
            match byte {
                b'f' | b'r' | b'b' | b'c' if !is_in_word => break,
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => is_in_word = true,
                b'\n' => (self.line, is_in_word) = (self.line + 1, false),
                b'(' | b')' | b'[' | b']' | b'{' | b'}' | b';' | b'/' | b'"' | b'\'' => break,
                _ => is_in_word = false,
            }
            rest = after;
        }
        self.at = self.bytes.len() - rest.len();
    }

    /// Skips to behind the brace that closes the one before.
    fn skip_braces(&mut self) -> bool {
        let mut depth = 1usize;
        while let Some(part) = self.next() {
            match part {
                Part::Brace => depth += 1,
                Part::End => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return true;
            }
        }
        false
    }

    /// Whether the braces were an argument: `Buffer<{ SIZE }>`.
    fn is_in_generics(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default().trim_start();
        rest.starts_with(['>', ','])
    }

    /// Skips a word, or a raw string that begins like one; true for the `fn` of a function with a name.
    fn skip_word(&mut self) -> bool {
        let from = self.at;
        // Most bytes are of words, and this is compiled without optimization.
        while let Some(byte) = self.bytes.get(self.at)
            && is_word(*byte)
        {
            self.at += 1;
        }
        let word = self.bytes.get(from..self.at).unwrap_or_default();
        if matches!(word, b"r" | b"br" | b"cr") && matches!(self.byte(0), b'"' | b'#') {
            self.skip_raw_string();
        }
        word == b"fn" && self.byte(0).is_ascii_whitespace() && {
            let next = self.text.get(self.at..).unwrap_or_default().trim_start();
            next.bytes().next().is_some_and(is_word)
        }
    }

    fn skip_raw_string(&mut self) {
        let mut hashes = 0;
        while self.byte(hashes) == b'#' {
            hashes += 1;
        }
        if self.byte(hashes) != b'"' {
            // `r#name`
            return;
        }
        (0..=hashes).for_each(|_| self.bump());
        while self.at < self.bytes.len() {
            let closes = self.byte(0) == b'"' && (1..=hashes).all(|ahead| self.byte(ahead) == b'#');
            self.bump();
            if closes {
                self.at += hashes;
                return;
            }
        }
    }

    fn skip_string(&mut self) {
        self.bump();
        while self.at < self.bytes.len() {
            let byte = self.byte(0);
            self.bump();
            match byte {
                b'\\' => self.bump(),
                b'"' => return,
                _ => {}
            }
        }
    }

    /// A character, or a lifetime.
    fn skip_quote(&mut self) {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let mut chars = rest.char_indices();
        match (chars.next(), chars.next()) {
            (Some((_, '\\')), _) => {
                self.at += 3;
                while self.at < self.bytes.len() && self.byte(0) != b'\'' {
                    self.bump();
                }
                self.at += 1;
            }
            (Some(_), Some((behind, '\''))) => self.at += behind + 2,
            _ => self.at += 1,
        }
    }

    fn skip_comment(&mut self) {
        if self.byte(1) == b'/' {
            while self.at < self.bytes.len() && self.byte(0) != b'\n' {
                self.at += 1;
            }
            return;
        }
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth = depth.saturating_sub(1),
                _ => {
                    self.bump();
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return;
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<String> {
        let (rest, bodies) = defer_bodies(text, 0);
        assert_eq!(rest.lines().count(), text.lines().count(), "{rest}");
        bodies.into_iter().map(|body| body.text).collect()
    }

    #[test]
    fn bodies_are_taken_out_and_lines_are_kept() {
        let text = "fn a() -> [u8; 3] {\n  x(\"}\")\n}\nmod m { impl T { fn b<'a>(&'a self) { '}' } } }\n";
        let (rest, found) = defer_bodies(text, 0);
        assert_eq!(rest, "fn a() -> [u8; 3] {0deferred\n\n}\nmod m { impl T { fn b<'a>(&'a self) {1deferred} } }\n");
        assert_eq!(found[0].lines, (1, 3));
        assert_eq!(found[1].text, "{ '}' }");
    }

    #[test]
    fn strings_comments_and_characters_hide_braces() {
        assert_eq!(bodies("fn a() { \"\\\"}\" }"), ["{ \"\\\"}\" }"]);
        assert_eq!(bodies("fn a() { r#\"}\"}\"# }"), ["{ r#\"}\"}\"# }"]);
        assert_eq!(bodies("fn a() { /* } /* } */ } */ }"), ["{ /* } /* } */ } */ }"]);
        assert_eq!(bodies("fn a() { // }\n }"), ["{ // }\n }"]);
        assert_eq!(bodies("fn a() { '\\'' ; b'}' ; '{'; 'a: loop {} }"), ["{ '\\'' ; b'}' ; '{'; 'a: loop {} }"]);
        assert_eq!(bodies("// fn a() { }\n/* fn b() {} */ \"fn c() {}\""), [""; 0]);
    }

    #[test]
    fn what_is_no_body_stays() {
        assert_eq!(bodies("trait T { fn a(); } struct S { f: fn(u32) -> u32 } static F: fn() = || { x };"), [""; 0]);
        assert_eq!(bodies("fn a() -> Buffer<{ SIZE }> { x }"), ["{ x }"]);
        assert_eq!(bodies("fn a() -> impl Iterator<Item = u32> { x }"), ["{ x }"]);
        assert_eq!(bodies("fn a() { x"), [""; 0]);
    }
}
