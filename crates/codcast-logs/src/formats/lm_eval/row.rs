//! Rows of a file of samples: what is needed of each, in a few dozen bytes.

use hashbrown::HashMap;

use super::parts::{Held, Parts};
use crate::json::{Value, without_nan};

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
        self.add(place, &Parts::of(value)?)
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
