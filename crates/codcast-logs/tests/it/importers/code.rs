//! EvalPlus, BigCodeBench, HumanEval, LiveCodeBench.

use codcast_logs::{IdKind, View};

use super::{counts, folder, headline, metrics, problems, refusal, replaced, run, text, verified};

const EVALPLUS: &str = r#"{"date": "2026-01-02 03:04", "hash": "d41d8", "eval": {
    "Mbpp/2": [{"task_id": "Mbpp/2", "solution": "s", "base_status": "pass", "plus_status": "fail"},
               {"base_status": "timeout", "plus_status": "pass"},
               {"base_status": "pass", "plus_status": "pass"}],
    "Mbpp/3": [{"base_status": "fail", "plus_status": "fail"}]}}"#;
const EVALPLUS_NAME: &str = "run/org--m_vllm_temp_0.25.eval_results.json";

#[test]
fn evalplus_fields() {
    let read = text(EVALPLUS_NAME, EVALPLUS, &[]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.model_source.as_str()), ("org--m", "file name"));
    assert_eq!((run.task.as_str(), run.version.as_deref()), ("Mbpp", Some("d41d8")));
    assert_eq!(run.time.as_deref(), Some("2026-01-02 03:04"));
    assert_eq!((run.decoding.temperature, run.ids), (Some(0.25), IdKind::Native));
    assert_eq!(headline(&read), ["plus", "base"]);
    let base = counts(&read, "Mbpp", "base");
    let plus = counts(&read, "Mbpp", "plus");
    assert_eq!((base["Mbpp/2"], base["Mbpp/3"]), ((3, 2.0), (1, 0.0)));
    // The second passes the added tests alone: that is no pass.
    assert_eq!((plus["Mbpp/2"], plus["Mbpp/3"]), ((3, 1.0), (1, 0.0)));
}

#[test]
fn evalplus_without_added_tests_has_one_metric() {
    let base_only = EVALPLUS
        .replace(r#""plus_status": "fail""#, r#""plus_status": null"#)
        .replace(r#""plus_status": "pass""#, r#""plus_status": null"#);
    let read = text(EVALPLUS_NAME, &base_only, &[]);
    assert_eq!(counts(&read, "Mbpp", "base").len(), 2);
    assert_eq!(counts(&read, "Mbpp", "plus").len(), 0);
}

#[test]
fn evalplus_0_2_0_statuses() {
    let old = r#"{"eval": {"HumanEval/7": {"nfiles": 2, "base": [["success", [1]], ["timed out", []]],
        "plus": [["failed", [0]], ["success", [1]]]}}}"#;
    let read = text("m_temp_0.8_eval_results.json", old, &[]);
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(counts(&read, "HumanEval", "base")["HumanEval/7"], (2, 1.0));
    assert_eq!(counts(&read, "HumanEval", "plus")["HumanEval/7"], (2, 0.0));
    let short = replaced(old, r#""nfiles": 2"#, r#""nfiles": 3"#);
    let read = text("m_eval_results.json", &short, &[]);
    assert!(
        problems(&read)[0].contains("nfiles is 3, with 2 and 2 statuses"),
        "{:?}",
        problems(&read)
    );
}

#[test]
fn evalplus_totals_are_verified() {
    let right = replaced(
        EVALPLUS,
        r#"{"date""#,
        r#"{"pass_at_k": {"base": {"pass@1": 0.3333333333333333}, "plus": {"pass@1": 0.9}}, "date""#,
    );
    let (compared, wrong) = verified(&text(EVALPLUS_NAME, &right, &[]));
    assert_eq!((compared, wrong.len()), (2, 1));
    assert!(wrong[0].contains("plus"), "{wrong:?}");
}

#[test]
fn evalplus_wrong_statuses_are_named_and_the_rest_is_read() {
    for (wrong, found) in [(r#""maybe""#, "maybe"), ("7", "is 7"), ("null", "null")] {
        let log = replaced(
            EVALPLUS,
            r#""base_status": "timeout""#,
            &format!(r#""base_status": {wrong}"#),
        );
        let read = text(EVALPLUS_NAME, &log, &[]);
        let problem = problems(&read).join("\n");
        assert!(problem.contains("Mbpp/2") && problem.contains("base_status"), "{problem}");
        assert!(problem.contains(found), "{problem}");
        assert_eq!(counts(&read, "Mbpp", "base")["Mbpp/2"], (2, 2.0));
    }
    let log = replaced(EVALPLUS, r#""plus_status": "pass"},"#, r#""plus_status": [1]},"#);
    assert!(problems(&text(EVALPLUS_NAME, &log, &[]))[0].contains("plus_status is a list of 1"));
}

#[test]
fn evalplus_without_a_name_says_so() {
    assert!(refusal("eval_results.json", EVALPLUS).contains("the model into the file's name"));
    let read = text("model-7/eval_results.json", EVALPLUS, &[]);
    assert_eq!(
        (run(&read).model.as_str(), run(&read).model_source.as_str()),
        ("model-7", "folder name")
    );
}

const BCB: &str = r#"{"date": "2026-02-03 04:05", "eval": {"BigCodeBench/9": [
    {"status": "pass", "details": {}}, {"status": "timeout", "details": {}}],
    "BigCodeBench/10": [{"status": "fail"}, {"status": "fail"}]}}"#;
const BCB_TOTALS: &str = r#"{"pass@1": 0.25, "pass@2": 0.5, "model": "org/m", "split": "instruct",
    "subset": "hard", "calibrated": false, "gt_pass_rate": 0.75, "failed_tasks": []}"#;
const BCB_NAME: &str =
    "x--bigcodebench-complete--vllm-0.5-2-sanitized_calibrated_eval_results.json";
const BCB_TOTALS_NAME: &str =
    "x--bigcodebench-complete--vllm-0.5-2-sanitized_calibrated_pass_at_k.json";

#[test]
fn bigcodebench_fields() {
    let read = text(BCB_NAME, BCB, &[(BCB_TOTALS_NAME, BCB_TOTALS)]);
    assert_eq!(problems(&read), [""; 0]);
    let with = run(&read);
    assert_eq!((with.model.as_str(), with.model_source.as_str()), ("org/m", "model"));
    assert_eq!(with.task, "bigcodebench-hard-instruct");
    assert_eq!(with.prompt.as_deref(), Some("not calibrated"));
    assert_eq!(
        (with.time.as_deref(), with.decoding.temperature),
        (Some("2026-02-03 04:05"), Some(0.5))
    );
    let pass = counts(&read, "bigcodebench-hard-instruct", "pass");
    assert_eq!((pass["BigCodeBench/9"], pass["BigCodeBench/10"]), ((2, 1.0), (2, 0.0)));
    // pass@2: one of two problems.
    assert_eq!((verified(&read), read.checks()), ((1, vec![]), 1));
    assert!(read.notes().any(|(note, _)| note.contains("only 75 % of the reference solutions")));

    let alone = text(BCB_NAME, BCB, &[]);
    let run = run(&alone);
    assert_eq!((run.model.as_str(), run.model_source.as_str()), ("x", "file name"));
    assert_eq!((run.task.as_str(), run.prompt.as_deref()), ("bigcodebench-complete", None));
}

#[test]
fn bigcodebench_damage_is_named() {
    for (wrong, found) in [(r#""passed""#, "passed"), ("true", "true"), ("null", "null")] {
        let log = replaced(BCB, r#""status": "pass""#, &format!(r#""status": {wrong}"#));
        let read = text(BCB_NAME, &log, &[]);
        let problem = problems(&read).join("\n");
        assert!(problem.contains("BigCodeBench/9") && problem.contains("status"), "{problem}");
        assert!(problem.contains(found), "{problem}");
    }
    let stuck = BCB.replace("pass", "timeout").replace("fail", "timeout");
    let read = text(BCB_NAME, &stuck, &[]);
    assert!(read.notes().any(|(note, _)| note.contains("every solution timed out")));
}

#[test]
fn humaneval_fields() {
    let log = r#"{"task_id": "HumanEval/4", "completion": "c", "result": "passed", "passed": true}
{"task_id": "HumanEval/5", "passed": false}
{"task_id": "HumanEval/4", "passed": "False"}
{"task_id": 6, "passed": true}
"#;
    let read = text("logs/m-3b_samples.jsonl_results.jsonl", log, &[]);
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(run(&read).model, "m-3b");
    let passed = counts(&read, "HumanEval", "passed");
    assert_eq!(
        (passed["HumanEval/4"], passed["HumanEval/5"], passed["6"]),
        ((2, 1.0), (1, 0.0), (1, 1.0))
    );
    for (from, to, named) in [
        (r#""passed": false"#, r#""passed": "yes""#, "line 2: passed is the text"),
        (r#", "passed": false"#, "", "line 2: passed is missing"),
        (r#""task_id": "HumanEval/5""#, r#""task_id": []"#, "line 2: task_id is a list"),
        (r#"{"task_id": "HumanEval/5", "passed": false}"#, "{", "line 2: not JSON"),
    ] {
        let read = text("m_results.jsonl", &replaced(log, from, to), &[]);
        assert!(problems(&read)[0].contains(named), "{:?}", problems(&read));
        assert_eq!(counts(&read, "HumanEval", "passed").len(), 2);
    }
    assert!(refusal("samples.jsonl_results.jsonl", log).contains("writes no model"));
}

const LCB: &str = r#"[{"question_id": "q7", "question_content": "long", "contest_date": "2024-05-06T00:00:00",
      "output_list": ["o"], "graded_list": [true, false, false, false], "pass@1": 0.25},
    {"question_id": "q8", "test_id": 3, "contest_date": "2023-01-02T00:00:00",
      "graded_list": [true, true, false, false], "pass@1": 0.5}]"#;
const LCB_NAME: &str = "out/Model-X/Scenario.selfrepair_4_0.6_eval_all.json";

#[test]
fn livecodebench_fields() {
    let totals =
        r#"[{"pass@1": 0.375, "pass@2": 0.6666666666666666, "detail": {}}, {"0": [[true]]}, []]"#;
    let totals = ("out/Model-X/Scenario.selfrepair_4_0.6_eval.json", totals);
    let read = text(LCB_NAME, LCB, &[totals]);
    assert_eq!(problems(&read), [""; 0]);
    let run = run(&read);
    assert_eq!((run.model.as_str(), run.task.as_str()), ("Model-X", "livecodebench/selfrepair"));
    assert_eq!((run.decoding.temperature, run.ids), (Some(0.6), IdKind::Native));
    let graded = counts(&read, "livecodebench/selfrepair", "pass@1");
    assert_eq!((graded["q7"], graded["q8/3"]), ((4, 1.0), (4, 2.0)));
    // pass@1 of two problems and pass@2 of both: (1 - 3/6) and (1 - 1/6), so 2/3.
    assert_eq!((verified(&read), read.checks()), ((1, vec![]), 3));
    assert!(read.notes().any(|(note, _)| note.contains("from 2023-01-02 to 2024-05-06")));
}

#[test]
fn livecodebench_damage_is_named() {
    for (from, to, named) in [
        (r#""question_id": "q7""#, r#""question_id": null"#, "row 1: question_id is null"),
        (r#"[true, false, false, false]"#, r#"[true, "maybe"]"#, "row 1: graded_list is"),
        (r#"[true, false, false, false]"#, "0.25", "row 1: graded_list is 0.25"),
        (r#""pass@1": 0.25"#, r#""pass@1": "x""#, "row 1: pass@1 is the text"),
        (r#""test_id": 3"#, r#""test_id": {}"#, "row 2: test_id is an object"),
        (
            r#""contest_date": "2023-01-02T00:00:00""#,
            r#""contest_date": 2023"#,
            "row 2: contest_date is 2023",
        ),
    ] {
        let read = text(LCB_NAME, &replaced(LCB, from, to), &[]);
        assert!(problems(&read)[0].contains(named), "{:?}", problems(&read));
        assert_eq!(counts(&read, "livecodebench/selfrepair", "pass@1").len(), 1);
    }
    // What the file says twice must agree.
    let read = text(LCB_NAME, &replaced(LCB, r#""pass@1": 0.25"#, r#""pass@1": 0.75"#), &[]);
    assert!(problems(&read)[0].contains("0.75 in the log, but 0.25"), "{:?}", problems(&read));
}

#[test]
fn fixtures_of_our_own_runs() {
    for (path, samples, trials) in [
        ("evalplus", 18, 180),
        ("bigcodebench", 4, 12),
        ("humaneval", 6, 30),
        ("livecodebench", 4, 16),
    ] {
        let read = folder(path);
        assert_eq!(problems(&read), [""; 0]);
        assert_eq!(verified(&read).1, [""; 0]);
        let trials_of = |v: View<'_>| v.samples().map(|(_, n, ..)| n).collect::<Vec<u32>>();
        let cells: Vec<u32> = read.views().flat_map(trials_of).collect();
        let per_metric = if path == "evalplus" { 2 } else { 1 };
        assert_eq!(cells.len(), samples * per_metric, "{path}");
        assert_eq!(cells.iter().sum::<u32>(), trials, "{path}");
    }
    assert_eq!(metrics(&folder("livecodebench")), ["pass@1"]);
}
