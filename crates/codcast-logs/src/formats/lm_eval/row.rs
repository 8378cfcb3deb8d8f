//! Rows of a file of samples: what is needed of each, in a few dozen bytes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::json::scan::{Raw, Scan, fields};
use crate::json::{Value, loose_number, without_nan};
use hashbrown::HashMap;

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

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Line or item, from 1.
    pub(super) place: u64,
    pub(super) doc_id: Option<i64>,
    pub(super) doc_hash: Option<[u8; 32]>,
    /// Index into [`Rows::names`].
    pub(super) filter: Option<u16>,
    /// Responses per request.
    pub(super) n_responses: u32,
    /// Range of [`Rows::values`].
    values: (u32, u32),
    /// Range of [`Rows::repeats`].
    repeats: (u32, u32),
}

/// Rows of a file, or of a part of it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Names of metrics and filters.
    names: Vec<Box<str>>,
    by_name: HashMap<Box<str>, u16>,
    /// Whether values were left out since there are too many names, or too long ones.
    pub(super) left_out: bool,
    /// Metric (by name) and value. Rows that list their metrics have only those.
    values: Vec<(u16, Held)>,
    /// Metric (by name) and one score per repeat, in order (0.5.0); `None`: not scored.
    repeats: Vec<(u16, Option<f64>)>,
}

impl Rows {
    pub(super) fn values(&self, row: &Row) -> &[(u16, Held)] {
        &self.values[row.values.0 as usize..row.values.1 as usize]
    }

    pub(super) fn repeats(&self, row: &Row) -> &[(u16, Option<f64>)] {
        &self.repeats[row.repeats.0 as usize..row.repeats.1 as usize]
    }

    pub(super) fn name(&self, name: u16) -> &str {
        &self.names[usize::from(name)]
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Adds rows that come later in the file.
    pub(super) fn append(&mut self, other: &Self) {
        let names: Vec<Option<u16>> = other.names.iter().map(|name| self.intern(name)).collect();
        let rename = |name: u16| names[usize::from(name)];
        self.left_out |= other.left_out;
        for row in &other.rows {
            let filter = row.filter.and_then(rename);
            if filter.is_none() && row.filter.is_some() {
                continue;
            }
            let (values, repeats) = (self.values.len() as u32, self.repeats.len() as u32);
            let of_row = other.values(row).iter();
            self.values.extend(of_row.filter_map(|(name, held)| Some((rename(*name)?, *held))));
            let of_row = other.repeats(row).iter();
            self.repeats.extend(of_row.filter_map(|(name, score)| Some((rename(*name)?, *score))));
            self.rows.push(Row {
                filter,
                values: (values, self.values.len() as u32),
                repeats: (repeats, self.repeats.len() as u32),
                ..*row
            });
        }
    }

    fn intern(&mut self, name: &str) -> Option<u16> {
        // The first names are those of nearly every row.
        if let Some(known) = self.names.iter().take(FIRST_NAMES).position(|known| **known == *name)
        {
            return Some(known as u16);
        }
        if let Some(known) = self.by_name.get(name) {
            return Some(*known);
        }
        if self.names.len() >= MAX_NAMES || name.len() > codcast_ingest::MAX_NAME_BYTES {
            self.left_out = true;
            return None;
        }
        let next = self.names.len() as u16;
        self.names.push(name.into());
        self.by_name.insert(name.into(), next);
        Some(next)
    }

    /// Adds one line.
    pub(super) fn add_line(&mut self, place: u64, line: &[u8]) -> Result<(), Box<str>> {
        if let Some(parts) = Parts::scanned(line) {
            return self.add(place, &parts);
        }
        if let Ok(parts) = Parts::read(line) {
            return self.add(place, &parts);
        }
        // Only a text that is not JSON can have a bare NaN.
        let clean = without_nan(line).map_err(|error| error.to_string())?;
        let parts = Parts::read(&clean).map_err(|error| error.to_string())?;
        self.add(place, &parts)
    }

    /// Adds one item of an array.
    pub(super) fn add_value(&mut self, place: u64, value: &Value) -> Result<(), Box<str>> {
        if !matches!(value, Value::Object(_)) {
            return Err("not an object".into());
        }
        let mut parts = Parts::default();
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
        self.add(place, &parts)
    }

    fn add(&mut self, place: u64, parts: &Parts<'_>) -> Result<(), Box<str>> {
        if !parts.has_responses {
            return Err("a row without resps".into());
        }
        if parts.doc_id.is_none() && parts.doc_hash.is_none() {
            return Err("a row without doc_id and doc_hash".into());
        }
        let filter = match &parts.filter {
            Some(filter) => {
                Some(self.intern(filter).ok_or("a filter more than there are in a file")?)
            }
            None => None,
        };
        let start = self.values.len() as u32;
        if let Some(metrics) = &parts.metrics {
            // Of a repeated key the last counts, as in Python. A table of many is made once.
            let table: HashMap<&str, Held> = if parts.values.len() > FIRST_NAMES {
                parts.values.iter().map(|(name, held)| (&**name, *held)).collect()
            } else {
                HashMap::new()
            };
            let last = |metric: &str| match parts.values.len() {
                0..=FIRST_NAMES => {
                    let mut latest = parts.values.iter().rev();
                    latest.find(|(name, _)| *name == metric).map(|(_, held)| *held)
                }
                _ => table.get(metric).copied(),
            };
            for metric in metrics {
                let Some(id) = self.intern(metric) else { continue };
                self.values.push((id, last(metric).unwrap_or(Held::Nothing)));
            }
        } else {
            for (name, held) in &parts.values {
                let Some(id) = self.intern(name) else { continue };
                self.values.push((id, *held));
            }
        }
        let values = (start, self.values.len() as u32);
        let start = self.repeats.len() as u32;
        for (name, scores) in &parts.repeats {
            let Some(id) = self.intern(name) else { continue };
            self.repeats.extend(scores.iter().map(|score| (id, *score)));
        }
        let repeats = (start, self.repeats.len() as u32);
        let Parts { doc_id, doc_hash, n_responses, .. } = *parts;
        self.rows.push(Row { place, doc_id, doc_hash, filter, n_responses, values, repeats });
        Ok(())
    }
}

/// Names of metrics and filters in a file; no task has more.
pub(super) const MAX_NAMES: usize = 10_000;

/// So few names are found soonest by looking through them.
const FIRST_NAMES: usize = 16;

/// A row on its way in.
#[derive(Debug, Default, PartialEq)]
struct Parts<'t> {
    doc_id: Option<i64>,
    doc_hash: Option<[u8; 32]>,
    filter: Option<Cow<'t, str>>,
    metrics: Option<Vec<Cow<'t, str>>>,
    has_responses: bool,
    n_responses: u32,
    values: Vec<(Cow<'t, str>, Held)>,
    repeats: Vec<Repeats>,
}

impl<'t> Parts<'t> {
    /// The fast way: what nearly every row is. `None`: [`Parts::read`] it.
    fn scanned(line: &'t [u8]) -> Option<Self> {
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
    fn read(line: &'t [u8]) -> serde_json::Result<Self> {
        let mut parts = Self::default();
        let mut deserializer = serde_json::Deserializer::from_slice(line);
        parts.deserialize(&mut deserializer)?;
        deserializer.end()?;
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
