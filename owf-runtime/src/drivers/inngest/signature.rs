//! Signatures: who a request is from, and who an answer is from.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Digest as _;
use sha2::Sha256;

use super::secret::Secret;
use crate::kernel::StepId;

/// How old a signature may be, and how far ahead of this machine's clock.
const AGE_MAX: Duration = Duration::from_secs(5 * 60);

/// Why a request is not taken for the server's. Says nothing of keys, headers or bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// There is no key to check with.
    NoKey,
    /// There is no signature.
    Missing,
    /// What stands there is none.
    Malformed,
    /// It is too old, or of the future.
    Expired,
    /// It was made with another key, or for another body.
    Wrong,
}

impl Unsigned {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Unsigned::NoKey => "no signing key is set: set INNGEST_SIGNING_KEY, or INNGEST_DEV=1 for a dev server",
            Unsigned::Missing => "it has no signature",
            Unsigned::Malformed => "its signature is malformed",
            Unsigned::Expired => "its signature is not of the last five minutes",
            Unsigned::Wrong => "its signature does not fit the key and the body",
        }
    }
}

/// Checks a request's signature with the keys, the first that fits is returned.
pub(super) fn verify<'k>(
    header: Option<&str>,
    body: &[u8],
    keys: impl IntoIterator<Item = &'k Secret>,
    now: SystemTime,
) -> Result<&'k Secret, Unsigned> {
    let mut keys = keys.into_iter().peekable();
    if keys.peek().is_none() {
        return Err(Unsigned::NoKey);
    }
    let (timestamp, signature) = parse(header.ok_or(Unsigned::Missing)?).ok_or(Unsigned::Malformed)?;
    let signed_at = UNIX_EPOCH.checked_add(Duration::from_secs(timestamp)).ok_or(Unsigned::Malformed)?;
    let age = now.duration_since(signed_at).unwrap_or_else(|ahead| ahead.duration());
    if age > AGE_MAX {
        return Err(Unsigned::Expired);
    }
    let canonical = canonical(body);
    let body = canonical.as_deref().unwrap_or(body);
    // Each comparison takes the same time wherever the texts differ.
    keys.find(|key| mac(key, body, timestamp).verify_slice(&signature).is_ok()).ok_or(Unsigned::Wrong)
}

/// Signs an answer, as it is sent.
pub(super) fn sign(key: &Secret, body: &[u8], now: SystemTime) -> String {
    let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("t={timestamp}&s={}", hex(&mac(key, body, timestamp).finalize().into_bytes()))
}

fn mac(key: &Secret, body: &[u8], timestamp: u64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(without_prefix(key.expose()).as_bytes())
        .expect("this MAC takes keys of every length");
    mac.update(body);
    mac.update(itoa::Buffer::new().format(timestamp).as_bytes());
    mac
}

/// The time and the signature of `t=..&s=..`, in whatever order.
fn parse(header: &str) -> Option<(u64, [u8; 32])> {
    let (mut timestamp, mut signature) = (None, None);
    for part in header.split('&') {
        match part.split_once('=')? {
            ("t", value) if timestamp.is_none() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                timestamp = Some(value.parse().ok()?);
            }
            ("s", value) if signature.is_none() => signature = Some(unhex(value)?),
            ("t" | "s", _) => return None,
            _ => {}
        }
    }
    Some((timestamp?, signature?))
}

/// The body as RFC 8785 writes it, which is what the server signs; `None` if it is no JSON, and is signed as it stands.
fn canonical(body: &[u8]) -> Option<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    serde_json_canonicalizer::to_vec(&value).ok()
}

/// The key as it is sent to the server: its digest, after the prefix. Like every SDK it takes the key for hexadecimal digits.
pub(super) fn hashed_key(key: &Secret) -> String {
    let key = key.expose();
    let (prefix, key) = key.split_at(key.len() - without_prefix(key).len());
    let digest = match unhex_all(key) {
        Some(bytes) => Sha256::digest(bytes),
        None => Sha256::digest(key.as_bytes()),
    };
    format!("{prefix}{}", hex(&digest))
}

/// The digest of an event key.
pub(super) fn hashed_event_key(key: &Secret) -> String {
    hex(&Sha256::digest(key.expose().as_bytes()))
}

/// What a step's ID is on the wire.
pub(super) fn step_hash(id: &str) -> StepId {
    StepId::from(hex(&sha1::Sha1::digest(id.as_bytes())))
}

/// `signkey-prod-1234` without `signkey-prod-`.
fn without_prefix(key: &str) -> &str {
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match key.strip_prefix("signkey-").and_then(|rest| rest.split_once('-')) {
        Some((environment, rest)) if is_word(environment) => rest,
        _ => key,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    unhex_all(text)?.try_into().ok()
}

fn unhex_all(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"b": 1.0, "a": "x"}"#;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn key(text: &str) -> Secret {
        Secret::new(text).expect("a key")
    }

    fn signed(key: &Secret, seconds: u64) -> String {
        sign(key, br#"{"a":"x","b":1}"#, at(seconds))
    }

    #[test]
    fn the_key_of_the_specification_is_hashed_as_it_says() {
        let hashed = hashed_key(&key("signkey-prod-12345678"));
        assert_eq!(hashed, "signkey-prod-b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c");
    }

    #[test]
    fn a_step_is_hashed_as_the_specification_says() {
        assert_eq!(step_hash("my-step-id"), "e7d8a2f140845095749d60246ff1110c9d01d76a");
    }

    #[test]
    fn a_signature_over_the_canonical_body_is_accepted() {
        let key = key("signkey-test-1234abcd");
        assert_eq!(verify(Some(&signed(&key, 1000)), BODY, [&key], at(1000)).map(Secret::expose), Ok(key.expose()));
    }

    #[test]
    fn a_prefix_makes_no_difference() {
        let (long, short) = (key("signkey-branch_1-1234"), key("1234"));
        assert!(verify(Some(&signed(&short, 1000)), BODY, [&long], at(1000)).is_ok());
        assert_eq!(without_prefix("signkey-a-b-c"), "b-c");
        assert_eq!(without_prefix("signkey-a"), "signkey-a");
    }

    #[test]
    fn the_fallback_key_is_tried() {
        let (first, second) = (key("aa"), key("bb"));
        let used = verify(Some(&signed(&second, 1000)), BODY, [&first, &second], at(1000));
        assert_eq!(used.map(Secret::expose), Ok("bb"));
    }

    #[test]
    fn a_signature_holds_for_five_minutes() {
        let key = key("aa");
        let header = signed(&key, 1000);
        for (now, expected) in [(1300, true), (1301, false), (700, true), (699, false)] {
            let verdict = verify(Some(&header), BODY, [&key], at(now));
            assert_eq!(verdict.is_ok(), expected, "{now}");
            assert!(expected || verdict.is_err_and(|error| error == Unsigned::Expired));
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let key = key("aa");
        let good = signed(&key, 1000);
        let of = |header: &str| verify(Some(header), BODY, [&key], at(1000)).map(|_| ());
        assert_eq!(of(&good), Ok(()));
        for header in
            ["", "t=1000", "s=00", "t=1000&s=zz", "t=+1000&s=00", &good[..good.len() - 2], &format!("{good}00")]
        {
            assert_eq!(of(header), Err(Unsigned::Malformed), "{header}");
        }
        assert_eq!(of(&format!("{good}&t=1000")), Err(Unsigned::Malformed), "a part that is there twice");
        assert_eq!(of(&good.replace("t=1000", "t=1001")), Err(Unsigned::Wrong));
        assert_eq!(of(&format!("t={}&s={}", u64::MAX, "0".repeat(64))), Err(Unsigned::Malformed));
        assert_eq!(verify(None, BODY, [&key], at(1000)).map(|_| ()), Err(Unsigned::Missing));
        assert_eq!(verify(Some(&good), b"{}", [&key], at(1000)).map(|_| ()), Err(Unsigned::Wrong));
        assert_eq!(verify(Some(&good), BODY, [], at(1000)).map(|_| ()), Err(Unsigned::NoKey));
    }

    #[test]
    fn a_body_that_is_no_json_is_signed_as_it_stands() {
        let key = key("aa");
        let header = sign(&key, b"not json", at(1000));
        assert!(verify(Some(&header), b"not json", [&key], at(1000)).is_ok());
    }
}
