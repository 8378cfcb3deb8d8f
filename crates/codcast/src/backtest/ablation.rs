//! What matters: the same backtest with one thing changed.

use std::collections::BTreeSet;

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::{Backtest, BacktestConfig};
use crate::cluster::Algorithm;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::evals::{Outcome, Study};
use crate::extrapolate::ExtrapolateConfig;
use crate::fit::Law;
use crate::map::MapKind;
use crate::stats::{generator, mean};

/// All that a backtest is made from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The data.
    pub studies: Vec<Study>,
    /// Which cases.
    pub backtest: BacktestConfig,
    /// The stages.
    pub config: Config,
}

/// One thing changed in several ways.
pub struct Ablation {
    /// As on the command line.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// Its ways. The unchanged backtest is always one row more.
    pub variants: Vec<Variant>,
}

/// One way.
pub struct Variant {
    /// What differs.
    pub label: &'static str,
    /// Makes the difference.
    pub change: fn(&mut Setup),
}

macro_rules! ablations {
    ($( $name:literal, $about:literal: { $( $label:literal => $change:expr ),* $(,)? } )*) => {
        /// Every ablation. To add one, add its lines: a name, what it asks, and for each variant a
        /// label and the change to the setup.
        pub fn all() -> Vec<Ablation> {
            vec![ $( Ablation {
                name: $name,
                about: $about,
                variants: vec![ $( Variant { label: $label, change: $change } ),* ],
            } ),* ]
        }
    };
}

ablations! {
    "rungs", "how much do fewer rungs cost, the largest kept?": {
        "at most 4 rungs" => |setup| setup.backtest.max_rungs = Some(setup.backtest.min_rungs.max(4)),
        "at most 6 rungs" => |setup| setup.backtest.max_rungs = Some(setup.backtest.min_rungs.max(6)),
        "at most 8 rungs" => |setup| setup.backtest.max_rungs = Some(setup.backtest.min_rungs.max(8)),
    }
    "distance", "how much does a smaller largest rung cost?": {
        "at least 4 times" => |setup| setup.backtest.min_factor = 4.0,
        "at least 8 times" => |setup| setup.backtest.min_factor = 8.0,
        "at least 16 times" => |setup| setup.backtest.min_factor = 16.0,
    }
    "trials", "how much do fewer generations a sample cost?": {
        "1 trial" => |setup| fewer_trials(setup, 1),
        "4 trials" => |setup| fewer_trials(setup, 4),
        "16 trials" => |setup| fewer_trials(setup, 16),
    }
    "samples", "how much do fewer samples cost?": {
        "50 samples" => |setup| fewer_samples(setup, 50),
        "100 samples" => |setup| fewer_samples(setup, 100),
        "200 samples" => |setup| fewer_samples(setup, 200),
    }
    "clustering", "which algorithm finds the difficulty groups?": {
        "one pass of MeanShift" => |setup| setup.config.cluster.algorithm = Algorithm::MeanShift,
        "K-Means" => |setup| setup.config.cluster.algorithm = Algorithm::KMeans,
        "improved K-Means" => |setup| setup.config.cluster.algorithm = Algorithm::ImprovedKMeans,
        "DBSCAN" => |setup| setup.config.cluster.algorithm = Algorithm::Dbscan,
    }
    "thresholds", "what is leaving out clusters worth?": {
        "without criteria" => |setup| {
            setup.config.extrapolate =
                ExtrapolateConfig { min_a: 0.0, min_b: 0.0, max_c: f64::MAX };
        },
    }
    "mapping", "what is mapping the subset to the full set worth?": {
        "quartic" => |setup| setup.config.map.kind = MapKind::Quartic,
        "without mapping" => |setup| setup.config.map.kind = MapKind::Identity,
    }
    "law", "which parameters does the law need?": {
        "without chance" => |setup| setup.config.fit.law = Law::NoChance,
        "without ceiling" => |setup| setup.config.fit.law = Law::NoCeiling,
        "without both" => |setup| setup.config.fit.law = Law::Bare,
    }
    "anchors", "what are other families' models worth?": {
        "without anchors" => |setup| setup.config.data.anchors = false,
    }
    "smoothing", "what is averaging neighbouring checkpoints worth?": {
        "without smoothing" => |setup| setup.config.data.neighbours = 0,
    }
}

/// The ablation of that name.
pub fn by_name(name: &str) -> Result<Ablation> {
    let known = || all().iter().map(|ablation| ablation.name).collect::<Vec<_>>().join(", ");
    all().into_iter().find(|ablation| ablation.name == name).ok_or_else(|| Error::Unknown {
        kind: "ablation",
        name: name.to_owned(),
        known: known(),
    })
}

/// One engine under one variant, on the cases that all variants share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AblationRow {
    /// What differs; `unchanged` for the first.
    pub variant: String,
    /// The engine.
    pub engine: String,
    /// Cases in which the engine gave a forecast under every variant.
    pub cases: usize,
    /// Mean absolute error there, in points.
    pub mae: Option<f64>,
    /// Largest absolute error there.
    pub max: Option<f64>,
}

/// One row a variant and engine. `results`: a label and its backtest each, same engines in the same
/// order. Only cases that exist under every variant are compared.
pub fn rows(results: &[(String, Backtest)]) -> Vec<AblationRow> {
    let Some((_, first)) = results.first() else { return Vec::new() };
    let mut rows = Vec::new();
    for (label, result) in results {
        for engine in first.summary.iter().map(|line| line.engine.as_str()) {
            let answered = |result: &Backtest| -> BTreeSet<(String, String, String)> {
                result
                    .cases
                    .iter()
                    .filter(|case| case.engine == engine && case.forecast.is_some())
                    .map(|case| (case.study.clone(), case.task.clone(), case.target.clone()))
                    .collect()
            };
            let shared = results
                .iter()
                .map(|(_, result)| answered(result))
                .reduce(|a, b| a.intersection(&b).cloned().collect())
                .unwrap_or_default();
            let errors: Vec<f64> = result
                .cases
                .iter()
                .filter(|case| case.engine == engine)
                .filter(|case| {
                    shared.contains(&(case.study.clone(), case.task.clone(), case.target.clone()))
                })
                .filter_map(|case| case.error().map(f64::abs))
                .collect();
            rows.push(AblationRow {
                variant: label.clone(),
                engine: engine.to_owned(),
                cases: errors.len(),
                mae: mean(&errors),
                max: errors.iter().copied().reduce(f64::max),
            });
        }
    }
    rows
}

/// Keeps `most` of every sample's counted generations, drawn without replacement. Measured scores
/// have none to draw. The models that forecasts are judged by are thinned like all others, so their
/// scores are noisier too.
pub fn fewer_trials(setup: &mut Setup, most: u32) {
    let seed = setup.config.seed;
    let mut stream = 0;
    for task in setup.studies.iter_mut().flat_map(|study| &mut study.tasks) {
        for run in &mut task.runs {
            let mut random = generator(seed, stream);
            stream += 1;
            for outcome in &mut run.outcomes {
                *outcome = thinned(*outcome, most, &mut random);
            }
        }
    }
}

/// A draw of `most` generations out of those counted: hypergeometric where all were right or wrong;
/// a fraction of partial credit counts as one generation that is right with that probability.
fn thinned(outcome: Outcome, most: u32, random: &mut Pcg64Mcg) -> Outcome {
    let Outcome::Counted { trials, correct } = outcome else { return outcome };
    if trials <= most {
        return outcome;
    }
    let (mut left, mut right, mut drawn) = (f64::from(trials), correct, 0.0);
    for _ in 0..most {
        if random.random::<f64>() * left < right {
            drawn += 1.0;
            right = (right - 1.0).max(0.0);
        }
        left -= 1.0;
    }
    Outcome::Counted { trials: most, correct: drawn }
}

/// Keeps `most` of every task's samples, the same for all models.
///
/// The forecast is then of the mean over the kept samples, and is judged by it.
pub fn fewer_samples(setup: &mut Setup, most: usize) {
    let seed = setup.config.seed;
    for (stream, task) in setup.studies.iter_mut().flat_map(|study| &mut study.tasks).enumerate() {
        let n = task.samples.len();
        if n <= most {
            continue;
        }
        let mut random = generator(seed, stream as u64);
        let mut order: Vec<usize> = (0..n).collect();
        for i in 0..most {
            order.swap(i, random.random_range(i..n));
        }
        let mut kept = order[..most].to_vec();
        kept.sort_unstable();
        task.samples = kept.iter().map(|&s| task.samples[s].clone()).collect();
        for run in &mut task.runs {
            run.outcomes = kept.iter().map(|&s| run.outcomes[s]).collect();
            if let Some(losses) = &mut run.task_loss {
                *losses = kept.iter().map(|&s| losses[s]).collect();
            }
        }
    }
}
