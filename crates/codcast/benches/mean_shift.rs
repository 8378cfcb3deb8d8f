//! CPU seconds of the paper's clustering on simulated pass rates (9 rungs, 100 trials).
//!
//! `cargo bench -p codcast --bench mean_shift [-- N ...]`; `-- --json N` prints one run for
//! `mean_shift.py`, which compares it with scikit-learn.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

#[path = "../tests/it/cluster_inputs.rs"]
mod cluster_inputs;

use cluster_inputs::{digest, simulate};
use codcast::cluster::{Points, estimate_bandwidth, improved_mean_shift};

const D: usize = 9;

/// User and system time of this process so far, in seconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    if sizes.is_empty() {
        // `cargo test --benches` only wants to know that it runs.
        let small = arguments.iter().any(|a| a == "--test");
        sizes = if small { vec![200] } else { vec![2000, 5000, 18000] };
    }
    if !json {
        println!(
            "{:>7} {:>9} {:>10} {:>12} {:>9}",
            "n", "bandwidth", "MeanShift", "CPU s", "clusters"
        );
    }
    for n in sizes {
        let rates = simulate(18, n, D, 100);
        let points = Points::new(D, &rates);
        let start = cpu();
        let radius = estimate_bandwidth(points, 0.1).min(0.1 * (D as f64).sqrt());
        let middle = cpu();
        let found = improved_mean_shift(points, radius, 10);
        let end = cpu();
        if json {
            let labels = digest(&found.labels);
            let cpu_s = (end - start).max(0.01);
            println!(r#"{{"cpu_s": {cpu_s}, "radius": {radius:?}, "labels": "{labels}"}}"#);
        } else {
            let (bandwidth, shift) = (middle - start, end - middle);
            let clusters = found.centres.len();
            println!("{n:>7} {bandwidth:>9.2} {shift:>10.2} {:>12.2} {clusters:>9}", end - start);
        }
    }
}
