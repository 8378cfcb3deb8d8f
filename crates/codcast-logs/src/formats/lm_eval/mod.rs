//! EleutherAI's lm-evaluation-harness, 0.4.0 to 0.5.0.dev1.
//!
//! A run is a results file (`results_<time>.json`, or `results.json` up to 0.4.2) and, with
//! `--log_samples`, one file of samples a task beside it. The results file names the model, says how
//! many samples there should be, which filters there are, and what their means are; a file of samples
//! without it is read as far as it explains itself.

mod context;
mod parts;
mod push;
mod row;

use super::{Format, Index, Part, Probe};
use crate::error::{At, Error, Result};
use crate::json::{Plan, Root, Value};
use crate::sink::Sink;
use crate::source::{Block, Input, of_each};
use row::Rows;

pub(super) const FORMAT: Format = Format { name: NAME, recognise, index, read };
const NAME: &str = "lm-eval";

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    let outline = probe.outline;
    if outline.has(&["doc_id", "resps", "filtered_resps"]) {
        return Some(Part::Samples);
    }
    let results = outline.root == Root::Object
        && outline.has(&["results", "configs"])
        && (outline.has(&["n-shot"]) || outline.has(&["versions"]));
    results.then_some(Part::Index)
}

/// What is not needed of a results file, most of it the source of functions and prompts.
const SKIPPED: &[&str] = &[
    "pretty_env_info",
    "system_instruction",
    "chat_template",
    "doc_to_text",
    "doc_to_target",
    "doc_to_choice",
    "process_docs",
    "process_results",
    "description",
    "fewshot_config",
    "dataset_kwargs",
    // The steps of a filter; its name is kept.
    "filter",
];

fn index(input: &mut Input<'_>) -> Result<Value> {
    input.document(SKIPPED)
}

fn read(mut input: Input<'_>, index: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let (rows, outcome) =
        if input.starts_with(b'[')? { array(&mut input, sink) } else { lines(&mut input, sink) };
    if rows.left_out {
        let what = "the number of metrics or the length of a name";
        let limit = "10,000 metrics, or 1,000 bytes a name (the values beyond are left out)";
        sink.problem(Error::TooLarge { at: At::whole(path.as_str()), what, limit })?;
    }
    let context = context::find(&path, index);
    push::push(&path, &rows, &context, sink)?;
    outcome
}

/// JSON Lines, a block a thread. Rows keep the order of the file.
fn lines(input: &mut Input<'_>, sink: &mut Sink<'_>) -> (Rows, Result<()>) {
    let file = input.name().to_owned();
    let mut all = Rows::default();
    let outcome = input.blocks(&mut |blocks: &[Block], too_large| {
        let parsed = of_each(blocks, |block| {
            let (mut rows, mut errors) = (Rows::default(), Vec::new());
            for (number, line) in block.lines() {
                if let Err(message) = rows.add_line(number, line) {
                    let at = At::line(&file, number);
                    errors.push(Error::damaged(at, "a row of lm-eval", message));
                }
            }
            (rows, errors)
        });
        for error in too_large {
            sink.problem(error)?;
        }
        for (rows, errors) in parsed {
            all.append(&rows);
            for error in errors {
                sink.problem(error)?;
            }
        }
        Ok(())
    });
    (all, outcome)
}

/// One array, as up to 0.4.2.
fn array(input: &mut Input<'_>, sink: &mut Sink<'_>) -> (Rows, Result<()>) {
    let file = input.name().to_owned();
    let mut all = Rows::default();
    let plan = Plan { items: &[], skip: &["doc", "arguments", "target", "filtered_resps"] };
    let outcome = input.items(&plan, &mut |entry| {
        let place = entry.index + 1;
        match all.add_value(place, &entry.value) {
            Ok(()) => Ok(()),
            Err(message) => {
                sink.problem(Error::damaged(At::row(&file, place), "a row of lm-eval", message))
            }
        }
    });
    (all, outcome.map(|_| ()))
}
