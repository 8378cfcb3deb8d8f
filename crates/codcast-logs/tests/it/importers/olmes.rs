//! OLMES: predictions and the settings beside them.

use codcast_logs::{IdKind, Reading};

use super::{counts, folder, headline, metrics, problems, refusal, replaced, run, text, verified};

const ROWS: &str = r#"{"doc_id": 0, "native_id": "Q_1", "metrics": {"predicted_index_raw": 3, "correct_choice": 3, "acc_raw": 1, "acc_per_char": 0, "acc_uncond": null, "bits_per_byte_corr": 0.5, "inst": {"a": 1}}, "model_output": [{"continuation": "x"}], "label": 3, "task_hash": "abc123"}
{"doc_id": 1, "native_id": "Q_2", "metrics": {"acc_raw": 0, "acc_per_char": 1}, "model_output": [], "task_hash": "abc123"}
"#;
const SETTINGS: &str = r#"{"task_name": "arc", "model_config": {"model": "org/m", "revision": "step7"},
  "task_config": {"num_shots": 5, "split": "validation", "version": 2, "primary_metric": "acc_per_char",
     "generation_kwargs": {"do_sample": true, "temperature": 0.75, "repeats": 1}, "metadata": {"alias": "arc:mc"}},
  "num_instances": 2, "current_date": "2025-03-04 05:06:07 UTC",
  "metrics": {"acc_raw": 0.5, "acc_per_char": 0.5, "primary_score": 0.5}}"#;
const NAME: &str = "out/task-004-arc-predictions.jsonl";
const SETTINGS_NAME: &str = "out/task-004-arc-metrics.json";

#[test]
fn fields() {
    let read = text(NAME, ROWS, &[(SETTINGS_NAME, SETTINGS)]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!(run.model, "org/m@step7");
    assert_eq!((run.task.as_str(), run.version.as_deref()), ("arc:mc", Some("2")));
    assert_eq!((run.n_shot, run.split.as_deref()), (Some(5), Some("validation")));
    assert_eq!(run.time.as_deref(), Some("2025-03-04 05:06:07 UTC"));
    assert_eq!((run.decoding.temperature, run.decoding.do_sample), (Some(0.75), Some(true)));
    assert_eq!((run.prompt.as_deref(), run.ids), (Some("task_hash abc123"), IdKind::Native));
    assert_eq!(headline(&read), ["acc_per_char"]);
    // Positions, log-probabilities and what was switched off are no scores.
    assert_eq!(metrics(&read), ["acc_raw", "acc_per_char"]);
    assert_eq!(counts(&read, "arc:mc", "acc_raw")["Q_1"], (1, 1.0));
    assert_eq!(counts(&read, "arc:mc", "acc_per_char")["Q_2"], (1, 1.0));
    assert_eq!(verified(&read), (2, vec![]));
    assert_eq!(read.views().next().unwrap().expected().unwrap().samples, Some(2));
    let named = replaced(SETTINGS, r#""metadata": {"alias": "arc:mc"}"#, r#""metadata": null"#);
    assert_eq!(super::run(&text(NAME, ROWS, &[(SETTINGS_NAME, &named)])).task, "arc");
}

#[test]
fn ids_fall_back_to_positions() {
    let rows = ROWS.replace(r#""native_id": "Q_1""#, r#""native_id": null"#);
    let read = text(NAME, &rows, &[(SETTINGS_NAME, SETTINGS)]);
    assert_eq!(counts(&read, "arc:mc", "acc_raw").keys().collect::<Vec<_>>(), ["Q_2", "doc_id 0"]);
    assert_eq!(run(&read).ids, IdKind::Index);
    // A position is not another sample's native id of the same digits.
    let rows = rows.replace(r#""native_id": "Q_2""#, r#""native_id": 0"#);
    let read = text(NAME, &rows, &[(SETTINGS_NAME, SETTINGS)]);
    assert_eq!(problems(&read), [""; 0]);
    let raw = counts(&read, "arc:mc", "acc_raw");
    assert_eq!((raw["doc_id 0"], raw["0"]), ((1, 1.0), (1, 0.0)));
}

#[test]
fn models_are_in_the_path_of_public_releases() {
    let read = text("release/dolma17/150M/seed-6/step-250/arc-predictions.jsonl", ROWS, &[]);
    let run = run(&read);
    assert_eq!(
        (run.model.as_str(), run.model_source.as_str()),
        ("dolma17/150M/seed-6/step-250", "path")
    );
    assert_eq!(run.task, "arc");
    assert!(refusal("arc-predictions.jsonl", ROWS).contains("no model"));
}

#[test]
fn pass_at_k_becomes_counts_where_they_are_certain() {
    // pass@1 and pass@2 of 4 answers: 1 right is 1/4 and 1/2.
    let row = r#"{"doc_id": 0, "native_id": "H/0", "metrics": {"pass_at_1": 0.25, "pass_at_2": 0.5}, "model_output": [{}, {}, {}, {}]}"#;
    let read = text("m/h-predictions.jsonl", row, &[]);
    assert_eq!(counts(&read, "h", "pass_at_1")["H/0"], (4, 1.0));
    assert_eq!(counts(&read, "h", "pass_at_2")["H/0"], (1, 0.5));
    // Without pass@1 the smallest k tells, unless several counts have its value.
    let read = text("m/h-predictions.jsonl", &replaced(row, r#""pass_at_1": 0.25, "#, ""), &[]);
    assert_eq!(counts(&read, "h", "pass_at_1")["H/0"], (4, 1.0));
    let all = replaced(row, r#""pass_at_1": 0.25, "pass_at_2": 0.5"#, r#""pass_at_2": 1.0"#);
    let read = text("m/h-predictions.jsonl", &all, &[]);
    assert_eq!(counts(&read, "h", "pass_at_1").len(), 0);
    assert_eq!(counts(&read, "h", "pass_at_2")["H/0"], (1, 1.0));
    let mixed =
        format!("{}\n{}", replaced(row, r#""pass_at_1": 0.25, "#, ""), all.replace("H/0", "H/1"));
    let read = text("m/h-predictions.jsonl", &mixed, &[]);
    assert_eq!(counts(&read, "h", "pass_at_1").len(), 0);
    assert!(read.notes().any(|(note, _)| note.contains("fits several counts")));
    // A value that no count has is kept as it is.
    let odd = replaced(row, r#""pass_at_1": 0.25"#, r#""pass_at_1": 0.3"#);
    let read = text("m/h-predictions.jsonl", &odd, &[]);
    assert_eq!(counts(&read, "h", "pass_at_1")["H/0"], (1, 0.3));
    // Only 100 answers are stored: the settings know how many were drawn.
    let hundred = format!("[{}]", vec!["{}"; 100].join(","));
    let stored = replaced(row, "[{}, {}, {}, {}]", &hundred);
    let stored = replaced(&stored, r#", "pass_at_2": 0.5"#, "");
    let read = text("m/h-predictions.jsonl", &stored, &[]);
    assert_eq!(counts(&read, "h", "pass_at_1")["H/0"], (1, 0.25));
    let settings = r#"{"model_config": {"model": "m"}, "task_config": {"generation_kwargs": {"repeats": 200}}, "metrics": {}}"#;
    let read = text("m/h-predictions.jsonl", &stored, &[("m/h-metrics.json", settings)]);
    assert_eq!(counts(&read, "h", "pass_at_1")["H/0"], (200, 50.0));
}

#[test]
fn counts_stand_for_a_task_whose_primary_metric_is_the_best_of_several() {
    let row = |id: u32, metrics: &str| {
        format!(
            r#"{{"doc_id": {id}, "native_id": "H/{id}", "metrics": {{{metrics}}}, "model_output": [{{}}, {{}}, {{}}, {{}}]}}"#
        )
    };
    let settings = r#"{"model_config": {"model": "m"}, "task_config": {"primary_metric": "pass_at_2"}, "metrics": {}}"#;
    let chosen = |rows: &str| {
        let read = text("m/h-predictions.jsonl", rows, &[("m/h-metrics.json", settings)]);
        super::chosen(&read)
    };
    // Of 4 answers 1 is right: 1/4 and, of the pairs, a half.
    let both = row(0, r#""pass_at_1": 0.25, "pass_at_2": 0.5"#);
    assert_eq!(chosen(&both), Some("pass_at_1".to_owned()));
    assert_eq!(chosen(&row(0, r#""pass_at_2": 0.5"#)), Some("pass_at_1".to_owned()));
    // 3 or 4 are right: no count is certain, and the best of two is no pass rate.
    assert_eq!(chosen(&row(0, r#""pass_at_2": 1.0"#)), None);
}

#[test]
fn the_first_of_several_answers_is_one_trial() {
    let row = r#"{"doc_id": 0, "native_id": "g0", "metrics": {"exact_match": 1.0}, "model_output": [{}, {}, {}]}"#;
    let read = text("m/gsm-predictions.jsonl", row, &[]);
    assert_eq!(counts(&read, "gsm", "exact_match")["g0"], (1, 1.0));
    assert!(read.notes().any(|(note, _)| note.contains("exact_match scores the first")));
}

#[test]
fn damage_is_named() {
    for (from, to, named) in [
        (r#""doc_id": 0"#, r#""doc_id": 0.5"#, "line 1: doc_id is 0.5"),
        (r#""native_id": "Q_1""#, r#""native_id": []"#, "line 1: native_id is a list"),
        (r#""acc_raw": 1"#, r#""acc_raw": "x""#, "line 1: metrics.acc_raw is the text"),
        (r#""model_output": []"#, r#""model_output": 1"#, "line 2: model_output is 1"),
        (
            r#""metrics": {"acc_raw": 0, "acc_per_char": 1}"#,
            r#""metrics": 3"#,
            "line 2: metrics is 3",
        ),
        (r#""task_hash": "abc123""#, r#""task_hash": 5"#, "line 1: task_hash is 5"),
    ] {
        let read = text(NAME, &replaced(ROWS, from, to), &[(SETTINGS_NAME, SETTINGS)]);
        assert!(problems(&read)[0].contains(named), "{:?}", problems(&read));
    }
    for (from, to) in [
        (r#""model": "org/m""#, r#""model": 3"#),
        (r#""num_shots": 5"#, r#""num_shots": -1"#),
        (r#""split": "validation""#, r#""split": {}"#),
        (r#""primary_metric": "acc_per_char""#, r#""primary_metric": 1"#),
        (r#""repeats": 1"#, r#""repeats": 1.5"#),
        (r#""temperature": 0.75"#, r#""temperature": "hot""#),
        (r#""do_sample": true"#, r#""do_sample": 1"#),
        (r#""revision": "step7""#, r#""revision": 7"#),
        (r#""alias": "arc:mc""#, r#""alias": []"#),
        (r#""version": 2"#, r#""version": 2.5"#),
        (r#""current_date": "2025-03-04 05:06:07 UTC""#, r#""current_date": []"#),
    ] {
        let settings = replaced(SETTINGS, from, to);
        let beside: &[(&str, &[u8])] = &[(SETTINGS_NAME, settings.as_bytes())];
        let read =
            codcast_logs::partials_of_bytes(NAME, ROWS.as_bytes(), beside, &Reading::default());
        let said = read.map_or_else(|error| error.to_string(), |read| problems(&read).join(" "));
        let field = from.split('"').nth(1).unwrap();
        assert!(said.contains(field) && said.contains("expected"), "{field}: {said}");
    }
}

#[test]
fn fixtures() {
    let read = folder("olmes");
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(verified(&read), (8, vec![]));
    let human: u32 =
        counts(&read, "codex_humaneval::olmes", "pass_at_1").values().map(|(n, _)| n).sum();
    assert_eq!(human, 80);
}
