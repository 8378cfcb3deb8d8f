//! A value of its own in every field that is read of lm-eval and inspect_ai.

use std::collections::BTreeMap;

use codcast_logs::{IdKind, Partials, Reading, Run, partials_of_bytes};

fn read(path: &str, text: &str, beside: &[(&str, &str)]) -> Partials {
    let beside: Vec<(&str, &[u8])> = beside.iter().map(|(p, t)| (*p, t.as_bytes())).collect();
    partials_of_bytes(path, text.as_bytes(), &beside, &Reading::default()).unwrap()
}

fn run(read: &Partials) -> &Run {
    read.views().next().unwrap().run()
}

/// Id, trials, sum, failed, unscored.
type Sample = (String, u32, f64, u16, u16);

/// `metric -> (id, trials, sum, failed, unscored)` of a file with one sample a metric.
fn cells(read: &Partials) -> BTreeMap<String, Vec<Sample>> {
    let of = |view: codcast_logs::View<'_>| {
        let cells = view.samples().map(|(id, n, sum, e, u)| (id.to_owned(), n, sum, e, u));
        (view.name().to_string(), cells.collect())
    };
    read.views().map(of).collect()
}

const RESULTS: &str = r#"{
  "results": {"t": {"m1,f1": 0.25, "m1_stderr,f1": 0.9, "m2,f1": NaN}},
  "configs": {"t": {"output_type": "generate_until", "num_fewshot": 99,
    "generation_kwargs": {"temperature": 0.7, "do_sample": true},
    "metric_list": [{"metric": "m2", "aggregation": "mean", "higher_is_better": false},
                    {"metric": "m1", "aggregation": "mean", "higher_is_better": true}],
    "filter_list": [{"name": "f1", "filter": []}]}},
  "versions": {"t": 3.5}, "n-shot": {"t": 5}, "n-samples": {"t": {"original": 8, "effective": 1}},
  "config": {"model": "hf", "model_args": "pretrained=org/weights,revision=step7,seed=11",
    "model_num_parameters": 1234, "gen_kwargs": "temperature=0.9"},
  "date": 1700000000.5, "task_hashes": {"t": "datahash"},
  "model_name": "org/other", "chat_template_sha": "templatetemplate", "system_instruction_sha": "systemsystem"
}"#;

const ROW: &str = r#"{"doc_hash": "00000000000000000000000000000000000000000000000000000000000000ab",
"doc_id": 4, "doc": {"m1": 1}, "resps": [["a"]], "filtered_resps": ["a"], "filter": "f1",
"metrics": ["m1", "m2"], "m1": 0.25, "m2": NaN, "target_hash": "x"}"#;

#[test]
fn lm_eval() {
    let row = ROW.replace('\n', " ");
    let read = read("out/dir/samples_t_D.jsonl", &row, &[("out/dir/results_D.json", RESULTS)]);
    assert_eq!(read.problems.len(), 0, "{:?}", read.problems);
    let run = run(&read);
    assert_eq!(run.model, "org/weights@step7");
    assert_eq!(run.model_source, "config.model_args");
    assert_eq!(run.params, Some(1234.0));
    assert_eq!(
        (run.task.as_str(), run.version.as_deref(), run.n_shot),
        ("t", Some("3.5"), Some(5))
    );
    assert_eq!(run.prompt.as_deref(), Some("chat template templatetemp, system systemsystem"));
    assert_eq!(run.time.as_deref(), Some("1700000000.500000"));
    assert_eq!(run.data_hash.as_deref(), Some("datahash"));
    // The command line's temperature over the task's.
    assert_eq!((run.decoding.temperature, run.decoding.do_sample), (Some(0.9), Some(true)));
    assert_eq!(run.decoding.seed.as_deref(), Some("11"));
    assert_eq!(run.ids, IdKind::Hash);
    let headline: Vec<String> = run.headline.iter().map(ToString::to_string).collect();
    assert_eq!(headline, ["m1,f1"], "less of m2 is better");
    let id = "00000000000000000000000000000000000000000000000000000000000000ab".to_owned();
    assert_eq!(
        cells(&read),
        BTreeMap::from([
            ("m1,f1".to_owned(), vec![(id.clone(), 1, 0.25, 0, 0)]),
            ("m2,f1".to_owned(), vec![(id, 0, 0.0, 0, 1)]),
        ])
    );
    let expected = read.views().find_map(|view| view.expected()).unwrap();
    assert_eq!((expected.mean, expected.samples), (0.25, Some(1)));
}

#[test]
fn lm_eval_needs_neither_order_nor_whole_names() {
    // Another task's file of the same time is not this one's; a folder names the model at last.
    let row = ROW.replace('\n', " ");
    let read = read(
        "out/org__dir/samples_t_pro_E.jsonl",
        &row,
        &[("out/org__dir/results_D.json", RESULTS)],
    );
    assert_eq!(
        (run(&read).model.as_str(), run(&read).model_source.as_str()),
        ("org/dir", "folder name")
    );
    assert_eq!(run(&read).task, "t_pro");
    // The same document twice is two samples, by the order of doc_id.
    let again =
        row.replace("\"doc_id\": 4", "\"doc_id\": 2").replace("\"m1\": 0.25", "\"m1\": 0.75");
    let read = self::read("d/samples_t_E.jsonl", &format!("{row}\n{again}\n"), &[]);
    let cells = &cells(&read)["m1,f1"];
    assert_eq!((cells[0].2, cells[0].0.ends_with("ab#2")), (0.25, true));
    assert_eq!((cells[1].2, cells[1].0.ends_with("ab")), (0.75, true));
    // Twice under one number is a second result.
    let read = self::read("d/samples_t_E.jsonl", &format!("{row}\n{row}\n"), &[]);
    assert_eq!(read.problems.len(), 2, "one a metric: {:?}", read.problems);
}

#[test]
fn lm_eval_before_filters_had_names_takes_them_from_the_results() {
    let row = |score: &str| {
        format!(r#"{{"doc_id": 1, "resps": [["a"]], "filtered_resps": ["a"], "em": {score}}}"#)
    };
    let results = r#"{"results": {"t": {"em,a": 1.0, "em,b": 0.0}}, "versions": {"t": 0},
        "configs": {"t": {"filter_list": [{"name": "a"}, {"name": "b"}]}},
        "config": {"model_args": {"pretrained": "m"}}}"#;
    let rows = format!("{}\n{}\n", row("true"), row("\"False\""));
    let read = read("d/samples_t_D.jsonl", &rows, &[("d/results_D.json", results)]);
    let one = |sum| vec![("1".to_owned(), 1, sum, 0, 0)];
    assert_eq!(
        cells(&read),
        BTreeMap::from([("em,a".to_owned(), one(1.0)), ("em,b".to_owned(), one(0.0))])
    );
    let without =
        partials_of_bytes("d/samples_t_D.jsonl", rows.as_bytes(), &[], &Reading::default());
    let said = without.unwrap().problems[0].to_string();
    assert!(said.contains("put results_*.json"), "{said}");
}

#[test]
fn lm_eval_turns_pass_at_k_into_counts_where_all_are_certain() {
    // Of 4 answers, 1 right: a pair holds it in half of the cases; 2: in five of six; 3 and 4: always.
    let rows = |values: [&str; 2]| {
        let row = |(doc, value): (usize, &str)| {
            format!(
                r#"{{"doc_hash": "{doc:064x}", "doc_id": {doc}, "resps": [["a", "b", "c", "d"]],
                "filtered_resps": ["a"], "filter": "f", "metrics": ["pass@2"], "pass@2": {value}}}"#
            )
            .replace('\n', " ")
        };
        values.into_iter().enumerate().map(row).collect::<Vec<_>>().join("\n")
    };
    let certain = read("d/org__m/samples_t_D.jsonl", &rows(["0.5", "0.8333333333333334"]), &[]);
    let headline: Vec<String> = run(&certain).headline.iter().map(ToString::to_string).collect();
    assert_eq!(headline, ["pass@1 (from pass@k),f"]);
    let sums = |read: &Partials, metric: &str| -> Option<Vec<(u32, f64)>> {
        Some(cells(read).get(metric)?.iter().map(|sample| (sample.1, sample.2)).collect())
    };
    assert_eq!(sums(&certain, "pass@1 (from pass@k),f"), Some(vec![(4, 1.0), (4, 2.0)]));
    let uncertain = read("d/org__m/samples_t_D.jsonl", &rows(["0.5", "1.0"]), &[]);
    assert_eq!(sums(&uncertain, "pass@1 (from pass@k),f"), None);
    assert_eq!(sums(&uncertain, "pass@2,f"), Some(vec![(1, 0.5), (1, 1.0)]));
    assert!(uncertain.notes().any(|(note, _)| note.contains("fits several counts")));
}

#[test]
fn inspect_ai() {
    let log = r#"{"version": 2, "status": "cancelled",
      "eval": {"run_id": "the-run", "created": "2026-01-02", "task": "the-task", "task_id": "the-id",
        "task_version": 6, "task_args": {"level": "hard", "epochs": 3}, "model": "provider/name",
        "model_generate_config": {"temperature": 0.3}, "config": {"epochs": 2}},
      "plan": {"config": {"seed": 42}},
      "results": {"scores": [
        {"name": "grade", "scorer": "grade", "reducer": "pass_at_1", "metrics": {"accuracy": {"value": 0.9}}},
        {"name": "grade", "scorer": "grade", "reducer": "mean", "scored_samples": 1,
         "metrics": {"accuracy": {"value": 0.25}}},
        {"name": "clear", "scorer": "rubric", "reducer": "mean", "metrics": {"mean": {"value": 0.5}}}]},
      "samples": [
        {"id": "a", "epoch": 1, "input": "i", "scores": {"grade": {"value": "P", "answer": "x"}}},
        {"id": "a", "epoch": 2, "scores": {"grade": {"value": "I"}, "rubric": {"value": {"clear": 0.5, "answer": true}}}},
        {"id": "a", "epoch": 3, "error": {"message": "no"}, "scores": {}},
        {"id": "b", "epoch": 1, "scores": {"grade": {"value": NaN}}},
        {"id": "b", "epoch": 1, "scores": {"grade": {"value": NaN}, "rubric": {"value": {"clear": null}}}}]}"#;
    let read = read("x.json", log, &[]);
    assert_eq!(read.problems.len(), 0, "{:?}", read.problems);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.model_source.as_str()), ("provider/name", "eval.model"));
    assert_eq!((run.task.as_str(), run.version.as_deref()), ("the-task", Some("6")));
    assert_eq!(run.prompt.as_deref(), Some("level=hard"));
    assert_eq!(run.run_id.as_deref(), Some("the-run"));
    assert_eq!((run.attempt_of.as_deref(), run.unfinished), (Some("the-id"), true));
    assert_eq!(run.time.as_deref(), Some("2026-01-02"));
    assert_eq!(run.decoding.temperature, Some(0.3));
    assert_eq!(run.decoding.seed.as_deref(), Some("42"));
    assert_eq!(run.ids, IdKind::Native);
    let headline: Vec<String> = run.headline.iter().map(ToString::to_string).collect();
    assert_eq!(headline, ["grade", "clear,rubric"]);
    let cells = cells(&read);
    // Epoch 3 failed; of the two results of b the last one counts.
    assert_eq!(cells["grade"], [("a".to_owned(), 2, 0.5, 1, 0), ("b".to_owned(), 0, 0.0, 0, 1)]);
    assert_eq!(
        cells["clear,rubric"],
        [("a".to_owned(), 1, 0.5, 1, 0), ("b".to_owned(), 0, 0.0, 0, 1)]
    );
    assert_eq!(cells["answer,rubric"][0], ("a".to_owned(), 1, 1.0, 1, 0));
    let expected: Vec<f64> = read.views().filter_map(|v| v.expected()).map(|e| e.mean).collect();
    assert_eq!(expected, [0.25, 0.5]);
}

#[test]
fn inspect_ai_counts_partly_right_as_asked() {
    let log = r#"{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"},
      "results": {"scores": [{"name": "g", "scorer": "g", "metrics": {"accuracy": {"value": 0.5}}}]},
      "samples": [{"id": 1, "epoch": 1, "scores": {"g": {"value": "P"}}}]}"#;
    let reading = Reading { partial_as: 0.0, ..Reading::default() };
    let read = partials_of_bytes("x.json", log.as_bytes(), &[], &reading).unwrap();
    assert_eq!(cells(&read)["g"], [("1".to_owned(), 1, 0.0, 0, 0)]);
    // The harness counts it as a half: its mean is no longer ours.
    assert_eq!(read.views().filter_map(|view| view.expected()).count(), 0);
    assert_eq!(run(&read).ids, IdKind::Index);
}

#[test]
fn names_of_any_length_make_a_study() {
    // Found by the fuzzer: a study takes names of up to 1,000 bytes, and one longer one refused all logs.
    let csv = format!("model,task,sample_id,score\n{0},{0},{0},1\nm,t,s,0\n", "n".repeat(30_000));
    let read = read("t.csv", &csv, &[]);
    let models = codcast_logs::Models::parse(&codcast_logs::manifest_for(&read, "s"), "m").unwrap();
    let made = codcast_logs::assemble(&read, &models, &codcast_logs::Options::default()).unwrap();
    let mut names: Vec<&str> = made.study.tasks.iter().map(|task| task.name.as_str()).collect();
    names.sort_by_key(|name| name.len());
    assert_eq!((names.len(), names[0]), (2, "t"));
    assert!(names[1].starts_with("nnnn") && names[1].contains("… sha256:"), "{}", names[1]);
}

#[test]
fn hostile_names_and_sizes_end_in_messages() {
    let row = ROW.replace('\n', " ");
    let evil = RESULTS.replace("org/weights", "<b>\\u001b[31m\\u202e");
    let read = read("d/samples_t_D.jsonl", &row, &[("d/results_D.json", &evil)]);
    assert!(run(&read).model.contains('\u{1b}'), "kept as it is, escaped where it is shown");
    let bad = row.replace("0.25", "\"\\u001b[31m\"");
    let read = self::read("d/samples_t_D.jsonl", &bad, &[("d/results_D.json", &evil)]);
    assert!(!read.problems[0].to_string().contains('\u{1b}'));
    let deep = format!("{row}\n{{\"doc_id\": {}\n", "[".repeat(100_000));
    let read = self::read("d/samples_t_D.jsonl", &deep, &[("d/results_D.json", RESULTS)]);
    assert_eq!(
        (read.problems.len(), cells(&read)["m1,f1"].len()),
        (1, 1),
        "the line before it is kept"
    );
    let long =
        format!("{row}\n{}\n", row.replace("\"a\"", &format!("\"{}\"", "x".repeat(70 << 20))));
    let read = self::read("d/samples_t_D.jsonl", &long, &[("d/results_D.json", RESULTS)]);
    let said = read.problems[0].to_string();
    assert!(said.contains("line 2: a line is over the limit of 64 MB"), "{said}");
    assert_eq!(cells(&read)["m1,f1"].len(), 1);
}
