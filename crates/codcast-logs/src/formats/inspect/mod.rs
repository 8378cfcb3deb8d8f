//! UK AISI's inspect_ai: `.eval` archives (deflate and Zstandard, finished or crashed, chunked or not) and
//! `.json` logs.
//!
//! Of an archive only the header and the summaries are read: they hold every score, in kilobytes even
//! where the samples are gigabytes. Epochs are independent repeats.

mod archive;
mod header;
mod samples;

use super::{Format, Index, Part, Probe};
use crate::error::Result;
use crate::json::{Plan, Root};
use crate::sink::Sink;
use crate::source::Input;
use samples::Samples;

pub(super) const ARCHIVE: Format =
    Format { name: NAME, recognise: is_archive, index: super::no_index, read: archive::read };
pub(super) const JSON: Format =
    Format { name: NAME, recognise: is_json, index: super::no_index, read: read_json };
const NAME: &str = "inspect_ai";

/// Keys of samples and headers that are never needed. Scorers and arguments of tasks may be called so, too:
/// they are not skipped, nor is anything inside a score's `value` ([`Plan::skip`]).
const SKIPPED: &[&str] = &[
    "input",
    "target",
    "choices",
    "messages",
    "output",
    "events",
    "events_data",
    "attachments",
    "store",
    "metadata",
    "files",
    "setup",
    "answer",
    "explanation",
    "history",
    "model_usage",
    "role_usage",
    "steps",
    "reductions",
    "sample_reductions",
];

fn is_archive(probe: &Probe<'_>) -> Option<Part> {
    let has = |name: &str| probe.members.iter().any(|member| member == name);
    let log = has("header.json") || has("_journal/start.json") || has("summaries.json");
    log.then_some(Part::Samples)
}

fn is_json(probe: &Probe<'_>) -> Option<Part> {
    let outline = probe.outline;
    let log = outline.root == Root::Object
        && outline.has(&["eval.task", "eval.model", "status", "version"]);
    log.then_some(Part::Samples)
}

fn read_json(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let mut samples = Samples::default();
    let plan = Plan { items: &["samples"], skip: SKIPPED };
    let partial_as = sink.reading().partial_as;
    let header = input.items(&plan, &mut |entry| {
        samples.add(path.as_str(), entry.index, &entry.value, partial_as, sink)
    })?;
    header::push(&path, &header, &samples, sink)
}
