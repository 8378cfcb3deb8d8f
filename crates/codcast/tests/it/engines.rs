//! One battery of checks that every engine passes.

use codcast::engines::{self, Engine};
use codcast::passrate::{Anchor, Ladder, PassRates, Target, TaskLadder};
use codcast::{Config, Flops, Severity};
use proptest::prelude::*;

use crate::synthetic::{BIG, SIZES, aggregate, compute, ladder, sampled, study, target, task_loss};

/// Closed forms are recovered to rounding, searches to their stopping rule.
const EXACT: f64 = 1e-9;
const SEARCHED: f64 = 1e-4;

fn forecast(engine: &str, task: TaskLadder, at: &Target) -> f64 {
    let engine = engines::by_name(engine).unwrap();
    let fit = engine.fit(&ladder(task), &Config::default()).remove(0).unwrap();
    fit.curve.score(at).unwrap()
}

/// Every engine's forecast of every task, or the codes of its reasons.
fn outcomes(ladder: &Ladder, at: &Target) -> Vec<(String, Vec<Result<f64, Vec<String>>>)> {
    engines::all()
        .iter()
        .map(|engine| {
            let found = engine
                .fit(ladder, &Config::default())
                .into_iter()
                .map(|fit| match fit {
                    Err(reasons) => Err(reasons.iter().map(|r| r.code().to_owned()).collect()),
                    Ok(fit) => fit.curve.score(at).map_err(|reason| vec![reason.code().to_owned()]),
                })
                .collect();
            (engine.info().name.to_owned(), found)
        })
        .collect()
}

/// Compute in units of 10^20 FLOP.
fn c(size: (f64, f64)) -> f64 {
    compute(size).get() / 1e20
}

#[test]
fn every_engine_recovers_its_own_curve() {
    let near = |engine: &str, got: f64, truth: f64, tolerance: f64| {
        assert!((got - truth).abs() < tolerance, "{engine}: {got}, truth {truth}");
    };
    let at = target(BIG);
    let recover = |engine: &str,
                   chance: Option<f64>,
                   score: &dyn Fn((f64, f64)) -> f64,
                   loss: &dyn Fn((f64, f64)) -> f64,
                   tolerance: f64| {
        let task = aggregate(&SIZES, chance, score, loss);
        near(engine, forecast(engine, task, &at), score(BIG), tolerance);
    };

    let flat = |_| 0.4;
    recover("last", None, &flat, &task_loss, EXACT);

    let law = |size| 0.1 + 0.9 * (-1.5 * c(size).powf(-0.3) - 0.2).exp();
    recover("exp", None, &law, &task_loss, SEARCHED);
    recover("exp", Some(0.1), &law, &task_loss, SEARCHED);

    let passes = |size| (-1.7 * c(size).powf(-0.21)).exp();
    recover("passrate", None, &passes, &task_loss, EXACT);

    let above_chance = |size| 0.2 + 0.8 * passes(size);
    recover("power", Some(0.2), &above_chance, &task_loss, EXACT);

    let split = |(n, d): (f64, f64)| {
        let difficulty = 900.0 * n.powf(-0.4) + 300.0 * d.powf(-0.28);
        0.2 + 0.8 * (-difficulty).exp()
    };
    recover("power-nd", Some(0.2), &split, &task_loss, SEARCHED);

    let in_compute = |size| 0.6 + 0.5 * c(size).powf(-0.2);
    let from_loss = |loss: f64| 0.25 + 3.0 * (-2.5 * loss).exp();
    recover("loss", Some(0.25), &|size| from_loss(in_compute(size)), &in_compute, SEARCHED);
    recover("loss", None, &|size| from_loss(in_compute(size)), &in_compute, 0.01);

    // The sigmoid passes the ideal point, loss 0 at score 1, to within a millionth.
    let sigmoid = |loss: f64| 1.0 - 0.75 / (1.0 + (-12.0 * (loss - 1.2)).exp());
    recover("two-step", Some(0.25), &|size| sigmoid(task_loss(size)), &task_loss, SEARCHED);
    recover("two-step-flops", Some(0.25), &|size| sigmoid(in_compute(size)), &in_compute, SEARCHED);

    let broken =
        |size| 0.1 + 0.5 * c(size).powf(-0.05) * (1.0 + (c(size) / 0.5).powi(3)).powf(-0.1);
    recover("bnsl", None, &|size| 1.0 - broken(size), &task_loss, 0.02);

    let item = |s: usize, size| (-(0.5 + 0.1 * s as f64) * c(size).powf(-0.2)).exp();
    let task = sampled(&SIZES, None, 20, 1_000_000_000, item);
    let truth = (0..20).map(|s| item(s, BIG)).sum::<f64>() / 20.0;
    near("per-item", forecast("per-item", task, &at), truth, 1e-6);

    let task = sampled(&SIZES, Some(0.2), 40, 1_000_000_000, |_, size| above_chance(size));
    near("bins", forecast("bins", task, &at), above_chance(BIG), 1e-6);

    let mut task = aggregate(&SIZES, None, flat, task_loss);
    task.anchors =
        vec![anchor("a-far", 10.0, 0.9), anchor("b-near", 0.8, 0.7), anchor("c-small", 0.4, 0.1)];
    near("anchor-copy", forecast("anchor-copy", task.clone(), &at), 0.7, EXACT);

    let given: Vec<f64> = outcomes(&ladder(task), &at)
        .into_iter()
        .filter(|(engine, _)| engine != "median")
        .filter_map(|(_, mut found)| found.remove(0).ok())
        .collect();
    let middle = codcast::stats::median(&given).unwrap();
    let mut task = aggregate(&SIZES, None, flat, task_loss);
    task.anchors = vec![anchor("a-far", 10.0, 0.9), anchor("b-near", 0.8, 0.7)];
    near("median", forecast("median", task, &at), middle, EXACT);
}

/// An anchor of so many times the big target's compute.
fn anchor(model: &str, times: f64, mean: f64) -> Anchor {
    let flops = Flops::new(compute(BIG).get() * times).unwrap();
    Anchor { model: model.to_owned(), compute: Some(flops), rates: Vec::new(), mean }
}

/// Ladders that show nothing, or lack something.
fn degenerate() -> Vec<(&'static str, TaskLadder)> {
    let scores = |score: &dyn Fn(usize) -> f64, chance| {
        let mut task = aggregate(&SIZES, chance, |_| 0.0, task_loss);
        task.means = (0..SIZES.len()).map(score).collect();
        task
    };
    let short = |n: usize| aggregate(&SIZES[..n], None, |size| 0.3 * c(size).powf(0.1), task_loss);
    let rising = |i: usize| 0.3 + 0.05 * i as f64;
    let mut no_sizes = scores(&rising, None);
    for rung in &mut no_sizes.rungs {
        rung.params = None;
    }
    let mut no_losses = scores(&rising, None);
    for rung in &mut no_losses.rungs {
        (rung.loss, rung.task_loss) = (None, None);
    }
    let mut same_losses = scores(&rising, None);
    for rung in &mut same_losses.rungs {
        (rung.loss, rung.task_loss) = (Some(2.0), Some(2.0));
    }
    let mut odd_losses = scores(&rising, None);
    for (i, rung) in odd_losses.rungs.iter_mut().enumerate() {
        rung.task_loss = Some(if i == 3 { -1.0 } else { 1e-300 });
        rung.loss = Some(1e200 * (i + 1) as f64);
    }
    let mut unknown_anchor = scores(&rising, None);
    unknown_anchor.anchors = vec![Anchor { compute: None, ..anchor("unknown", 1.0, 0.5) }];
    let close = |rates: f64| sampled(&SIZES, Some(0.25), 7, 1, move |_, _| rates);
    vec![
        ("flat", scores(&|_| 0.4, None)),
        ("falling", scores(&|i| 0.9 - 0.1 * i as f64, None)),
        ("falling below chance", scores(&|i| 0.3 - 0.03 * i as f64, Some(0.25))),
        ("all zero", scores(&|_| 0.0, None)),
        ("all one", scores(&|_| 1.0, None)),
        ("all one, chance", scores(&|_| 1.0, Some(0.5))),
        ("all chance", scores(&|_| 0.25, Some(0.25))),
        ("zero but the last", scores(&|i| f64::from(i == 7), None)),
        ("one but the last", scores(&|i| f64::from(i != 7), None)),
        ("tiny", scores(&|i| 1e-12 * i as f64, None)),
        ("chance nearly one", scores(&rising, Some(0.999))),
        ("no rungs", aggregate(&[], None, |_| 0.5, task_loss)),
        ("one rung", short(1)),
        ("two rungs", short(2)),
        ("three rungs", short(3)),
        ("four rungs", short(4)),
        ("no params", no_sizes),
        ("no losses", no_losses),
        ("same losses", same_losses),
        ("odd losses", odd_losses),
        ("anchor without compute", unknown_anchor),
        ("samples all zero", close(0.0)),
        ("samples all one", close(1.0)),
        ("samples all at chance", close(0.25)),
        ("one sample", sampled(&SIZES, None, 1, 1, |_, size| f64::from(u8::from(c(size) > 0.1)))),
        (
            "measured samples",
            TaskLadder {
                trials: None,
                ..sampled(&SIZES, None, 30, 1, |s, size| c(size).powf(0.1) / (20.0 + s as f64))
            },
        ),
        ("aggregate", scores(&rising, Some(0.25))),
        ("no rows", TaskLadder { rates: PassRates::default(), ..scores(&rising, None) }),
    ]
}

fn targets() -> Vec<Target> {
    let mut nameless = target(BIG);
    (nameless.params, nameless.tokens) = (None, None);
    vec![target((1.3e9, 9e10)), target(BIG), target((1e15, 1e18)), nameless]
}

/// In range, or a reason that says so.
fn sound(engine: &dyn Engine, what: &str, task: &TaskLadder) {
    let name = engine.info().name;
    let fits = engine.fit(&ladder(task.clone()), &Config::default());
    assert_eq!(fits.len(), 1, "{name} on {what}");
    match &fits[0] {
        Err(reasons) => {
            let told =
                reasons.iter().any(|r| r.severity() == Severity::Error && !r.message().is_empty());
            assert!(told, "{name} on {what}: no reason");
        }
        Ok(fit) => {
            for at in targets() {
                match fit.curve.score(&at) {
                    Ok(score) => assert!((0.0..=1.0).contains(&score), "{name} on {what}: {score}"),
                    Err(reason) => {
                        assert_eq!(reason.severity(), Severity::Error, "{name} on {what}")
                    }
                }
                if let Some(interval) = fit.curve.interval(&at, 0.9) {
                    let ordered = 0.0 <= interval.lower
                        && interval.lower <= interval.upper
                        && interval.upper <= 1.0;
                    assert!(ordered, "{name} on {what}: {interval:?}");
                }
            }
        }
    }
}

#[test]
fn every_engine_survives_every_degenerate_ladder_with_a_reason() {
    for engine in engines::all() {
        for (what, task) in degenerate() {
            sound(engine.as_ref(), what, &task);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_engine_is_sound_on_any_scores(
        scores in prop::collection::vec(0.0_f64..=1.0, 8),
        losses in prop::collection::vec(0.01_f64..10.0, 8),
        chance in prop::option::of(0.0_f64..0.9),
    ) {
        let mut task = aggregate(&SIZES, chance, |_| 0.0, task_loss);
        task.means = scores;
        for (rung, loss) in task.rungs.iter_mut().zip(losses) {
            rung.task_loss = Some(loss);
        }
        for engine in engines::all() {
            sound(engine.as_ref(), "random scores", &task);
        }
    }
}

#[test]
fn curves_that_claim_it_never_fall_with_size() {
    let rough = [0.31, 0.28, 0.4, 0.35, 0.5, 0.41, 0.62, 0.55];
    let falling = [0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.26];
    for scores in [rough, falling] {
        let mut task = aggregate(&SIZES, Some(0.1), |_| 0.0, task_loss);
        task.means = scores.to_vec();
        for name in ["last", "exp", "bnsl", "loss", "power-nd", "two-step", "two-step-flops"] {
            let mut before = 0.0;
            for step in 0..20 {
                let at = target((2e9 * 1.5_f64.powi(step), 1e11 * 1.4_f64.powi(step)));
                let score = forecast(name, task.clone(), &at);
                assert!(score >= before - 1e-12, "{name} falls to {score} from {before}");
                before = score;
            }
        }
    }
}

#[test]
fn forecasts_do_not_depend_on_the_unit_of_compute() {
    let mut task = aggregate(&SIZES, Some(0.25), |size| 0.3 + 0.1 * c(size).powf(0.2), task_loss);
    task.means[3] += 0.02;
    task.anchors = vec![anchor("anchor", 0.9, 0.66)];
    let samples = sampled(&SIZES, None, 30, 10, |s, size| {
        ((-(0.3 + 0.1 * s as f64) * c(size).powf(-0.2)).exp() * 10.0).round() / 10.0
    });
    let scaled = |task: &TaskLadder| {
        let mut task = task.clone();
        let scale = |flops: Flops| Flops::new(flops.get() * 1000.0).unwrap();
        task.rungs.iter_mut().for_each(|rung| rung.compute = scale(rung.compute));
        task.anchors.iter_mut().for_each(|a| a.compute = a.compute.map(scale));
        task
    };
    let at = target(BIG);
    let at_scaled =
        Target { compute: Flops::new(at.compute.get() * 1000.0).unwrap(), ..at.clone() };
    for task in [task, samples] {
        let (here, there) =
            (outcomes(&ladder(task.clone()), &at), outcomes(&ladder(scaled(&task)), &at_scaled));
        for ((name, here), (_, there)) in here.iter().zip(&there) {
            match (&here[0], &there[0]) {
                (Ok(a), Ok(b)) => assert!((a - b).abs() < 1e-6, "{name}: {a} or {b}"),
                (a, b) => assert_eq!(a, b, "{name}"),
            }
        }
    }
}

#[test]
fn forecasts_do_not_depend_on_the_order_of_rows() {
    let study = study();
    let mut shuffled = study.clone();
    // Model i moves to place 11 - i.
    shuffled.models.reverse();
    for task in &mut shuffled.tasks {
        for run in &mut task.runs {
            run.model = study.models.len() - 1 - run.model;
        }
        task.runs.sort_by_key(|run| run.model);
    }
    let build = |study: &codcast::evals::Study| {
        let role = |role| study.with_role(role).collect::<Vec<_>>();
        Ladder::build(
            study,
            &role(codcast::evals::Role::Ladder),
            &role(codcast::evals::Role::Anchor),
            &Config::default().data,
        )
        .unwrap()
    };
    let at = target(BIG);
    assert_eq!(outcomes(&build(&study), &at), outcomes(&build(&shuffled), &at));
}

#[test]
fn names_are_unique_and_an_unknown_one_lists_them() {
    let names = engines::names();
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
    let error = engines::by_name("nonsense").err().unwrap().to_string();
    assert!(names.iter().all(|name| error.contains(name)), "{error}");
    assert!(engines::by_names(&["last", "power"]).is_ok());
}

#[test]
fn a_near_anchor_is_copied_and_a_small_one_is_not() {
    let mut task = aggregate(&SIZES, None, |_| 0.4, task_loss);
    task.anchors = vec![anchor("small", 0.49, 0.9)];
    let engine = engines::by_name("anchor-copy").unwrap();
    let fit = engine.fit(&ladder(task), &Config::default()).remove(0).unwrap();
    assert_eq!(fit.curve.score(&target(BIG)).unwrap_err().code(), "needs_anchor");
    assert_eq!(fit.curve.score(&target((3.4e9, 2e12))).unwrap(), 0.9);
}
