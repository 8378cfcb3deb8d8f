//! Pages of watched runs and of plans.

use codcast_report::report;
use serde_json::{Value, json};

use crate::fixture::HOSTILE;

/// A watched run of two looks; the first task has no band at the first, the last raises an alarm.
fn monitor(tasks: &[&str], run: &str) -> Value {
    let task = |task: &str, look: f64| {
        json!({
            "task": task, "n_samples": 250, "expected": 0.312_345 * look,
            "band": if look > 1.0 { json!({"level": 0.9, "lower": 0.2, "upper": 0.498_76}) } else { Value::Null },
            "actual": 0.123_45 * look, "deviation_points": -18.889_5 * look, "deviation": -2.345_6,
            "change": if look > 1.0 { json!(-3.456_7) } else { Value::Null },
            "boundary": if look > 1.0 { json!(2.987_6) } else { Value::Null }, "alarm": look > 1.0,
            "compute_factor": 0.712_34, "compute_factor_band": [0.5, null], "end_of_training": 0.401,
            "diagnostics": [{"code": "few_rungs", "severity": "warning", "message": format!("{run}: 3 rungs")}]
        })
    };
    let look = |number: u32, look: f64| {
        json!({
            "checkpoint": 1000 * number, "share": 0.25 * f64::from(number), "compute_flops": 1.234_5e23,
            "comparison": "same_share", "rungs": [run, "b"], "spent": 0.011,
            "overall": {"deviation": -1.5, "change": null, "boundary": 2.5, "alarm": false, "compute_factor": 0.7},
            "tasks": tasks.iter().map(|name| task(name, look)).collect::<Vec<_>>()
        })
    };
    let end = |task: &&str| {
        json!({
            "task": task, "forecast": 0.412_3, "interval": {"level": 0.9, "lower": 0.3, "upper": 0.5},
            "updated": 0.398_7, "updated_interval": {"level": 0.9, "lower": 0.31, "upper": 0.48},
            "weight": 0.62, "diagnostics": []
        })
    };
    json!({
        "schema": "codcast.monitor/1", "study": run, "run": run, "engine": "codcast", "seed": 3,
        "version": "0.1.0", "compute_flops": 4.938e23, "last_checkpoint": 4000, "false_alarm_rate": 0.05,
        "side": "both",
        "alarm": {"checkpoint": 2000, "share": 0.5, "tasks": [tasks[0]], "overall": false,
                  "direction": "below", "kind": "change"},
        "looks": [look(1, 1.0), look(2, 1.5)],
        "end_of_training": tasks.iter().map(end).collect::<Vec<_>>(),
        "calibration": {
            "rungs_as_runs": 5, "looks": 20, "freedom": 9, "scale": vec![1.25; tasks.len()],
            "task_correlation": 0.45, "length": 1.0, "innovation": 1.1, "tasks": tasks
        },
        "diagnostics": [{"code": "surprising_ladder", "severity": "warning", "message": "bands are wider"}],
        "config": {"seed": 3}, "inputs": [{"path": run, "sha256": "ab"}],
        "command": format!("codcast monitor '{run}'")
    })
}

fn plan(task: &str, study: &str) -> Value {
    let needed = |flops: Option<f64>| {
        let status = if flops.is_some() { "found" } else { "not_in_sight" };
        json!({"status": status, "compute_flops": flops, "times_largest_rung": flops.map(|f| f / 1e23)})
    };
    let option = |kind: &str, then: f64| {
        json!({
            "kind": kind, "compute_flops": if kind == "rung" { json!(7.654_3e22) } else { Value::Null },
            "times": if kind == "rung" { Value::Null } else { json!(4) },
            "cost": {"training": 7.654_3e22, "evaluation": 1.5e18, "total": 7.654_45e22},
            "width_then": then, "width_error": 1.234, "shrinkage": 1.0 - then / 20.0,
            "tasks": [{"task": task, "now": 20.0, "then": then}]
        })
    };
    let interval = json!({"level": 0.9, "lower": -1.234, "upper": 7.891});
    json!({
        "schema": "codcast.plan/1", "study": study, "engine": "codcast", "seed": 3, "version": "0.1.0",
        "target": {"model": study, "compute_flops": 2.5e24, "times_largest_rung": 25.0},
        "compute_for_score": [
            {"task": task, "score": 0.6, "expected": needed(Some(4.567_8e24)), "level": 0.9,
             "at_least": needed(Some(1.1e24)), "safe": needed(None), "training_cost": 4.567_8e24,
             "diagnostics": []},
            {"task": null, "score": 0.95, "expected": needed(None), "level": 0.9,
             "at_least": needed(None), "safe": needed(None), "training_cost": null, "diagnostics": []}
        ],
        "additions": {"budget": 1e23, "unit": "FLOP", "width_now": 20.0,
                      "options": [option("rung", 15.432_1), option("generations", 19.5)]},
        "worth": [{"task": task, "verdict": "uncertain", "n_samples": 250, "forecast": 0.512_3,
                   "gain_points": 12.345, "width_points": 31.5, "predictable_share": 0.7,
                   "noise_floor_points": 2.25, "samples_needed": 1265,
                   "diagnostics": [{"code": "few_rungs", "severity": "warning", "message": study}]}],
        "recipes": {
            "first": study, "second": "other", "probability_first_better": 0.834_5,
            "difference_points": 3.456, "interval_points": interval, "call": "first",
            "task_correlation": 0.5,
            "tasks": [{"task": task, "shared_samples": 250, "first": 0.51, "second": 0.475_4,
                       "probability_first_better": 0.834_5, "difference_points": 3.456,
                       "interval_points": interval, "diagnostics": []}]
        },
        "diagnostics": [], "config": {"seed": 3}, "inputs": [], "command": null
    })
}

fn page(json: &Value) -> String {
    report(&json.to_string()).unwrap()
}

#[test]
fn a_run_is_shown_to_the_digit_the_answer_first() {
    let shown = page(&monitor(&["sums", "words"], "big"));
    for expected in [
        "ALARM at 50.0 % of the training, checkpoint 2000: scores moved during training, below what the \
         ladder expects: sums (5.0 % of healthy runs raise an alarm)",
        "behaves like a run with 0.70 times its compute",
        ">46.9<",         // expected, 1.5 x 0.312345
        ">20.0 to 49.9<", // band
        ">18.5<",         // actual
        ">-28.33<",       // points off
        ">0.50 to –<",    // normal compute
        ">-3.46<",        // change
        ">2.99<",         // boundary
        ">41.2<",         // forecast
        ">39.9<",         // updated
        "data-v=\"0.4685175\"",
    ] {
        assert!(shown.contains(expected), "{expected}");
    }
    let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(place("id=\"health-table\"") < place("id=\"run-0\""));
    assert!(place("id=\"run-1-table\"") < place("id=\"overall\""));
    assert_eq!(shown, page(&monitor(&["sums", "words"], "big")));
}

#[test]
fn a_run_without_an_alarm_says_so() {
    let mut json = monitor(&["sums"], "big");
    json["alarm"] = Value::Null;
    json["looks"] = json!([]);
    assert!(page(&json).contains("No alarm: the run is within what chance allows"));
}

/// The labels of the legend behind a place of the page.
fn legend<'a>(page: &'a str, after: &str) -> Vec<&'a str> {
    let rest = &page[page.find(after).unwrap_or_else(|| panic!("no {after}"))..];
    let Some(start) = rest.find("<ul class=\"legend\">") else { return Vec::new() };
    let list = &rest[start..start + rest[start..].find("</ul>").unwrap()];
    let entries = list.split("</svg>").skip(1);
    entries.map(|entry| entry.split("</li>").next().unwrap().trim()).collect()
}

#[test]
fn a_legend_names_what_a_run_has() {
    let expected = "expected, with the band of 90.0 % of healthy runs";
    let mut json = monitor(&["sums"], "big");
    let each = "final score as forecast at each checkpoint";
    let now = "and now, with its interval";
    let shown = page(&json);
    assert_eq!(
        legend(&shown, "id=\"checkpoints\""),
        [expected, "actual score", "alarm", each, now]
    );
    assert_eq!(legend(&shown, "id=\"trust\""), ["deviation", "boundary"]);
    // One checkpoint, which raised no alarm: no line goes through it.
    json["looks"].as_array_mut().unwrap().truncate(1);
    json["looks"][0]["overall"]["change"] = json!(-0.5);
    let shown = page(&json);
    assert_eq!(
        legend(&shown, "id=\"checkpoints\""),
        [expected, "actual score", "final score as forecast now, with its interval"]
    );
    assert_eq!(
        legend(&shown, "id=\"trust\""),
        ["deviation", "largest change since an earlier checkpoint", "boundary"]
    );
}

#[test]
fn a_plan_is_shown_to_the_digit() {
    let shown = page(&plan("sums", "mine"));
    for expected in [
        "60.0 % on sums are to be expected at 4.57·10²⁴ FLOP, 45.7 times the largest rung; at least: \
         1.10·10²⁴, safe: not in sight",
        "95.0 % on the weighted set are not in sight",
        "add a rung of 7.65·10²² FLOP: the interval is expected to shrink from 20.00 to 15.43 points \
         (22.8 % narrower)",
        "0 of 1 tasks are worth forecasting on",
        "mine (A) is called better than other (B), with 83.5 %",
        ">+3.46<",
        ">-1.23<",
        ">uncertain<",
        ">1265<",
        "id=\"compute-chart\"",
        "id=\"additions-chart\"",
        "id=\"recipes-chart\"",
    ] {
        assert!(shown.contains(expected), "{expected}");
    }
    assert_eq!(shown, page(&plan("sums", "mine")));
    let mut empty = plan("sums", "mine");
    for key in ["additions", "recipes", "target"] {
        empty[key] = Value::Null;
    }
    empty["compute_for_score"] = json!([]);
    empty["worth"] = json!([]);
    assert!(page(&empty).contains("Nothing was asked"));
}

#[test]
fn hostile_names_stay_text() {
    for name in HOSTILE.into_iter().chain(["x".repeat(5000).as_str()]) {
        for shown in [page(&monitor(&[name, "b"], name)), page(&plan(name, name))] {
            assert_eq!(shown.matches("<script>").count(), 1, "ours alone: {name}");
            assert!(!shown.contains("<img") && !shown.contains("<!-- <script"), "{name}");
            assert!(!shown.contains('\u{202e}') && !shown.contains('\u{2028}'), "{name}");
            assert!(!shown.contains("60481729") && !shown.contains("NaN"), "{name}");
        }
    }
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    let mut json = monitor(&["sums", "words"], "big");
    json["looks"][1]["tasks"].as_array_mut().unwrap().pop();
    let message = report(&json.to_string()).unwrap_err().to_string();
    assert!(message.contains("looks[].tasks has 1 entries; 2 were expected"), "{message}");
}
