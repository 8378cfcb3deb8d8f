//! The engine `codcast` against an implementation that shares no code with it
//! (tests/golden/bridge.py), and what must hold of its intervals.

use codcast::engines::{Codcast, Curve, Engine};
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
