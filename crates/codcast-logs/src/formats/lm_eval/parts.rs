//! One row on its way in: what the harness wrote, by a fast way that nearly every row takes, or by one that
//! takes all JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::json::scan::{Raw, Scan, fields};
use crate::json::{Value, loose_number};

/// Keys of a row that are no metrics.
const NOT_METRICS: &[&str] =
    &["doc", "target", "arguments", "filtered_resps", "prompt_hash", "target_hash", "request"];

/// What a row holds for a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    Number(f64),
    /// Null or NaN.
    Nothing,
    /// A list or pair, which has no mean per sample.
    List,
    /// Something that is no score.
    Other,
}

/// A row on its way in.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parts<'t> {
    pub(super) doc_id: Option<i64>,
    pub(super) doc_hash: Option<[u8; 32]>,
    pub(super) filter: Option<Cow<'t, str>>,
    pub(super) metrics: Option<Vec<Cow<'t, str>>>,
    pub(super) has_responses: bool,
    pub(super) n_responses: u32,
    pub(super) values: Vec<(Cow<'t, str>, Held)>,
    pub(super) repeats: Vec<Repeats>,
}

impl<'t> Parts<'t> {
    /// The fast way: what nearly every row is. `None`: [`Parts::read`] it.
    pub(super) fn scanned(line: &'t [u8]) -> Option<Self> {
        let mut parts = Self::default();
        fields(line, |key, scan| {
            match key {
                "resps" => {
                    parts.n_responses = n_responses(scan)?;
                    parts.has_responses = true;
                }
                "metrics" if scan.enters_list() => {
                    let mut metrics = Vec::with_capacity(4);
                    scan.items(|scan| {
                        let Raw::Text(metric) = scan.raw()? else { return None };
                        metrics.push(metric.into());
                        Some(())
                    })?;
                    parts.metrics = Some(metrics);
                }
                key if NOT_METRICS.contains(&key) => scan.skip()?,
                key => match (key, scan.raw()?) {
                    ("doc_hash", Raw::Text(text)) => parts.doc_hash = Some(hash(text)?),
                    ("filter", Raw::Text(text)) => parts.filter = Some(text.into()),
                    (key, raw) => parts.set(key.into(), &raw.value()?).ok()?,
                },
            }
            Some(())
        })?;
        Some(parts)
    }

    /// The way that takes all JSON, and says what is wrong with what is none.
    pub(super) fn read(line: &'t [u8]) -> serde_json::Result<Self> {
        let mut parts = Self::default();
        let mut deserializer = serde_json::Deserializer::from_slice(line);
        parts.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(parts)
    }

    /// Those of one item of an array.
    pub(super) fn of(value: &'t Value) -> Result<Self, Box<str>> {
        if !matches!(value, Value::Object(_)) {
            return Err("not an object".into());
        }
        let mut parts = Self::default();
        for (key, value) in value.entries() {
            match &**key {
                "resps" => {
                    let first = value.list().and_then(|requests| requests.first());
                    parts.n_responses = first.and_then(Value::list).map_or(1, <[_]>::len) as u32;
                    parts.has_responses = true;
                }
                key if NOT_METRICS.contains(&key) => {}
                key => parts.set(key.into(), value)?,
            }
        }
        Ok(parts)
    }

    /// Takes a key's value. What tells rows apart must be what the harness writes, or null: a row taken
    /// for another one would give its scores away.
    fn set(&mut self, key: Cow<'t, str>, value: &Value) -> Result<(), Box<str>> {
        let wrong = |expected: &str| format!("{key} is {}, not {expected}", value.described());
        match &*key {
            "doc_id" => {
                self.doc_id = value.count().map(|id| id as i64);
                if self.doc_id.is_none() && *value != Value::Null {
                    return Err(wrong("a whole number").into());
                }
            }
            "doc_hash" => {
                self.doc_hash = value.text().and_then(hash);
                if self.doc_hash.is_none() && *value != Value::Null {
                    return Err(wrong("64 hexadecimal digits").into());
                }
            }
            "filter" => {
                self.filter = value.text().map(|text| text.to_owned().into());
                if self.filter.is_none() && *value != Value::Null {
                    return Err(wrong("a text").into());
                }
            }
            "metrics" => {
                let text = |item: &Value| item.text().map(|text| text.to_owned().into());
                self.metrics = value.list().and_then(|items| items.iter().map(text).collect());
                if self.metrics.is_none() && *value != Value::Null {
                    return Err(wrong("a list of texts").into());
                }
            }
            "scores_per_repeat" => self.repeats = repeats_of(value)?,
            _ => self.values.push((key, held(value))),
        }
        Ok(())
    }
}

/// Number of responses to the first request, of `[request][response]`; 1 where it is no list.
fn n_responses(scan: &mut Scan<'_>) -> Option<u32> {
    if !scan.enters_list() {
        return (scan.raw()? == Raw::Null).then_some(1);
    }
    let mut first = None;
    scan.items(|scan| {
        if first.is_some() || !scan.enters_list() {
            first = first.or(Some(1));
            return scan.skip();
        }
        let mut n = 0_u32;
        scan.items(|scan| {
            n = n.saturating_add(1);
            scan.skip()
        })?;
        first = Some(n);
        Some(())
    })?;
    Some(first.unwrap_or(1))
}

/// A metric's score in each repeat.
type Repeats = (Box<str>, Vec<Option<f64>>);

fn held(value: &Value) -> Held {
    match value {
        Value::Null => Held::Nothing,
        Value::List(_) => Held::List,
        Value::Text(text) if matches!(&**text, "nan" | "NaN" | "None" | "N/A" | "") => {
            Held::Nothing
        }
        other => loose_number(other).map_or(Held::Other, Held::Number),
    }
}

/// `{metric: [score, ...]}` of 0.5.0.
fn repeats_of(value: &Value) -> Result<Vec<Repeats>, Box<str>> {
    let of_metric = |(name, scores): &(Box<str>, Value)| {
        let list = scores.list().ok_or("scores_per_repeat without a list")?;
        let score = |value: &Value| match held(value) {
            Held::Number(score) => Ok(Some(score)),
            Held::Nothing => Ok(None),
            Held::List | Held::Other => Err("scores_per_repeat with something that is no score"),
        };
        Ok((name.clone(), list.iter().map(score).collect::<Result<_, &str>>()?))
    };
    value.entries().iter().map(of_metric).collect()
}

/// 64 hexadecimal digits.
fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(out)
}

/// Fills the parts of one row.
impl<'de> DeserializeSeed<'de> for &mut Parts<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Parts<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row of samples")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(crate::json::KeySeed)? {
            match &*key {
                "resps" => {
                    self.n_responses = map.next_value_seed(Responses)?;
                    self.has_responses = true;
                }
                key if NOT_METRICS.contains(&key) => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    let value = map.next_value_seed(Small)?;
                    self.set(key, &value).map_err(serde::de::Error::custom)?;
                }
            }
        }
        Ok(())
    }
}

/// A value that is small in every log; held within the limits of a record.
struct Small;

impl<'de> DeserializeSeed<'de> for Small {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        crate::json::held(deserializer)
    }
}

/// [`n_responses`], for `serde`.
struct Responses;

impl<'de> DeserializeSeed<'de> for Responses {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        struct Requests;
        impl<'de> Visitor<'de> for Requests {
            type Value = u32;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of responses")
            }

            fn visit_unit<E>(self) -> Result<u32, E> {
                Ok(1)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u32, A::Error> {
                let first = seq.next_element_seed(Length)?.unwrap_or(1);
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(first)
            }
        }
        deserializer.deserialize_any(Requests)
    }
}

/// Length of a list; 1 for anything else.
struct Length;

impl<'de> DeserializeSeed<'de> for Length {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Length {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("responses to a request")
    }

    fn visit_unit<E>(self) -> Result<u32, E> {
        Ok(1)
    }

    fn visit_bool<E>(self, _: bool) -> Result<u32, E> {
        Ok(1)
    }

    fn visit_f64<E>(self, _: f64) -> Result<u32, E> {
        Ok(1)
    }

    fn visit_i64<E>(self, _: i64) -> Result<u32, E> {
        Ok(1)
    }

    fn visit_u64<E>(self, _: u64) -> Result<u32, E> {
        Ok(1)
    }

    fn visit_str<E>(self, _: &str) -> Result<u32, E> {
        Ok(1)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u32, A::Error> {
        let mut n = 0_u32;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            n = n.saturating_add(1);
        }
        Ok(n)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u32, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINES: &[&str] = &[
        r#"{"doc_id": 3, "doc": {"q": "a\nb"}, "target": "1", "arguments": [["a", {"until": []}]], "resps":
            [["x", "y"], ["z"]], "filtered_resps": ["x"], "filter": "none", "metrics": ["acc", "fé1"], "note": "\u00e9", "doc_hash":
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "acc": 1.0, "fé1": "np.float64(0.5)"}"#,
        r#"{"doc_id":0,"resps":[[["-1.5","False"]],[["-2","True"]]],"acc":true,"acc_norm":0,"brier":[0.5,[1]],
            "bytes":null,"scores_per_repeat":{"acc":[1.0,null]}}"#,
        r#"{"doc_id": 1, "resps": null, "exact_match": 0.0, "filter": "strict-match", "target": "no \"x\""}"#,
        r#"{"doc_hash": null, "resps": [], "metrics": [], "doc_id": 18, "pass@1": 2.5e-1}"#,
    ];

    #[test]
    fn nearly_every_row_takes_the_fast_way_to_the_same_parts() {
        for line in LINES {
            let scanned = Parts::scanned(line.as_bytes());
            assert_eq!(scanned, Parts::read(line.as_bytes()).ok(), "{line}");
            assert!(scanned.is_some(), "{line}");
        }
        let of = |line: &str| Parts::scanned(line.as_bytes()).unwrap().n_responses;
        assert_eq!([of(LINES[0]), of(LINES[1]), of(LINES[2]), of(LINES[3])], [2, 1, 1, 1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn damaged_rows_are_on_the_fast_way_what_they_are_on_the_other(
            which in 0..LINES.len(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(
                br#"{}[]":,\0159.eE+-truefalsn uNaf"#.to_vec()), 0..3_u8), 1..5),
        ) {
            let mut line = LINES[which].as_bytes().to_vec();
            for (at, byte, how) in damage {
                let at = at.index(line.len());
                match how {
                    0 => line[at] = byte,
                    1 => line.insert(at, byte),
                    _ => drop(line.remove(at)),
                }
            }
            if let Some(scanned) = Parts::scanned(&line) {
                prop_assert_eq!(Some(scanned), Parts::read(&line).ok());
            }
        }
    }
}
