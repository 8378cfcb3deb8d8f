//! `codcast check`

use std::process::ExitCode;

use codcast::check::{Check, ModelCheck, check};
use codcast::evals::{ComputeSource, Role};

use super::compute::say_without_compute;
use super::{WithInputs, read_study, say};
use crate::args::{CheckArgs, Common};
use crate::failure::Failure;
use crate::output::{self, Cell, Sheet};
use crate::settings;

pub(super) fn run(args: &CheckArgs, common: &Common) -> Result<ExitCode, Failure> {
    let config = settings::load(common)?;
    let (study, inputs) = read_study(&args.study, common)?;
    if !common.quiet {
        // A study that is made of logs is changed in the manifest beside it.
        let made = args.study.join("logs.parquet").is_file();
        let manifest = if made { "models.toml" } else { "study.toml" };
        say_without_compute(&study.models, &args.study.join(manifest));
    }
    let check = check(&study, &config).inspect_err(|_| {
        // Which role or compute is wrong shows best among all of them.
        if !common.quiet {
            say(&output::table(&models(codcast::check::models(&study))));
        }
    })?;
    let taking_part = check.models.iter().filter(|m| m.role != Role::Ignore).cloned();
    let sheets = [tasks(&check), models(taking_part.collect())];
    let answer = crate::answer::Check::new(check, config);
    output::print(common.format, &WithInputs { result: answer, inputs: &inputs }, &sheets)?;
    Ok(ExitCode::SUCCESS)
}

fn tasks(check: &Check) -> Sheet {
    let rows = check
        .tasks
        .iter()
        .map(|task| {
            vec![
                Cell::Name(task.task.clone()),
                Cell::Count(Some(task.rungs as u64)),
                Cell::Count(task.n_samples),
                Cell::Percent(task.sample_overlap),
                Cell::Count(task.median_trials.map(u64::from)),
                Cell::Percent(task.first_score),
                Cell::Percent(task.last_score),
                Cell::Percent(task.chance),
                Cell::Percent(task.rising_steps),
                Cell::Percent(task.zero_share),
                Cell::Count(Some(task.anchors as u64)),
            ]
        })
        .collect();
    let diagnostics = check.tasks.iter().map(|t| (t.task.as_str(), t.diagnostics.as_slice()));
    let whole = [(check.study.as_str(), check.diagnostics.as_slice())];
    let mut notes = output::notes(whole);
    notes.extend(output::notes(diagnostics));
    if notes.is_empty() {
        notes.push("nothing to warn about".to_owned());
    }
    Sheet {
        title: format!(
            "{}: the rungs span a factor of {:.0} in compute",
            check.study, check.compute_range
        ),
        columns: vec![
            ("task", "task"),
            ("rungs", "rungs"),
            ("samples", "n_samples"),
            ("shared %", "sample_overlap"),
            ("trials", "median_trials"),
            ("first %", "first_score"),
            ("last %", "last_score"),
            ("chance %", "chance"),
            ("rising %", "rising_steps"),
            ("zero %", "zero_share"),
            ("anchors", "anchors"),
        ],
        rows,
        notes,
        ..Sheet::default()
    }
}

fn models(mut models: Vec<ModelCheck>) -> Sheet {
    models.sort_by(|a, b| {
        let flops = |m: &ModelCheck| m.compute_flops.map_or(0.0, f64::from);
        flops(a).total_cmp(&flops(b))
    });
    let rows = models
        .into_iter()
        .map(|model| {
            vec![
                Cell::Name(model.model.clone()),
                Cell::Text(match model.role {
                    Role::Ladder => "ladder",
                    Role::Target => "target",
                    Role::Anchor => "anchor",
                    Role::Ignore => "ignore",
                }),
                Cell::Compute(model.compute_flops),
                Cell::Text(match model.compute_source {
                    None => "unknown",
                    Some(ComputeSource::Given) => "given",
                    Some(ComputeSource::PerToken) => "per token x tokens",
                    Some(ComputeSource::SixNd) => "6ND",
                    Some(ComputeSource::SixActive) => "6ND, active N",
                }),
                Cell::Number(model.times_largest_rung),
            ]
        })
        .collect();
    Sheet {
        columns: vec![
            ("model", "model"),
            ("role", "role"),
            ("compute", "compute_flops"),
            ("from", "compute_source"),
            ("x largest rung", "times_largest_rung"),
        ],
        rows,
        ..Sheet::default()
    }
}
