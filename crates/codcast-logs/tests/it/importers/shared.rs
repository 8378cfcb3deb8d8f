//! Every log in the shared folder is read or refused with the right reason, and gives the numbers that
//! its harness logged.

use codcast_logs::{Partials, Reading, partials};

use super::{counts, problems, refusals, verified};
use crate::support::shared;

/// What a folder gives, its means all being those of the harness.
fn read(folder: &str, compared: usize) -> Option<Partials> {
    let logs = shared("logs")?.join(folder);
    let read = partials(&[logs], &Reading::default()).unwrap();
    let (n, wrong) = verified(&read);
    assert_eq!(wrong, [""; 0], "{folder}");
    assert_eq!(n, compared, "{folder}");
    Some(read)
}

#[test]
fn code_benchmarks() {
    // EvalPlus HEAD: base and plus; BigCodeBench: pass@1; LiveCodeBench: the total of the own run.
    let Some(read) = read("code", 4) else { return };
    assert_eq!(problems(&read), [""; 0]);
    // LiveCodeBench: pass@1 of 16 problems and pass@2 of all; BigCodeBench: pass@3.
    assert_eq!(read.checks(), 18);
    // crosscheck.py: the same solutions in all versions of EvalPlus, 0.7 and 13/30 of them right.
    for version in ["demo-org--demo-7b", "v0.2.0__demo-7b", "v0.3.1__demo-7b"] {
        for (metric, expected) in [("base", 0.7), ("plus", 13.0 / 30.0)] {
            let view = read
                .views()
                .find(|v| v.run().model == version && v.name().metric == metric)
                .unwrap_or_else(|| panic!("{version} {metric}"));
            assert!((view.mean().unwrap() - expected).abs() < 1e-12, "{version} {metric}");
        }
    }
}

#[test]
fn humaneval_agrees_with_evalplus_on_the_same_solutions() {
    let Some(root) = shared("logs/code") else { return };
    let [humaneval, evalplus] =
        ["humaneval", "evalplus/v0.3.1__demo-7b_temp_0.8_eval_results.json"]
            .map(|path| partials(&[root.join(path)], &Reading::default()).unwrap());
    let theirs = counts(&evalplus, "HumanEval", "base");
    assert_eq!(theirs.len(), 6);
    assert_eq!(counts(&humaneval, "HumanEval", "passed"), theirs);
}

#[test]
fn lighteval() {
    // Two models: three metrics of gsm, one of mc, two of the mixed task. 0.9.2 has no totals here.
    let Some(read) = read("lighteval", 12) else { return };
    assert_eq!(problems(&read), [""; 0]);
}

#[test]
fn opencompass() {
    let Some(read) = read("opencompass", 10) else { return };
    let refused = refusals(&read);
    assert_eq!(refused.len(), 6, "{refused:#?}");
    assert!(
        refused.iter().all(|why| why.contains("no details") && why.contains("--dump-eval-details"))
    );
}

#[test]
fn olmes() {
    // Four accuracies of arc_challenge, two matches of gsm8k, pass@1 and pass@10 of humaneval.
    let Some(read) = read("olmes", 8) else { return };
    assert_eq!(problems(&read), [""; 0]);
}

#[test]
fn helm() {
    // Three own runs of 8 metrics (4, and any-of-n of each); hellaswag and mmlu alike; narrative_qa 6.
    let Some(read) = read("helm", 46) else { return };
    let refused = refusals(&read);
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert!(refused[0].contains("has no scores, only counts"));
    // crosscheck.py found it: of the ten instances of mmlu nine are of the main split.
    assert_eq!(
        counts(&read, "mmlu:subject=philosophy,method=multiple_choice_joint", "exact_match").len(),
        9
    );
}

#[test]
fn openai() {
    let Some(read) = read("openai", 2) else { return };
    assert_eq!(problems(&read), [""; 0]);
}

#[test]
fn every_eval_ever_states_another_total_than_its_sample_has() {
    let Some(root) = shared("logs/eee") else { return };
    let read = partials(&[root], &Reading::default()).unwrap();
    let (compared, wrong) = verified(&read);
    // One sample, right, and a total of 0.75: such a log is refused unless told otherwise.
    assert_eq!((compared, wrong.len()), (1, 1), "{wrong:?}");
    assert_eq!(read.views().next().and_then(|view| view.mean()), Some(1.0));
}
