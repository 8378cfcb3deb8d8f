//! Logs that were cut or damaged: an error or a part, said aloud; never a panic, never another number.

use std::collections::BTreeMap;

use codcast_logs::{Partials, Reading, partials_of_bytes};
use rand::{RngExt, SeedableRng};

use super::bytes;

/// A log with its companions, as (path to read it as, fixture).
struct Log {
    path: &'static str,
    fixture: &'static str,
    beside: &'static [(&'static str, &'static str)],
}

/// A results file of lm-eval.
const LM_EVAL: (&str, &str) = (
    "m/results_2026-11-21T18-23-48.287490.json",
    "lm-eval/0.4.13/results_2026-11-21T18-23-48.287490.json",
);

const LOGS: &[Log] = &[
    Log {
        path: "m/samples_demo_gsm_2026-11-21T18-23-48.287490.jsonl",
        fixture: "lm-eval/0.4.13/samples_demo_gsm_2026-11-21T18-23-48.287490.jsonl",
        beside: &[LM_EVAL],
    },
    Log {
        path: "m/samples_demo_code_2026-11-21T18-23-48.287490.jsonl",
        fixture: "lm-eval/0.4.13/samples_demo_code_2026-11-21T18-23-48.287490.jsonl",
        beside: &[LM_EVAL],
    },
    Log {
        path: "m/samples_demo_ifeval_2026-11-21T18-23-48.287490.jsonl",
        fixture: "lm-eval/0.4.13/samples_demo_ifeval_2026-11-21T18-23-48.287490.jsonl",
        beside: &[LM_EVAL],
    },
    Log {
        path: "m/samples_demo_gsm_all_2026-11-21T18-33-09.046188.jsonl",
        fixture: "lm-eval/0.5.0.dev1/samples_demo_gsm_all_2026-11-21T18-33-09.046188.jsonl",
        beside: &[],
    },
    Log { path: "m/math.eval", fixture: "inspect/math.eval", beside: &[] },
    Log { path: "m/choice.json", fixture: "inspect/choice.json", beside: &[] },
    Log { path: "long.csv", fixture: "generic/long.csv", beside: &[] },
    Log { path: "long.jsonl", fixture: "generic/long.jsonl", beside: &[] },
    Log { path: "long.parquet", fixture: "generic/long.parquet", beside: &[] },
    Log { path: "wide.csv", fixture: "generic/wide.csv", beside: &[] },
    Log {
        path: "m_temp_0.8_eval_results.json",
        fixture: "evalplus/v0.2.0__demo-7b_temp_0.8_eval_results.json",
        beside: &[],
    },
    Log {
        path: "m.eval_results.json",
        fixture: "evalplus/demo-org--demo-7b_vllm_temp_0.8.eval_results.json",
        beside: &[],
    },
    Log {
        path: "m_eval_results.json",
        fixture: "bigcodebench/demo-org--demo-7b--main--bigcodebench-complete--vllm-0.8-3-sanitized_calibrated_eval_results.json",
        beside: &[(
            "m_pass_at_k.json",
            "bigcodebench/demo-org--demo-7b--main--bigcodebench-complete--vllm-0.8-3-sanitized_calibrated_pass_at_k.json",
        )],
    },
    Log {
        path: "m_samples.jsonl_results.jsonl",
        fixture: "humaneval/demo-7b_samples.jsonl_results.jsonl",
        beside: &[],
    },
    Log {
        path: "m/Scenario.codegeneration_4_0.2_eval_all.json",
        fixture: "livecodebench/Demo-7B-Ins/Scenario.codegeneration_4_0.2_eval_all.json",
        beside: &[],
    },
    Log {
        path: "results/m/d.json",
        fixture: "opencompass/0.5.4/20261121_185500/results/demo-7b-mock/demo_gsm_n4.json",
        beside: &[],
    },
    Log {
        path: "results/m/d.json",
        fixture: "opencompass/0.3.9/20241221_120000/results/demo-7b-mock/demo_gsm.json",
        beside: &[],
    },
    Log {
        path: "task-000-a-predictions.jsonl",
        fixture: "olmes/task-000-arc_challenge-predictions.jsonl",
        beside: &[("task-000-a-metrics.json", "olmes/task-000-arc_challenge-metrics.json")],
    },
    Log {
        path: "task-002-h-predictions.jsonl",
        fixture: "olmes/task-002-codex_humaneval-predictions.jsonl",
        beside: &[("task-002-h-metrics.json", "olmes/task-002-codex_humaneval-metrics.json")],
    },
    Log {
        path: "e.jsonl",
        fixture: "openai-evals/261121184408ACJJTEWQ_demo-7b_demo-arith.jsonl",
        beside: &[],
    },
    Log {
        path: "gpqa_m_allresults.json",
        fixture: "simple-evals/gpqa_demo-7b_20261121_184500_allresults.json",
        beside: &[],
    },
    Log {
        path: "details/o/m/t/details_demo:gsm|0_t.parquet",
        fixture: "lighteval/0.13-gsm.parquet",
        beside: &[("results/o/m/results_t.json", "lighteval/0.13-results.json")],
    },
    Log {
        path: "details/o/m/t/details_demo_mixed|0_t.parquet",
        fixture: "lighteval/0.13-mixed.parquet",
        beside: &[],
    },
    Log {
        path: "details/o/m/t/details_s|demo:mc|0_t.parquet",
        fixture: "lighteval/0.9-mc.parquet",
        beside: &[],
    },
    Log {
        path: "details/o/m/t/details_s|demo:mc|0_t.parquet",
        fixture: "lighteval/0.7-mc.parquet",
        beside: &[],
    },
];

/// HELM's fixture is compressed; its damage is done to the text.
fn helm() -> (Vec<u8>, Files) {
    let text = |name: &str| {
        let packed = bytes(&format!("helm/simple_mcqa-typo0.1/{name}.gz"));
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text)
            .unwrap();
        text
    };
    let beside =
        vec![("r/run_spec.json", text("run_spec.json")), ("r/stats.json", text("stats.json"))];
    (text("per_instance_stats.json"), beside)
}

/// Files by path.
type Files = Vec<(&'static str, Vec<u8>)>;

/// Everything that is tried: the fixture, the path to read it as, its bytes, and the companions'.
pub(super) fn named() -> Vec<(&'static str, &'static str, Vec<u8>, Files)> {
    let read = |log: &Log| {
        let beside = log.beside.iter().map(|(path, fixture)| (*path, bytes(fixture))).collect();
        (log.fixture, log.path, bytes(log.fixture), beside)
    };
    let (text, beside) = helm();
    let helm = ("helm/simple_mcqa-typo0.1", "r/per_instance_stats.json", text, beside);
    LOGS.iter().map(read).chain([helm]).collect()
}

/// [`named`] without the fixtures' names.
fn all() -> Vec<(&'static str, Vec<u8>, Files)> {
    named().into_iter().map(|(_, path, bytes, beside)| (path, bytes, beside)).collect()
}

/// Reads; a refusal is no partials.
fn read(path: &str, log: &[u8], beside: &[(&'static str, Vec<u8>)]) -> Option<Partials> {
    let beside: Vec<(&str, &[u8])> = beside.iter().map(|(p, b)| (*p, b.as_slice())).collect();
    partials_of_bytes(path, log, &beside, &Reading::default()).ok()
}

/// Scores by model, task, metric and sample.
fn cells(read: &Partials) -> BTreeMap<[String; 4], (u32, f64)> {
    let mut cells = BTreeMap::new();
    for view in read.views() {
        let run = view.run();
        for (id, trials, sum, ..) in view.samples() {
            let key = [run.model.clone(), run.task.clone(), view.name().to_string(), id.to_owned()];
            cells.insert(key, (trials, sum));
        }
    }
    cells
}

#[test]
fn whole_logs_are_read_without_a_problem() {
    for (path, log, beside) in all() {
        let read = read(path, &log, &beside).unwrap();
        assert!(
            read.problems.is_empty() && !cells(&read).is_empty(),
            "{path}: {:?}",
            read.problems
        );
    }
}

#[test]
fn cut_logs_give_fewer_samples_and_never_other_numbers() {
    for (path, log, beside) in all() {
        let whole = cells(&read(path, &log, &beside).unwrap());
        let step = (log.len() / 150).max(1);
        for cut in (0..log.len()).step_by(step) {
            let Some(part) = read(path, &log[..cut], &beside) else { continue };
            let cut_cells = cells(&part);
            for (key, cell) in &cut_cells {
                assert!(
                    whole.get(key).is_some_and(|(n, sum)| cell.0 <= *n && cell.1 <= *sum),
                    "{path} at {cut}: {key:?} is {cell:?}, not {:?}",
                    whole.get(key)
                );
            }
            // A text that lost records in the middle of a line or document must say so; a cut between
            // two lines of JSON Lines cannot be seen, and the total then tells.
            let between_lines = (path.contains(".jsonl") || path.contains(".csv"))
                && (cut == 0 || log[cut - 1] == b'\n' || log[cut] == b'\n');
            let only_space = log[cut..].iter().all(u8::is_ascii_whitespace);
            if cut_cells != whole && !between_lines && !only_space {
                let noted = part.notes().any(|(text, _)| text.contains("has no end"));
                assert!(
                    noted || !part.problems.is_empty(),
                    "{path} at {cut} lost samples without a word"
                );
            }
        }
    }
}

/// More on request: `CODCAST_FLIPS=20000`.
fn flips() -> u32 {
    std::env::var("CODCAST_FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(50)
}

#[test]
fn flipped_bits_never_crash_nor_leave_the_range() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(6);
    for (path, log, beside) in all() {
        for _ in 0..flips() {
            let mut damaged = log.clone();
            for _ in 0..rng.random_range(1..=4) {
                let at = rng.random_range(0..damaged.len());
                damaged[at] ^= 1 << rng.random_range(0..8);
            }
            let Some(read) = read(path, &damaged, &beside) else { continue };
            for ((_, sum), key) in cells(&read).into_iter().map(|(key, cell)| (cell, key)) {
                assert!(sum.is_finite(), "{path}: {key:?} is {sum}");
            }
        }
    }
}

#[test]
fn values_of_other_types_are_problems_or_nothing_at_all() {
    // Every scalar of the text in turn becomes something else; the scores that remain are the same.
    for (path, log, beside) in all() {
        let Ok(text) = String::from_utf8(log.clone()) else { continue };
        let whole = cells(&read(path, &log, &beside).unwrap());
        let trues: Vec<usize> = text.match_indices("true").map(|(at, _)| at).take(40).collect();
        for at in trues {
            for other in [r#""maybe""#, "[]", "{}"] {
                let damaged = format!("{}{other}{}", &text[..at], &text[at + 4..]);
                let Some(part) = read(path, damaged.as_bytes(), &beside) else { continue };
                let same = cells(&part) == whole;
                assert!(
                    same || !part.problems.is_empty(),
                    "{path} at {at}: {other} changed scores"
                );
                for (key, cell) in cells(&part) {
                    let (n, sum) = whole[&key];
                    assert!(cell.0 <= n && cell.1 <= sum, "{path} at {at}: {key:?} {cell:?}");
                }
            }
        }
    }
}
