//! Whole documents and parts of them, an item at a time.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::python::{PythonJson, without_nan};
use super::value::Value;
use crate::error::{At, Error, Result};

/// Values of one record, counted with those inside them: more is no record of a harness.
const MAX_VALUES: u64 = 4_000_000;
/// Bytes of the texts held of one record.
const MAX_HELD_BYTES: u64 = 128 << 20;

/// How to go through a document.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'p> {
    /// Keys from the root to the array or object whose items are handed out one by one; empty: the
    /// root itself. A document without it hands out nothing.
    pub items: &'p [&'p str],
    /// Keys, at any depth, whose values are passed over: prompts and generations. Within a `value`
    /// (which holds scores by any name) nothing is skipped, and none of the keys of [`NAMED`].
    pub skip: &'p [&'p str],
}

/// One item of the array or object that is streamed.
#[derive(Debug)]
pub struct Entry {
    /// Position, counted from 0.
    pub index: u64,
    /// Its key, in an object.
    pub key: Option<Box<str>>,
    /// Its content without what is skipped.
    pub value: Value,
}

/// Reads one JSON text held in memory, e.g. a line.
///
/// The message of an error has no place; the caller knows it.
pub fn parse(text: &[u8], skip: &[&str]) -> Result<Value, Box<str>> {
    match strict(text, skip) {
        Ok(value) => Ok(value),
        // Only a text that is not JSON can have a bare NaN, so that most texts are read once.
        Err(_) => {
            let clean = without_nan(text).map_err(|error| error.to_string())?;
            strict(&clean, skip).map_err(|error| error.to_string().into())
        }
    }
}

/// [`parse`], of what is JSON to the letter.
pub(super) fn strict(text: &[u8], skip: &[&str]) -> serde_json::Result<Value> {
    let limits = Limits::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Held::new(skip, &limits).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Goes through a document of any size: hands out the items of `plan.items` one by one and returns
/// the rest of it (with an empty list or object, or null, in place of the items).
///
/// An error of `each` ends the reading and is returned as it is.
pub fn stream<R: Read>(
    reader: R,
    file: &str,
    plan: &Plan<'_>,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<Value> {
    let limits = Limits::default();
    let failure = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_reader(
        std::io::BufReader::with_capacity(1 << 16, PythonJson::new(reader)),
    );
    let walk = Walk {
        path: plan.items,
        skip: plan.skip,
        each: &RefCell::new(each),
        failure: &failure,
        limits: &limits,
    };
    let outcome = walk.deserialize(&mut deserializer);
    let outcome = outcome.and_then(|value| deserializer.end().map(|()| value));
    match (failure.into_inner(), outcome) {
        (Some(error), _) => Err(error),
        (None, Ok(value)) => Ok(value),
        (None, Err(error)) if error.is_io() => {
            let message = error.to_string();
            let error = std::io::Error::from(error);
            if error.kind() == std::io::ErrorKind::InvalidData {
                Err(Error::damaged(At::whole(file), "JSON of a harness", message))
            } else {
                Err(Error::read(file, error))
            }
        }
        (None, Err(error)) => {
            Err(Error::damaged(At::line(file, error.line() as u64), "JSON", error))
        }
    }
}

/// A value as a whole, within the limits of a record.
pub(crate) fn held<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let limits = Limits::default();
    Held::new(&[], &limits).deserialize(deserializer)
}

/// A key, borrowed where the text has no escapes.
pub(crate) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// How much of a record is held.
#[derive(Default)]
struct Limits {
    values: Cell<u64>,
    bytes: Cell<u64>,
}

impl Limits {
    fn reset(&self) {
        self.values.set(0);
        self.bytes.set(0);
    }

    fn add<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        self.values.set(self.values.get() + 1);
        self.bytes.set(self.bytes.get() + bytes as u64);
        if self.values.get() > MAX_VALUES || self.bytes.get() > MAX_HELD_BYTES {
            return Err(E::custom("a record of more than 4 million values or 128 MB"));
        }
        Ok(())
    }
}

/// Objects whose keys are names that anyone may give: of scorers, of a task's arguments. No such key is
/// skipped, only what is called so further in.
const NAMED: &[&str] = &["scores", "task_args", "task_args_passed"];

/// Reads a value and holds it.
#[derive(Clone, Copy)]
struct Held<'p> {
    skip: &'p [&'p str],
    /// Whether this is a value of [`NAMED`].
    named: bool,
    limits: &'p Limits,
}

impl<'p> Held<'p> {
    fn new(skip: &'p [&'p str], limits: &'p Limits) -> Self {
        Self { skip, named: false, limits }
    }

    /// How to read the value of a key.
    fn under(self, key: &str) -> Self {
        let skip = if key == "value" && !self.named { &[][..] } else { self.skip };
        Self { skip, named: NAMED.contains(&key) && !self.named, limits: self.limits }
    }
}

impl<'de> DeserializeSeed<'de> for Held<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Held<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.limits.add(0).map(|()| Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.limits.add(0).map(|()| Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.limits.add(0).map(|()| Value::integer(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.limits.add(0).map(|()| Value::integer(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.limits.add(0).map(|()| Value::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.limits.add(value.len()).map(|()| Value::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.limits.add(0)?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Self { named: false, ..self })? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.limits.add(0)?;
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Box<str>>()? {
            if !self.named && self.skip.contains(&&*key) {
                map.next_value::<IgnoredAny>()?;
            } else {
                self.limits.add(key.len())?;
                let value = map.next_value_seed(self.under(&key))?;
                entries.push((key, value));
            }
        }
        Ok(Value::Object(entries))
    }
}

/// Walks down to the items and hands them out.
#[derive(Clone, Copy)]
struct Walk<'p, 'e> {
    /// What is left of the way.
    path: &'p [&'p str],
    skip: &'p [&'p str],
    each: &'p RefCell<&'e mut dyn FnMut(Entry) -> Result<()>>,
    /// An error of `each`, on its way out.
    failure: &'p RefCell<Option<Error>>,
    limits: &'p Limits,
}

impl Walk<'_, '_> {
    fn held(&self) -> Held<'_> {
        Held::new(self.skip, self.limits)
    }

    fn hand_out<E: serde::de::Error>(&self, entry: Entry) -> Result<(), E> {
        self.limits.reset();
        (*self.each.borrow_mut())(entry).map_err(|error| {
            *self.failure.borrow_mut() = Some(error);
            E::custom("stopped")
        })
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::integer(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::integer(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        if !self.path.is_empty() {
            return self.held().visit_seq(seq);
        }
        let mut index = 0;
        while let Some(value) = seq.next_element_seed(self.held())? {
            self.hand_out(Entry { index, key: None, value })?;
            index += 1;
        }
        Ok(Value::List(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        let mut index = 0;
        while let Some(key) = map.next_key::<Box<str>>()? {
            match self.path {
                [] => {
                    let value = map.next_value_seed(self.held())?;
                    self.hand_out(Entry { index, key: Some(key), value })?;
                    index += 1;
                }
                [next, rest @ ..] if **next == *key => {
                    let value = map.next_value_seed(Walk { path: rest, ..self })?;
                    entries.push((key, value));
                }
                _ if self.skip.contains(&&*key) => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    self.limits.add(key.len())?;
                    let value = map.next_value_seed(self.held().under(&key))?;
                    entries.push((key, value));
                }
            }
        }
        Ok(Value::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str, path: &[&str]) -> (Vec<String>, Result<Value>) {
        let mut seen = Vec::new();
        let plan = Plan { items: path, skip: &["prompt"] };
        let rest = stream(text.as_bytes(), "f", &plan, &mut |entry| {
            seen.push(format!("{} {:?} {:?}", entry.index, entry.key, entry.value));
            Ok(())
        });
        (seen, rest)
    }

    #[test]
    fn items_are_handed_out_and_the_rest_is_returned() {
        let text = r#"{"a": NaN, "eval": {"x": [1], "y": {"prompt": "long", "ok": true}}, "b": 2}"#;
        let (seen, rest) = items(text, &["eval"]);
        assert_eq!(
            seen,
            ["0 Some(\"x\") List([Number(1.0)])", "1 Some(\"y\") Object([(\"ok\", Bool(true))])",]
        );
        let rest = rest.unwrap();
        assert_eq!(rest.get("a"), Some(&Value::Null));
        assert_eq!(rest.get("b"), Some(&Value::Number(2.0)));
    }

    #[test]
    fn a_cut_document_gives_what_came_before_and_an_error_with_its_line() {
        let (seen, rest) = items("[1,\n2,\n{\"a\": ", &[]);
        assert_eq!(seen.len(), 2);
        assert!(rest.unwrap_err().to_string().starts_with("f, line 3: not JSON (EOF"));
    }

    #[test]
    fn an_error_of_the_caller_comes_back_as_it_was() {
        let plan = Plan { items: &[], skip: &[] };
        let result = stream(&b"[1, 2]"[..], "f", &plan, &mut |entry| {
            Err(Error::missing(At::row("f", entry.index + 1), "id", "a text"))
        });
        assert_eq!(result.unwrap_err().to_string(), "f, row 1: id is missing; expected a text");
    }

    #[test]
    fn names_are_not_skipped_where_anyone_gives_them() {
        let text = r#"{"prompt": 1, "scores": {"prompt": {"prompt": "p", "value": 1}, "value": {"prompt": 2}},
            "task_args": {"prompt": "hard"}}"#;
        let plan = Plan { items: &[], skip: &["prompt"] };
        let none = Plan { items: &["none"], skip: plan.skip };
        let streamed = stream(text.as_bytes(), "f", &none, &mut |_| Ok(())).unwrap();
        for value in [parse(text.as_bytes(), plan.skip).unwrap(), streamed] {
            assert_eq!(value.get("prompt"), None);
            assert_eq!(value.at(&["scores", "prompt", "value"]), Some(&Value::Number(1.0)));
            assert_eq!(value.at(&["scores", "prompt", "prompt"]), None);
            assert_eq!(value.at(&["scores", "value", "prompt"]), None);
            assert_eq!(value.at(&["task_args", "prompt"]), Some(&Value::Text("hard".into())));
        }
    }

    #[test]
    fn an_error_behind_a_nan_is_the_one_that_is_told() {
        let said = parse(b"{\"a\": NaN, \"b\": tru}", &[]).unwrap_err();
        assert!(said.contains("expected ident"), "{said}");
    }

    #[test]
    fn what_follows_the_document_is_an_error() {
        assert!(items("[1] 2", &[]).1.is_err());
        assert!(parse(b"1 2", &[]).is_err());
    }
}
