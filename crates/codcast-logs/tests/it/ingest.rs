//! From logs to a study's folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use codcast::evals::{Outcome, Study};
use codcast_logs::{
    Folder, Ingested, MetricChoice, Models, Options, Partials, Reading, Repeats, manifest_for,
    partials,
};

use crate::importers::fixture;

pub(crate) fn read(paths: &[PathBuf]) -> Partials {
    partials(paths, &Reading::default()).unwrap()
}

/// A manifest with an entry for every model of the logs.
pub(crate) fn models(partials: &Partials) -> Models {
    Models::parse(&manifest_for(partials, "test"), "models.toml").unwrap()
}

pub(crate) fn assemble(partials: &Partials, options: &Options) -> Ingested {
    codcast_logs::assemble(partials, &models(partials), options).unwrap()
}

/// `model -> sample -> (trials, correct)` of a task.
pub(crate) fn counts(study: &Study, task: &str) -> BTreeMap<String, BTreeMap<String, (u32, f64)>> {
    let task = &study.tasks[study.task(task).unwrap()];
    let mut all = BTreeMap::new();
    for run in &task.runs {
        let mut of_model = BTreeMap::new();
        for (id, outcome) in task.samples.iter().zip(&run.outcomes) {
            match outcome {
                Outcome::Counted { trials, correct } => {
                    of_model.insert(id.clone(), (*trials, *correct));
                }
                Outcome::Measured(score) => {
                    of_model.insert(id.clone(), (0, *score));
                }
                Outcome::Missing => {}
            }
        }
        all.insert(study.models[run.model].name.clone(), of_model);
    }
    all
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn one_table_in_five_shapes_gives_one_study() {
    let plain = read(&[fixture("generic/long.csv")]);
    let expected = assemble(&plain, &Options::default()).study;
    assert_eq!(expected.tasks.len(), 2);
    // Against the table itself, summed here.
    let text = std::fs::read_to_string(fixture("generic/long.csv")).unwrap();
    let mut sums: BTreeMap<(String, String, String), (u32, f64)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let key = (cells[1].to_owned(), cells[0].to_owned(), cells[2].to_owned());
        let sum = sums.entry(key).or_default();
        *sum = (sum.0 + 1, sum.1 + cells[4].parse::<f64>().unwrap());
    }
    for ((task, model, sample), sum) in &sums {
        assert_eq!(counts(&expected, task)[model][sample], *sum, "{task} {model} {sample}");
    }
    for shape in ["long.jsonl", "long.jsonl.gz", "long.parquet"] {
        let read = read(&[fixture("generic").join(shape)]);
        assert_eq!(read.problems.len(), 0, "{shape}");
        assert_eq!(assemble(&read, &Options::default()).study, expected, "{shape}");
    }
    // The wide table holds the rates of one of the tasks.
    let wide = assemble(&read(&[fixture("generic/wide.csv")]), &Options::default()).study;
    for (model, samples) in counts(&wide, "wide") {
        for (sample, (_, rate)) in samples {
            let (n, c) = counts(&expected, "qa")[&model][&sample];
            assert_eq!(rate, c / f64::from(n), "{model} {sample}");
        }
    }
}

#[test]
fn later_logs_add_to_a_study_and_the_same_logs_change_nothing() {
    let all =
        [fixture("lm-eval/0.4.13"), fixture("inspect/math.eval"), fixture("generic/long.csv")];
    let models = models(&read(&all));
    let (once, steps) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let add = |folder: &Path, paths: &[PathBuf]| {
        Folder::open(folder)
            .unwrap()
            .add(folder, read(paths), &models, &Options::default())
            .unwrap()
    };
    add(once.path(), &all);
    for path in all.iter().rev() {
        assert_eq!(add(steps.path(), std::slice::from_ref(path)).1, 0);
    }
    let bytes = |folder: &Path| {
        ["study.toml", "samples.parquet", "logs.parquet", "models.toml"]
            .map(|name| std::fs::read(folder.join(name)).unwrap())
    };
    assert_eq!(bytes(once.path()), bytes(steps.path()), "one by one, in another order");
    let (_, again) = add(once.path(), &all);
    assert!(again > 0);
    assert_eq!(bytes(once.path()), bytes(steps.path()), "twice");
    // What was written is what was made.
    let loaded = codcast_ingest::read_study(once.path()).unwrap().study;
    assert_eq!(loaded.tasks, add(once.path(), &[]).0.study.tasks);
    let names: Vec<_> = std::fs::read_dir(once.path()).unwrap().collect();
    assert_eq!(names.len(), 4, "nothing else stays in the folder");
}

#[test]
fn a_study_that_was_not_ingested_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "study.toml", "name = \"mine\"\n");
    let error = Folder::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("not made by `codcast ingest`"), "{error}");
}

#[test]
fn partials_of_workers_merge_in_any_order() {
    let paths =
        [fixture("lm-eval/0.4.13"), fixture("inspect/math.eval"), fixture("generic/wide.csv")];
    let whole = read(&paths);
    let options = Options::default();
    let expected = assemble(&whole, &options);
    let mut batches = Vec::new();
    for path in paths.iter().rev() {
        batches.extend(read(std::slice::from_ref(path)).to_batches().unwrap());
    }
    let merged = Partials::from_batches(&batches).unwrap();
    let made = codcast_logs::assemble(&merged, &models(&whole), &options).unwrap();
    assert_eq!(made.study, expected.study);
    assert_eq!(made.summary.verification, expected.summary.verification);
}

#[test]
fn the_headline_is_chosen_by_rule_and_otherwise_on_demand() {
    let read = read(&[fixture("lm-eval/0.4.13")]);
    let metric = |options: &Options, task: &str| {
        let summary = assemble(&read, options).summary;
        let task = summary.tasks.into_iter().find(|t| t.task == task).unwrap();
        (task.metric.unwrap(), task.mean.unwrap(), task.alternatives)
    };
    let (name, mean, others) = metric(&Options::default(), "demo_gsm");
    // The first metric and filter of the task's configuration; the means as in its results file.
    assert_eq!((name.as_str(), mean), ("exact_match,strict-match", 0.5));
    assert_eq!(others, [("exact_match,flexible-extract".to_owned(), Some(0.5))]);
    assert_eq!(metric(&Options::default(), "demo_mc_add").0, "acc");
    let metrics = |texts: &[&str]| {
        let metrics = texts.iter().map(|text| MetricChoice::parse(text).unwrap()).collect();
        Options { metrics, ..Options::default() }
    };
    let choice = metrics(&["demo_g*=exact_match,flex*", "acc_norm"]);
    assert_eq!(metric(&choice, "demo_gsm").0, "exact_match,flexible-extract");
    assert_eq!(metric(&choice, "demo_mc_add").0, "acc_norm");
    assert_eq!(metric(&choice, "demo_code").0, "pass@1,create_test", "no choice fits: the rule");
    let only =
        Options { tasks: vec![codcast_logs::glob("demo_m*").unwrap()], ..Options::default() };
    assert_eq!(assemble(&read, &only).study.tasks.len(), 1);
}

/// A results file and its samples as lm-eval 0.4.13 writes them: one task, `n` documents.
pub(crate) fn lm_eval(folder: &Path, time: u32, temperature: f64, scores: &[u8]) -> PathBuf {
    let stamp = format!("2026-01-01T00-00-{time:02}.000000");
    let mean = scores.iter().map(|s| f64::from(*s)).sum::<f64>() / scores.len() as f64;
    let results = format!(
        r#"{{"results": {{"t": {{"exact_match,none": {mean:?}}}}}, "configs": {{"t": {{"output_type":
        "generate_until", "generation_kwargs": {{"do_sample": {}, "temperature": {temperature:?}}},
        "metric_list": [{{"metric": "exact_match", "aggregation": "mean"}}]}}}}, "versions": {{"t": 1}},
        "n-shot": {{"t": 0}}, "config": {{"model": "hf", "model_args": {{"pretrained": "org/m"}}}},
        "date": {time}.5, "n-samples": {{"t": {{"original": {n}, "effective": {n}}}}}}}"#,
        temperature > 0.0,
        n = scores.len()
    );
    write(folder, &format!("results_{stamp}.json"), &results);
    let mut samples = String::new();
    for (doc, score) in scores.iter().enumerate() {
        writeln!(
            samples,
            r#"{{"doc_hash": "{doc:064x}", "doc_id": {doc}, "resps": [["x"]], "filtered_resps": ["x"],
            "filter": "none", "metrics": ["exact_match"], "exact_match": {score}.0}}"#
        )
        .unwrap();
    }
    let samples = samples.replace(",\n            \"filter\"", ", \"filter\"");
    write(folder, &format!("samples_t_{stamp}.jsonl"), &samples)
}

fn two_runs(temperature: f64, first: &[u8], second: &[u8], repeats: Repeats) -> (u32, f64, String) {
    let folder = tempfile::tempdir().unwrap();
    lm_eval(folder.path(), 1, temperature, first);
    lm_eval(folder.path(), 2, temperature, second);
    let read = read(&[folder.path().to_owned()]);
    assert_eq!(read.problems.len(), 0, "{:?}", read.problems);
    let options = Options { repeats, ..Options::default() };
    let made = assemble(&read, &options);
    let of_model = counts(&made.study, "t").remove("m").unwrap();
    let totals = of_model.values().fold((0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
    (totals.0, totals.1, made.summary.notes.join("; "))
}

#[test]
fn independent_draws_are_pooled_and_reruns_are_not() {
    let (first, second) = (&[1, 0, 1, 0], &[1, 1, 0, 1]);
    let (trials, correct, notes) = two_runs(0.8, first, second, Repeats::Auto);
    assert_eq!((trials, correct), (8, 5.0));
    assert!(notes.contains("2 independent runs are pooled"), "{notes}");
    // Greedy answers that differ are a rerun: the newer counts.
    let (trials, correct, notes) = two_runs(0.0, first, second, Repeats::Auto);
    assert_eq!((trials, correct), (4, 3.0));
    assert!(notes.contains("the newest counts"), "{notes}");
    // The same answers again: greedy ones are the same, those drawn at another time are drawn again.
    assert_eq!(two_runs(0.0, first, first, Repeats::Auto).0, 4);
    assert_eq!(two_runs(0.0, first, first, Repeats::Pool).0, 4);
    let (trials, correct, _) = two_runs(0.8, first, first, Repeats::Auto);
    assert_eq!((trials, correct), (8, 4.0));
    // A trial of two samples after the whole: the whole, once.
    let (trials, correct, _) = two_runs(0.0, first, &first[..2], Repeats::Auto);
    assert_eq!((trials, correct), (4, 2.0));
    assert_eq!(two_runs(0.0, first, second, Repeats::Pool).0, 8);
    assert_eq!(two_runs(0.8, first, second, Repeats::Newest).0, 4);
}

#[test]
fn a_total_that_differs_refuses_the_run_and_names_both_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let samples = lm_eval(folder.path(), 1, 0.0, &[1, 0, 1, 0]);
    let text = std::fs::read_to_string(&samples).unwrap();
    std::fs::write(&samples, text.replacen("1.0}", "0.0}", 1)).unwrap();
    let read = read(&[folder.path().to_owned()]);
    let made = assemble(&read, &Options::default());
    assert_eq!(made.study.tasks.len(), 0);
    let said = made.problems[0].to_string();
    assert!(said.contains("t, exact_match is 0.5 in the log, but 0.25 from its samples"), "{said}");
    let made = assemble(&read, &Options { verify: false, ..Options::default() });
    assert_eq!((made.study.tasks.len(), made.problems.len()), (1, 1));
    // A file that lost whole lines says how many.
    let lines: String = text.split_inclusive('\n').take(3).collect();
    std::fs::write(&samples, lines).unwrap();
    let made = assemble(&self::read(&[folder.path().to_owned()]), &Options::default());
    let said = made.problems[0].to_string();
    assert!(said.contains("3 scored samples in the file, where the log states 4"), "{said}");
}

#[test]
fn models_are_found_by_name_or_pattern_and_the_others_are_reported() {
    let read = read(&[fixture("generic/long.csv")]);
    let manifest = "name = \"s\"\n[[models]]\nname = \"one\"\nmatch = \"demo-1?\"\nrole = \"ladder\"\n\
                    [[models]]\nname = \"demo-7b\"\nrole = \"target\"\n";
    let models = Models::parse(manifest, "models.toml").unwrap();
    let made = codcast_logs::assemble(&read, &models, &Options::default()).unwrap();
    let names: Vec<String> = counts(&made.study, "qa").into_keys().collect();
    assert_eq!(names, ["demo-7b", "one"]);
    let unlisted = &made.summary.unlisted;
    assert_eq!(unlisted.len(), 1);
    // The stanza is ready to paste.
    let completed = format!("{manifest}{}", unlisted[0].stanza);
    let models = Models::parse(&completed, "models.toml").unwrap();
    let made = codcast_logs::assemble(&read, &models, &Options::default()).unwrap();
    assert_eq!((made.summary.unlisted.len(), made.study.models.len()), (0, 3));
    // Two patterns for one model: nothing is guessed.
    let both = manifest.replace("name = \"demo-7b\"", "name = \"two\"\nmatch = \"*b\"");
    let models = Models::parse(&both, "models.toml").unwrap();
    let error = codcast_logs::assemble(&read, &models, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("matches both \"one\" and \"two\""), "{error}");
}

#[test]
fn repeats_are_counted_once_in_tables() {
    let rows = "model,task,sample_id,repeat,score\nm,t,a,0,1\nm,t,a,0,0\nm,t,a,1,1\nm,t,b,0,66%\n";
    let read = codcast_logs::partials_of_bytes("t.csv", rows.as_bytes(), &[], &Reading::default());
    let read = read.unwrap();
    let said: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("t.csv, line 3: a second result for"), "{said:?}");
    assert!(said[1].contains("line 5: score is 66%"), "{said:?}");
    let study = assemble(&read, &Options::default()).study;
    assert_eq!(counts(&study, "t")["m"]["a"], (2, 2.0));
    let strict = Reading { strict: true, ..Reading::default() };
    let error = codcast_logs::partials_of_bytes("t.csv", rows.as_bytes(), &[], &strict);
    assert!(error.unwrap_err().to_string().contains("line 3"));
}

/// The counts of a table of one model and task, and how many rows are a second result.
fn table(name: &str, bytes: &[u8]) -> (BTreeMap<String, (u32, f64)>, usize) {
    let read = codcast_logs::partials_of_bytes(name, bytes, &[], &Reading::default()).unwrap();
    let twice = read.problems.iter().filter(|error| error.to_string().contains("a second result"));
    let twice = twice.count();
    assert_eq!(read.problems.len(), twice, "{:?}", read.problems);
    let samples = read.views().flat_map(|view| view.samples().collect::<Vec<_>>());
    (samples.map(|(id, n, sum, ..)| (id.to_owned(), (n, sum))).collect(), twice)
}

#[test]
fn a_second_row_for_a_repeat_is_found_whatever_repeats_are_called() {
    use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;

    for [first, second] in
        [["x", "y"], ["4294967296", "-1"], ["100", "101"], ["0", "1"], ["7.0", "8"]]
    {
        let rows = [("a", first, 1), ("a", first, 1), ("a", second, 0), ("b", first, 1)];
        let expected =
            (BTreeMap::from([("a".to_owned(), (2, 1.0)), ("b".to_owned(), (1, 1.0))]), 1);
        let mut csv = "model,sample_id,repeat,score\n".to_owned();
        let mut lines = String::new();
        for (id, repeat, score) in rows {
            writeln!(csv, "m,{id},{repeat},{score}").unwrap();
            let text = format!("{repeat:?}");
            let repeat = if repeat.parse::<f64>().is_ok() { repeat } else { &text };
            writeln!(
                lines,
                r#"{{"model": "m", "sample_id": "{id}", "repeat": {repeat}, "score": {score}}}"#
            )
            .unwrap();
        }
        assert_eq!(table("t.csv", csv.as_bytes()), expected, "{first}");
        assert_eq!(table("t.jsonl", lines.as_bytes()), expected, "{first}");
        // Parquet, as texts and where they are integers as such; in one row group, and in two.
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values(rows.map(|row| row.1)));
        let mut columns = vec![texts];
        let numbers: Option<Vec<i64>> = rows.iter().map(|row| row.1.parse().ok()).collect();
        columns.extend(numbers.map(|numbers| Arc::new(Int64Array::from(numbers)) as ArrayRef));
        for repeats in columns {
            let model: ArrayRef = Arc::new(StringArray::from_iter_values(rows.map(|_| "m")));
            let ids: ArrayRef = Arc::new(StringArray::from_iter_values(rows.map(|row| row.0)));
            let scores: ArrayRef =
                Arc::new(Float64Array::from_iter_values(rows.map(|row| f64::from(row.2))));
            let batch = RecordBatch::try_from_iter([
                ("model", model),
                ("sample_id", ids),
                ("repeat", repeats),
                ("score", scores),
            ])
            .unwrap();
            for group in [4, 1] {
                let mut out = Vec::new();
                let properties = parquet::file::properties::WriterProperties::builder()
                    .set_max_row_group_row_count(Some(group))
                    .build();
                let mut writer = parquet::arrow::ArrowWriter::try_new(
                    &mut out,
                    batch.schema(),
                    Some(properties),
                )
                .unwrap();
                writer.write(&batch).unwrap();
                writer.close().unwrap();
                assert_eq!(table("t.parquet", &out), expected, "{first}, groups of {group}");
            }
        }
    }
}

#[test]
fn large_integers_are_the_ids_they_are() {
    // As floating-point numbers 2^53 and 2^53 + 1 are one.
    let ids = ["9007199254740992", "9007199254740993", "9007199254740995"];
    let row = |(score, id): (usize, &&str)| {
        format!(r#"{{"model": "m", "sample_id": {id}, "score": {}}}"#, score % 2)
    };
    let rows: Vec<String> = ids.iter().enumerate().map(|(n, id)| row((n, id))).collect();
    let expected: BTreeMap<String, (u32, f64)> =
        ids.iter().enumerate().map(|(n, id)| ((*id).to_owned(), (1, (n % 2) as f64))).collect();
    assert_eq!(table("t.jsonl", (rows.join("\n") + "\n").as_bytes()).0, expected);
    assert_eq!(table("t.json", format!("[{}]", rows.join(", ")).as_bytes()).0, expected);
    let longer = r#"{"model": "m", "sample_id": 100000000000000000001, "score": 1}"#;
    let read =
        codcast_logs::partials_of_bytes("t.jsonl", longer.as_bytes(), &[], &Reading::default());
    let said = read.unwrap().problems[0].to_string();
    assert!(
        said.contains("sample_id is 100000000000000000000") && said.contains("19 digits"),
        "{said}"
    );
}

#[test]
fn ambiguous_tables_are_refused_with_the_reason() {
    let read = |text: &str| {
        codcast_logs::partials_of_bytes("t.csv", text.as_bytes(), &[], &Reading::default()).unwrap()
    };
    let twice = read("model,sample_id,score,score\nm,a,0,1\n");
    assert!(twice.problems[0].to_string().contains("two columns are called score"));
    let ids = read("model,question_id,doc_id,score\nm,a,0,1\n");
    assert!(ids.problems[0].to_string().contains("could both be sample_id"));
    // The hash of each sample's own text is no template: said, and the remedy works.
    let hashes = "model,sample_id,prompt_hash,score\nm,a,h1,1\nm,b,h2,0\n";
    let noted = |read: &Partials| read.notes().any(|(note, _)| note.contains("prompt_hash=none"));
    assert!(noted(&read(hashes)));
    assert!(!noted(&read("model,sample_id,prompt_hash,score\nm,a,h1,1\nm,b,h1,0\nm,a,h2,0\n")));
    let columns = vec![("prompt_hash".to_owned(), "none".to_owned())];
    let reading = Reading { columns, ..Reading::default() };
    let whole = codcast_logs::partials_of_bytes("t.csv", hashes.as_bytes(), &[], &reading).unwrap();
    assert_eq!((whole.runs(), noted(&whole)), (1, false));
}

#[test]
fn our_own_ladders_log_gives_the_answers_that_stand_in_it() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tiny-ladder/logs");
    let read = read(std::slice::from_ref(&logs));
    assert_eq!(read.problems.len(), 0);
    let study = assemble(&read, &Options::default()).study;
    assert_eq!(study.tasks.len(), 4);
    // Each response against the answer, as the harness would, from the text alone.
    let folder = logs.join("tiny-ladder__tiny-12");
    for task in ["brackets", "modular", "reverse", "substitute"] {
        let name = format!("samples_{task}_2026-11-21T22-00-00.000000.jsonl");
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let counted = &counts(&study, task)["tiny-12"];
        assert_eq!(counted.len(), 20);
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let answers = row["resps"][0].as_array().unwrap();
            let right = answers.iter().filter(|answer| **answer == row["target"]).count();
            let id = row["doc_hash"].as_str().unwrap();
            assert_eq!(counted[id], (20, right as f64), "{task} {id}");
        }
    }
}

#[test]
fn samples_known_by_hash_and_by_number_are_not_mixed() {
    let paths = [fixture("lm-eval/0.4.13"), fixture("lm-eval/0.4.2")];
    let options =
        Options { tasks: vec![codcast_logs::glob("demo_gsm").unwrap()], ..Options::default() };
    let study = assemble(&read(&paths), &options).study;
    let names: Vec<&str> = study.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["demo_gsm (samples by hash)", "demo_gsm (samples by number)"]);
    assert!(study.tasks.iter().all(|task| task.samples.len() == 6));
}

#[test]
fn checkpoints_are_read_from_the_names_of_logs() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = "model,task,sample_id,n_trials,n_correct\n".to_owned();
    let logged =
        ["lab/run-7b@step1000", "lab/run-7b@step20000", "lab/run-7b", "lab/other-7b@step5"];
    for (right, model) in logged.iter().enumerate() {
        writeln!(rows, "{model},sums,a,10,{right}").unwrap();
    }
    let read = read(&[write(folder.path(), "log.csv", &rows)]);
    let manifest = "name = \"s\"\n[[models]]\nname = \"run\"\nrole = \"target\"\ncheckpoint = 40000\n\
                    match = [\"lab/run-7b\", \"*run-7b@step{checkpoint}\"]\n";
    let models = Models::parse(manifest, "models.toml").unwrap();
    let ingested = codcast_logs::assemble(&read, &models, &Options::default()).unwrap();
    let runs = &ingested.study.tasks[0].runs;
    let found: Vec<(Option<i64>, Option<f64>)> =
        runs.iter().map(|run| (run.checkpoint, run.outcomes[0].rate())).collect();
    // The log without a number is that of the finished model.
    let expected = [(Some(1000), Some(0.0)), (Some(20_000), Some(0.1)), (Some(40_000), Some(0.2))];
    assert_eq!(found, expected);
    assert_eq!(ingested.summary.unlisted.len(), 1);
    assert_eq!(ingested.summary.unlisted[0].model, "lab/other-7b@step5");
    assert_eq!(ingested.summary.tasks[0].models, 1);
}
