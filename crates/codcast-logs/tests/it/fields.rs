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
fn lm_eval_rows_without_a_filters_name_are_taken_only_where_it_is_certain() {
    let results = r#"{"results": {"t": {"em,a": 0.5, "em,b": 0.5}}, "versions": {"t": 0},
        "configs": {"t": {"filter_list": [{"name": "a"}, {"name": "b"}]}},
        "config": {"model_args": {"pretrained": "m"}}}"#;
    let row = |doc: u32, score: u32| {
        format!(r#"{{"doc_id": {doc}, "resps": [["a"]], "filtered_resps": ["a"], "em": {score}}}"#)
    };
    // Filter a says right, filter b says wrong.
    let [a, b]: [Vec<String>; 2] = [1, 0].map(|score| (0..4).map(|doc| row(doc, score)).collect());
    let sums = |rows: &[&[String]]| {
        let text = rows.concat().join("\n") + "\n";
        let read = read("d/samples_t_D.jsonl", &text, &[("d/results_D.json", results)]);
        let cells = cells(&read);
        let sums = |name: &str| -> Vec<(String, f64)> {
            let of = cells.get(name).map_or(&[][..], |cells| cells);
            of.iter().map(|sample| (sample.0.clone(), sample.2)).collect()
        };
        (sums("em,a"), sums("em,b"), read.problems.len())
    };
    let of = |docs: &[u32], sum: f64| -> Vec<(String, f64)> {
        docs.iter().map(|doc| (doc.to_string(), sum)).collect()
    };
    assert_eq!(sums(&[&a, &b]), (of(&[0, 1, 2, 3], 1.0), of(&[0, 1, 2, 3], 0.0), 0));
    // Two processes, each with its own documents: a, b, a, b.
    let two = [&a[..2], &b[..2], &a[2..], &b[2..]];
    assert_eq!(sums(&two), (of(&[0, 1, 2, 3], 1.0), of(&[0, 1, 2, 3], 0.0), 0));
    // Cut: an even number of rows are left, of which four are no second block.
    assert_eq!(sums(&[&a, &b[..2]]), (of(&[0, 1], 1.0), of(&[0, 1], 0.0), 1));
    // A row lost in each block.
    assert_eq!(sums(&[&a[1..], &b[..3]]), (of(&[1, 2], 1.0), of(&[1, 2], 0.0), 1));
    // No document has both: nothing is certain.
    assert_eq!(sums(&[&a]), (vec![], vec![], 1));
    let array = format!("[{},", [&a[..], &b[..2]].concat().join(", "));
    let cut = self::read("d/t.jsonl", &array, &[("d/results.json", results)]);
    assert_eq!(cells(&cut)["em,a"].len(), 2);
    assert!(cells(&cut)["em,b"].iter().all(|sample| sample.2 == 0.0));
}

#[test]
fn lm_eval_rows_are_told_apart_or_not_taken() {
    let row = ROW.replace('\n', " ");
    let damaged = [
        (r#""filter": "f1""#, r#""filter": 1"#, "filter is 1, not a text"),
        (r#""filter": "f1", "#, "", "filter is missing"),
        (r#""doc_id": 4"#, r#""doc_id": []"#, "doc_id is a list of 0, not a whole number"),
        ("00ab", "00xx", "64 hexadecimal digits"),
        (r#""metrics": ["m1", "m2"]"#, r#""metrics": 1"#, "metrics is 1, not a list of texts"),
    ];
    for (from, to, said) in damaged {
        assert!(row.contains(from), "{from}");
        let text = format!("{row}\n{}\n", row.replacen(from, to, 1).replace("0.25", "0.75"));
        let read = read("d/samples_t_D.jsonl", &text, &[("d/results_D.json", RESULTS)]);
        assert!(read.problems[0].to_string().contains(said), "{:?}", read.problems);
        let m1 = &cells(&read)["m1,f1"];
        assert_eq!((m1.len(), m1[0].2), (1, 0.25), "{from}");
    }
}

#[test]
fn lm_eval_repeats_without_a_score_are_missing() {
    let row = r#"{"doc_id": 0, "resps": [["a", "b", "c"]], "filtered_resps": ["a"], "filter": "none",
        "metrics": ["pass@1(em)"], "pass@1(em)": 0.5, "scores_per_repeat": {"em": [1, NaN, "False"]}}"#;
    let read = read("d/m/samples_t_D.jsonl", &row.replace('\n', " "), &[]);
    assert_eq!(read.problems.len(), 0, "{:?}", read.problems);
    assert_eq!(cells(&read)["em"], [("0".to_owned(), 2, 1.0, 0, 1)]);
    let bad = row.replace('\n', " ").replace(r#""False""#, r#""maybe""#);
    let read = self::read("d/m/samples_t_D.jsonl", &bad, &[]);
    assert!(
        read.problems[0].to_string().contains("something that is no score"),
        "{:?}",
        read.problems
    );
}

#[test]
fn lm_eval_takes_no_metric_that_falls_or_is_the_best_of_several() {
    let only = |metric: &str, higher: bool| {
        let results = format!(
            r#"{{"results": {{"t": {{"{metric},none": 0.25}}}}, "versions": {{"t": 0}}, "n-shot": {{"t": 0}},
            "configs": {{"t": {{"metric_list": [{{"metric": "{metric}", "aggregation": "mean",
            "higher_is_better": {higher}}}]}}}}, "config": {{"model_args": {{"pretrained": "m"}}}}}}"#
        );
        let row = format!(
            r#"{{"doc_id": 0, "resps": [["a"]], "filtered_resps": ["a"], "filter": "none",
            "metrics": ["{metric}"], "{metric}": 0.25}}"#
        );
        let row = row.replace('\n', " ");
        crate::importers::chosen(&read(
            "d/samples_t_D.jsonl",
            &row,
            &[("d/results_D.json", &results)],
        ))
    };
    assert_eq!(only("bleu", true).as_deref(), Some("bleu"));
    assert_eq!(only("wer", false), None);
    assert_eq!(only("pass@10", true), None);
    assert_eq!(only("pass@1", true).as_deref(), Some("pass@1"));
}

#[test]
fn lm_eval_with_thousands_of_metrics_ends_soon_and_says_what_is_left_out() {
    // Several blocks, which are read apart: each has names of its own.
    let mut text = String::new();
    for doc in 0..300 {
        let names: Vec<String> = (0..60).map(|k| format!("k{doc}_{k}")).collect();
        let values: String = names.iter().map(|name| format!(", \"{name}\": 1")).collect();
        let filling = "x".repeat(8_000);
        text += &format!(
            r#"{{"doc_id": {doc}, "doc": "{filling}", "resps": [["a"]], "filtered_resps": ["a"], "filter": "none",
            "metrics": ["acc", {}], "acc": 1{values}}}"#,
            names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
        )
        .replace('\n', " ");
        text.push('\n');
    }
    let start = std::time::Instant::now();
    let read = read("d/m/samples_t_D.jsonl", &text, &[]);
    assert_eq!(cells(&read)["acc"].len(), 300);
    assert_eq!(read.problems.len(), 1);
    assert!(read.problems[0].to_string().contains("10,000"), "{:?}", read.problems);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
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
fn inspect_ai_scorers_and_arguments_may_have_any_name() {
    // `answer` is a scorer of the harness itself; a score has an `answer`, too, which is not needed.
    for name in ["answer", "target", "history", "output", "value", "choices"] {
        let log = format!(
            r#"{{"version": 2, "status": "success",
            "eval": {{"task": "t", "model": "m", "task_args": {{"{name}": "hard", "level": 2}}}},
            "results": {{"scores": [{{"name": "{name}", "scorer": "{name}", "metrics": {{"accuracy": {{"value": 1.0}}}}}}]}},
            "samples": [{{"id": "a", "epoch": 1, "target": "long",
              "scores": {{"{name}": {{"value": "C", "answer": "x", "history": []}}}}}}]}}"#
        );
        let read = read("x.json", &log, &[]);
        assert_eq!(cells(&read)[name], [("a".to_owned(), 1, 1.0, 0, 0)], "{name}");
        let prompt = run(&read).prompt.clone().unwrap();
        assert!(prompt.contains(&format!("{name}=hard")), "{prompt}");
    }
}

#[test]
fn inspect_ai_ids_are_exact_and_texts_are_no_integers() {
    let log = |ids: &[&str]| {
        let sample = |id: &&str| {
            format!(r#"{{"id": {id}, "epoch": 1, "scores": {{"g": {{"value": "C"}}}}}}"#)
        };
        let samples: Vec<String> = ids.iter().map(sample).collect();
        format!(
            r#"{{"version": 2, "status": "success", "eval": {{"task": "t", "model": "m"}}, "samples": [{}]}}"#,
            samples.join(", ")
        )
    };
    let ids = |of: &[&str]| -> Vec<String> {
        let read = read("x.json", &log(of), &[]);
        assert_eq!(read.problems.len(), 0, "{:?}", read.problems);
        cells(&read)["g"].iter().map(|sample| sample.0.clone()).collect()
    };
    let large = ["1000000000000000", "9007199254740992", "9007199254740993"];
    assert_eq!(ids(&large), large);
    assert_eq!(ids(&["1", "\"1\"", "\"2\""]), ["1", "\"1\"", "2"]);
    assert_eq!(ids(&["\"1\"", "\"2\""]), ["1", "2"]);
}

#[test]
fn inspect_ai_lists_in_place_of_a_score_are_missing() {
    let log = r#"{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"},
      "samples": [{"id": "a", "epoch": 1, "scores": {"g": {"value": [1, 0]}}},
                  {"id": "b", "epoch": 1, "scores": {"g": {"value": 1}}}]}"#;
    let read = read("x.json", log, &[]);
    assert_eq!(cells(&read)["g"], [("a".to_owned(), 0, 0.0, 0, 1), ("b".to_owned(), 1, 1.0, 0, 0)]);
    assert!(read.notes().any(|(note, _)| note.starts_with("1 samples have a list for g")));
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
