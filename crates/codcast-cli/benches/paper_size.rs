//! The whole job at the paper's size: 60,905 samples of 8 tasks, 8 rungs, 3 checkpoints each, 100
//! generations a sample, from Parquet to forecast in a process of its own.
//!
//! `cargo bench -p codcast-cli --bench paper_size` prints wall time, CPU time and peak memory. The
//! laws behind the samples are drawn, not the paper's: its data are not public.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use codcast::Flops;
use codcast::evals::{Compute, ComputeSource, Model, Outcome, Role, Run, Study, TaskEvals};
use codcast_ingest::{About, write_study};

/// arXiv 2502.17262 v4: sets and samples.
const SETS: [(&str, usize); 8] = [
    ("GSM8K", 1319),
    ("MATH", 5000),
    ("BBH", 6511),
    ("TriviaQA", 17944),
    ("MBPP", 500),
    ("AGIEval", 8063),
    ("DROP", 9536),
    ("MMLU-pro", 12032),
];

/// arXiv 2502.17262 v4: compute of the rungs and the target, in 10^18 FLOP.
const COMPUTE: [f64; 9] =
    [39.9, 120.8, 307.8, 688.8, 1386.2, 4552.8, 50544.4, 141_444.3, 3_806_749.6];

const CHECKPOINTS: [i64; 3] = [98, 100, 102];

fn main() {
    // `cargo bench` says --bench; `cargo test --benches` does not.
    let full = std::env::args().any(|arg| arg == "--bench");
    let dir = tempfile::tempdir().unwrap();
    let study = study(if full { 1 } else { 40 });
    write_study(dir.path(), &study, &About::default()).unwrap();
    let samples: usize = study.tasks.iter().map(|task| task.samples.len()).sum();
    println!("{samples} samples x 8 rungs x 3 checkpoints, Parquet to forecast");
    println!("{:<12} {:>8} {:>8} {:>9}", "engine", "wall s", "CPU s", "peak MB");
    for engine in ["cod", "cod-quartic", "codcast"] {
        run(engine, dir.path());
    }
}

/// One forecast, timed from outside.
fn run(engine: &str, folder: &Path) {
    let start = Instant::now();
    // GNU time reads what the kernel counted for the process.
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%U %S %M", env!("CARGO_BIN_EXE_codcast"), "forecast"])
        .arg(folder)
        .args(["--engine", engine, "--quiet", "--format", "json"])
        .stdout(Stdio::null())
        .output();
    let wall = start.elapsed().as_secs_f64();
    let text = output.map(|o| String::from_utf8_lossy(&o.stderr).into_owned()).unwrap_or_default();
    let numbers: Vec<f64> =
        text.split_whitespace().rev().take(3).filter_map(|n| n.parse().ok()).collect();
    match numbers[..] {
        [memory, system, user] => {
            println!("{engine:<12} {wall:>8.2} {:>8.2} {:>9.0}", user + system, memory / 1024.0);
        }
        _ => println!("{engine:<12} {wall:>8.2} (install GNU time for CPU and memory): {text}"),
    }
}

/// Samples of five laws a task with a spread around each, 100 generations per checkpoint.
fn study(divisor: usize) -> Study {
    let models = COMPUTE
        .iter()
        .enumerate()
        .map(|(index, compute)| Model {
            name: format!("model-{index}"),
            family: None,
            role: if index < 8 { Role::Ladder } else { Role::Target },
            params: None,
            tokens: None,
            compute: Some(Compute {
                flops: Flops::new(compute * Flops::PAPER_UNIT).unwrap(),
                source: ComputeSource::Given,
            }),
            checkpoint: Some(100),
            loss: None,
        })
        .collect();
    let tasks = SETS
        .iter()
        .enumerate()
        .map(|(set, &(name, n))| task(name, set as u64, n / divisor))
        .collect();
    Study { name: "paper-size".to_owned(), task_loss_unit: None, models, tasks }
}

fn task(name: &str, set: u64, n: usize) -> TaskEvals {
    let samples: Arc<[String]> = (0..n).map(|sample| format!("{name}-{sample:05}")).collect();
    let mut random = SplitMix(set);
    let laws: Vec<(f64, f64, f64)> = (0..n)
        .map(|_| {
            let group = (random.uniform() * 6.0).floor();
            let emergence = 100.0 * 8.0_f64.powf(group) * (0.8 * (random.uniform() - 0.5)).exp();
            (emergence, 0.4 + 0.1 * group, 0.2 * random.uniform())
        })
        .collect();
    let mut runs = Vec::new();
    for (model, &compute) in COMPUTE[..8].iter().enumerate() {
        for checkpoint in CHECKPOINTS {
            let outcomes = laws
                .iter()
                .map(|&(emergence, b, c)| {
                    let rate = (-(compute / emergence).powf(-b) - c).exp();
                    let sd = (rate * (1.0 - rate) * 100.0).sqrt();
                    let right = (100.0 * rate + sd * random.normal()).round().clamp(0.0, 100.0);
                    Outcome::Counted { trials: 100, correct: right }
                })
                .collect();
            let checkpoint = Some(checkpoint);
            runs.push(Run { model, checkpoint, outcomes, task_loss: None, aggregate: None });
        }
    }
    TaskEvals { name: name.to_owned(), chance: None, n_samples: None, samples, runs }
}

/// Steele, Lea and Flood 2014: small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 * 2.0_f64.powi(-53)
    }

    /// A sum of twelve uniforms less six: near enough to normal here.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
