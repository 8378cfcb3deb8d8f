//! A ladder as it might look after an addition, drawn from what has been fitted.

use std::sync::Arc;

use rand::RngExt;
use rand_distr::{Beta, Binomial, Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

use crate::engines::{Curve, Fit, Refusal};
use crate::monitor::Expected;
use crate::passrate::{Anchor, PassRates, Rung, Target, TaskLadder, UNKNOWN_SAMPLES};
use crate::units::Flops;

/// What may be added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    /// A rung of this compute, evaluated as the others are.
    Rung(Flops),
    /// So many times the generations a sample.
    Generations(u32),
    /// So many times the samples.
    Samples(u32),
    /// A finished model of another family, of this compute.
    Anchor(Flops),
}

/// The task after the change; as it is where the change means nothing to it.
///
/// A rung's mean score is drawn from the fitted curve's predictive distribution at its compute, which
/// holds the chance that it is off the curve; its samples keep the order of difficulty of the nearest
/// rung, moved along the logit until they have that mean. More generations are drawn around each
/// sample's own rate, itself drawn from its posterior under Jeffreys' prior. More samples are like those
/// there are: drawn with replacement, their rates drawn anew.
pub(super) fn changed(
    task: &TaskLadder,
    fit: &Result<Fit, Refusal>,
    change: Change,
    random: &mut Pcg64Mcg,
) -> TaskLadder {
    match (change, fit) {
        (Change::Rung(compute), Ok(fit)) => {
            with_rung(task, fit.curve.as_ref(), compute, random).unwrap_or_else(|| task.clone())
        }
        (Change::Anchor(compute), Ok(fit)) => {
            with_anchor(task, fit.curve.as_ref(), compute, random).unwrap_or_else(|| task.clone())
        }
        (Change::Generations(times), _) => with_generations(task, times, random),
        (Change::Samples(times), _) => with_samples(task, times, random),
        (_, Err(_)) => task.clone(),
    }
}

/// Draws a model's mean score at this compute.
fn draw_score(curve: &dyn Curve, compute: Flops, random: &mut Pcg64Mcg) -> Option<f64> {
    let target = Target { model: None, compute, params: None, tokens: None };
    let expected = Expected::of(curve, &target)?;
    let off: f64 = StandardNormal.sample(random);
    Some(expected.at(off).clamp(1e-4, 1.0 - 1e-4))
}

fn with_rung(
    task: &TaskLadder,
    curve: &dyn Curve,
    compute: Flops,
    random: &mut Pcg64Mcg,
) -> Option<TaskLadder> {
    let at = task.rungs.iter().position(|rung| rung.compute >= compute).unwrap_or(task.rungs.len());
    let score = draw_score(curve, compute, random)?;
    let ratio = super::cost::tokens_per_param(task);
    let params = ratio.map(|ratio| super::cost::params_at(compute.get(), ratio));
    let rung = Rung {
        model: "added".to_owned(),
        compute,
        params,
        tokens: params.zip(ratio).map(|(params, ratio)| params * ratio),
        loss: None,
        task_loss: None,
    };
    let mut new = task.clone();
    new.rungs.insert(at, rung);
    if !task.has_samples() {
        let n = task.n_samples.map_or(UNKNOWN_SAMPLES, |n| n.max(1) as f64);
        let noise: f64 = StandardNormal.sample(random);
        let mean = score + noise * (score * (1.0 - score) / n).sqrt();
        new.means.insert(at, mean.clamp(0.0, 1.0));
        return Some(new);
    }
    let (column, trials) = new_column(task, score, at, random);
    let rungs = task.rungs.len();
    let mut values = Vec::with_capacity((rungs + 1) * column.len());
    for (row, new) in task.rates.iter().zip(&column) {
        values.extend_from_slice(&row[..at]);
        values.push(*new);
        values.extend_from_slice(&row[at..]);
    }
    new.rates = PassRates::new(rungs + 1, values);
    new.trials = task.trials.as_ref().map(|known| {
        let rows = known.chunks_exact(rungs);
        rows.flat_map(|row| {
            row[..at].iter().copied().chain([trials]).chain(row[at..].iter().copied())
        })
        .collect()
    });
    new.means = all_means(&new.rates);
    Some(new)
}

fn with_anchor(
    task: &TaskLadder,
    curve: &dyn Curve,
    compute: Flops,
    random: &mut Pcg64Mcg,
) -> Option<TaskLadder> {
    let score = draw_score(curve, compute, random)?;
    let (rates, mean) = if task.has_samples() {
        let rates = new_column(task, score, task.rungs.len(), random).0;
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        (rates, mean)
    } else {
        (Vec::new(), score)
    };
    let mut new = task.clone();
    new.anchors.push(Anchor { model: "added".to_owned(), compute: Some(compute), rates, mean });
    Some(new)
}

/// `[sample]` rates of a model of this mean score between rungs `at - 1` and `at`, and its trials.
fn new_column(task: &TaskLadder, score: f64, at: usize, random: &mut Pcg64Mcg) -> (Vec<f64>, u32) {
    let rungs = task.rungs.len();
    let near = at.saturating_sub(1).min(rungs - 1);
    let n = task.rates.n_samples();
    let logits: Vec<f64> = (0..n)
        .map(|sample| {
            let rate = task.rates.sample(sample)[near];
            let trials = trials_of(task, sample, near);
            let inside = (rate * trials + 0.5) / (trials + 1.0);
            (inside / (1.0 - inside)).ln()
        })
        .collect();
    let rate_at = |logit: f64, shift: f64| 1.0 / (1.0 + (-(logit + shift)).exp());
    let (mut low, mut high) = (-30.0, 30.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let mean = logits.iter().map(|&logit| rate_at(logit, middle)).sum::<f64>() / n as f64;
        if mean < score {
            low = middle;
        } else {
            high = middle;
        }
    }
    let shift = 0.5 * (low + high);
    let trials = task.trials.as_ref().map_or(1, |_| trials_of(task, 0, near) as u32);
    let column = logits.into_iter().map(|logit| {
        let rate = rate_at(logit, shift);
        if is_counted(task) { drawn(rate, trials, random) } else { rate }
    });
    (column.collect(), trials)
}

/// Rates that come from counting: whole right answers.
fn is_counted(task: &TaskLadder) -> bool {
    task.trials.is_some() || task.rates.as_slice().iter().all(|&rate| rate == 0.0 || rate == 1.0)
}

fn trials_of(task: &TaskLadder, sample: usize, rung: usize) -> f64 {
    let at = sample * task.rungs.len() + rung;
    task.trials.as_ref().map_or(1.0, |trials| f64::from(trials[at].max(1)))
}

/// The rate of right answers among `trials` draws.
fn drawn(rate: f64, trials: u32, random: &mut Pcg64Mcg) -> f64 {
    match Binomial::new(u64::from(trials), rate.clamp(0.0, 1.0)) {
        Ok(law) => law.sample(random) as f64 / f64::from(trials.max(1)),
        Err(_) => rate,
    }
}

/// A cell's rate under Jeffreys' prior.
fn posterior(rate: f64, trials: f64, random: &mut Pcg64Mcg) -> f64 {
    Beta::new(rate * trials + 0.5, (1.0 - rate) * trials + 0.5)
        .map_or(rate, |law| law.sample(random))
}

fn with_generations(task: &TaskLadder, times: u32, random: &mut Pcg64Mcg) -> TaskLadder {
    if !task.has_samples() || !is_counted(task) {
        return task.clone();
    }
    let rungs = task.rungs.len();
    let mut values = Vec::with_capacity(task.rates.as_slice().len());
    for sample in 0..task.rates.n_samples() {
        for rung in 0..rungs {
            let (rate, trials) = (task.rates.sample(sample)[rung], trials_of(task, sample, rung));
            let more = trials * f64::from(times - 1);
            let own = posterior(rate, trials, random);
            let right = rate * trials + more * drawn(own, more as u32, random);
            values.push(right / (trials + more));
        }
    }
    let mut new = task.clone();
    new.rates = PassRates::new(rungs, values);
    let trials = new.trials.take().unwrap_or_else(|| vec![1; rungs * task.rates.n_samples()]);
    new.trials = Some(trials.into_iter().map(|n| n.saturating_mul(times)).collect());
    new.means = all_means(&new.rates);
    new
}

fn with_samples(task: &TaskLadder, times: u32, random: &mut Pcg64Mcg) -> TaskLadder {
    let mut new = task.clone();
    new.n_samples = task.n_samples.map(|n| n * u64::from(times));
    if !task.has_samples() {
        return new;
    }
    let (n, rungs) = (task.rates.n_samples(), task.rungs.len());
    let mut values = task.rates.as_slice().to_vec();
    let mut trials = task.trials.clone();
    for extra in 0..n * (times as usize - 1) {
        let like = random.random_range(0..n);
        for rung in 0..rungs {
            let rate = task.rates.sample(like)[rung];
            let count = trials_of(task, like, rung);
            values.push(if is_counted(task) {
                drawn(posterior(rate, count, random), count as u32, random)
            } else {
                rate
            });
        }
        for (anchor, known) in new.anchors.iter_mut().zip(&task.anchors) {
            anchor.rates.extend(known.rates.get(like));
        }
        if let (Some(all), Some(known)) = (&mut trials, &task.trials) {
            all.extend_from_slice(&known[like * rungs..(like + 1) * rungs]);
        }
        new.samples.push(Arc::from(format!("added-{extra}")));
    }
    for anchor in new.anchors.iter_mut().filter(|anchor| !anchor.rates.is_empty()) {
        anchor.mean = anchor.rates.iter().sum::<f64>() / anchor.rates.len() as f64;
    }
    new.rates = PassRates::new(rungs, values);
    new.trials = trials;
    new.means = all_means(&new.rates);
    new
}

fn all_means(rates: &PassRates) -> Vec<f64> {
    rates.means_of(&(0..rates.n_samples()).collect::<Vec<_>>())
}
