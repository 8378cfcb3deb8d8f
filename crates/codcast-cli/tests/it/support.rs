//! Study folders written on the spot, and the binary run on them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// What the binary said.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `codcast` with these arguments.
pub(crate) fn codcast<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Said {
    let Output { status, stdout, stderr } =
        Command::cargo_bin("codcast").unwrap().args(args).output().unwrap();
    Said {
        status: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

impl Said {
    /// The JSON on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stderr))
    }

    /// Asserts a failure of this status whose message has all these parts.
    pub(crate) fn fails(&self, status: i32, parts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in: {}", self.stderr);
        }
    }
}

/// A study folder that is removed in the end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new(study: &str, samples: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("study.toml"), study).unwrap();
        fs::write(dir.path().join("samples.csv"), samples).unwrap();
        Self(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// `[[models]]` stanzas of these (name, role, compute).
pub(crate) fn manifest(models: &[(&str, &str, f64)]) -> String {
    let mut text = "name = \"by-hand\"\n".to_owned();
    for (name, role, flops) in models {
        write!(text, "[[models]]\nname = {name:?}\nrole = {role:?}\ncompute_flops = {flops:e}\n")
            .unwrap();
    }
    text
}

/// Six rungs over three decades, one target, one anchor.
pub(crate) const MODELS: [(&str, &str, f64); 8] = [
    ("r1", "ladder", 1e20),
    ("r2", "ladder", 4e20),
    ("r3", "ladder", 1.6e21),
    ("r4", "ladder", 6.4e21),
    ("r5", "ladder", 2.56e22),
    ("r6", "ladder", 1e23),
    ("big", "target", 1e24),
    ("other", "anchor", 5e23),
];

/// Samples of four difficulties whose pass rates follow the paper's law with compute, rounded to
/// 100 trials; `target` replaces the target's counts.
pub(crate) fn samples(target: Option<u32>) -> String {
    let mut text = "model,task,sample_id,n_trials,n_correct\n".to_owned();
    for (name, role, flops) in MODELS {
        for sample in 0..160 {
            // (a, b) of four groups; the spread inside a group is a few hundredths.
            let (a, b) = [(3.0, 0.35), (8.0, 0.30), (20.0, 0.32), (60.0, 0.34)][sample % 4];
            let compute = flops / 1e18;
            let wobble = (sample / 4) as f64 / 2000.0;
            let rate = (-a * compute.powf(-b) - 0.02 - wobble).exp();
            let correct = match target {
                Some(corrupt) if role == "target" => corrupt,
                _ => (100.0 * rate).round() as u32,
            };
            writeln!(text, "{name},sums,s{sample},100,{correct}").unwrap();
        }
    }
    text
}
