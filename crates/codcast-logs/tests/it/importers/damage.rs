//! Logs that were cut or damaged: an error or a part, said aloud; never a panic, never another number.

use std::collections::BTreeMap;

use codcast_logs::{Partials, Reading, partials_of_bytes};
use rand::{RngExt, SeedableRng};

use super::{bytes, every_eval_ever};

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
        path: "m/samples_demo_gsm_2026-11-21T18-30-13.649590.jsonl",
        fixture: "lm-eval/0.4.5/samples_demo_gsm_2026-11-21T18-30-13.649590.jsonl",
        beside: &[(
            "m/results_2026-11-21T18-30-13.649590.json",
            "lm-eval/0.4.5/results_2026-11-21T18-30-13.649590.json",
        )],
    },
    Log {
        path: "m/demo_gsm.jsonl",
        fixture: "lm-eval/0.4.2/pretrained__demo-org__demo-7b,skill__0.6,seed__0_demo_gsm.jsonl",
        beside: &[("m/results.json", "lm-eval/0.4.2/results.json")],
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
    let rows = every_eval_ever::ROWS.as_bytes().to_vec();
    let totals = vec![("d/u.json", every_eval_ever::TOTALS.as_bytes().to_vec())];
    let eee = ("every-eval-ever", "d/u_samples.jsonl", rows, totals);
    LOGS.iter().map(read).chain([helm, eee]).collect()
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

/// Whether a sample's repeats and their sum are those of the whole log, or some of its repeats: neither more
/// right ones nor more wrong ones.
fn is_part((n, sum): (u32, f64), (n_whole, sum_whole): (u32, f64)) -> bool {
    let wrong = |n: u32, sum: f64| f64::from(n) - sum;
    if n == n_whole {
        return sum == sum_whole;
    }
    n < n_whole && sum <= sum_whole && (n == 0 || wrong(n, sum) <= wrong(n_whole, sum_whole))
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
                let of_whole = whole.get(key).copied();
                assert!(
                    of_whole.is_some_and(|whole| is_part(*cell, whole)),
                    "{path} at {cut}: {key:?} is {cell:?}, not {of_whole:?}"
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
            // What becomes of it in a study, where every score is from 0 to 1.
            if let Some(wrong) = super::fuzz::wrong(&read) {
                panic!("{path}: {wrong}");
            }
        }
    }
}

/// Repeats that are counted as failed or not scored.
fn missing(read: &Partials) -> u32 {
    let samples = read.views().flat_map(|view| view.samples().collect::<Vec<_>>());
    samples.map(|(.., errors, unscored)| u32::from(errors) + u32::from(unscored)).sum()
}

/// Where the scalars of a JSON text are, outside keys.
fn scalars(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
                let is_key = text[at.min(text.len())..].trim_start().starts_with(':');
                if !is_key {
                    found.push((start, at));
                }
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let ends = |byte: &u8| b",]} \n\r\t:".contains(byte);
                at += bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
                found.push((start, at));
            }
            _ => at += 1,
        }
    }
    found
}

#[test]
fn values_of_other_types_are_problems_or_nothing_at_all() {
    // Scalars of the text become something else, one at a time; the scores that remain are the same.
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(12);
    let mut changed = 0;
    let mut wrong: Vec<String> = Vec::new();
    for (path, log, beside) in all() {
        let Ok(text) = String::from_utf8(log.clone()) else { continue };
        if !text.starts_with(['{', '[']) {
            continue;
        }
        let of_whole = read(path, &log, &beside).unwrap();
        let whole = cells(&of_whole);
        let scalars = scalars(&text);
        for _ in 0..120 {
            let (start, end) = scalars[rng.random_range(0..scalars.len())];
            // Another text for a text is another name, of which nobody can tell that it is wrong.
            let others = ["[]", "{}", "[[7]]", r#""maybe""#];
            let n = if text[start..].starts_with('"') { 3 } else { 4 };
            let other = others[rng.random_range(0..n)];
            let damaged = format!("{}{other}{}", &text[..start], &text[end..]);
            let Some(part) = read(path, damaged.as_bytes(), &beside) else { continue };
            let cells = cells(&part);
            let what = format!("{path}: {} at {start} as {other}", &text[start..end]);
            // A number may be a name, so that there is a sample, task or model called "maybe".
            let renamed = cells.keys().any(|key| key.iter().any(|part| part.contains("maybe")));
            let noted = part.notes().count() > of_whole.notes().count();
            let counted = missing(&part) > missing(&of_whole);
            if !(cells == whole || renamed || noted || counted || !part.problems.is_empty()) {
                wrong.push(format!("{what}: changed scores without a word"));
            }
            for (key, cell) in &cells {
                let is_new = key.iter().any(|part| part.contains("maybe"));
                let logged = whole.get(key).copied();
                if !(is_new || logged.is_some_and(|whole| is_part(*cell, whole))) {
                    wrong.push(format!("{what}: {key:?} is {cell:?}, not {logged:?}"));
                }
            }
            changed += u32::from(cells != whole);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed > 100, "only {changed} of the changes mattered");
}
