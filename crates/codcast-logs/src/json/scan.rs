//! A fast way through one line of JSON: what is not needed is checked and passed over, the rest is shown
//! as it stands in the text.
//!
//! Whatever is not plain (bare `NaN`, escapes in keys, damage, deep nesting) ends the scan with `None`:
//! the caller then takes the way through `serde_json`, which reads it or says what is wrong. What a scan
//! takes, `serde_json` takes as well.

use super::stream::strict;
use super::value::Value;

/// Open objects and arrays: one bit each.
const MAX_OPEN: u32 = 127;
/// Integers of so many digits are their own text, exact as floating-point numbers.
const PLAIN_DIGITS: usize = 15;

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw<'t> {
    Null,
    Bool(bool),
    /// A number, as it is written.
    Number(&'t str),
    /// A text without escapes.
    Text(&'t str),
    /// A text with escapes, an array or an object.
    Other(&'t [u8]),
}

impl<'t> Raw<'t> {
    /// The value; `None` where it is none that can be held.
    pub(crate) fn value(self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) if is_plain(number) => Value::Number(number.parse().ok()?),
            Self::Text(text) => Value::Text(text.into()),
            Self::Number(number) => strict(number.as_bytes(), &[]).ok()?,
            Self::Other(text) => strict(text, &[]).ok()?,
        })
    }

    /// The number, if it is one and finite.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => number.parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// A name or id as text, empty for null; `None` where it takes more to say what it is.
    pub(crate) fn plain_text(self) -> Option<&'t str> {
        match self {
            Self::Null => Some(""),
            Self::Text(text) => Some(text),
            Self::Number(number) if is_plain(number) => Some(number),
            _ => None,
        }
    }
}

fn is_plain(number: &str) -> bool {
    number.len() <= PLAIN_DIGITS && number.bytes().all(|b| b.is_ascii_digit())
}

/// Shows the fields of the object that a text holds. `each` must go over the field's value.
pub(crate) fn fields<'t>(
    text: &'t [u8],
    mut each: impl FnMut(&'t str, &mut Scan<'t>) -> Option<()>,
) -> Option<()> {
    let mut scan = Scan { text, at: 0 };
    if scan.byte()? != b'{' {
        return None;
    }
    if !scan.closes(b'}') {
        loop {
            each(scan.key()?, &mut scan)?;
            match scan.byte()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
    }
    scan.space();
    (scan.at == text.len()).then_some(())
}

/// A place in a text, before a value.
pub(crate) struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scan<'t> {
    /// Goes over a value and shows it.
    pub(crate) fn raw(&mut self) -> Option<Raw<'t>> {
        self.space();
        let start = self.at;
        Some(match self.text.get(start)? {
            b'"' => {
                self.at += 1;
                match self.content()? {
                    (content, false) => Raw::Text(std::str::from_utf8(content).ok()?),
                    _ => Raw::Other(&self.text[start..self.at]),
                }
            }
            b'{' | b'[' => {
                self.skip()?;
                Raw::Other(&self.text[start..self.at])
            }
            b'-' | b'0'..=b'9' => Raw::Number(self.number()?),
            b't' => self.word(b"true").map(|()| Raw::Bool(true))?,
            b'f' => self.word(b"false").map(|()| Raw::Bool(false))?,
            _ => self.word(b"null").map(|()| Raw::Null)?,
        })
    }

    /// Goes into an array; false, without a step, if the value is none.
    pub(crate) fn enters_list(&mut self) -> bool {
        self.space();
        let is_list = self.text.get(self.at) == Some(&b'[');
        self.at += usize::from(is_list);
        is_list
    }

    /// Goes over the rest of an array, of whose items `each` goes over one at a time.
    pub(crate) fn items(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.closes(b']') {
            return Some(());
        }
        loop {
            each(self)?;
            match self.byte()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Goes over a value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        // What is open, the innermost last: 1 an object, 0 an array.
        let (mut open, mut depth) = (0_u128, 0);
        loop {
            match self.byte()? {
                b'"' => drop(self.content()?),
                start @ (b'{' | b'[') => {
                    let is_object = start == b'{';
                    if depth == MAX_OPEN {
                        return None;
                    }
                    if !self.closes(if is_object { b'}' } else { b']' }) {
                        open = open << 1 | u128::from(is_object);
                        depth += 1;
                        if is_object {
                            self.pass_key()?;
                        }
                        continue;
                    }
                }
                first => {
                    self.at -= 1;
                    match first {
                        b't' => self.word(b"true")?,
                        b'f' => self.word(b"false")?,
                        b'n' => self.word(b"null")?,
                        _ => drop(self.number()?),
                    }
                }
            }
            // After a value.
            loop {
                if depth == 0 {
                    return Some(());
                }
                match (self.byte()?, open & 1 == 1) {
                    (b',', false) => break,
                    (b',', true) => {
                        self.pass_key()?;
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        open >>= 1;
                        depth -= 1;
                    }
                    _ => return None,
                }
            }
        }
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is no space.
    fn byte(&mut self) -> Option<u8> {
        self.space();
        let byte = *self.text.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Goes over an end, if it comes next.
    fn closes(&mut self, end: u8) -> bool {
        self.space();
        let closes = self.text.get(self.at) == Some(&end);
        self.at += usize::from(closes);
        closes
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<&'t str> {
        let (b'"', (key, false)) = (self.byte()?, self.content()?) else { return None };
        let key = std::str::from_utf8(key).ok()?;
        (self.byte()? == b':').then_some(key)
    }

    fn pass_key(&mut self) -> Option<()> {
        let (b'"', _) = (self.byte()?, self.content()?) else { return None };
        (self.byte()? == b':').then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_here = self.text[self.at..].starts_with(word);
        self.at += word.len();
        is_here.then_some(())
    }

    /// What is between the quotes, as it is written, and whether that has escapes. The opening quote is
    /// behind.
    fn content(&mut self) -> Option<(&'t [u8], bool)> {
        let (start, mut escaped) = (self.at, false);
        loop {
            let rest = self.text.get(self.at..)?;
            let stop = memchr::memchr2(b'"', b'\\', rest)?;
            // Control characters must be escaped. (The lowest byte is found many at a time.)
            if rest[..stop].iter().fold(u8::MAX, |low, byte| low.min(*byte)) < b' ' {
                return None;
            }
            self.at += stop + 1;
            if rest[stop] == b'"' {
                return Some((&self.text[start..self.at - 1], escaped));
            }
            escaped = true;
            match self.text.get(self.at)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                b'u' => {
                    let digits = self.text.get(self.at + 1..self.at + 5)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.at += 5;
                }
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<&'t str> {
        let start = self.at;
        self.at += usize::from(self.text.get(self.at) == Some(&b'-'));
        match self.digits() {
            0 => return None,
            1 => {}
            // No zero before other digits.
            n if self.text[self.at - n] == b'0' => return None,
            _ => {}
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return None;
            }
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return None;
            }
        }
        std::str::from_utf8(&self.text[start..self.at]).ok()
    }

    /// Goes over digits, and says how many.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::parse;

    /// The object's fields as values; `None` where it takes the other way.
    fn scanned(text: &[u8]) -> Option<Value> {
        let mut entries = Vec::new();
        fields(text, |key, scan| {
            entries.push((key.into(), scan.raw()?.value()?));
            Some(())
        })?;
        Some(Value::Object(entries))
    }

    fn passed_over(text: &[u8]) -> bool {
        fields(text, |_, scan| scan.skip()).is_some()
    }

    const PLAIN: &[&str] = &[
        r#"{"a": 1, "b": [], "c": {}, "d": [1, [2.5e-3, {"x": "y"}], true], "e": -0, "f": null}"#,
        r#"{"a":"\u00e9\n\"","b":false,"c":"é","d":12345678901234567890,"e":0.1,"f":1E+2}"#,
        " { } ",
        r#"{"a": "\\", "b": {"c": "\"}"}, "b": 9007199254740993}"#,
    ];

    #[test]
    fn what_is_plain_is_read_as_serde_json_reads_it() {
        for text in PLAIN {
            let scanned = scanned(text.as_bytes());
            assert_eq!(scanned.as_ref(), parse(text.as_bytes(), &[]).ok().as_ref(), "{text}");
            assert!(scanned.is_some() && passed_over(text.as_bytes()));
        }
        let plain = |text: &'static str| Raw::Number(text).plain_text();
        assert_eq!(
            (plain("12"), plain("1.0"), plain("-0"), plain("1e3")),
            (Some("12"), None, None, None)
        );
    }

    #[test]
    fn what_is_not_plain_goes_the_other_way() {
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(200), "]".repeat(200));
        let texts = [
            "[1]",
            "{\"a\": NaN}",
            "{\"a\": -Infinity}",
            "{\"a\\n\": 1}",
            "{\"a\": 01}",
            "{\"a\": 1.}",
            "{\"a\": .5}",
            "{\"a\": +1}",
            "{\"a\": 1e}",
            "{\"a\": \"\t\"}",
            "{\"a\": \"\\x\"}",
            "{\"a\": \"\\u12g4\"}",
            "{\"a\": [1,]}",
            "{\"a\": 1,}",
            "{\"a\" 1}",
            "{\"a\": [1}",
            "{\"a\": {]}",
            "{\"a\": tru}",
            "{\"a\": nul",
            "{\"a\": 1} x",
            "{\"a\": \"",
            "{\"a\": \"\\",
            "{",
            "",
            "{\"a\": [",
            &deep,
        ];
        for text in texts {
            assert!(scanned(text.as_bytes()).is_none(), "{text}");
            assert!(!passed_over(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Damage to plain texts: what the scan still takes, `serde_json` takes, and for the same.
        #[test]
        fn what_is_taken_is_what_serde_json_takes(
            which in 0..PLAIN.len(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(
                br#"{}[]":,\0159.eE+-truefalsn u"#.to_vec()), 0..3_u8), 1..5),
        ) {
            let mut text = PLAIN[which].as_bytes().to_vec();
            for (at, byte, how) in damage {
                let at = at.index(text.len());
                match how {
                    0 => text[at] = byte,
                    1 => text.insert(at, byte),
                    _ => drop(text.remove(at)),
                }
            }
            let serde: Result<serde_json::Value, _> = serde_json::from_slice(&text);
            if let Some(value) = scanned(&text) {
                prop_assert_eq!(Some(value), strict(&text, &[]).ok());
            }
            let ignored: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&text);
            if passed_over(&text) {
                prop_assert!(ignored.is_ok());
            } else {
                // Nothing plain is refused: only keys with escapes take the other way.
                prop_assert!(serde.map_or(true, |value| !value.is_object() || text.contains(&b'\\')));
            }
        }
    }
}
