//! Microseconds per fit of the law, and the curves for `law.py`, which times SciPy on the same.
//!
//! `cargo bench -p codcast --bench law > law.csv && python crates/codcast/benches/law.py law.csv`

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use codcast::Flops;
use codcast::fit::{FitConfig, LawParams, fit_law};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal};
use rand_pcg::Pcg64Mcg;

/// The ladder of arXiv 2502.17262 v4, in 10^18 FLOP.
const PAPER: [f64; 8] = [39.91, 120.78, 307.8, 688.82, 1386.18, 4552.77, 50544.4, 141_444.3];

fn main() {
    // `cargo test --benches` wants a quick run.
    let curves = if std::env::args().any(|arg| arg == "--bench") { 2000 } else { 20 };
    let compute = PAPER.map(|c| Flops::new(c * Flops::PAPER_UNIT).unwrap());
    let mut rng = Pcg64Mcg::seed_from_u64(0);
    let noise = Normal::new(0.0, 0.01).unwrap();
    let scores: Vec<[f64; 8]> = (0..curves)
        .map(|_| {
            let b = rng.random_range(0.2..0.7);
            let late = rng.random_range(100.0_f64.ln()..1e6_f64.ln());
            let law = LawParams {
                a: (b * late).exp(),
                b,
                c: rng.random_range(0.0..0.2),
                g: if rng.random_range(0.0..1.0) < 0.5 { 0.0 } else { 0.2 },
            };
            compute.map(|at| (law.score(at) + noise.sample(&mut rng)).clamp(0.0, 1.0))
        })
        .collect();

    let config = FitConfig::default();
    let start = Instant::now();
    let fits: Vec<_> =
        scores.iter().map(|scores| fit_law(&compute, black_box(scores), None, &config)).collect();
    let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(curves);
    eprintln!("{curves} curves of 8 rungs: {micros:.1} microseconds a fit, one thread");
    println!("{micros},0,0,0,0,0,0,0,0");
    for (scores, fit) in scores.iter().zip(fits) {
        let row: Vec<String> = scores.iter().map(f64::to_string).collect();
        println!("{:e},{}", fit.sse, row.join(","));
    }
}
