//! A forecast as `codcast forecast --detail --format json` prints it, small and with chosen names.

use serde_json::{Value, json};

pub(crate) const HOSTILE: [&str; 6] = [
    "</script><img src=x onerror=\"alert(1)\">",
    "<!-- <script>alert(1)</script>",
    "\u{202e}gnp.exe\u{202c}",
    "🦀 日本語 العربية",
    "{{ 7777*7777 }}{% raw %}",
    "a\"b'c&d\n\u{0}\u{2028}",
];

/// Two rungs, an anchor, two targets, two groups; numbers without pattern, to be found again.
pub(crate) fn forecast(tasks: &[&str], model: &str) -> Value {
    let grid = [1e20, 4e20, 1.6e21, 1.234_567_89e22, 5e22];
    let names = || tasks.iter().copied().enumerate();
    let row = |t: usize, factor: f64| {
        let forecast = factor * (0.312_345_678_9 + 0.01 * t as f64);
        json!({
            "task": tasks[t], "n_samples": 250 + t, "forecast": forecast,
            "interval": {"level": 0.9, "lower": forecast - 0.087_654_321, "upper": forecast + 0.1},
            "uncertainty": {"parameters": 0.03, "shape": 0.02, "shock": 0.04, "sampling": 0.01},
            "trend": 12.345, "actual": 0.298_765, "predictable_share": 0.7, "clusters": 2,
            "diagnostics": [{"code": "few_rungs", "severity": "warning", "message": format!("{model}: 2 rungs")}]
        })
    };
    let rows = |factor: f64| names().map(|(t, _)| row(t, factor)).collect::<Vec<_>>();
    let curve = |(_, task): (usize, &str)| {
        json!({
            "task": task, "chance": 0.1,
            "rungs": [
                {"model": model, "compute_flops": 1e20, "score": 0.123_456, "standard_error": 0.011},
                {"model": "second", "compute_flops": 1.6e21, "score": 0.234_567, "standard_error": null}
            ],
            "anchors": [{"model": "other", "compute_flops": null, "score": 0.5, "standard_error": 0.02}],
            "score": [0.12, 0.17, 0.23, 0.31, null], "lower": [0.1, 0.15, 0.2, 0.2, null],
            "upper": [0.14, 0.2, 0.27, 0.45, null],
            "predictable_share": [1.0, 1.0, 0.9, 0.7, null], "trend": [5.0, 6.0, 7.0, 8.0, null]
        })
    };
    let group = |id: usize, predictable: bool| {
        json!({
            "id": id, "size": 12.5, "predictable": predictable, "class": "uncertain",
            "reason": if predictable { None } else { Some("its curve is not known") },
            "scores": [0.1 + id as f64 / 10.0, 0.2], "curve": [0.1, 0.2, 0.3, 0.4, null]
        })
    };
    let detail = |(_, task): (usize, &str)| {
        json!({
            "task": task,
            "uncertainty": [null, null, {"parameters": 0.03, "shape": 0.02, "shock": 0.04, "sampling": 0.01}, null, null],
            "groups": [group(0, true), group(1, false)],
            "mapping": {
                "points": [{"model": model, "anchor": false, "subset": 0.2, "full": 0.15},
                           {"model": "other", "anchor": true, "subset": 0.6, "full": 0.5}],
                "subset": [0.0, 0.5, 1.0], "full": [0.0, 0.4, 1.0]
            },
            "difficulty": {"model": model, "edges": [0.0, 0.5, 1.0], "full": [20, 5], "predictable": [10, 5]},
            "map": {"method": "t-SNE", "samples": 25, "points": [
                {"sample": model, "x": 1.0, "y": -2.0, "group": 0, "rates": [0.1, 0.25]},
                {"sample": "s2", "x": 3.5, "y": 0.5, "group": null, "rates": [0.0, 0.0]}
            ]}
        })
    };
    json!({
        "schema": "codcast.forecast/1", "study": model, "engine": "codcast", "seed": 3, "version": "0.1.0",
        "targets": [
            {"model": "target", "compute_flops": 1.234_567_89e22, "times_largest_rung": 7.716_049_312_5, "tasks": rows(1.0)},
            {"model": model, "compute_flops": 5e22, "times_largest_rung": 31.25, "tasks": rows(1.5)}
        ],
        "ladder": [],
        "curves": {"level": 0.9, "compute_flops": grid, "tokens_per_parameter": [null, null, null, null, null],
                   "tasks": names().map(curve).collect::<Vec<_>>()},
        "detail": {
            "rivals": [{"engine": "power", "summary": "a power law", "targets": [],
                        "score": names().map(|_| json!([0.1, 0.2, 0.3, 0.4, null])).collect::<Vec<_>>()}],
            "tasks": names().map(detail).collect::<Vec<_>>(),
            "check": null
        },
        "config": {"seed": 3, "note": model}, "inputs": [{"path": model, "sha256": "ab"}],
        "command": format!("codcast forecast '{model}'")
    })
}
