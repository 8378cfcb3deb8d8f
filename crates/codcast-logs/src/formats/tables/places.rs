//! Samples that were found before.

use hashbrown::HashMap;

use crate::sink::{RunKey, SampleKey, Sink};

/// Where the sink has the samples of a table, so that an id is looked up once a row group, not once for
/// each run in it.
#[derive(Default)]
pub(super) struct Places {
    /// Of ids.
    numbers: HashMap<Box<str>, usize>,
    /// By run and number of the id: the sample's number and one more, or 0.
    by_run: Vec<Vec<u32>>,
    /// Places in all runs.
    n: usize,
}

/// Places that are kept, at most: 64 MB. (Ids are not counted: the sink holds each of them, too.)
const MAX_PLACES: usize = 1 << 24;

impl Places {
    /// The numbers of ids; none when no more places are kept.
    pub(super) fn numbers(&mut self, ids: &[Box<str>]) -> Vec<usize> {
        let kept = if self.n < MAX_PLACES { ids } else { &[] };
        kept.iter().map(|id| self.number(id)).collect()
    }

    fn number(&mut self, id: &str) -> usize {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let next = self.numbers.len();
        self.numbers.insert(id.into(), next);
        next
    }

    /// The sample of an id with this number.
    pub(super) fn sample(
        &mut self,
        run: RunKey,
        number: usize,
        id: &str,
        sink: &mut Sink<'_>,
    ) -> SampleKey {
        if self.by_run.len() <= run.number() {
            self.by_run.resize_with(run.number() + 1, Vec::new);
        }
        let places = &mut self.by_run[run.number()];
        match places.get(number) {
            Some(0) | None => {}
            Some(place) => return run.sample(place - 1),
        }
        let sample = sink.sample(run, id);
        let more = (number + 1).saturating_sub(places.len());
        if self.n + more <= MAX_PLACES {
            self.n += more;
            places.resize(places.len() + more, 0);
            places[number] = sample.number() + 1;
        }
        sample
    }
}
