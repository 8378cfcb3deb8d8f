//! Every log in the shared folder is read, and gives the harness's own numbers.
//!
//! `../shared/logs/crosscheck.py` reproduces 253 numbers: 163 of lm-eval and 20 of inspect_ai here, 70 of
//! the other harnesses in `importers/shared.rs` (10 OpenCompass, 12 lighteval, 18 HELM, 25 of code
//! benchmarks, 2 OpenAI, 3 OLMES, each among more).

use codcast_logs::{Partials, Reading, partials};

use crate::importers::{problems, refusals, verified};
use crate::support::shared;

fn read(folder: &str) -> Option<Partials> {
    Some(partials(&[shared("logs")?.join(folder)], &Reading::default()).unwrap())
}

#[test]
fn lm_eval_by_version() {
    let versions = ["0.4.2", "0.4.3", "0.4.5", "0.4.8", "0.4.9.2", "0.4.13", "0.5.0.dev1"];
    let (mut means, mut within) = (0, 0);
    for version in versions {
        let Some(read) = read(&format!("lm_eval/{version}")) else { return };
        let (compared, wrong) = verified(&read);
        assert_eq!(wrong, [""; 0], "{version}");
        assert_eq!(problems(&read), [""; 0], "{version}");
        means += compared;
        within += read.checks();
    }
    // crosscheck.py: 137 means, pass@2 of 20 rows and the mean over repeats of 6. Here pass@2 and pass@4
    // of 30 rows (also those of 0.4.8 and 0.4.9.2).
    assert_eq!((means, within), (137, 66));
}

#[test]
fn lm_eval_variants_and_a_real_log() {
    let Some(read) = read("lm_eval/variants") else { return };
    assert_eq!(verified(&read).1, [""; 0]);
    assert_eq!(problems(&read), [""; 0]);
    let predicted: Vec<_> = read.views().filter(|view| view.name().metric == "bypass").collect();
    assert_eq!(predicted.len(), 2, "two filters of --predict_only");
    for view in predicted {
        assert!(view.samples().all(|(_, trials, _, _, unscored)| (trials, unscored) == (0, 1)));
    }
    let Some(read) = self::read("lm_eval/real-excerpt") else { return };
    // Ten of its 5,000 rows: the totals of the results file are those of all of them.
    assert_eq!(read.views().next().map(|view| view.samples().count()), Some(10));
}

#[test]
fn inspect_ai() {
    let Some(read) = read("inspect_ai") else { return };
    let (_, wrong) = verified(&read);
    assert_eq!(wrong, [""; 0]);
    let refused = refusals(&read);
    assert_eq!(refused.len(), 2, "{refused:#?}");
    assert!(refused.iter().any(|why| why.contains("neither header.json nor _journal")));
    assert!(refused.iter().any(|why| why.contains("a log without samples")));
    let own = ["eval-zstd", "eval-zstd-errors", "eval-zstd-chunked"];
    let own = own.map(|folder| {
        let read = self::read(&format!("inspect_ai/{folder}")).unwrap();
        let (compared, wrong) = verified(&read);
        assert_eq!(wrong, [""; 0], "{folder}");
        compared
    });
    assert_eq!(own.iter().sum::<usize>(), 20);
}

#[test]
fn every_log_at_once() {
    let Some(read) = read("") else { return };
    // What is refused, and nothing else, is a problem.
    let refused = refusals(&read);
    assert_eq!(read.problems.len(), refused.len(), "{:#?}", problems(&read));
    for why in &refused {
        assert!(
            ["no details", "no scores, only counts", "neither header.json", "without samples"]
                .iter()
                .any(|known| why.contains(known)),
            "{why}"
        );
    }
    let unknown: Vec<String> = read
        .files
        .iter()
        .filter(|file| {
            matches!(&file.fate, codcast_logs::Fate::Skipped(why) if why == "not a log of a known format")
        })
        .map(|file| file.path.file_name().to_owned())
        .collect();
    assert!(
        unknown.iter().all(|name| {
            let extension = name.rsplit('.').next().unwrap_or_default();
            ["md", "py"].contains(&extension) || name == "gpqa_demo-7b_20261121_184500.json"
        }),
        "{unknown:?}"
    );
}
