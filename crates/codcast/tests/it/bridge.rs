//! The engine `codcast` against an implementation that shares no code with it
//! (tests/golden/bridge.py), and what must hold of its intervals.

use codcast::engines::{Codcast, Curve, Engine, RemedyKind};
use codcast::passrate::{Ladder, PassRates, Rung, Target, TaskLadder};
use codcast::{Config, Flops};
use serde_json::Value;

/// Both end a fixed number of steps after the start; what differs is rounding in the linear systems.
const TOLERANCE: f64 = 1e-6;

fn list(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().map(|list| list.iter().map(|x| x.as_f64().unwrap()));
    numbers.map(Iterator::collect).unwrap_or_default()
}

fn task(name: String, case: &Value) -> TaskLadder {
    let (params, tokens) = (list(&case["params"]), list(&case["tokens"]));
    let compute = list(&case["compute"]);
    let rows: Vec<Vec<f64>> =
        case["rates"].as_array().map(|rows| rows.iter().map(list).collect()).unwrap_or_default();
    let rates = if rows.is_empty() {
        PassRates::default()
    } else {
        PassRates::new(compute.len(), rows.concat())
    };
    TaskLadder {
        task: name,
        chance: case["chance"].as_f64(),
        rungs: compute
            .iter()
            .enumerate()
            .map(|(i, &flops)| Rung {
                model: format!("rung-{i}"),
                compute: Flops::new(flops).unwrap(),
                params: params.get(i).copied(),
                tokens: tokens.get(i).copied(),
                loss: None,
                task_loss: None,
            })
            .collect(),
        means: list(&case["means"]),
        samples: (0..rows.len()).map(|i| format!("{i:03}").into()).collect(),
        n_samples: case["n_samples"].as_u64(),
        rates,
        trials: None,
        anchors: Vec::new(),
        diagnostics: Vec::new(),
    }
}

fn target(case: &Value) -> Target {
    Target {
        model: None,
        compute: Flops::new(case["compute"].as_f64().unwrap()).unwrap(),
        params: case["params"].as_f64(),
        tokens: case["tokens"].as_f64(),
    }
}

fn curves(tasks: Vec<TaskLadder>) -> Vec<Box<dyn Curve>> {
    let fits = Codcast.fit(&Ladder { tasks }, &Config::default());
    fits.into_iter().map(|fit| fit.unwrap().curve).collect()
}

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../golden/bridge.json")).unwrap()
}

fn tasks(case: &Value) -> Vec<TaskLadder> {
    let tasks = case["tasks"].as_array().unwrap().iter().enumerate();
    tasks.map(|(i, one)| task(format!("task-{i}"), one)).collect()
}

#[test]
fn forecasts_and_every_part_of_their_intervals_are_those_of_the_reference() {
    let cases = cases();
    assert!(cases.len() >= 4);
    for (ladder, case) in cases.iter().enumerate() {
        let at = target(&case["target"]);
        for (i, curve) in curves(tasks(case)).iter().enumerate() {
            let interval = curve.interval(&at, 0.9).unwrap();
            let parts = curve.uncertainty(&at).unwrap();
            for (what, ours) in [
                ("score", curve.score(&at).unwrap()),
                ("lower", interval.lower),
                ("upper", interval.upper),
                ("parameters", parts.parameters),
                ("shape", parts.shape),
                ("shock", parts.shock),
                ("sampling", parts.sampling),
                ("rehearsal", parts.rehearsal),
            ] {
                let theirs = case["expected"][i][what].as_f64().unwrap();
                let apart = (ours - theirs).abs();
                assert!(apart < TOLERANCE, "{ladder}/{i} {what}: {ours} and {theirs}");
            }
        }
    }
}

/// A skill that takes off on the last rungs of all tasks is a miss of every rehearsal there.
#[test]
fn a_ladder_whose_rungs_its_own_law_misses_gets_a_wider_interval() {
    let case = &cases()[1];
    let at = target(&case["target"]);
    let width = |tasks: Vec<TaskLadder>| {
        let interval = curves(tasks)[0].interval(&at, 0.9).unwrap();
        interval.upper - interval.lower
    };
    let smooth = tasks(case);
    let mut jumping = smooth.clone();
    // The task looked at stays as it is; the others jump up and down.
    for task in &mut jumping[1..] {
        for (i, mean) in task.means.iter_mut().enumerate() {
            *mean = if i % 4 < 2 { 0.3 } else { 0.8 };
        }
    }
    assert!(width(jumping) > 2.0 * width(smooth));
}

/// What each remedy does is known where one source makes all of the interval.
#[test]
fn remedies_help_where_they_must() {
    let case = &cases()[0];
    let at = target(&case["target"]);
    let now = |curve: &dyn Curve| {
        let interval = curve.interval(&at, 0.9).unwrap();
        interval.upper - interval.lower
    };
    let of = |curve: &dyn Curve, what: RemedyKind| {
        curve.remedies(&at, 0.9).into_iter().find(|remedy| remedy.what == what)
    };
    let mut counted = tasks(case);
    for task in &mut counted {
        task.trials = Some(vec![8; task.rates.as_slice().len()]);
    }
    for curve in curves(counted) {
        let curve = curve.as_ref();
        let rung = of(curve, RemedyKind::Rung).unwrap();
        let halfway = rung.compute_flops.unwrap().get();
        assert!(halfway > 4f64.powi(5) * 1e19 && halfway < at.compute.get(), "{halfway:e}");
        assert!(rung.width < 0.8 * now(curve), "{} of {}", rung.width, now(curve));
        let samples = of(curve, RemedyKind::Samples).unwrap().width;
        let generations = of(curve, RemedyKind::Generations).unwrap().width;
        assert!(samples < now(curve), "{samples}");
        // Four times the samples also average out what is peculiar to sample and model.
        assert!(samples <= generations + 1e-12 && generations <= now(curve) + 1e-3);
    }
    // Single answers cannot tell how much of the noise more generations would remove.
    for curve in curves(tasks(&cases()[2])) {
        assert!(of(curve.as_ref(), RemedyKind::Generations).is_none());
    }
}

/// A smooth task without samples: `-log score = C^-0.3` at the rungs' compute.
fn smooth(name: &str, rungs: usize, n_samples: Option<u64>, wobble: &[f64]) -> TaskLadder {
    let compute: Vec<f64> = (0..rungs).map(|rung| 1e20 * 3f64.powi(rung as i32)).collect();
    let mean = |(rung, c): (usize, &f64)| {
        let curve = (-1.5 * (c / 1e20).powf(-0.3)).exp();
        curve + wobble.get(rung).copied().unwrap_or(0.0)
    };
    let rung = |(i, &flops): (usize, &f64)| Rung {
        model: format!("rung-{i}"),
        compute: Flops::new(flops).unwrap(),
        params: None,
        tokens: None,
        loss: None,
        task_loss: None,
    };
    TaskLadder {
        task: name.to_owned(),
        chance: None,
        rungs: compute.iter().enumerate().map(rung).collect(),
        means: compute.iter().enumerate().map(mean).collect(),
        samples: Vec::new(),
        n_samples,
        rates: PassRates::default(),
        trials: None,
        anchors: Vec::new(),
        diagnostics: Vec::new(),
    }
}

fn size(compute: f64, params: Option<f64>, tokens: Option<f64>) -> Target {
    Target { model: None, compute: Flops::new(compute).unwrap(), params, tokens }
}

/// Sixty answers are sixty answers, however well the law does on tasks with a million.
#[test]
fn a_small_tasks_sampling_noise_does_not_shrink_among_exact_tasks() {
    let wobble = [0.04, -0.05, 0.03, 0.05, -0.04, 0.02, -0.05, 0.04, -0.02];
    let small = || smooth("small", 9, Some(60), &wobble);
    let exact = (0..8).map(|i| smooth(&format!("exact-{i}"), 9, Some(1_000_000), &[]));
    let at = size(6.0 * 1e20 * 3f64.powi(8), None, None);
    let sampling = |tasks: Vec<TaskLadder>| curves(tasks)[0].uncertainty(&at).unwrap().sampling;
    let (alone, among) =
        (sampling(vec![small()]), sampling(std::iter::once(small()).chain(exact).collect()));
    // Half the binomial variance: difficulties are spread (docs/engine.md, 1).
    let top = small().means[8];
    let known = (0.5 * top * (1.0 - top) / 60.0).sqrt();
    assert!((among / alone - 1.0).abs() < 0.1, "{among} among exact tasks, {alone} alone");
    assert!(among >= 0.99 * known, "{among} of {known}");
}

/// With 16 experts of which one works on a token, the ratio that matters is that of the one.
#[test]
fn a_sparse_target_lies_where_its_active_parameters_put_it() {
    let mut task = smooth("task", 6, Some(1000), &[]);
    for rung in &mut task.rungs {
        let params = (rung.compute.get() / 120.0).sqrt();
        (rung.params, rung.tokens) = (Some(params), Some(20.0 * params));
    }
    let (active, compute) = (1e11, 6.0 * 1e11 * 2e12);
    let score = |params| {
        let at = size(compute, Some(params), Some(2e12));
        curves(vec![task.clone()])[0].score(&at).unwrap()
    };
    assert!((score(16.0 * active) - score(active)).abs() < 1e-12);
}

/// How zeros and ones are stored is not what they mean.
#[test]
fn a_hardly_emerged_set_is_named_however_its_answers_are_stored() {
    let rungs = 6;
    let right = |sample: usize, rung: usize| f64::from(u8::from(rung == 5 && sample < 4));
    let rates = (0..200).flat_map(|sample| (0..rungs).map(move |rung| right(sample, rung)));
    let mut measured = smooth("task", rungs, Some(200), &[]);
    measured.rates = PassRates::new(rungs, rates.collect());
    measured.samples = (0..200).map(|sample| format!("{sample:03}").into()).collect();
    measured.means = (0..rungs).map(|rung| if rung == 5 { 0.02 } else { 0.0 }).collect();
    let mut counted = measured.clone();
    counted.trials = Some(vec![1; 200 * rungs]);
    for task in [measured, counted] {
        let fits = Codcast.fit(&Ladder { tasks: vec![task] }, &Config::default());
        let codes: Vec<&str> =
            fits[0].as_ref().unwrap().diagnostics.iter().map(codcast::Diagnostic::code).collect();
        assert!(codes.contains(&"emergence_possible"), "{codes:?}");
    }
}
