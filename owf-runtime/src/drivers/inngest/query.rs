//! The part of an address behind the question mark.

use std::fmt::Write as _;

/// The value of a parameter, the first one of that name.
pub(super) fn value(query: Option<&str>, name: &str) -> Option<String> {
    query?
        .split('&')
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| decode(value))
}

/// The parameters other than these.
pub(super) fn without(query: Option<&str>, names: &[&str]) -> String {
    let parts = query.unwrap_or_default().split('&').filter(|part| !part.is_empty());
    let kept = parts.filter(|part| !names.contains(&part.split_once('=').map_or(*part, |(key, _)| key)));
    kept.collect::<Vec<_>>().join("&")
}

/// A value as it stands in an address.
pub(super) fn encode(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'*') {
            text.push(char::from(byte));
        } else {
            // Writing to a text never fails.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                rest = tail;
                bytes.push(digit(*high).unwrap_or_default() << 4 | digit(*low).unwrap_or_default());
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        for text in ["app-fn", "a b", "ä&=?%", "100%"] {
            assert_eq!(value(Some(&format!("x=1&fnId={}", encode(text))), "fnId").as_deref(), Some(text));
        }
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        assert_eq!(value(Some("a=%zz%4"), "a").as_deref(), Some("%zz%4"));
        assert_eq!(value(Some("b"), "b"), None);
        assert_eq!(value(None, "b"), None);
    }

    #[test]
    fn parameters_are_left_out_by_name() {
        assert_eq!(without(Some("deployId=1&token=x&probe"), &["deployId", "probe"]), "token=x");
        assert_eq!(without(None, &["a"]), "");
    }
}
