//! Every Eval Ever: rows converted from other harnesses.

use codcast_logs::{IdKind, Reading, partials_of_bytes};

use super::{counts, metrics, problems, replaced, run, text, verified};

pub(super) const ROWS: &str = r#"{"schema_version": "0.3.0", "evaluation_id": "e7", "model_id": "org/m", "evaluation_name": "bench", "evaluation_result_id": "r1", "sample_id": "s_1", "input": {"raw": "long"}, "evaluation": {"score": 0.25, "is_correct": false}}
{"schema_version": "0.3.0", "evaluation_id": "e7", "model_id": "org/m", "evaluation_name": "bench", "evaluation_result_id": "r1", "sample_id": "s_1", "evaluation": {"score": 1.0}}
{"schema_version": "0.3.0", "evaluation_id": "e7", "model_id": "org/m", "evaluation_name": "bench", "evaluation_result_id": "r1", "sample_id": "s_2", "evaluation": {"score": null}}
"#;
pub(super) const TOTALS: &str = r#"{"schema_version": "0.3.0", "evaluation_id": "e7", "evaluation_timestamp": "1750000000", "evaluation_results": [
    {"evaluation_result_id": "r0", "evaluation_name": "bench", "metric_config": {"metric_id": "other"}, "score_details": {"score": 0.1}},
    {"evaluation_result_id": "r1", "evaluation_name": "bench", "metric_config": {"metric_id": "f1", "metric_unit": "proportion", "lower_is_better": false}, "score_details": {"score": 0.625}}]}"#;
const NAME: &str = "d/u_samples.jsonl";
const TOTALS_NAME: &str = "d/u.json";

#[test]
fn fields() {
    let read = text(NAME, ROWS, &[(TOTALS_NAME, TOTALS)]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!(
        (run.model.as_str(), run.task.as_str(), run.ids),
        ("org/m", "bench", IdKind::Native)
    );
    assert_eq!((run.run_id.as_deref(), run.time.as_deref()), (Some("e7"), Some("1750000000")));
    assert_eq!(metrics(&read), ["f1"]);
    let f1 = counts(&read, "bench", "f1");
    // Two rows of a sample are its repeats; a null is missing.
    assert_eq!((f1["s_1"], f1["s_2"].0), ((2, 1.25), 0));
    assert_eq!(verified(&read), (1, vec![]));
    assert!(read.notes().any(|(note, _)| note.contains("taken for its repeats")));
    let once = ROWS.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert!(!text(NAME, &once, &[]).notes().any(|(note, _)| note.contains("its repeats")));
}

#[test]
fn results_are_found_by_name_only_where_that_is_clear() {
    let without_id = ROWS.replace(r#""evaluation_result_id": "r1", "#, "");
    let read = text(NAME, &without_id, &[(TOTALS_NAME, TOTALS)]);
    assert_eq!((metrics(&read), verified(&read).0), (vec!["score".to_owned()], 0));
    let one = replaced(
        TOTALS,
        r#""evaluation_name": "bench", "metric_config": {"metric_id": "other"}"#,
        r#""evaluation_name": "no""#,
    );
    let read = text(NAME, &without_id, &[(TOTALS_NAME, &one)]);
    assert_eq!((metrics(&read), verified(&read).0), (vec!["f1".to_owned()], 1));
}

#[test]
fn totals_in_percent_are_not_held_against_shares() {
    let percent = replaced(TOTALS, "proportion", "percent");
    assert_eq!(verified(&text(NAME, ROWS, &[(TOTALS_NAME, &percent)])).0, 0);
}

#[test]
fn zeros_of_the_converter_and_falling_metrics_are_pointed_out() {
    let zeros = ROWS.replace("0.25", "0.0").replace("1.0", "0.0").replace("null", "0");
    let read = text(NAME, &zeros, &[]);
    assert!(read.notes().any(|(note, _)| note.contains("writes 0 where it finds no metric")));
    let falling = replaced(TOTALS, r#""lower_is_better": false"#, r#""lower_is_better": true"#);
    let beside: &[(&str, &[u8])] = &[(TOTALS_NAME, falling.as_bytes())];
    let read = partials_of_bytes(NAME, ROWS.as_bytes(), beside, &Reading::default()).unwrap();
    assert_eq!(read.views().count(), 0);
    assert!(problems(&read).join(" ").contains("lower is better"), "{:?}", problems(&read));
}

#[test]
fn damage_is_named() {
    for (from, to, named) in [
        (r#""model_id": "org/m""#, r#""model_id": """#, "line 1: model_id is the text"),
        (
            r#""evaluation_name": "bench""#,
            r#""evaluation_name": []"#,
            "line 1: evaluation_name is a list",
        ),
        (r#""sample_id": "s_1""#, r#""sample_id": 0.5"#, "line 1: sample_id is 0.5"),
        (
            r#""evaluation_result_id": "r1""#,
            r#""evaluation_result_id": 2"#,
            "line 1: evaluation_result_id is 2",
        ),
        (r#""score": 0.25"#, r#""score": "good""#, "line 1: evaluation.score is the text"),
        (
            r#""evaluation_id": "e7""#,
            r#""evaluation_id": {}"#,
            "line 1: evaluation_id is an object",
        ),
    ] {
        let read = text(NAME, &replaced(ROWS, from, to), &[(TOTALS_NAME, TOTALS)]);
        assert!(problems(&read)[0].contains(named), "{:?}", problems(&read));
    }
    for (from, to, named) in [
        (r#""metric_id": "f1""#, r#""metric_id": 1"#, "metric_id"),
        (r#""metric_unit": "proportion""#, r#""metric_unit": 1"#, "metric_unit"),
        (r#""lower_is_better": false"#, r#""lower_is_better": "no""#, "lower_is_better"),
        (r#""score": 0.625"#, r#""score": "x""#, "score_details.score"),
        (
            r#""evaluation_timestamp": "1750000000""#,
            r#""evaluation_timestamp": []"#,
            "evaluation_timestamp",
        ),
    ] {
        let totals = replaced(TOTALS, from, to);
        let beside: &[(&str, &[u8])] = &[(TOTALS_NAME, totals.as_bytes())];
        let read =
            codcast_logs::partials_of_bytes(NAME, ROWS.as_bytes(), beside, &Reading::default());
        let said = read.map_or_else(|error| error.to_string(), |read| problems(&read).join(" "));
        assert!(said.contains(named) && said.contains("expected"), "{named}: {said}");
    }
}
