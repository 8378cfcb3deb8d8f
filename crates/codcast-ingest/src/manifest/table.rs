//! A table of the file whose keys are known to be acceptable; every error says where.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{At, Error, Place, Result};
use crate::note::Note;
use crate::text::{bad_name, nearest, quoted, shown};

/// Names that other tools use, and what they are called here.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("flops", "compute_flops"),
    ("compute", "compute_flops"),
    ("flops_per_token", "compute_per_token_flops"),
    ("parameters", "params"),
    ("n_params", "params"),
    ("num_params", "params"),
    ("params_active", "active_params"),
    ("activated_params", "active_params"),
    ("n_tokens", "tokens"),
    ("training_tokens", "tokens"),
    ("step", "checkpoint"),
    ("baseline", "chance"),
    ("random_baseline", "chance"),
];

/// How errors call a table: by its name where it has one.
pub(super) fn label(kind: &str, index: usize, table: &DeTable<'_>) -> Box<str> {
    match table.get("name").and_then(|name| name.get_ref().as_str()) {
        Some(name) => format!("{kind} {}", quoted(name)).into(),
        None => format!("{kind} {}", index + 1).into(),
    }
}

/// Where a text comes from: what errors call its lines.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// A file of this name.
    File(&'a str),
    /// Values: so many models, then so many tasks, one a line.
    Values { models: usize, tasks: usize },
}

/// Where the lines of the text end, and where it comes from.
#[derive(Clone, Copy)]
pub(super) struct Doc<'a> {
    pub(super) line_ends: &'a [usize],
    pub(super) origin: Origin<'a>,
}

impl Doc<'_> {
    fn line(&self, offset: usize) -> u64 {
        1 + self.line_ends.partition_point(|end| *end < offset) as u64
    }

    pub(super) fn at(&self, span: &Range<usize>) -> At {
        let line = self.line(span.start);
        match self.origin {
            Origin::File(file) => At { file: file.into(), place: Place::Line(line) },
            Origin::Values { models, tasks } => {
                let (models, tasks) = (models as u64, tasks as u64);
                let (file, row) = match line {
                    model if model <= models.max(1) => ("models", model),
                    task if task <= models + tasks => ("tasks", task - models),
                    other => ("study", other - models - tasks),
                };
                At { file: file.into(), place: Place::Row(row) }
            }
        }
    }
}

/// Names seen so far and where.
pub(super) struct Names<'a> {
    doc: Doc<'a>,
    kind: &'static str,
    seen: BTreeMap<String, Place>,
}

impl<'a> Names<'a> {
    pub(super) fn new(doc: Doc<'a>, kind: &'static str) -> Self {
        Self { doc, kind, seen: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, name: &str, span: Range<usize>) -> Result<()> {
        let at = self.doc.at(&span);
        match self.seen.insert(name.to_owned(), at.place) {
            None => Ok(()),
            Some(first) => {
                Err(Error::DuplicateName { at, kind: self.kind, name: quoted(name), first })
            }
        }
    }
}

/// A table whose keys are known to be acceptable.
pub(super) struct Table<'a> {
    doc: Doc<'a>,
    label: Box<str>,
    span: Range<usize>,
    content: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        doc: Doc<'a>,
        label: Box<str>,
        span: Range<usize>,
        content: &'a DeTable<'a>,
        known: &'static [&'static str],
        notes: &mut Vec<Note>,
    ) -> Result<Self> {
        for key in content.keys() {
            let (name, at) = (key.get_ref().as_ref(), doc.at(&key.span()));
            if known.contains(&name) {
                continue;
            }
            let lower = name.to_lowercase();
            let other =
                OTHER_NAMES.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
            let likely = other.filter(|ours| known.contains(ours));
            let exact = known.iter().copied().find(|known| *known == lower);
            match likely.or(exact).or_else(|| nearest(name, known.iter().copied())) {
                Some(suggestion) => {
                    let key = shown(name);
                    return Err(Error::UnknownKey { at, table: label, key, suggestion });
                }
                None => notes.push(Note::IgnoredKey { at, table: label.clone(), key: shown(name) }),
            }
        }
        Ok(Self { doc, label, span, content })
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.content.get(key)
    }

    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// `at`: the key whose value is wrong; `None`: the table, for a missing key.
    pub(super) fn bad(
        &self,
        field: &'static str,
        at: Option<&str>,
        found: &str,
        expected: &'static str,
    ) -> Error {
        let span = at.map_or_else(|| self.span.clone(), |key| self.span_of(key));
        let (table, found) = (self.label.clone(), found.into());
        Error::Field { at: self.doc.at(&span), table, field, found, expected }
    }

    pub(super) fn text(&self, key: &'static str) -> Result<Option<String>> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::String(text)) => Ok(Some(text.to_string())),
            Some(other) => Err(self.bad(key, Some(key), &kind_of(other), "a text in quotes")),
        }
    }

    pub(super) fn required_name(&self) -> Result<String> {
        let Some(name) = self.text("name")? else {
            return Err(self.bad("name", None, "missing", "a text in quotes"));
        };
        match bad_name(&name) {
            None => Ok(name),
            Some((found, expected)) => Err(self.bad("name", Some("name"), &found, expected)),
        }
    }

    /// An integer or a float; never NaN or infinite.
    pub(super) fn number(
        &self,
        key: &'static str,
        expected: &'static str,
        fits: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>> {
        let Some(value) = self.get(key).map(Spanned::get_ref) else { return Ok(None) };
        // Integers may be written in hexadecimal; those of a study never are, and are refused.
        let plain = |digits: &str| digits.replace('_', "");
        let (text, number) = match value {
            DeValue::Float(x) => (plain(x.as_str()), plain(x.as_str()).parse::<f64>().ok()),
            DeValue::Integer(n) if n.radix() == 10 => {
                (plain(n.as_str()), plain(n.as_str()).parse::<f64>().ok())
            }
            other => return Err(self.bad(key, Some(key), &kind_of(other), expected)),
        };
        match number {
            Some(x) if x.is_finite() && fits(x) => Ok(Some(x)),
            _ => Err(self.bad(key, Some(key), &shown(&text), expected)),
        }
    }

    pub(super) fn integer(&self, key: &'static str, expected: &'static str) -> Result<Option<i64>> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Integer(n)) if n.radix() == 10 => {
                let digits = n.as_str().replace('_', "");
                let parsed = digits.parse().ok();
                parsed.map(Some).ok_or_else(|| self.bad(key, Some(key), &shown(&digits), expected))
            }
            Some(other) => Err(self.bad(key, Some(key), &kind_of(other), expected)),
        }
    }

    /// An array of tables; empty where the key is absent.
    pub(super) fn tables(&self, key: &'static str) -> Result<Vec<(Range<usize>, &'a DeTable<'a>)>> {
        let expected = if key == "models" { "[[models]] tables" } else { "[[tasks]] tables" };
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let Some(items) = value.get_ref().as_array() else {
            return Err(self.bad(key, Some(key), &kind_of(value.get_ref()), expected));
        };
        items
            .iter()
            .map(|item| match item.get_ref().as_table() {
                Some(table) => Ok((item.span(), table)),
                None => Err(self.bad(key, Some(key), &kind_of(item.get_ref()), expected)),
            })
            .collect()
    }
}

/// What a value of the wrong kind is, in words.
fn kind_of(value: &DeValue<'_>) -> Box<str> {
    match value {
        DeValue::String(text) => format!("the text {}", quoted(text)).into(),
        DeValue::Integer(n) => format!("the integer {}", shown(n.as_str())).into(),
        DeValue::Float(x) => format!("the number {}", shown(x.as_str())).into(),
        DeValue::Boolean(b) => format!("{b}").into(),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}
