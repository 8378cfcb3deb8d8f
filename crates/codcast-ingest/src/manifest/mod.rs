//! `study.toml`: the models, their parts and their compute.
//!
//! Known keys must hold what they should. An unknown key that looks like a known one misspelt is an
//! error; any other unknown key is ignored with a note, so that a study may carry its own remarks.

mod table;

use std::ops::Range;

use codcast::Flops;
use codcast::evals::{Compute, ComputeSource, Model, Role};
use toml::de::DeTable;

use self::table::{Doc, Names, Origin, Table, label};
use crate::chunk::ModelIndex;
use crate::error::{At, Error, Result};
use crate::note::Note;
use crate::text::{nearest, quoted, shown};

/// What `study.toml` says about a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskInfo {
    /// As in the table of samples.
    pub name: String,
    /// Score of guessing, in `[0, 1)`.
    pub chance: Option<f64>,
    /// For aggregates: how many samples the score averages.
    pub n_samples: Option<u64>,
}

/// Where a study comes from, in its author's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What to know about it.
    pub note: Option<String>,
    /// Where the results were published.
    pub source: Option<String>,
    /// Under which licence.
    pub licence: Option<String>,
}

/// The content of `study.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The study's name.
    pub name: String,
    /// Where it comes from.
    pub about: About,
    /// Unit of the losses in the table of samples.
    pub task_loss_unit: Option<String>,
    /// All models, in the file's order.
    pub models: Vec<Model>,
    /// What the file says about tasks.
    pub tasks: Vec<TaskInfo>,
}

const TOP_KEYS: &[&str] =
    &["name", "note", "source", "licence", "license", "task_loss_unit", "models", "tasks"];
const MODEL_KEYS: &[&str] = &[
    "name",
    // What logs call the model: for the ingest of logs.
    "match",
    "family",
    "role",
    "params",
    "active_params",
    "tokens",
    "compute_flops",
    "compute_per_token_flops",
    "checkpoint",
    "loss",
    "note",
    "source",
];
const TASK_KEYS: &[&str] = &["name", "match", "chance", "n_samples", "note", "source"];

impl Manifest {
    /// Reads the text of a `study.toml`. `file`: the name that errors show; `notes`: what was odd.
    pub fn parse(text: &str, file: &str, notes: &mut Vec<Note>) -> Result<Self> {
        if text.trim().is_empty() {
            let expected = "the study's name and its [[models]]";
            return Err(Error::Empty { file: file.into(), expected });
        }
        Self::parse_text(text, Origin::File(file), notes)
    }

    /// The same content as values instead of a text. Errors name the entry of `models` or `tasks`.
    pub fn from_values(values: &toml::Table, notes: &mut Vec<Note>) -> Result<Self> {
        // One entry a line, models first: what `Origin::Values` counts on.
        let mut text = String::new();
        let mut counts = [0; 2];
        for (list, count) in ["models", "tasks"].into_iter().zip(&mut counts) {
            let Some(entries) = values.get(list) else { continue };
            let lines: Vec<String> = match entries.as_array() {
                Some(entries) => entries.iter().map(ToString::to_string).collect(),
                None => vec![entries.to_string()],
            };
            *count = lines.len();
            let list_of = entries.is_array();
            let (open, close) = if list_of { ("[", "]") } else { ("", "") };
            text += &format!("{list} = {open}{}{close}\n", lines.join(",\n"));
        }
        for (key, value) in values.iter().filter(|(key, _)| !["models", "tasks"].contains(&&***key))
        {
            text += &format!("{} = {value}\n", toml::Value::String(key.clone()));
        }
        Self::parse_text(&text, Origin::Values { models: counts[0], tasks: counts[1] }, notes)
    }

    fn parse_text(text: &str, origin: Origin<'_>, notes: &mut Vec<Note>) -> Result<Self> {
        let line_ends: Vec<usize> = text.match_indices('\n').map(|(offset, _)| offset).collect();
        let doc = Doc { line_ends: &line_ends, origin };
        let table = DeTable::parse(text).map_err(|error| {
            let at = doc.at(&error.span().unwrap_or(0..0));
            let message = shown(error.message());
            Error::Syntax { at, message, advice: "correct the TOML" }
        })?;
        let top =
            Table::new(doc, "top level".into(), table.span(), table.get_ref(), TOP_KEYS, notes)?;

        let models = top.tables("models")?;
        if models.is_empty() {
            return Err(top.bad("models", None, "missing", "at least one [[models]] table"));
        }
        let mut names = Names::new(doc, "model");
        let models = models
            .into_iter()
            .enumerate()
            .map(|(i, (span, table))| model(doc, i, span, table, &mut names, notes))
            .collect::<Result<_>>()?;

        let mut names = Names::new(doc, "task");
        let tasks = top
            .tables("tasks")?
            .into_iter()
            .enumerate()
            .map(|(i, (span, table))| task(doc, i, span, table, &mut names, notes))
            .collect::<Result<_>>()?;

        let licence = match top.text("licence")? {
            None => top.text("license")?,
            given => given,
        };
        Ok(Self {
            name: top.required_name()?,
            about: About { note: top.text("note")?, source: top.text("source")?, licence },
            task_loss_unit: top.text("task_loss_unit")?,
            models,
            tasks,
        })
    }

    pub(crate) fn model_index(&self) -> ModelIndex<'_> {
        self.models.iter().zip(0..).map(|(model, index)| (model.name.as_str(), index)).collect()
    }

    /// The error for a model that has rows but is not listed.
    pub(crate) fn unknown_model(&self, name: &str, at: At) -> Error {
        let suggestion = nearest(name, self.models.iter().map(|m| m.name.as_str())).map(quoted);
        Error::UnknownModel { at, model: quoted(name), suggestion }
    }
}

fn model(
    doc: Doc<'_>,
    index: usize,
    span: Range<usize>,
    table: &DeTable<'_>,
    names: &mut Names<'_>,
    notes: &mut Vec<Note>,
) -> Result<Model> {
    let table = Table::new(doc, label("model", index, table), span, table, MODEL_KEYS, notes)?;
    let name = table.required_name()?;
    names.add(&name, table.span_of("name"))?;
    let roles = "\"ladder\", \"target\", \"anchor\" or \"ignore\"";
    let role = match table.text("role")?.as_deref() {
        Some("ladder") => Role::Ladder,
        Some("target") => Role::Target,
        Some("anchor") => Role::Anchor,
        Some("ignore") => Role::Ignore,
        Some(other) => return Err(table.bad("role", Some("role"), &quoted(other), roles)),
        None => return Err(table.bad("role", None, "missing", roles)),
    };
    let positive = |x: f64| x > 0.0;
    let params = table.number("params", "a finite positive number of parameters", positive)?;
    let expected = "a finite positive number of parameters, not more than params";
    let not_more = |x: f64| x > 0.0 && params.is_none_or(|params| x <= params);
    let active = table.number("active_params", expected, not_more)?;
    let tokens = table.number("tokens", "a finite positive number of tokens", positive)?;
    let given = table.number("compute_flops", "a finite positive number of FLOPs", positive)?;
    let per_token = "compute_per_token_flops";
    let per_token =
        table.number(per_token, "a finite positive number of FLOPs per token", positive)?;
    let compute = match (given, per_token, active, params, tokens) {
        (Some(flops), ..) => Some((flops, ComputeSource::Given)),
        (None, Some(per_token), .., Some(d)) => Some((per_token * d, ComputeSource::PerToken)),
        (None, _, Some(n), _, Some(d)) => Some((6.0 * n * d, ComputeSource::SixActive)),
        (None, _, None, Some(n), Some(d)) => Some((6.0 * n * d, ComputeSource::SixNd)),
        _ => None,
    };
    let compute = compute
        .map(|(flops, source)| match Flops::new(flops) {
            Ok(flops) => Ok(Compute { flops, source }),
            Err(_) => Err(table.bad(
                "tokens",
                Some("tokens"),
                "too large or small",
                "a product of parameters and tokens that is a finite positive number",
            )),
        })
        .transpose()?;
    Ok(Model {
        name,
        family: table.text("family")?,
        role,
        params,
        tokens,
        compute,
        checkpoint: table.integer("checkpoint", "an integer")?,
        loss: table.number("loss", "a finite number, zero or more", |x| x >= 0.0)?,
    })
}

fn task(
    doc: Doc<'_>,
    index: usize,
    span: Range<usize>,
    table: &DeTable<'_>,
    names: &mut Names<'_>,
    notes: &mut Vec<Note>,
) -> Result<TaskInfo> {
    let table = Table::new(doc, label("task", index, table), span, table, TASK_KEYS, notes)?;
    let name = table.required_name()?;
    names.add(&name, table.span_of("name"))?;
    let expected = "a whole number, at least 1";
    let n_samples = table
        .integer("n_samples", expected)?
        .map(|n| match u64::try_from(n) {
            Ok(n) if n > 0 => Ok(n),
            _ => Err(table.bad("n_samples", Some("n_samples"), &n.to_string(), expected)),
        })
        .transpose()?;
    let below_one = |x: f64| (0.0..1.0).contains(&x);
    let chance = table.number("chance", "a number from 0 to less than 1", below_one)?;
    Ok(TaskInfo { name, chance, n_samples })
}
