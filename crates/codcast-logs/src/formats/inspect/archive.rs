//! `.eval`: a zip archive.

use std::io::{BufReader, Read};

use parquet::file::reader::Length;
use zip::ZipArchive;

use super::samples::Samples;
use super::{SKIPPED, header};
use crate::error::{At, Error, Result};
use crate::formats::Index;
use crate::json::{self, Plan, Value};
use crate::sink::Sink;
use crate::source::{Input, Members, Position};

type Archive = ZipArchive<BufReader<Position>>;

pub(super) fn read(input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let file = path.as_str();
    let access = input.random_access()?;
    let bounds = Members::of(access.len());
    let mut archive = ZipArchive::new(BufReader::new(access.seekable()))
        .map_err(|error| Error::damaged(At::whole(file), "a zip archive", error))?;
    let has = |archive: &Archive, name: &str| archive.index_for_name(name).is_some();
    // A log without header.json was not finished: it crashed, or is still being written.
    let finished = has(&archive, "header.json");
    let header = if finished { "header.json" } else { "_journal/start.json" };
    if !has(&archive, header) {
        let message = "neither header.json nor _journal/start.json in it: the log does not say which \
                       model and task it is about";
        return Err(Error::refused(At::whole(file), message));
    }
    let none = Plan { items: &["\0"], skip: SKIPPED };
    let header = member((&mut archive, &bounds), file, header, &none, &mut |_| Ok(()))?;
    let mut samples = Samples::default();
    let partial_as = sink.reading().partial_as;
    for name in parts(&archive, finished && has(&archive, "summaries.json")) {
        let at = format!("{file}!/{name}");
        // A member of samples/ is one sample, the others are lists of them.
        let whole = name.starts_with("samples/");
        let plan = if whole { none } else { Plan { items: &[], skip: SKIPPED } };
        let outcome = member((&mut archive, &bounds), file, &name, &plan, &mut |entry| {
            samples.add(&at, entry.index, &entry.value, partial_as, sink)
        });
        match outcome {
            Ok(sample) if whole => samples.add(&at, 0, &sample, partial_as, sink)?,
            Ok(_) => {}
            Err(error) => sink.problem(error)?,
        }
    }
    header::push(&path, &header, &samples, sink)
}

/// The members with the scores: the summaries; else those of the journal, in the order of their
/// numbers; else the samples themselves.
fn parts(archive: &Archive, finished: bool) -> Vec<String> {
    if finished {
        return vec!["summaries.json".to_owned()];
    }
    let names: Vec<String> =
        archive.file_names().filter_map(|name| name.ok().map(Into::into)).collect();
    let number = |name: &str| -> Option<u64> {
        name.strip_prefix("_journal/summaries/")?.strip_suffix(".json")?.parse().ok()
    };
    let mut journal: Vec<(u64, String)> =
        names.iter().filter_map(|name| Some((number(name)?, name.clone()))).collect();
    journal.sort();
    if !journal.is_empty() {
        return journal.into_iter().map(|(_, name)| name).collect();
    }
    let is_sample = |name: &String| {
        let chunked = name.ends_with("/sample.json");
        name.starts_with("samples/")
            && (chunked || name.rsplit_once("_epoch_").is_some_and(|(_, k)| !k.contains('/')))
    };
    names.into_iter().filter(is_sample).collect()
}

/// Goes through one member: the last of its name, as the harness does when it writes one again.
fn member(
    (archive, bounds): (&mut Archive, &Members),
    file: &str,
    name: &str,
    plan: &Plan<'_>,
    each: &mut dyn FnMut(json::Entry) -> Result<()>,
) -> Result<Value> {
    let at = format!("{file}!/{name}");
    let member = archive
        .by_name(name)
        .map_err(|error| Error::damaged(At::whole(&at), "a member of a zip archive", error))?;
    let claimed = member.compressed_size();
    let mut reader = bounds.bound(member, claimed);
    let value = json::stream(&mut reader, &at, plan, each)?;
    // To the end, where the checksum is.
    let rest = std::io::copy(&mut reader.by_ref().take(1), &mut std::io::sink());
    rest.map_err(|error| Error::damaged(At::whole(&at), "a member of a zip archive", error))?;
    Ok(value)
}
