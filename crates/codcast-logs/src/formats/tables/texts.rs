//! Texts of columns as numbers, so that rows are compared by those.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Int64Array, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use hashbrown::HashMap;

use super::rows::id;

/// Distinct texts, as numbers from 1; 0 stands for null.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    /// Of dictionaries that were seen, so that one is looked at once: the last of each column.
    known: Vec<(usize, ArrayRef, Vec<u32>)>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.texts.push(text.into());
        let number = self.texts.len() as u32;
        self.numbers.insert(text.into(), number);
        number
    }

    pub(super) fn called(&self, repeat: Repeat) -> String {
        match repeat {
            Repeat::Number(number) => number.to_string(),
            Repeat::Text(text) => self.text(text).unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn text(&self, number: u32) -> Option<&str> {
        (number as usize).checked_sub(1).map(|at| &*self.texts[at])
    }

    /// The numbers of a column's rows.
    pub(super) fn numbers(
        &mut self,
        place: usize,
        column: &ArrayRef,
    ) -> Result<Vec<u32>, arrow_schema::ArrowError> {
        let dictionary = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        let column = if *column.data_type() == dictionary {
            Arc::clone(column)
        } else {
            let plain = strict(column, &DataType::Utf8)?;
            strict(&plain, &dictionary)?
        };
        let column = column.as_dictionary::<Int32Type>();
        let values = column.values();
        // Each batch has its dictionary in an array of its own, but of the same memory.
        let texts = values.to_data();
        let same = |(of, known, _): &(usize, ArrayRef, Vec<u32>)| {
            *of == place && known.to_data().ptr_eq(&texts)
        };
        let at = match self.known.iter().position(same) {
            Some(at) => at,
            None => {
                let strings: &StringArray = values.as_string();
                let numbers = strings
                    .iter()
                    .map(|text| text.filter(|t| !t.is_empty()).map_or(0, |t| self.number(id(t))))
                    .collect();
                self.known.retain(|(of, ..)| *of != place);
                self.known.push((place, Arc::clone(values), numbers));
                self.known.len() - 1
            }
        };
        let numbers = &self.known[at].2;
        let keys = column.keys();
        Ok(if keys.null_count() == 0 {
            keys.values().iter().map(|key| numbers[*key as usize]).collect()
        } else {
            keys.iter().map(|key| key.map_or(0, |key| numbers[key as usize])).collect()
        })
    }
}

/// Numbers of pairs of numbers.
#[derive(Default)]
pub(super) struct Pairs {
    numbers: HashMap<u64, u32>,
    /// Of the pairs before, by a hash of them: those of a few that take turns are found without more.
    recent: Vec<(u64, u32)>,
}

/// Pairs in [`Pairs::recent`], as a power of two.
const RECENT: u32 = 12;

impl Pairs {
    /// The number of each pair, from 0 in the order in which they appear.
    pub(super) fn numbers(&mut self, a: &[u32], b: &[u32]) -> Vec<u32> {
        if self.recent.is_empty() {
            // No pair is that of a place it is not kept in.
            let other = |slot: usize| u64::from(slot == 0);
            self.recent = (0..1 << RECENT).map(|slot| (other(slot), 0)).collect();
        }
        let number = |(a, b): (&u32, &u32)| {
            let pair = u64::from(*a) << 32 | u64::from(*b);
            // Fibonacci hashing.
            let slot = (pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - RECENT)) as usize;
            if self.recent[slot].0 != pair {
                let next = self.numbers.len() as u32;
                self.recent[slot] = (pair, *self.numbers.entry(pair).or_insert(next));
            }
            self.recent[slot].1
        };
        a.iter().zip(b).map(number).collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// A cast that fails where a value has no counterpart.
pub(super) fn strict(
    column: &ArrayRef,
    to: &DataType,
) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, to, &options)
}

/// What a row's repeat is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Repeat {
    Number(i64),
    /// Of the texts that are numbered with the column's.
    Text(u32),
}

/// The repeats of a batch.
pub(super) enum Repeats {
    Numbers(Int64Array),
    /// 0: none.
    Texts(Vec<u32>),
}

/// Whether all values of a type are integers of 64 bits.
pub(super) fn is_number(kind: &DataType) -> bool {
    kind.is_integer() && *kind != DataType::UInt64
}

impl Repeats {
    /// What a row's repeat is called, if anything.
    pub(super) fn of(&self, row: usize) -> Option<Repeat> {
        match self {
            Self::Numbers(numbers) => {
                numbers.is_valid(row).then(|| Repeat::Number(numbers.value(row)))
            }
            Self::Texts(texts) => (texts[row] > 0).then(|| Repeat::Text(texts[row])),
        }
    }
}

impl Repeat {
    pub(super) fn order(self) -> (u32, i64) {
        match self {
            Self::Number(number) => (0, number),
            Self::Text(text) => (text, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pairs_are_numbered_as_they_appear(
            batches in prop::collection::vec(prop::collection::vec((0..70_u32, 0..90_u32), 0..300), 1..4),
            // Numbers that share a place, too.
            times in prop::sample::select(vec![1_u32, 64, 4_096, 60_000_000]),
        ) {
            let mut pairs = Pairs::default();
            let mut known: Vec<(u32, u32)> = Vec::new();
            for batch in batches {
                let (a, b): (Vec<u32>, Vec<u32>) = batch.iter().map(|(a, b)| (a * times, *b)).unzip();
                let expected: Vec<u32> = a.iter().zip(&b).map(|(a, b)| {
                    let place = known.iter().position(|pair| *pair == (*a, *b));
                    place.unwrap_or_else(|| {
                        known.push((*a, *b));
                        known.len() - 1
                    }) as u32
                }).collect();
                prop_assert_eq!(pairs.numbers(&a, &b), expected);
                prop_assert_eq!(pairs.len(), known.len());
            }
        }
    }
}
