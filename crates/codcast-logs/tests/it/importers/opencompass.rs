//! OpenCompass, details of two ages and none.

use codcast_logs::{Fate, IdKind};

use super::{counts, folder, problems, refusal, refusals, replaced, run, text, verified};

const NAME: &str = "out/20260102_030405/results/model-x/bench.json";
const NEW: &str = r#"{"accuracy (3 runs average)": 50.0, "G-Pass@2_0.5": 12.0, "details": [
    {"example_abbr": "bench_test_0", "pred": ["a", "b", "c"], "correct": [true, false, true], "G-Pass@2_0.5": 1.0},
    {"example_abbr": "bench_test_10", "pred": ["a", "b", "c"], "correct": [false, true, false], "prompt": ["p"]},
    {"example_abbr": "bench_dev_10", "correct": [1, 0.5, null]}]}"#;
const OLD: &str = r#"{"accuracy": 66.67, "type": "GEN", "details": {
    "0": {"prompt": "p", "predictions": "x", "correct": true},
    "1": {"is_correct": false}, "2": {"cascade_correct": true}, "type": "GEN"}}"#;

#[test]
fn fields_from_0_4_1() {
    let log = replaced(NEW, "50.0", "58.33");
    let read = text(NAME, &log, &[]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.model_source.as_str()), ("model-x", "folder name"));
    assert_eq!((run.task.as_str(), run.ids), ("bench", IdKind::Index));
    assert_eq!(run.time.as_deref(), Some("20260102_030405"));
    let correct = counts(&read, "bench", "accuracy");
    assert_eq!((correct["0"], correct["10"]), ((3, 2.0), (3, 1.0)));
    // A split of its own, and a repeat without a verdict: missing, not wrong.
    assert_eq!(correct["dev_10"], (2, 1.5));
    // (2/3 + 1/3 + 3/4) / 3 = 58.33 %, which the harness rounded.
    assert_eq!(verified(&read), (1, vec![]));
    assert_eq!(verified(&text(NAME, NEW, &[])).1.len(), 1);
    let exact = replaced(NEW, "50.0", "58.334567");
    assert_eq!(verified(&text(NAME, &exact, &[])).1.len(), 1);
}

#[test]
fn fields_until_0_4_0() {
    let read = text(NAME, OLD, &[]);
    assert_eq!(problems(&read), [""; 0]);
    let correct = counts(&read, "bench", "accuracy");
    assert_eq!(correct.into_values().collect::<Vec<_>>(), [(1, 1.0), (1, 0.0), (1, 1.0)]);
    assert_eq!(verified(&read), (1, vec![]));
}

#[test]
fn damage_is_named() {
    for (from, to, named) in [
        (
            r#""correct": [true, false, true]"#,
            r#""correct": ["maybe", false, true]"#,
            "correct is the text",
        ),
        (r#""correct": [true, false, true]"#, r#""correct": {"a": 1}"#, "correct is an object"),
        (r#""example_abbr": "bench_test_0""#, r#""example_abbr": 7"#, "example_abbr is 7"),
    ] {
        let read = text(NAME, &replaced(NEW, from, to), &[]);
        assert!(problems(&read)[0].contains(named), "{:?}", problems(&read));
        assert!(problems(&read)[0].contains("details, 0"), "{:?}", problems(&read));
    }
    let read = text(NAME, &replaced(OLD, r#"{"is_correct": false}"#, "3"), &[]);
    assert!(problems(&read)[0].contains("details is 3"), "{:?}", problems(&read));
}

#[test]
fn without_details_or_verdicts_the_reason_is_given() {
    for flat in [
        r#"{"accuracy": 50.0}"#,
        r#"{"accuracy": 50.0, "details": null}"#,
        r#"{"G-Pass@2_0.25": 1.5, "x": 2}"#,
    ] {
        let why = refusal(NAME, flat);
        assert!(why.contains("no details") && why.contains("--dump-eval-details"), "{why}");
    }
    let blind = r#"{"score": 1.0, "details": {"0": {"pred": "a"}, "1": {"pred": "b"}}}"#;
    assert!(refusal(NAME, blind).contains("details have no verdicts"));
    let predictions = r#"{"0": {"origin_prompt": "p", "prediction": "x", "gold": "y"}}"#;
    assert!(
        refusal("out/t/predictions/m/b.json", predictions).contains("answers without verdicts")
    );
    assert!(refusal("bench.json", OLD).contains("by the folder"));
}

#[test]
fn fixtures_of_our_own_runs() {
    let read = folder("opencompass");
    // 0.5.4: three data sets, one of four runs; 0.3.9: two.
    assert_eq!(verified(&read), (5, vec![]));
    assert_eq!(refusals(&read).len(), 3);
    assert_eq!(counts(&read, "demo_gsm_n4", "accuracy").values().map(|(n, _)| n).sum::<u32>(), 24);
    let skipped = read.files.iter().filter(|file| matches!(file.fate, Fate::Skipped(_)));
    assert_eq!(skipped.count(), 5);
}
