//! From sources to partials: look at every file, remember the index files, read the samples.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::error::{At, Error, Result};
use crate::formats::{FORMATS, Format, Index, Part, Probe, unknown};
use crate::json::{Beyond, Outline};
use crate::partials::{Fate, FileReport, Partials};
use crate::sink::{Reading, Sink};
use crate::source::{Answer, Found, LogPath, Passed, Top, tops, visit};
use crate::study::{Ingested, Models, Options, assemble};

/// Reads logs: files, folders, archives.
///
/// Every file ends up in [`Partials::files`] with what became of it. Errors of single files and records
/// are collected in [`Partials::problems`], unless [`Reading::strict`] makes the first one end the
/// reading. The result depends neither on the order of `paths` nor on the number of threads.
pub fn partials(paths: &[PathBuf], reading: &Reading) -> Result<Partials> {
    partials_with_progress(paths, reading, &Arc::default())
}

/// [`partials`], adding the bytes that were read to `progress`; of files that are read out of order
/// (Parquet, zip) only their beginning is counted.
pub fn partials_with_progress(
    paths: &[PathBuf],
    reading: &Reading,
    progress: &Arc<AtomicU64>,
) -> Result<Partials> {
    let tops = tops(paths)?;
    let looks: Vec<Look> = tops.par_iter().map(|top| look(top, reading)).collect::<Result<_>>()?;
    let mut index = Index::default();
    let mut wanted = Vec::new();
    let mut all = Partials::default();
    for (top, look) in tops.iter().zip(looks) {
        index.merge(look.index);
        if look.samples && !top.context {
            wanted.push((top, look.jumps));
        }
        if !top.context {
            all.files.extend(look.files);
            all.problems.extend(look.problems);
        }
    }
    let read: Vec<Partials> = wanted
        .par_iter()
        .map(|(top, jumps)| {
            let (mut read, hash) = samples(top, *jumps, &index, reading, progress)?;
            for run in &mut read.runs {
                run.hash.clone_from(&hash);
            }
            for file in &mut read.files {
                file.blake3 = Some(hash.clone());
            }
            Ok(read)
        })
        .collect::<Result<_>>()?;
    for part in read {
        all.merge(part);
    }
    all.files.sort_by(|a, b| a.path.cmp(&b.path));
    // Those of one file keep their order.
    all.problems.sort_by(|a, b| a.file().cmp(&b.file()));
    Ok(all)
}

/// Reads logs and makes a study of them.
///
/// Returns the study, and what was read: its [`Partials::files`] say what became of each file, its
/// [`Partials::problems`] and [`Ingested::problems`] what could not be taken.
pub fn ingest(
    paths: &[PathBuf],
    models: &Models,
    reading: &Reading,
    options: &Options,
) -> Result<(Ingested, Partials)> {
    let read = partials(paths, reading)?;
    Ok((assemble(&read, models, options)?, read))
}

/// Size of the files that reading these sources goes through.
pub fn total_bytes(paths: &[PathBuf]) -> Result<u64> {
    Ok(log_files(paths)?.iter().map(|(_, bytes)| bytes).sum())
}

/// The files that reading these sources goes through, by name, with their bytes: for callers that
/// divide the work. A file that is read on its own finds its index files by itself.
pub fn log_files(paths: &[PathBuf]) -> Result<Vec<(PathBuf, u64)>> {
    let tops = tops(paths)?.into_iter().filter(|top| !top.context);
    Ok(tops.map(|top| (top.path, top.bytes)).collect())
}

/// The format that has a file, and what the file is to it.
pub(crate) fn recognise(
    name: &LogPath,
    found: &Found<'_>,
    reading: &Reading,
) -> Option<(&'static Format, Part)> {
    recognise_probe(&probe(name, found, reading))
}

fn probe<'a>(name: &'a LogPath, found: &'a Found<'_>, reading: &'a Reading) -> Probe<'a> {
    let Found { head, outline, members, .. } = found;
    Probe { path: name, head, outline, members, columns: &reading.columns }
}

fn recognise_probe(probe: &Probe<'_>) -> Option<(&'static Format, Part)> {
    FORMATS.iter().find_map(|format| (format.recognise)(probe).map(|part| (format, part)))
}

/// What looking at a file gave.
#[derive(Default)]
struct Look {
    index: Index,
    samples: bool,
    /// Whether it is read out of order.
    jumps: bool,
    files: Vec<FileReport>,
    problems: Vec<Error>,
}

/// First pass: remembers index files, and says which files have samples.
fn look(top: &Top, reading: &Reading) -> Result<Look> {
    let mut look = Look::default();
    visit(top, &Passed::counting(None), &mut |name, found| {
        let mut found = match found {
            Ok(found) => found,
            Err(error) if reading.strict && !top.context => return Err(error),
            Err(error) => {
                look.files.push(FileReport::new(name, Fate::Refused(error.to_string())));
                look.problems.push(error);
                return Ok(Answer::Taken);
            }
        };
        let is_archive = !found.members.is_empty();
        look.jumps |= found.head.starts_with(b"PAR1") || found.head.starts_with(b"PK");
        let fate = match recognise(name, &found, reading) {
            Some((_, Part::Samples)) => {
                look.samples = true;
                return Ok(Answer::Taken);
            }
            Some((format, Part::Index)) => match (format.index)(&mut found.input) {
                Ok(value) => {
                    look.index.insert(name.clone(), format.name, value);
                    Fate::Context(format.name.into())
                }
                Err(error) if reading.strict && !top.context => return Err(error),
                Err(error) => {
                    let fate = Fate::Refused(error.to_string());
                    look.problems.push(error);
                    fate
                }
            },
            Some((_, Part::Known(reason))) => Fate::Skipped(reason.into()),
            None if is_archive => return Ok(Answer::Walk),
            None if found.head.starts_with(b"version https://git-lfs") => {
                let message = "a Git LFS pointer, not the file itself; run `git lfs pull` first";
                let error = Error::refused(At::whole(name.as_str()), message);
                let fate = Fate::Refused(error.to_string());
                look.problems.push(error);
                fate
            }
            None if found.outline.beyond.is_some() => {
                let error = beyond_limits(name.as_str(), found.outline);
                if reading.strict && !top.context {
                    return Err(error);
                }
                let fate = Fate::Refused(error.to_string());
                look.problems.push(error);
                fate
            }
            None if found.head.is_empty() => Fate::Skipped("empty".into()),
            None => Fate::Skipped(unknown(&probe(name, &found, reading))),
        };
        look.files.push(FileReport::new(name, fate));
        Ok(Answer::Taken)
    })?;
    Ok(look)
}

/// Why a text that begins like a log, but whose keys could not be seen, is none.
fn beyond_limits(name: &str, outline: &Outline) -> Error {
    let (line, beyond) = outline.beyond.unwrap_or((1, Beyond::Length));
    let (what, limit) = match beyond {
        Beyond::Length => ("a line", "64 MB"),
        Beyond::Depth => ("nesting", "100 levels"),
    };
    Error::TooLarge { at: At::line(name, line), what, limit }
}

/// Second pass: reads the samples, and the file's hash.
fn samples(
    top: &Top,
    jumps: bool,
    index: &Index,
    reading: &Reading,
    progress: &Arc<AtomicU64>,
) -> Result<(Partials, String)> {
    let read = |passed: &Passed| {
        let mut sink = Sink::new(reading);
        visit(top, passed, &mut |name, found| {
            // Errors here were reported by the first pass.
            let Ok(found) = found else { return Ok(Answer::Taken) };
            let is_archive = !found.members.is_empty();
            let Some((format, Part::Samples)) = recognise(name, &found, reading) else {
                return Ok(if is_archive { Answer::Walk } else { Answer::Taken });
            };
            sink.begin(name.clone(), format.name);
            let outcome = (format.read)(found.input, index, &mut sink);
            sink.end(outcome)?;
            Ok(Answer::Taken)
        })?;
        Ok(sink.finish())
    };
    if jumps {
        let passed = Passed::counting(Some(Arc::clone(progress)));
        let whole = || hash_of(top, &Passed::counting(None));
        let (read, hash): (Result<Partials>, _) = rayon::join(|| read(&passed), whole);
        return Ok((read?, hash?));
    }
    let passed = Passed::hashing(Arc::clone(progress));
    Ok((read(&passed)?, hash_of(top, &passed)?))
}

/// The hash of a file of which some has passed.
pub(crate) fn hash_of(top: &Top, passed: &Passed) -> Result<String> {
    let hash = File::open(&top.path).and_then(|mut file| passed.hash(&mut file));
    hash.map_err(|error| Error::read(top.name.as_str(), error))
}

/// Reads one log held in memory as if it lay at `path`, with the index files of `beside` (path and
/// bytes each): for tests, and for callers with bytes of their own. Not for archives.
pub fn partials_of_bytes(
    path: &str,
    bytes: &[u8],
    beside: &[(&str, &[u8])],
    reading: &Reading,
) -> Result<Partials> {
    use crate::source::Input;

    let find = |path: &str, bytes: &[u8]| {
        let name = LogPath::new(path);
        let (head, outline) = (&bytes[..bytes.len().min(64 << 10)], Outline::of(bytes));
        let members: Vec<String> = if head.starts_with(b"PK\x03\x04") {
            zip::ZipArchive::new(std::io::Cursor::new(bytes))
                .map(|zip| zip.file_names().filter_map(|n| n.ok().map(Into::into)).collect())
                .unwrap_or_default()
        } else {
            Vec::new()
        };
        let (outline, members, columns) = (&outline, &members[..], &reading.columns[..]);
        recognise_probe(&Probe { path: &name, head, outline, members, columns })
    };
    let mut index = Index::default();
    for (path, bytes) in beside {
        if let Some((format, Part::Index)) = find(path, bytes) {
            let value = (format.index)(&mut Input::from_bytes(path, bytes))?;
            index.insert(LogPath::new(path), format.name, value);
        }
    }
    let mut sink = Sink::new(reading);
    match find(path, bytes) {
        Some((format, Part::Samples)) => {
            sink.begin(LogPath::new(path), format.name);
            let outcome = (format.read)(Input::from_bytes(path, bytes), &index, &mut sink);
            sink.end(outcome)?;
            Ok(sink.finish())
        }
        Some((_, Part::Known(reason))) => Err(Error::refused(At::whole(path), reason)),
        Some((_, Part::Index)) => Err(Error::refused(At::whole(path), "context for other files")),
        None => {
            let outline = Outline::of(bytes);
            Err(match outline.beyond {
                Some(_) => beyond_limits(path, &outline),
                None => Error::refused(At::whole(path), "not a log of a known format"),
            })
        }
    }
}
