//! `study.toml` of a study, with compute as the reader will derive it.

use std::io;

use codcast::evals::{Compute, ComputeSource, Model, Study};
use serde::Serialize;

use crate::manifest::About;

#[derive(Serialize)]
struct ManifestOut<'a> {
    name: &'a str,
    note: Option<&'a str>,
    source: Option<&'a str>,
    licence: Option<&'a str>,
    task_loss_unit: Option<&'a str>,
    models: Vec<ModelOut<'a>>,
    tasks: Vec<TaskOut<'a>>,
}

#[derive(Serialize)]
struct ModelOut<'a> {
    name: &'a str,
    family: Option<&'a str>,
    role: codcast::evals::Role,
    params: Option<f64>,
    active_params: Option<f64>,
    tokens: Option<f64>,
    compute_flops: Option<f64>,
    compute_per_token_flops: Option<f64>,
    checkpoint: Option<i64>,
    loss: Option<f64>,
}

#[derive(Serialize)]
struct TaskOut<'a> {
    name: &'a str,
    chance: Option<f64>,
    n_samples: Option<u64>,
}

pub(super) fn text(study: &Study, about: &About) -> io::Result<String> {
    let out = ManifestOut {
        name: &study.name,
        note: about.note.as_deref(),
        source: about.source.as_deref(),
        licence: about.licence.as_deref(),
        task_loss_unit: study.task_loss_unit.as_deref(),
        models: study.models.iter().map(model_out).collect(),
        tasks: study
            .tasks
            .iter()
            .filter(|task| task.chance.is_some() || task.n_samples.is_some())
            .map(|task| TaskOut {
                name: &task.name,
                chance: task.chance,
                n_samples: task.n_samples,
            })
            .collect(),
    };
    toml::to_string(&out).map_err(io::Error::other)
}

fn model_out(model: &Model) -> ModelOut<'_> {
    let per_token = match model.compute {
        Some(Compute { flops, source: ComputeSource::PerToken }) => {
            model.tokens.and_then(|tokens| exact_quotient(flops.get(), tokens))
        }
        _ => None,
    };
    let active = match model.compute {
        Some(Compute { flops, source: ComputeSource::SixActive }) => {
            model.tokens.and_then(|tokens| exact_active(flops.get(), tokens))
        }
        _ => None,
    };
    let derived = per_token.is_some()
        || active.is_some()
        || model.compute.is_some_and(|compute| {
            let product = model.params.zip(model.tokens).map(|(n, d)| 6.0 * n * d);
            compute.source == ComputeSource::SixNd && product == Some(compute.flops.get())
        });
    ModelOut {
        name: &model.name,
        family: model.family.as_deref(),
        role: model.role,
        params: model.params,
        active_params: active,
        tokens: model.tokens,
        compute_flops: model.compute.filter(|_| !derived).map(|compute| compute.flops.get()),
        compute_per_token_flops: per_token,
        checkpoint: model.checkpoint,
        loss: model.loss,
    }
}

/// Active parameters `n` with `6 n tokens == flops` as the reader computes it, if there are any next to
/// the quotient.
fn exact_active(flops: f64, tokens: f64) -> Option<f64> {
    let n = flops / tokens / 6.0;
    let near =
        (-4_i32..=4).map(|ulps| f64::from_bits(n.to_bits().wrapping_add_signed(i64::from(ulps))));
    near.into_iter().find(|n| 6.0 * n * tokens == flops)
}

/// `q` with `q * divisor == product` in floating point, if there is one next to the quotient.
fn exact_quotient(product: f64, divisor: f64) -> Option<f64> {
    let q = product / divisor;
    [q, q.next_up(), q.next_down()].into_iter().find(|q| q * divisor == product)
}
