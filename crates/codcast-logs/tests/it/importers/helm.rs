//! HELM: a run's folder.

use codcast_logs::{IdKind, Reading};

use super::{counts, folder, headline, metrics, problems, refusal, replaced, run, text, verified};

const NAME: &str = "runs/s/r/per_instance_stats.json";
const SPEC_NAME: &str = "runs/s/r/run_spec.json";
const TOTALS_NAME: &str = "runs/s/r/stats.json";
const SPEC: &str = r#"{"name": "quac:model=org_m,subset=a", "scenario_spec": {"class_name": "c"},
    "adapter_spec": {"model": "org/m", "temperature": 0.125, "max_train_instances": 6, "random": "9", "instructions": "i"},
    "metric_specs": [], "groups": ["unknown", "quac"]}"#;
const TOTALS: &str = r#"[
    {"name": {"name": "num_instances", "split": "valid"}, "count": 1, "sum": 2, "sum_squared": 4, "mean": 2},
    {"name": {"name": "exact_match", "split": "valid"}, "count": 1, "sum": 0.5, "sum_squared": 0.25, "mean": 0.5},
    {"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": 1, "sum_squared": 1, "mean": 1},
    {"name": {"name": "exact_match", "split": "valid", "perturbation": {"name": "typos"}}, "count": 1, "sum": 9, "sum_squared": 1, "mean": 9},
    {"name": {"name": "exact_match", "split": "valid", "sub_split": "x"}, "count": 1, "sum": 9, "sum_squared": 1, "mean": 9},
    {"name": {"name": "f1_score", "split": "valid"}, "count": 1, "sum": 0.75, "sum_squared": 0.6, "mean": 0.75}]"#;

fn instance(id: &str, trial: u64, split: &str, exact: f64, f1: f64, perturbation: &str) -> String {
    let stat = |name: &str, mean: f64| {
        format!(
            r#"{{"name": {{"name": "{name}", "split": "{split}"{perturbation}}}, "count": 1, "sum": {mean}, "sum_squared": 1, "mean": {mean}}}"#
        )
    };
    let outer = if perturbation.is_empty() { "" } else { &perturbation[1..] };
    let outer = if outer.is_empty() { String::new() } else { format!("{outer}, ") };
    format!(
        r#"{{"instance_id": "{id}", {outer}"train_trial_index": {trial}, "stats": [{}, {}, {}, {}]}}"#,
        stat("num_prompt_tokens", 217.0),
        stat("exact_match@5", 1.0),
        stat("exact_match", exact),
        stat("f1_score", f1),
    )
}

fn instances() -> String {
    let typos = r#", "perturbation": {"name": "typos"}"#;
    let rows = [
        instance("id3", 0, "valid", 1.0, 1.0, ""),
        instance("id3", 1, "valid", 1.0, 1.0, ""),
        instance("id3", 0, "valid", 0.0, 0.0, typos),
        instance("id4", 0, "valid", 0.0, 0.5, ""),
        instance("id4", 1, "valid", 0.0, 0.5, ""),
        instance("id5", 0, "test", 1.0, 1.0, ""),
    ];
    format!("[{}]", rows.join(","))
}

#[test]
fn fields() {
    let read = text(NAME, &instances(), &[(SPEC_NAME, SPEC), (TOTALS_NAME, TOTALS)]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.task.as_str()), ("org/m", "quac:subset=a"));
    assert_eq!(
        (run.n_shot, run.split.as_deref(), run.ids),
        (Some(6), Some("valid"), IdKind::Native)
    );
    assert_eq!((run.decoding.temperature, run.decoding.seed.as_deref()), (Some(0.125), Some("9")));
    // HELM shows f1 of the validation split; any-of-five is not shown.
    assert_eq!(headline(&read), ["f1_score", "exact_match"]);
    assert_eq!(metrics(&read), ["exact_match@5", "exact_match", "f1_score"]);
    let exact = counts(&read, "quac:subset=a", "exact_match");
    assert_eq!(
        exact.into_iter().collect::<Vec<_>>(),
        [("id3".into(), (2, 2.0)), ("id4".into(), (2, 0.0))]
    );
    assert_eq!(counts(&read, "quac:subset=a", "f1_score")["id4"], (2, 1.0));
    assert_eq!(verified(&read), (2, vec![]));
    let notes: Vec<&str> = read.notes().map(|(note, _)| note).collect();
    assert!(notes.iter().any(|n| n.contains("1 perturbed copies")), "{notes:?}");
    assert!(notes.iter().any(|n| n.contains("left out: 1 of test")), "{notes:?}");
}

#[test]
fn a_total_of_another_split_would_be_found_out() {
    let totals = replaced(
        TOTALS,
        r#""exact_match", "split": "valid"}, "count": 1, "sum": 0.5, "sum_squared": 0.25, "mean": 0.5"#,
        r#""exact_match", "split": "valid"}, "count": 1, "sum": 0.6, "sum_squared": 0.25, "mean": 0.6"#,
    );
    let read = text(NAME, &instances(), &[(SPEC_NAME, SPEC), (TOTALS_NAME, &totals)]);
    assert_eq!(verified(&read).1.len(), 1);
}

#[test]
fn unknown_scenarios_are_read_at_test_then_at_what_is_there() {
    let spec = replaced(SPEC, r#""quac"]"#, r#""mine"]"#);
    let read = text(NAME, &instances(), &[(SPEC_NAME, &spec), (TOTALS_NAME, TOTALS)]);
    assert_eq!(run(&read).split.as_deref(), Some("test"));
    let only_valid = TOTALS.replace(r#""split": "test""#, r#""split": "valid""#);
    let read = text(NAME, &instances(), &[(SPEC_NAME, &spec), (TOTALS_NAME, &only_valid)]);
    assert_eq!(run(&read).split.as_deref(), Some("valid"));
    assert_eq!(headline(&read), ["exact_match", "f1_score"]);
}

#[test]
fn a_statistic_without_values_is_missing() {
    let log = instances().replacen(
        r#""count": 1, "sum": 0, "sum_squared": 1, "mean": 0}"#,
        r#""count": 0, "sum": 0, "sum_squared": 0}"#,
        4,
    );
    assert!(log.contains(r#""count": 0"#));
    let read = text(NAME, &log, &[(SPEC_NAME, SPEC), (TOTALS_NAME, TOTALS)]);
    assert_eq!(counts(&read, "quac:subset=a", "exact_match")["id4"].0, 0);
}

#[test]
fn damage_is_named() {
    let log = instances();
    for (from, to, named) in [
        (r#""instance_id": "id3""#, r#""instance_id": true"#, "row 1: instance_id is true"),
        (
            r#""train_trial_index": 0"#,
            r#""train_trial_index": "a""#,
            "row 1: train_trial_index is the text",
        ),
        (r#""name": "exact_match", "#, r#""name": "", "#, "row 1: name.name is the text"),
        (
            r#""exact_match", "split": "valid""#,
            r#""exact_match", "split": 7"#,
            "row 1: name.split is 7",
        ),
        (
            r#""exact_match", "split": "valid""#,
            r#""exact_match", "sub_split": 7, "split": "valid""#,
            "row 1: name.sub_split is 7",
        ),
        (r#""count": 1, "sum": 1, "#, r#""count": -1, "sum": 1, "#, "row 1: count is -1"),
        (r#""mean": 1}"#, r#""mean": "1x"}"#, "row 1: mean is the text"),
        (
            r#""perturbation": {"name": "typos"}, "train"#,
            r#""perturbation": "typos", "train"#,
            "row 3: perturbation is the text",
        ),
        (r#""stats": ["#, r#""stats": 1, "other": ["#, "row 1: stats is 1"),
    ] {
        let read =
            text(NAME, &replaced(&log, from, to), &[(SPEC_NAME, SPEC), (TOTALS_NAME, TOTALS)]);
        assert!(problems(&read)[0].contains(named), "{named}: {:?}", problems(&read));
    }
    assert!(refusal(NAME, &log).contains("run_spec.json"));
    for (from, to) in [
        (r#""model": "org/m""#, r#""model": null"#),
        (r#""name": "quac:model=org_m,subset=a""#, r#""name": []"#),
        (r#""temperature": 0.125"#, r#""temperature": "x""#),
        (r#""max_train_instances": 6"#, r#""max_train_instances": 0.5"#),
        (r#""groups": ["unknown", "quac"]"#, r#""groups": 1"#),
        (r#""random": "9""#, r#""random": []"#),
    ] {
        let spec = replaced(SPEC, from, to);
        let beside: &[(&str, &[u8])] = &[(SPEC_NAME, spec.as_bytes())];
        let read =
            codcast_logs::partials_of_bytes(NAME, log.as_bytes(), beside, &Reading::default());
        let said = read.map_or_else(|error| error.to_string(), |read| problems(&read).join(" "));
        let field = from.split('"').nth(1).unwrap();
        assert!(said.contains(field) && said.contains("expected"), "{field}: {said}");
    }
}

#[test]
fn fixtures_of_our_own_runs() {
    let read = folder("helm");
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(verified(&read), (24, vec![]));
    let trials = counts(&read, "simple_mcqa:num_train_trials=2", "exact_match");
    assert_eq!((trials.len(), trials.values().all(|(n, _)| *n == 2)), (6, true));
}
