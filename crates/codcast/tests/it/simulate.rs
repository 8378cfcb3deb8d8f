//! Ladders simulated under the paper's assumptions, at its compute and sizes of sets.
//!
//! A set consists of groups of samples. A group follows one law `y = g + (1 - g) exp(-a C^-b - c)` and
//! is homogeneous: its samples differ from one another by [`SPREAD`] in `ln a` and in nothing else.
//! Groups differ in all of `a, b, c`, and their curves are far enough apart that a clustering can tell
//! them from one another. One sample in twenty belongs to no group and has a law of its own. Three in two
//! hundred follow no law: one never scores above chance, one keeps its score, one falls. More would
//! break another assumption of the paper's, that the set tends to the full score as the subset does.
//!
//! One anchor, a model of another family, has 0.6 times the target's compute and its own strengths: each
//! group meets it with its emergence shifted at random by [`ANCHOR_SHIFT`].

use std::sync::Arc;

use codcast::Flops;
use codcast::extrapolate::{Class, ExtrapolateConfig, SubsetCurve, classify};
use codcast::fit::{FitConfig, LawParams, fit_law};
use codcast::map::{MapConfig, fit_map};
use codcast::passrate::{Anchor, PassRates, Rung, Target, TaskLadder};
use rand::{RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// arXiv 2502.17262 v4: compute per token (10^9 FLOP) and tokens (10^9) of the ladder; the last is the
/// target, with 27 times the compute of the largest rung.
const PAPER: [(&str, f64, f64); 9] = [
    ("122M", 1.535, 26.0),
    ("238M", 2.684, 45.0),
    ("411M", 4.275, 72.0),
    ("652M", 6.378, 108.0),
    ("973M", 9.060, 153.0),
    ("1.9B", 16.436, 277.0),
    ("7B", 54.761, 923.0),
    ("12B", 91.609, 1544.0),
    ("70B", 475.131, 8012.0),
];

/// arXiv 2502.17262 v4: samples and the target's score in percent. The score of guessing is that of the
/// set's kind of question, not from the paper.
pub(crate) const SETS: [(&str, usize, f64); 8] = [
    ("GSM8K", 1319, 0.0),
    ("MATH", 5000, 0.0),
    ("BBH", 6511, 0.2),
    ("TriviaQA", 17944, 0.0),
    ("MBPP", 500, 0.0),
    ("AGIEval", 8063, 0.25),
    ("DROP", 9536, 0.0),
    ("MMLU-pro", 12032, 0.1),
];

/// Laws tried for a group.
const TRIES: usize = 200;
/// Groups' curves are at least this far apart. The paper's radius is at most `sqrt(8) / 10 = 0.28`;
/// groups nearer than that are one cluster, which then is not homogeneous.
const DISTANCE: f64 = 0.35;
/// Standard deviation of `ln a` within a group.
const SPREAD: f64 = 0.05;
/// The compute (10^18 FLOP) between which groups emerge: from half the smallest rung's
/// to seven times the largest's, where the largest rung shows about a tenth of the rise. What emerges
/// later shows nothing on the ladder, and no method can tell it from what never does.
const EMERGENCE: (f64, f64) = (20.0, 1e6);
/// Standard deviation of a set's own shift of these, in natural log.
const SET_SHIFT: f64 = 0.5;
/// Standard deviation of the anchor's emergence compute, in natural log.
const ANCHOR_SHIFT: f64 = 0.3;

/// What a simulated set is like beyond the laws of its groups.
#[derive(Clone, Copy)]
pub(crate) struct World {
    /// Share of the samples that follow no law.
    pub(crate) lawless: f64,
    /// Generations a sample and model; `None` for exact pass rates.
    pub(crate) trials: Option<u32>,
    /// Standard deviation of a model's deviation from its compute, in log of the part of the loss that
    /// scales; the target has one too, and all sets of a ladder share them.
    pub(crate) shock: f64,
    /// The same for each sample and model on its own.
    pub(crate) item: f64,
    /// At most so many samples.
    pub(crate) most: usize,
}

impl World {
    /// As the paper assumes.
    pub(crate) fn papers(lawless: f64, trials: Option<u32>) -> Self {
        Self { lawless, trials, shock: 0.0, item: 0.0, most: usize::MAX }
    }
}

/// One simulated set.
pub(crate) struct Simulated {
    /// As `Ladder::build` gives it.
    pub(crate) ladder: TaskLadder,
    /// The paper's target.
    pub(crate) target: Target,
    /// The set's true mean score at the target.
    pub(crate) truth: f64,
    /// What the target scores with as many generations as the rungs.
    pub(crate) observed: f64,
    /// `[sample]` its expected score at the target.
    pub(crate) truths: Vec<f64>,
    /// `[sample]` its group; `None` for those that belong to none.
    pub(crate) groups: Vec<Option<usize>>,
}

/// How the samples of a group score.
#[derive(Clone, Copy)]
enum Kind {
    /// By the law; `late`: `ln` of the compute (10^18 FLOP) at which `a C^-b = 1`.
    Law { late: f64, b: f64, c: f64 },
    /// Each sample by a law of its own.
    Own,
    /// Never above chance.
    Chance,
    /// The same score at every compute.
    Constant(f64),
    /// From a score down, by this much per e-fold of compute.
    Falling(f64, f64),
}

/// Share of the samples that follow no law.
pub(crate) const LAWLESS: f64 = 0.015;

/// `set`: index into [`SETS`]. `trials`: generations a sample and rung; `None` for exact pass rates.
pub(crate) fn paper_ladder(set: usize, trials: Option<u32>, seed: u64) -> Simulated {
    ladder_with(LAWLESS, set, trials, seed)
}

/// The same with this share of samples that follow no law: none at all is what the paper assumes where
/// it maps a full subset score to a full set score.
pub(crate) fn ladder_with(lawless: f64, set: usize, trials: Option<u32>, seed: u64) -> Simulated {
    in_world(World::papers(lawless, trials), set, seed)
}

/// `seed`: of the ladder; its sets share the models' shocks.
pub(crate) fn in_world(world: World, set: usize, seed: u64) -> Simulated {
    let World { lawless, trials, .. } = world;
    let (name, n, chance) = SETS[set];
    let n = n.min(world.most);
    let mut shocks = Pcg64Mcg::seed_from_u64(!seed);
    let shocks: [f64; 9] = std::array::from_fn(|_| world.shock * normal(&mut shocks));
    let mut rng = Pcg64Mcg::seed_from_u64(1000 * seed + set as u64);
    let compute = compute();
    let target = compute[8];

    let shift = SET_SHIFT * normal(&mut rng);
    let (kinds, shares) = groups(chance, shift, lawless, &mut rng);
    let groups: Vec<usize> = (0..n).map(|_| draw(&shares, &mut rng)).collect();
    let kind: Vec<Kind> = (groups.iter())
        .map(|&group| match kinds[group] {
            Kind::Own => law(&mut rng),
            kind => kind,
        })
        .collect();
    let spread: Vec<f64> = (0..n).map(|_| SPREAD * normal(&mut rng)).collect();
    let anchor_shift: Vec<f64> = kinds.iter().map(|_| ANCHOR_SHIFT * normal(&mut rng)).collect();
    let rate = |sample: usize, at: Flops, shift: f64, off: f64| {
        expected(kind[sample], chance, at, shift, spread[sample] + off)
    };

    let observed = |expected: f64, rng: &mut Pcg64Mcg| match trials {
        None => expected,
        Some(n) => Binomial::new(u64::from(n), expected).unwrap().sample(rng) as f64 / f64::from(n),
    };
    let mut values = Vec::with_capacity(8 * n);
    for sample in 0..n {
        for (at, shock) in compute.iter().zip(shocks).take(8) {
            let off = shock + own(world.item, &mut rng);
            values.push(observed(rate(sample, *at, shift, off), &mut rng));
        }
    }
    let anchor_compute = Flops::new(0.6 * target.get()).unwrap();
    let anchor_rates: Vec<f64> = (0..n)
        .map(|s| {
            let off = own(world.item, &mut rng);
            observed(rate(s, anchor_compute, shift + anchor_shift[groups[s]], off), &mut rng)
        })
        .collect();
    let truths: Vec<f64> =
        (0..n).map(|s| rate(s, target, shift, shocks[8] + own(world.item, &mut rng))).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
    let scored: Vec<f64> = truths.iter().map(|&truth| observed(truth, &mut rng)).collect();

    let rates = PassRates::new(8, values);
    let samples: Vec<Arc<str>> = (0..n).map(|s| Arc::from(format!("{name}-{s:05}"))).collect();
    let rungs = (PAPER[..8].iter().zip(compute))
        .map(|(&(model, _, tokens), compute)| Rung {
            model: model.to_owned(),
            compute,
            params: None,
            tokens: Some(1e9 * tokens),
            loss: None,
            task_loss: None,
        })
        .collect();
    let anchor = Anchor {
        model: "anchor".to_owned(),
        compute: Some(anchor_compute),
        mean: anchor_rates.iter().sum::<f64>() / n as f64,
        rates: anchor_rates,
    };
    Simulated {
        ladder: TaskLadder {
            task: name.to_owned(),
            chance: Some(chance),
            rungs,
            means: rates.means_of(&(0..n).collect::<Vec<_>>()),
            samples,
            n_samples: Some(n as u64),
            rates,
            trials: trials.map(|t| vec![t; 8 * n]),
            anchors: vec![anchor],
            diagnostics: Vec::new(),
        },
        target: Target { model: None, compute: target, params: None, tokens: None },
        truth: mean(&truths),
        observed: mean(&scored),
        truths,
        groups: groups
            .iter()
            .map(|&group| matches!(kinds[group], Kind::Law { .. }).then_some(group))
            .collect(),
    }
}

/// The ladder's and the target's.
fn compute() -> [Flops; 9] {
    PAPER.map(|(_, per_token, tokens)| Flops::new(per_token * tokens * 1e18).unwrap())
}

/// Kinds of groups and their shares of the set.
fn groups(chance: f64, shift: f64, lawless: f64, rng: &mut Pcg64Mcg) -> (Vec<Kind>, Vec<f64>) {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut curves: Vec<Vec<f64>> = Vec::new();
    for _ in 0..TRIES {
        let kind = law(rng);
        let curve: Vec<f64> =
            compute()[..8].iter().map(|at| expected(kind, chance, *at, shift, 0.0)).collect();
        let squared =
            |other: &Vec<f64>| other.iter().zip(&curve).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        if curves.iter().all(|other| squared(other) > DISTANCE * DISTANCE) {
            kinds.push(kind);
            curves.push(curve);
        }
    }
    let sizes: Vec<f64> = kinds.iter().map(|_| rng.random_range(0.4..1.6)).collect();
    let total: f64 = sizes.iter().sum();
    let mut shares: Vec<f64> = sizes.iter().map(|size| (0.95 - lawless) * size / total).collect();
    for (kind, share) in [
        (Kind::Own, 0.05),
        (Kind::Chance, lawless / 3.0),
        (Kind::Constant(rng.random_range(0.2..0.6)), lawless / 3.0),
        (Kind::Falling(rng.random_range(0.4..0.7), 0.02), lawless / 3.0),
    ] {
        kinds.push(kind);
        shares.push(share);
    }
    (kinds, shares)
}

/// A law that emerges anywhere in [`EMERGENCE`].
fn law(rng: &mut Pcg64Mcg) -> Kind {
    let late = rng.random_range(EMERGENCE.0.ln()..EMERGENCE.1.ln());
    Kind::Law { late, b: rng.random_range(0.25..0.6), c: rng.random_range(0.0..0.15) }
}

/// Expected score of one sample. `shift`: of the emergence compute; `spread`: of the sample's `ln a`.
fn expected(kind: Kind, chance: f64, at: Flops, shift: f64, spread: f64) -> f64 {
    match kind {
        Kind::Law { late, b, c } => {
            let a = (b * (late + shift) + spread).exp();
            LawParams { a, b, c, g: chance }.score(at)
        }
        Kind::Own | Kind::Chance => chance,
        Kind::Constant(level) => level.max(chance),
        Kind::Falling(from, slope) => (from - slope * at.in_paper_units().ln()).max(chance),
    }
}

fn draw(shares: &[f64], rng: &mut Pcg64Mcg) -> usize {
    let mut left = rng.random_range(0.0..shares.iter().sum::<f64>());
    shares
        .iter()
        .position(|share| {
            left -= share;
            left < 0.0
        })
        .unwrap_or(0)
}

/// A deviation of one sample and model; draws nothing where there are none.
fn own(sd: f64, rng: &mut Pcg64Mcg) -> f64 {
    if sd > 0.0 { sd * normal(rng) } else { 0.0 }
}

fn normal(rng: &mut Pcg64Mcg) -> f64 {
    StandardNormal.sample(rng)
}

/// Errors, in points, of the subset's and of the set's forecast by stages 2 to 4, with the true groups
/// for clusters.
fn errors(set: &Simulated) -> [f64; 2] {
    let Simulated { ladder, target, truth, truths, groups, .. } = set;
    let compute = ladder.compute();
    let mut parts = Vec::new();
    let mut subset = Vec::new();
    for group in 0..=groups.iter().flatten().copied().max().unwrap() {
        let members: Vec<usize> = (0..groups.len()).filter(|&s| groups[s] == Some(group)).collect();
        if members.is_empty() {
            continue;
        }
        let curve = ladder.rates.means_of(&members);
        let fit = fit_law(&compute, &curve, None, &FitConfig::default());
        if let (Class::Extrapolatable, Some(law)) =
            (classify(&fit, &ExtrapolateConfig::default()), fit.law)
        {
            parts.push((members.len(), law));
            subset.extend(members);
        }
    }
    let curve = SubsetCurve::new(parts).unwrap();
    let anchor = &ladder.anchors[0];
    let anchor_subset = subset.iter().map(|&s| anchor.rates[s]).sum::<f64>() / subset.len() as f64;
    let mut points: Vec<(f64, f64)> =
        ladder.rates.means_of(&subset).into_iter().zip(ladder.means.iter().copied()).collect();
    points.push((anchor_subset, anchor.mean));
    let map = fit_map(&points, &MapConfig::default());
    let forecast = curve.score(target.compute);
    let subset_truth = subset.iter().map(|&s| truths[s]).sum::<f64>() / subset.len() as f64;
    [100.0 * (forecast - subset_truth), 100.0 * (map.mapping.apply(forecast) - truth)]
}

/// Mean absolute errors over all sets and two seeds.
fn mean_errors(trials: Option<u32>) -> [f64; 2] {
    let mut sums = [0.0; 2];
    let mut cases = 0.0;
    for seed in 0..2 {
        for (set, (name, ..)) in SETS.iter().enumerate() {
            let [subset, full] = errors(&paper_ladder(set, trials, seed));
            println!("{name} seed {seed}: subset {subset:+.2}, set {full:+.2}");
            sums = [sums[0] + subset.abs(), sums[1] + full.abs()];
            cases += 1.0;
        }
    }
    println!("mean: subset {:.2}, set {:.2}", sums[0] / cases, sums[1] / cases);
    sums.map(|sum| sum / cases)
}

#[test]
fn a_simulated_set_has_the_papers_shape() {
    let set = paper_ladder(4, Some(100), 0);
    assert_eq!(set.ladder.rates.n_samples(), 500);
    assert_eq!(set.ladder.rates.n_rungs(), 8);
    assert!((0.4..0.95).contains(&set.truth));
    assert!((set.target.compute.times(set.ladder.rungs[7].compute) - 26.9).abs() < 0.1);
    let whole = |rate: &f64| (100.0 * rate - (100.0 * rate).round()).abs() < 1e-9;
    assert!(set.ladder.rates.as_slice().iter().all(whole));
    let again = paper_ladder(4, Some(100), 0);
    assert_eq!(set.ladder, again.ladder, "the same seed gives the same ladder");
}

/// What is left in the set's error is the mapping's: the curve ends in (1, 1), while some samples of
/// every set never get there, and an RMSE of half a point leaves room for the anchor to be missed.
#[test]
fn with_the_true_groups_exact_ladders_are_forecast() {
    let [subset, full] = mean_errors(None);
    assert!(subset < 0.3 && full < 1.25, "{subset} {full}");
}

#[test]
fn with_the_true_groups_noisy_ladders_are_forecast() {
    let [subset, full] = mean_errors(Some(100));
    assert!(subset < 1.0 && full < 1.5, "{subset} {full}");
}
