//! Partials in a study's folder, so that later logs can be added to it.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use codcast_ingest::footer;
use hashbrown::HashMap;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::error::{At, Error, Result};
use crate::exchange::partials_schema;
use crate::partials::{Partials, RunScores};
use crate::study::Remembered;

/// The file's name in a study's folder.
pub(crate) const FILE: &str = "logs.parquet";

impl Partials {
    /// Adds the runs of `new` that are not there yet: the same content read again is not new. A file that
    /// was read before without the files that explain it (or with fewer of them) is read better now, and
    /// its runs take the place of the earlier ones. Returns how many runs were there already.
    pub fn add_new(&mut self, mut new: Self) -> usize {
        let (mut again, before) = (0, self.runs.len());
        let mut of_hash: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, run) in self.runs.iter().enumerate() {
            of_hash.entry(run.hash.clone()).or_default().push(place);
        }
        let mut replaced = BTreeSet::new();
        for file in by_file(std::mem::take(&mut new.runs)) {
            let places = of_hash.entry(file[0].hash.clone()).or_default();
            let mut same = places.clone();
            same.retain(|place| !replaced.contains(place) && is_again(&self.runs[*place], &file));
            let known_facts = same.iter().map(|place| facts(&self.runs[*place])).max();
            let new_facts = file.iter().map(facts).max();
            let known = |run: &RunScores| same.iter().any(|place| self.runs[*place].run == run.run);
            if known_facts.is_some()
                && (new_facts < known_facts || (new_facts == known_facts && file.iter().all(known)))
            {
                let there = same.iter().any(|place| *place < before);
                again += if there { file.len() } else { 0 };
                // Copies that were read together are told apart where runs are compared.
                if there || new_facts < known_facts {
                    continue;
                }
            } else {
                replaced.extend(same);
            }
            places.extend((self.runs.len()..).take(file.len()));
            self.runs.extend(file);
        }
        let mut place = 0..;
        self.runs.retain(|_| place.next().is_none_or(|place| !replaced.contains(&place)));
        self.merge(new);
        again
    }
}

/// Runs of one file together, in the order in which they came.
fn by_file(runs: Vec<RunScores>) -> Vec<Vec<RunScores>> {
    let mut files: Vec<Vec<RunScores>> = Vec::new();
    for run in runs {
        match files.last_mut() {
            Some(file) if file[0].file == run.file && file[0].hash == run.hash => file.push(run),
            _ => files.push(vec![run]),
        }
    }
    files
}

/// Whether a run is of the file that was read now: the same bytes, at the same place or for the same
/// model and task. (Models that answer alike have the same bytes where only the file's name tells them
/// apart.)
fn is_again(known: &RunScores, file: &[RunScores]) -> bool {
    let alike = |new: &RunScores| {
        let task = new.run.model == known.run.model && new.run.task == known.run.task;
        known.hash == new.hash
            && known.member() == new.member()
            && (task || (known.file == new.file && !known.hash.is_empty()))
    };
    file.iter().any(alike)
}

/// How much the log, and the files beside it, say about a run.
fn facts(scores: &RunScores) -> usize {
    let run = &scores.run;
    let known = [
        run.params.is_some(),
        run.version.is_some(),
        run.n_shot.is_some(),
        run.split.is_some(),
        run.prompt.is_some(),
        run.run_id.is_some(),
        run.time.is_some(),
        run.decoding.temperature.is_some(),
        run.decoding.do_sample.is_some(),
        run.decoding.seed.is_some(),
        run.data_hash.is_some(),
        !run.headline.is_empty(),
    ];
    let totals = scores.series.iter().filter(|series| series.expected.is_some()).count();
    known.into_iter().filter(|known| *known).count() + totals
}

/// The key of what is remembered beside the counts.
const OPTIONS: &str = "codcast.options";

/// Partials as the file holds them.
pub(crate) fn encode(partials: &Partials, options: &Remembered) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let other = std::io::Error::other::<Box<dyn std::error::Error + Send + Sync>>;
    let level = ZstdLevel::try_new(3).map_err(|error| other(error.into()))?;
    let options = KeyValue::new(OPTIONS.to_owned(), serde_json::to_string(options)?);
    // The file is only ever read as a whole: nobody looks for pages by their bounds. Samples are
    // numbered in order, and ids do not repeat: a dictionary of either would be as long as the column.
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_column_dictionary_enabled("about".into(), false)
        .set_column_encoding("about".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
        .set_column_dictionary_enabled("sample".into(), false)
        .set_column_encoding("sample".into(), Encoding::DELTA_BINARY_PACKED)
        .set_key_value_metadata(Some(vec![options]))
        .build();
    let mut writer = ArrowWriter::try_new(&mut file, partials_schema(), Some(properties))
        .map_err(|error| other(error.into()))?;
    // The logs that gave the counts may be gone; what became of them is this reading's news.
    let mut write =
        |batch| writer.write(&batch).map_err(|error| Error::write(FILE, other(error.into())));
    partials.batches_of_runs(&mut write).map_err(|error| other(error.into()))?;
    writer.close().map_err(|error| other(error.into()))?;
    Ok(file)
}

/// Reads the partials of a study's folder, and the options it was made with.
pub(crate) fn read(path: &Path) -> Result<(Partials, Remembered)> {
    let shown = path.display().to_string();
    let damaged = |error: &dyn std::fmt::Display| {
        Error::damaged(At::whole(&shown), "a table of counts as codcast writes it", error)
    };
    let file = File::open(path).map_err(|error| Error::read(&shown, error))?;
    let bytes = file.metadata().map_err(|error| Error::read(&shown, error))?.len();
    let decode = || {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(&e))?;
        footer::check(reader.metadata(), bytes).map_err(|message| damaged(&message))?;
        let known = reader.metadata().file_metadata().key_value_metadata();
        let options = known.and_then(|all| all.iter().find(|pair| pair.key == OPTIONS));
        let options = match options.and_then(|pair| pair.value.as_deref()) {
            Some(text) => serde_json::from_str(text).map_err(|error| damaged(&error))?,
            None => Remembered::default(),
        };
        let reader = reader.build().map_err(|error| damaged(&error))?;
        let batches: Result<Vec<_>, _> = reader.collect();
        let partials = Partials::from_batches(&batches.map_err(|e| damaged(&e))?);
        Ok((partials.map_err(|e| damaged(&e))?, options))
    };
    footer::contained(decode, |said| damaged(&said))
}
