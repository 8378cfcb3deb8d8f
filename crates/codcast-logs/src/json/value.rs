//! A JSON value, and the table of fields that an importer reads from it.

use crate::error::{At, Error, Result};

/// Integers up to this size, 2^53, are exact as floating-point numbers.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// A value from a log. `NaN` and infinities are read as [`Value::Null`].
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, `NaN`, `Infinity`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number but those of [`Value::Whole`].
    Number(f64),
    /// An integer beyond 2^53, with all its digits: only ids are so large.
    Whole(i128),
    /// A text.
    Text(Box<str>),
    /// An array.
    List(Vec<Value>),
    /// An object, in the file's order; a repeated key is there repeatedly.
    Object(Vec<(Box<str>, Value)>),
}

impl Value {
    /// The value of a key, if this is an object that has it. Of a repeated key the last counts, as in
    /// Python.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => {
                entries.iter().rev().find(|(k, _)| &**k == key).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one (not a text that reads like one: see [`loose_number`]).
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Whole(whole) => Some(*whole as f64),
            _ => None,
        }
    }

    /// An integer: a number, unless it is too large to be exact as one.
    pub(super) fn integer(integer: i128) -> Self {
        if integer.unsigned_abs() > MAX_EXACT as u128 {
            Self::Whole(integer)
        } else {
            Self::Number(integer as f64)
        }
    }

    /// `true` or `false`, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A whole number from 0 to 2^53.
    pub fn count(&self) -> Option<u64> {
        self.number()
            .filter(|n| n.fract() == 0.0 && (0.0..=MAX_EXACT).contains(n))
            .map(|n| n as u64)
    }

    /// The items, if it is an array.
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Keys and values in the file's order; none if it is not an object.
    pub fn entries(&self) -> &[(Box<str>, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    /// An id as text: a text that is not empty, or an integer in decimal.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text.to_string()),
            Self::Number(n) if n.fract() == 0.0 && n.abs() <= MAX_EXACT => Some(format!("{n:.0}")),
            Self::Whole(whole) => Some(whole.to_string()),
            _ => None,
        }
    }

    /// What it is, for messages: kind and, for small values, content.
    pub fn described(&self) -> String {
        match self {
            Self::Null => "null or NaN".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Whole(whole) => whole.to_string(),
            Self::Text(text) => format!("the text {text:?}"),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Object(entries) => format!("an object of {} keys", entries.len()),
        }
    }
}

/// A score as harnesses write it: a number, a boolean, or a text that reads like one (`"True"`,
/// `"0.25"`, `"np.float64(0.5)"`, `"np.True_"`). `None` for anything else, NaN included.
pub fn loose_number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Number(_) | Value::Whole(_) => value.number(),
        Value::Text(text) => {
            let text = text.trim();
            let inner = text.strip_prefix("np.").or_else(|| text.strip_prefix("numpy.")).map_or(
                text,
                |rest| {
                    let content = rest.split_once('(').and_then(|(_, c)| c.strip_suffix(')'));
                    content.unwrap_or(rest).trim_end_matches('_')
                },
            );
            match inner {
                "True" | "true" => Some(1.0),
                "False" | "false" => Some(0.0),
                // Rust reads "inf" and "nan" as numbers; a log that has them has no score.
                number => number.parse().ok().filter(|n: &f64| n.is_finite()),
            }
        }
        _ => None,
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text or an integer that identifies something.
    Id,
    /// A number.
    Number,
    /// A whole number, zero or more.
    Count,
    /// A number, boolean, or text that reads like one: [`loose_number`].
    Score,
    /// `true` or `false`.
    Bool,
    /// An array.
    List,
    /// An object.
    Object,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.text().is_some(),
            Self::Id => value.id().is_some(),
            Self::Number => value.number().is_some(),
            Self::Count => value.count().is_some(),
            Self::Score => loose_number(value).is_some(),
            Self::Bool => value.bool().is_some(),
            Self::List => value.list().is_some(),
            Self::Object => matches!(value, Value::Object(_)),
        }
    }

    /// As messages name it.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Id => "a text or an integer",
            Self::Number => "a number",
            Self::Count => "a whole number, zero or more",
            Self::Score => "a number or a boolean",
            Self::Bool => "true or false",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// One row of a format's table of fields: where a value is and what it must be.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Keys from the root of the record.
    pub path: &'static [&'static str],
    /// What it holds.
    pub kind: Kind,
    /// Whether a record without it is an error. A null counts as absent.
    pub required: bool,
}

impl Field {
    /// A field that must be there.
    pub const fn required(path: &'static [&'static str], kind: Kind) -> Self {
        Self { path, kind, required: true }
    }

    /// A field that may be absent or null.
    pub const fn optional(path: &'static [&'static str], kind: Kind) -> Self {
        Self { path, kind, required: false }
    }

    /// The field's value in a record: `None` where it is optional and absent or null.
    ///
    /// `at` is called for the place of an error.
    pub fn of<'v>(&self, record: &'v Value, at: impl Fn() -> At) -> Result<Option<&'v Value>> {
        let name = || self.path.join(".");
        match record.at(self.path) {
            None if self.required => Err(Error::missing(at(), &name(), self.kind.expected())),
            Some(Value::Null) if self.required => {
                Err(Error::field(at(), &name(), "null or NaN", self.kind.expected()))
            }
            None | Some(Value::Null) => Ok(None),
            Some(value) if self.kind.fits(value) => Ok(Some(value)),
            Some(value) => {
                Err(Error::field(at(), &name(), &value.described(), self.kind.expected()))
            }
        }
    }

    /// The field's text, id (as text) or `None`.
    pub fn text_of(&self, record: &Value, at: impl Fn() -> At) -> Result<Option<String>> {
        Ok(self.of(record, at)?.and_then(Value::id))
    }

    /// The field's number, by [`loose_number`].
    pub fn number_of(&self, record: &Value, at: impl Fn() -> At) -> Result<Option<f64>> {
        Ok(self.of(record, at)?.and_then(loose_number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Value {
        crate::json::parse(text.as_bytes(), &[]).unwrap()
    }

    #[test]
    fn values_are_found_by_path_and_the_last_of_a_repeated_key_counts() {
        let value = parse(r#"{"a":{"b":[1,"x",true]},"a":{"b":2}}"#);
        assert_eq!(value.at(&["a", "b"]).and_then(Value::number), Some(2.0));
        assert_eq!(value.at(&["a", "c"]), None);
        assert_eq!(Value::Number(7.0).id().as_deref(), Some("7"));
        assert_eq!(Value::Number(7.5).id(), None);
        // 2^53 and the next integers: as floating-point numbers two of them would be one.
        let id = |text: &str| parse(text).id();
        for exact in ["9007199254740992", "9007199254740993", "-9007199254740993"] {
            assert_eq!(id(exact).as_deref(), Some(exact));
        }
        assert_eq!(id("1234567890123456").as_deref(), Some("1234567890123456"));
        assert_eq!(id("18446744073709551615").as_deref(), Some("18446744073709551615"));
        // Too long to be kept exactly: no id rather than another one.
        assert_eq!(id("100000000000000000001"), None);
        assert_eq!(parse("9007199254740993").number(), Some(9_007_199_254_740_992.0));
    }

    #[test]
    fn scores_may_be_texts_of_python_values() {
        let read = |text: &str| loose_number(&Value::Text(text.into()));
        assert_eq!(read("True"), Some(1.0));
        assert_eq!(read("0.25"), Some(0.25));
        assert_eq!(read("np.float64(0.5)"), Some(0.5));
        assert_eq!(read("np.False_"), Some(0.0));
        assert_eq!(read("nan"), None);
        assert_eq!(read("inf"), None);
        assert_eq!(read("C"), None);
    }

    #[test]
    fn a_field_says_what_it_found_and_what_it_expected() {
        let field = Field::required(&["a", "b"], Kind::Count);
        let at = || At::line("f", 3);
        let error = |text: &str| field.of(&parse(text), at).unwrap_err().to_string();
        let expected = "expected a whole number, zero or more";
        assert_eq!(error("{}"), format!("f, line 3: a.b is missing; {expected}"));
        assert_eq!(error(r#"{"a":{"b":-1}}"#), format!("f, line 3: a.b is -1; {expected}"));
        assert_eq!(
            error(r#"{"a":{"b":NaN}}"#),
            format!("f, line 3: a.b is null or NaN; {expected}")
        );
        assert_eq!(field.number_of(&parse(r#"{"a":{"b":4}}"#), at).unwrap(), Some(4.0));
    }
}
