//! A study folder: find its two files, read them, and join them into a [`Study`].

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use codcast::evals::{Role, Study};

use crate::assemble::assemble;
use crate::chunk::Chunk;
use crate::error::{Error, Place, Result};
use crate::manifest::{About, Manifest};
use crate::note::Note;
use crate::source::{InputFile, Source};
use crate::tables::Shape;

/// A study and how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The study.
    pub study: Study,
    /// Where it comes from, in its author's words.
    pub about: About,
    /// The files it was read from.
    pub inputs: Vec<InputFile>,
    /// Rows of the table of samples.
    pub rows: u64,
    /// Rows without an answer.
    pub missing_rows: u64,
    /// What was odd.
    pub notes: Vec<Note>,
}

const MANIFEST: &str = "study.toml";
/// A `study.toml` larger than this is something else.
const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// Reads a study folder: `study.toml` and one table of samples.
///
/// The result depends neither on the order of rows nor on the number of threads.
pub fn read_study(folder: &Path) -> Result<Loaded> {
    let shown = || -> Box<str> { folder.display().to_string().into() };
    if folder.is_file() {
        return Err(Error::NotAFolder { path: shown() });
    }
    if !folder.is_dir() {
        return Err(Error::NoFolder { path: shown() });
    }
    if !folder.join(MANIFEST).is_file() {
        return Err(Error::NoStudyToml { folder: shown() });
    }
    let found: Vec<(&str, Shape)> =
        Shape::NAMES.into_iter().filter(|(name, _)| folder.join(name).is_file()).collect();
    match found[..] {
        [] => Err(Error::NoSamples { folder: shown() }),
        [(name, shape)] => {
            join(&Source::file(folder.join(MANIFEST)), &Source::file(folder.join(name)), shape)
        }
        _ => {
            let names: Vec<&str> = found.into_iter().map(|(name, _)| name).collect();
            Err(Error::SeveralSamples { folder: shown(), found: names.join(", ").into() })
        }
    }
}

/// Reads a study held in memory, for one that is built in: the text of `study.toml` and the bytes of
/// `samples.parquet`. `name` is what errors and provenance call it.
pub fn read_study_bytes(
    name: &str,
    study_toml: &'static str,
    parquet: &'static [u8],
) -> Result<Loaded> {
    let manifest = Source::memory(&format!("{name}/{MANIFEST}"), study_toml);
    let samples = Source::memory(&format!("{name}/samples.parquet"), parquet);
    join(&manifest, &samples, Shape::Parquet)
}

fn join(manifest: &Source, samples: &Source, shape: Shape) -> Result<Loaded> {
    let mut notes = Vec::new();
    let (manifest_file, text) = text_of(manifest)?;
    let manifest = Manifest::parse(&text, &manifest.name, &mut notes)?;
    let (chunks, samples_file) =
        rayon::join(|| shape.read(samples, &manifest, &mut notes), || samples.fingerprint());
    let (chunks, samples_file) = (chunks?, samples_file?);
    let inputs = vec![manifest_file, samples_file];
    build(manifest, chunks, &samples.name, shape.place(), inputs, notes)
}

/// A manifest and the rows of a table, called `samples` in errors, as one study.
pub(crate) fn build(
    manifest: Manifest,
    chunks: Vec<Chunk>,
    samples: &str,
    place: fn(u64) -> Place,
    inputs: Vec<InputFile>,
    mut notes: Vec<Note>,
) -> Result<Loaded> {
    let rows = chunks.iter().map(|chunk| chunk.rows).sum();
    let missing_rows = chunks.iter().map(|chunk| chunk.missing).sum();
    let tasks = assemble(chunks, &manifest, samples, place)?;
    if missing_rows > 0 {
        notes.push(Note::MissingAnswers { rows: missing_rows });
    }
    let with_rows: BTreeSet<usize> =
        tasks.iter().flat_map(|task| task.runs.iter().map(|run| run.model)).collect();
    for (index, model) in manifest.models.iter().enumerate() {
        if !with_rows.contains(&index) && matches!(model.role, Role::Ladder | Role::Anchor) {
            notes.push(Note::NoRowsForModel { model: model.name.clone() });
        }
    }
    let named: BTreeSet<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    for task in manifest.tasks.iter().filter(|task| !named.contains(task.name.as_str())) {
        notes.push(Note::NoRowsForTask { task: task.name.clone() });
    }
    let Manifest { name, about, task_loss_unit, models, .. } = manifest;
    let study = Study { name, task_loss_unit, models, tasks }.validate()?;
    Ok(Loaded { study, about, inputs, rows, missing_rows, notes })
}

/// The text of a small file.
pub(crate) fn text_of(source: &Source) -> Result<(InputFile, String)> {
    let file = source.fingerprint()?;
    if file.bytes > MAX_MANIFEST_BYTES {
        let message = format_args!("{} bytes", file.bytes).to_string();
        return Err(Error::damaged(&source.name, "a study.toml", &message));
    }
    let mut bytes = Vec::new();
    let read = source.open()?.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| Error::read(&source.name, error))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Error::damaged(&source.name, "text in UTF-8", &error))?;
    Ok((file, text))
}
