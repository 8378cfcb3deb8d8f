//! Every log in the shared folder is read, and gives the harness's own numbers.

use codcast_logs::{Partials, Reading, partials};

use crate::support::shared;

/// Differences from the harness's means, and how many means were compared.
fn verify(read: &Partials) -> (Vec<String>, usize) {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for view in read.views() {
        let Some(expected) = view.expected() else { continue };
        compared += 1;
        let mean = view.mean();
        if !mean.is_some_and(|mean| (mean - expected.mean).abs() <= expected.tolerance) {
            let run = view.run();
            wrong.push(format!(
                "{} {} {}: {mean:?}, logged {}",
                run.model,
                run.task,
                view.name(),
                expected.mean
            ));
        }
    }
    (wrong, compared)
}

#[test]
fn lm_eval() {
    let Some(logs) = shared("logs/lm_eval") else { return };
    let read = partials(&[logs], &Reading::default()).unwrap();
    let (wrong, compared) = verify(&read);
    for f in &read.files {
        println!("{f:?}");
    }
    println!("{:#?} {compared} {}", read.problems, read.checks());
    assert_eq!(wrong, [""; 0]);
    assert_eq!(compared, 0);
}
