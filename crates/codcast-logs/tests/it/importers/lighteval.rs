//! lighteval: three layouts of Parquet.

use std::sync::Arc;

use arrow_array::{
    Array as _, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::Field;
use codcast_logs::{IdKind, Partials, Reading, partials_of_bytes};
use parquet::arrow::ArrowWriter;

use super::{bytes, counts, headline, metrics, problems, replaced, run, verified};

const TIME: &str = "2026-11-21T18-51-10.565496";

fn details(task: &str, time: &str) -> String {
    format!("out/details/demo-org/demo-7b/{time}/details_{task}_{time}.parquet")
}

/// Reads details, with results beside them in their own tree.
fn read(path: &str, parquet: &[u8], results: Option<&[u8]>) -> Partials {
    let at = format!("out/results/demo-org/demo-7b/results_{TIME}.json");
    let beside: Vec<(&str, &[u8])> = results.iter().map(|bytes| (at.as_str(), *bytes)).collect();
    partials_of_bytes(path, parquet, &beside, &Reading::default()).unwrap()
}

#[test]
fn several_answers_become_counts() {
    let results = bytes("lighteval/0.13-results.json");
    let read =
        read(&details("demo:gsm|0", TIME), &bytes("lighteval/0.13-gsm.parquet"), Some(&results));
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.task.as_str()), ("demo-org/demo-7b", "demo:gsm"));
    assert_eq!((run.n_shot, run.ids, run.time.as_deref()), (Some(0), IdKind::Index, Some(TIME)));
    assert_eq!(run.decoding.temperature, Some(0.0));
    // The best of several answers comes last.
    assert_eq!(headline(&read), ["avg@n:n=4", "pass@k:k=1&n=4"]);
    let unfit: Vec<String> = run.unfit.iter().map(ToString::to_string).collect();
    assert_eq!(unfit, ["em"]);
    let avg = counts(&read, "demo:gsm", "avg@n:n=4");
    assert!(avg.values().all(|(n, sum)| *n == 4 && sum.fract() == 0.0), "{avg:?}");
    assert_eq!(verified(&read), (3, vec![]));
    assert!(read.notes().any(|(note, _)| note.contains("take the best of them")));
}

#[test]
fn mixed_tasks_have_every_sample_once_a_metric() {
    let results = bytes("lighteval/0.13-results.json");
    let read = read(
        &details("demo_mixed|0", TIME),
        &bytes("lighteval/0.13-mixed.parquet"),
        Some(&results),
    );
    assert_eq!(problems(&read), [""; 0]);
    for metric in ["acc", "em"] {
        let cells = counts(&read, "demo_mixed", metric);
        assert_eq!((cells.len(), cells.values().all(|(n, _)| *n == 1)), (8, true), "{metric}");
    }
    assert_eq!(verified(&read), (2, vec![]));
}

#[test]
fn a_total_that_differs_is_found_out() {
    let results = String::from_utf8(bytes("lighteval/0.13-results.json")).unwrap();
    let results = replaced(&results, r#""em": 0.75"#, r#""em": 0.625"#);
    let path = details("demo_mixed|0", TIME);
    let read = read(&path, &bytes("lighteval/0.13-mixed.parquet"), Some(results.as_bytes()));
    assert_eq!(verified(&read).1.len(), 1);
}

#[test]
fn old_layouts_agree() {
    let time = "2025-01-10T12-00-00.000000";
    let path = details("custom|demo:mc|3", time);
    let [new, old] =
        ["0.9", "0.7"].map(|v| read(&path, &bytes(&format!("lighteval/{v}-mc.parquet")), None));
    for read in [&new, &old] {
        assert_eq!(problems(read), [""; 0]);
        let run = run(read);
        assert_eq!(
            (run.model.as_str(), run.model_source.as_str()),
            ("demo-org/demo-7b", "folder names")
        );
        assert_eq!(
            (run.task.as_str(), run.n_shot, run.ids),
            ("custom|demo:mc", Some(3), IdKind::Hash)
        );
        assert_eq!(metrics(read), ["acc", "acc_norm", "f1"]);
    }
    // The same rows, once typed and once as texts of Python.
    for metric in ["acc", "acc_norm", "f1"] {
        let cells = counts(&new, "custom|demo:mc", metric);
        assert_eq!(cells.len(), 6);
        assert_eq!(counts(&old, "custom|demo:mc", metric), cells);
    }
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

fn column(name: &str, values: ArrayRef) -> (Arc<Field>, ArrayRef) {
    (Arc::new(Field::new(name, values.data_type().clone(), true)), values)
}

/// Rows of the newest layout with one metric.
fn structs(ids: Vec<Option<&str>>, metric: &str, values: Vec<Option<f64>>) -> Vec<u8> {
    let n = ids.len();
    let doc = StructArray::from(vec![
        column("id", Arc::new(StringArray::from(ids))),
        column("task_name", Arc::new(StringArray::from(vec!["t:u|5"; n]))),
        column("num_samples", Arc::new(Int64Array::from(vec![3; n]))),
    ]);
    let metrics = StructArray::from(vec![column(metric, Arc::new(Float64Array::from(values)))]);
    parquet(vec![("doc", Arc::new(doc)), ("metric", Arc::new(metrics))])
}

#[test]
fn fields_of_the_newest_layout() {
    let file = structs(
        vec![Some("7"), None, Some("9")],
        "acc",
        vec![Some(1.0), Some(1.0), Some(f64::NAN)],
    );
    let read = read(&details("ignored|1", TIME), &file, None);
    assert_eq!((run(&read).task.as_str(), run(&read).n_shot), ("t:u", Some(5)));
    // A row without an id cannot be told apart, a NaN is no score.
    assert_eq!(
        counts(&read, "t:u", "acc").into_iter().collect::<Vec<_>>(),
        [("7".to_owned(), (1, 1.0)), ("9".to_owned(), (0, 0.0))]
    );
    let view = read.views().next().unwrap();
    let unscored: Vec<(&str, u16)> = view.samples().map(|sample| (sample.0, sample.4)).collect();
    assert_eq!(unscored, [("7", 0), ("9", 1)], "missing, and counted as such");
    assert_eq!(super::chosen(&read), None, "the best of three answers is no pass rate");
    assert!(problems(&read)[0].contains("row 2: doc.id is missing"), "{:?}", problems(&read));
    // Three answers were asked for (doc.num_samples).
    assert!(read.notes().any(|(note, _)| note.contains("take the best of them")));
}

#[test]
fn pass_at_k_alone_is_turned_into_counts_where_all_are_certain() {
    // Of 4 answers, 1 right: a pair holds it in half of the cases; 2: in five of six.
    let of = |value| {
        let values = vec![Some(0.5), Some(value)];
        let file = structs(vec![Some("0"), Some("1")], "pass@k:k=2&n=4", values);
        read(&details("x|0", TIME), &file, None)
    };
    let certain = of(5.0 / 6.0);
    assert_eq!(headline(&certain), ["pass@1 (from pass@k)"]);
    assert_eq!(super::chosen(&certain).as_deref(), Some("pass@1 (from pass@k)"));
    let counted: Vec<_> = counts(&certain, "t:u", "pass@1 (from pass@k)").into_values().collect();
    assert_eq!(counted, [(4, 1.0), (4, 2.0)]);
    // All pairs hold one of 3 or of 4: without this sample the others would look too hard.
    let uncertain = of(1.0);
    assert_eq!(counts(&uncertain, "t:u", "pass@1 (from pass@k)").len(), 0);
    assert_eq!(counts(&uncertain, "t:u", "pass@k:k=2&n=4").len(), 2);
    assert_eq!(super::chosen(&uncertain), None, "the best of two is no pass rate");
    assert!(uncertain.notes().any(|(note, _)| note.contains("fits several counts")));
}

#[test]
fn a_table_without_some_of_the_samples_that_were_asked_is_refused() {
    let path = details("demo_mixed|0", TIME);
    let refused = |stated: &str| {
        let results = String::from_utf8(bytes("lighteval/0.13-results.json")).unwrap();
        let stated = format!("\"effective_num_docs\": {stated}");
        let results = results.replace("\"effective_num_docs\": -1", &stated);
        let read = read(&path, &bytes("lighteval/0.13-mixed.parquet"), Some(results.as_bytes()));
        let manifest = codcast_logs::manifest_for(&read, "s");
        let models = codcast_logs::Models::parse(&manifest, "models.toml").unwrap();
        let made =
            codcast_logs::assemble(&read, &models, &codcast_logs::Options::default()).unwrap();
        made.problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(refused("8"), [""; 0]);
    assert_eq!(refused("-1"), [""; 0]);
    let said = refused("9");
    assert!(said[0].contains("8 scored samples in the file, where the log states 9"), "{said:?}");
}

#[test]
fn the_same_sample_twice_is_an_error_and_the_same_example_is_not() {
    let file = structs(vec![Some("0"), Some("0")], "acc", vec![Some(1.0), Some(0.0)]);
    let twice = read(&details("x|0", TIME), &file, None);
    assert!(problems(&twice)[0].contains("a second result"), "{:?}", problems(&twice));
    assert_eq!(counts(&twice, "t:u", "acc")["0"], (1, 1.0));

    let metrics =
        StructArray::from(vec![column("acc", Arc::new(Float64Array::from(vec![1.0, 0.0])))]);
    let examples: ArrayRef = Arc::new(StringArray::from(vec!["same", "same"]));
    let file = parquet(vec![("example", examples), ("metrics", Arc::new(metrics))]);
    let read = read(&details("s|t|0", TIME), &file, None);
    assert_eq!(problems(&read), [""; 0]);
    // echo -n same | sha256sum
    let ids: Vec<String> = counts(&read, "s|t", "acc").into_keys().collect();
    assert_eq!(ids, ["0967115f2813a354", "0967115f2813a354-2"]);
}

#[test]
fn metrics_that_are_no_numbers_are_left_out() {
    let inner = StructArray::from(vec![column("golds", Arc::new(Int64Array::from(vec![1])))]);
    let metrics = StructArray::from(vec![
        column("acc", Arc::new(StringArray::from(vec!["True"]))),
        column("f1", Arc::new(inner)),
    ]);
    let examples: ArrayRef = Arc::new(StringArray::from(vec!["e"]));
    let file = parquet(vec![("example", examples), ("metrics", Arc::new(metrics))]);
    let read = read(&details("s|t|0", TIME), &file, None);
    assert_eq!(super::metrics(&read), ["acc"]);
    assert!(read.notes().any(|(note, _)| note.contains("f1 is not a number a sample")));
}

#[test]
fn python_texts_that_are_none_are_named() {
    let text = |cell: &str| {
        let metrics: ArrayRef = Arc::new(StringArray::from(vec!["{'acc': 1}", cell]));
        let examples: ArrayRef = Arc::new(StringArray::from(vec!["e", "f"]));
        let file = parquet(vec![("example", examples), ("metrics", metrics)]);
        problems(&read(&details("s|t|0", TIME), &file, None)).join(" ")
    };
    assert!(text("{'acc': ").contains("row 2: metrics is no Python literal"));
    assert!(text("[1]").contains("row 2: metrics is a list of 1"));
    assert!(text("__import__('os')").contains("row 2: metrics is"));
}

#[test]
fn other_tables_and_damage_are_refused() {
    let values: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let said = |file: &[u8]| {
        let read = partials_of_bytes(&details("x|0", TIME), file, &[], &Reading::default());
        read.map_or_else(|error| error.to_string(), |read| problems(&read).join(" "))
    };
    assert!(
        said(&parquet(vec![("a", values)])).contains("has columns a; lighteval's details have")
    );
    let whole = bytes("lighteval/0.13-gsm.parquet");
    for cut in [4, 100, whole.len() / 2, whole.len() - 1] {
        assert!(said(&whole[..cut]).contains("not Parquet"), "{cut}: {}", said(&whole[..cut]));
    }
}
