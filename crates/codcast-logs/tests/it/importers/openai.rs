//! openai/evals and simple-evals.

use codcast_logs::{IdKind, Reading};

use super::{counts, folder, metrics, problems, refusal, replaced, run, text, verified};

const EVALS: &str = r#"{"spec": {"completion_fns": ["gpt-x", "grader"], "eval_name": "arith.dev.v0", "split": "dev", "run_config": {"seed": 17}, "run_id": "R5", "created_at": "2026-01-02 03:04:05"}}
{"final_report": {"accuracy": 0.75, "boostrap_std": 0.1, "choice": 0.9}, "run_id": "R5"}
{"run_id": "R5", "event_id": 0, "sample_id": "arith.dev.3", "type": "sampling", "data": {"prompt": "p", "sampled": "s"}}
{"run_id": "R5", "event_id": 1, "sample_id": "arith.dev.3", "type": "match", "data": {"correct": true, "expected": "42"}}
{"run_id": "R5", "event_id": 2, "sample_id": "arith.dev.3", "type": "match", "data": {"correct": false}}
{"run_id": "R5", "event_id": 3, "sample_id": "arith.dev.1", "type": "match", "data": {"correct": true}}
{"run_id": "R5", "event_id": 4, "sample_id": "arith.dev.1", "type": "metrics", "data": {"choice": 0.5, "text": "t", "gone": null}}
"#;

#[test]
fn evals_fields() {
    let read = text("a.jsonl", EVALS, &[]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.task.as_str()), ("gpt-x", "arith.dev.v0"));
    assert_eq!((run.split.as_deref(), run.run_id.as_deref()), (Some("dev"), Some("R5")));
    assert_eq!(run.time.as_deref(), Some("2026-01-02 03:04:05"));
    assert_eq!((run.decoding.seed.as_deref(), run.ids), (Some("17"), IdKind::Index));
    assert_eq!(metrics(&read), ["accuracy", "choice", "gone"]);
    let accuracy = counts(&read, "arith.dev.v0", "accuracy");
    assert_eq!((accuracy["arith.dev.3"], accuracy["arith.dev.1"]), ((2, 1.0), (1, 1.0)));
    // Accuracy agrees; the other number of the report does not.
    let (compared, wrong) = verified(&read);
    assert_eq!((compared, wrong.len()), (2, 1));
    assert!(wrong[0].contains("choice"));
}

#[test]
fn accuracy_by_the_evaluation_itself_is_not_one_more_match() {
    let graded = EVALS.replace(r#""choice": 0.5"#, r#""accuracy": 0.0"#);
    let read = text("a.jsonl", &graded, &[]);
    assert_eq!(metrics(&read), ["accuracy", "accuracy,metrics", "gone"]);
    assert_eq!(counts(&read, "arith.dev.v0", "accuracy")["arith.dev.1"], (1, 1.0));
    assert_eq!(counts(&read, "arith.dev.v0", "accuracy,metrics")["arith.dev.1"], (1, 0.0));
    // The report's accuracy, 0.75, is that of the matches.
    assert_eq!(verified(&read), (1, vec![]));
    assert_eq!(super::chosen(&read).as_deref(), Some("accuracy"));
}

#[test]
fn evals_damage_is_named() {
    for (from, to, named) in [
        (
            r#""type": "match", "data": {"correct": true, "#,
            r#""type": 3, "data": {"correct": true, "#,
            "line 4: type is 3",
        ),
        (
            r#""correct": true, "expected": "42""#,
            r#""correct": "right""#,
            "line 4: data.correct is the text",
        ),
        (
            r#""correct": true, "expected": "42""#,
            r#""expected": "42""#,
            "line 4: data.correct is missing",
        ),
        (
            r#""sample_id": "arith.dev.3", "type": "match""#,
            r#""sample_id": null, "type": "match""#,
            "line 4: sample_id is null",
        ),
        (
            r#""data": {"choice": 0.5, "text": "t", "gone": null}"#,
            r#""data": 1"#,
            "line 7: data is 1",
        ),
        (r#"["gpt-x", "grader"]"#, "[]", "line 1: spec.completion_fns is missing"),
        (
            r#""eval_name": "arith.dev.v0""#,
            r#""eval_name": []"#,
            "line 1: spec.eval_name is a list",
        ),
        (r#""split": "dev""#, r#""split": 2"#, "line 1: spec.split is 2"),
        (
            r#""run_id": "R5", "created"#,
            r#""run_id": [], "created"#,
            "line 1: spec.run_id is a list",
        ),
        (
            r#""created_at": "2026-01-02 03:04:05""#,
            r#""created_at": 5"#,
            "line 1: spec.created_at is 5",
        ),
        (r#""seed": 17"#, r#""seed": {}"#, "line 1: spec.run_config.seed is an object"),
        (r#"["gpt-x", "grader"]"#, r#""gpt-x""#, "line 1: spec.completion_fns is the text"),
    ] {
        let log = replaced(EVALS, from, to);
        let read =
            codcast_logs::partials_of_bytes("a.jsonl", log.as_bytes(), &[], &Reading::default());
        let said = read.map_or_else(|error| error.to_string(), |read| problems(&read).join(" "));
        assert!(said.contains(named), "{named}: {said}");
    }
}

const SIMPLE: &str = r#"{"score": 0.5, "metrics": {}, "htmls": ["<p>Score: 9</p><p>Score: 1.0</p>",
    "<p>Score: 0.0</p>", "<p>Score: None</p>"], "convos": [], "metadata": null}"#;

#[test]
fn simple_evals_fields() {
    let read = text("tmp/math_m_1_allresults.json", SIMPLE, &[]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.task.as_str()), ("m_1", "math"));
    let score = counts(&read, "math", "score");
    assert_eq!((score["0"], score["1"], score["2"].0), ((1, 1.0), (1, 0.0), 0));
    assert_eq!(verified(&read), (1, vec![]));
    assert!(read.notes().any(|(note, _)| note.contains("experimental")));
    let wrong = replaced(SIMPLE, "<p>Score: 0.0</p>", "<p>no score</p>");
    assert!(
        problems(&text("math_m_allresults.json", &wrong, &[]))[0].contains("row 2: htmls: Score")
    );
    let wrong = replaced(SIMPLE, r#""<p>Score: 0.0</p>""#, "7");
    assert!(
        problems(&text("math_m_allresults.json", &wrong, &[]))[0].contains("row 2: htmls is 7")
    );
    assert!(refusal("x.json", SIMPLE).contains("into the file's name only"));
}

#[test]
fn fixtures_of_our_own_runs() {
    let read = folder("openai-evals");
    assert_eq!((verified(&read), problems(&read).len()), ((1, vec![]), 0));
    let read = folder("simple-evals");
    assert_eq!((verified(&read), problems(&read).len()), ((1, vec![]), 0));
    assert_eq!(counts(&read, "gpqa", "score").len(), 12);
}
