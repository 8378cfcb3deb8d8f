//! Reads a study of the paper's size: 60,905 samples of 8 tasks, 8 rungs, 3 checkpoints each.
//!
//! `cargo bench -p codcast-ingest --bench read_study` prints wall time, CPU time and peak memory of
//! each format, each measured in a process of its own. In test mode one small study is read.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use codcast::Flops;
use codcast::evals::{Compute, ComputeSource, Model, Outcome, Role, Run, Study, TaskEvals};
use codcast_ingest::{About, read_study, write_study};

const SAMPLES: usize = 60_905;
const TASKS: usize = 8;
const MODELS: usize = 8;
const CHECKPOINTS: [i64; 3] = [98_000, 99_000, 100_000];

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(place) = args.iter().position(|arg| arg == "--read") {
        return read(Path::new(&args[place + 1]));
    }
    // `cargo bench` says --bench; `cargo test --benches` does not.
    let samples = if args.iter().any(|arg| arg == "--bench") { SAMPLES } else { 400 };
    let dir = tempfile::TempDir::new().unwrap();
    let study = study(samples);
    write_study(&dir.path().join("parquet"), &study, &About::default()).unwrap();
    for (format, text) in [("csv", csv(&study)), ("jsonl", jsonl(&study))] {
        let folder = dir.path().join(format);
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(dir.path().join("parquet/study.toml"), folder.join("study.toml")).unwrap();
        std::fs::write(folder.join(format!("samples.{format}")), text).unwrap();
    }
    println!("{} rows", samples / TASKS * TASKS * MODELS * CHECKPOINTS.len());
    println!("{:<8} {:>9} {:>9} {:>9} {:>9}", "format", "file MB", "wall s", "CPU s", "peak MB");
    for format in ["parquet", "csv", "jsonl"] {
        let folder = dir.path().join(format);
        let status = Command::new(&args[0]).arg("--read").arg(folder).status().unwrap();
        assert!(status.success());
    }
}

/// Reads a study and prints what it took this process.
fn read(folder: &Path) {
    let start = Instant::now();
    let loaded = read_study(folder).unwrap();
    let wall = start.elapsed().as_secs_f64();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // User and system time are fields 14 and 15, in hundredths of a second.
    let ticks: f64 = stat
        .rsplit(") ")
        .next()
        .map(|rest| rest.split(' ').skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum())
        .unwrap_or_default();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak_kb: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default();
    let file = &loaded.inputs[1];
    println!(
        "{:<8} {:>9.1} {wall:>9.3} {:>9.2} {:>9.0}",
        file.path.rsplit('.').next().unwrap_or_default(),
        file.bytes as f64 / 1e6,
        ticks / 100.0,
        peak_kb / 1e3,
    );
}

fn study(samples: usize) -> Study {
    let model = |rung: usize| Model {
        name: format!("rung-{rung}"),
        family: None,
        role: Role::Ladder,
        params: None,
        tokens: None,
        compute: Some(Compute {
            flops: Flops::new(1e18 * f64::from(4_u32.pow(rung as u32))).unwrap(),
            source: ComputeSource::Given,
        }),
        checkpoint: Some(CHECKPOINTS[1]),
        loss: None,
    };
    let task = |task: usize| {
        let ids: Vec<String> =
            (0..samples / TASKS).map(|i| format!("benchmark-{task}/test/{i:05}")).collect();
        let runs = (0..MODELS)
            .flat_map(|model| CHECKPOINTS.map(|checkpoint| (model, checkpoint)))
            .map(|(model, checkpoint)| Run {
                model,
                checkpoint: Some(checkpoint),
                outcomes: (0..ids.len()).map(|i| outcome(task, model, checkpoint, i)).collect(),
                task_loss: None,
                aggregate: None,
            })
            .collect();
        TaskEvals {
            name: format!("benchmark-{task}"),
            chance: None,
            n_samples: None,
            samples: Arc::from(ids),
            runs,
        }
    };
    Study {
        name: "bench".to_owned(),
        task_loss_unit: None,
        models: (0..MODELS).map(model).collect(),
        tasks: (0..TASKS).map(task).collect(),
    }
}

/// 100 trials of a rate that varies without pattern, so that the file does not compress too well.
fn outcome(task: usize, model: usize, checkpoint: i64, sample: usize) -> Outcome {
    let mut x = (task * 1_000_003 + sample) as u64 * 31 + model as u64 * 7 + checkpoint as u64;
    x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    Outcome::Counted {
        trials: 100,
        correct: (x.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 % 101.0,
    }
}

fn rows(study: &Study) -> impl Iterator<Item = (&str, &str, &str, i64, f64)> {
    study.tasks.iter().flat_map(move |task| {
        task.runs.iter().flat_map(move |run| {
            task.samples.iter().zip(&run.outcomes).map(move |(id, outcome)| {
                let correct = outcome.rate().unwrap() * 100.0;
                let model = study.models[run.model].name.as_str();
                (model, task.name.as_str(), id.as_str(), run.checkpoint.unwrap(), correct.round())
            })
        })
    })
}

fn csv(study: &Study) -> String {
    let mut out = "model,task,sample_id,checkpoint,n_trials,n_correct\n".to_owned();
    for (model, task, id, checkpoint, correct) in rows(study) {
        writeln!(out, "{model},{task},{id},{checkpoint},100,{correct}").unwrap();
    }
    out
}

fn jsonl(study: &Study) -> String {
    let mut out = String::new();
    for (model, task, id, checkpoint, correct) in rows(study) {
        writeln!(
            out,
            "{{\"model\": \"{model}\", \"task\": \"{task}\", \"sample_id\": \"{id}\", \
             \"checkpoint\": {checkpoint}, \"n_trials\": 100, \"n_correct\": {correct}}}"
        )
        .unwrap();
    }
    out
}
