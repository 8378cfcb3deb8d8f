//! The 253 numbers that `../shared/logs/crosscheck.py` recomputes, one by one: `tests/golden/crosscheck.tsv`
//! lists what that script compares (see the script beside it), and each line must be found among what was
//! read here, with the way in which it is verified.

use std::collections::BTreeMap;
use std::path::PathBuf;

use codcast_logs::{
    Fate, Models, Options, Partials, Reading, View, assemble, manifest_for, partials,
};

use crate::support::shared;

/// How a number of a harness comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// The log states it as the mean of a metric: `--verify` recomputes it.
    Mean,
    /// The log states it in a record: recomputed while reading.
    Record,
    /// The log does not state it (the script has it from elsewhere): what was read gives it.
    NotStated,
    /// Of the split that HELM does not report, which is left out.
    OtherSplit,
}

struct Logs {
    root: PathBuf,
    read: Partials,
}

impl Logs {
    /// Metrics of a file, or of the files of a folder (`folder/`).
    fn of<'a>(&'a self, file: &'a str) -> impl Iterator<Item = View<'a>> + 'a {
        self.read.views().filter(move |view| {
            let path = view.file().strip_prefix(&format!("{}/", self.root.display())).unwrap();
            path == file || (file.ends_with('/') && path.starts_with(file))
        })
    }

    /// Whether a metric that fits is stated to be, and is, this number.
    fn states(&self, file: &str, number: f64, fits: impl Fn(&View<'_>) -> bool) -> bool {
        self.of(file).filter(fits).any(|view| {
            let stated = view.expected().is_some_and(|expected| same(expected.mean, number));
            stated && view.mean().is_some_and(|ours| same(ours, number))
        })
    }

    /// How many samples of the metrics that fit have these counts turned into this number.
    fn samples(
        &self,
        file: &str,
        metric: &str,
        number: f64,
        of: impl Fn(u32, f64) -> f64,
    ) -> usize {
        let views = self.of(file).filter(|view| metric.is_empty() || view.name().metric == metric);
        let counts = views.flat_map(|view| view.samples().collect::<Vec<_>>());
        counts.filter(|(_, n, c, ..)| *n > 0 && same(of(*n, *c), number)).count()
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

/// pass@2 by counting pairs.
fn pass_at_2(n: u32, c: f64) -> f64 {
    let (n, wrong) = (f64::from(n), f64::from(n) - c);
    1.0 - wrong * (wrong - 1.0) / (n * (n - 1.0))
}

/// The way of one line.
fn way(logs: &Logs, what: &str, number: f64) -> Option<Way> {
    let mean = |found: bool| found.then_some(Way::Mean);
    let in_percent =
        |file| logs.states(file, number, |_| true) || logs.states(file, number / 100.0, |_| true);
    let metric = |name: &str| {
        let name = name.to_owned();
        move |view: &View<'_>| view.name().metric == name
    };
    if let Some(path) = what.strip_prefix("lm_eval/") {
        let (results, rest) = path.split_once(".json:")?;
        let (task, name) = rest.rsplit_once(':')?;
        let (folder, file) = results.rsplit_once('/')?;
        let date = file.strip_prefix("results_").unwrap_or_default();
        let folder = format!("lm_eval/{folder}/");
        return mean(logs.states(&folder, number, |view| {
            let (name_of, run) = (view.name().to_string(), view.run());
            name_of == name.strip_suffix(",none").unwrap_or(name)
                && run.task == task
                && view.file().contains(date)
        }));
    }
    if let Some((file, name)) =
        what.strip_prefix("inspect_ai/").and_then(|w| w.split_once(".eval:"))
    {
        return mean(logs.states(&format!("inspect_ai/{file}.eval"), number, metric(name)));
    }
    if let Some((file, name)) =
        what.strip_prefix("lighteval/").and_then(|w| w.split_once(".parquet"))
    {
        return mean(logs.states(&format!("lighteval/{file}.parquet"), number, metric(name)));
    }
    if let Some((folder, name)) = what.split_once("/per_instance_stats.json") {
        let file = format!("{folder}/per_instance_stats.json");
        let found = mean(logs.states(&file, number, metric(name)));
        // Read from the split that HELM reports; the other one has no run here.
        let splits = logs.of(&file).find_map(|view| view.run().split.clone());
        return found.or(splits.map(|_| Way::OtherSplit));
    }
    if what.starts_with("code/evalplus/") {
        let stated = logs.states(what, number, |_| true);
        let found = logs.of(what).any(|view| view.mean().is_some_and(|ours| same(ours, number)));
        return if stated { Some(Way::Mean) } else { found.then_some(Way::NotStated) };
    }
    if what.starts_with("code/livecodebench/") {
        let n = logs.samples(what, "pass@1", number, |n, c| c / f64::from(n));
        return (n > 0).then_some(Way::Record);
    }
    match what {
        "pass@2 from c" => {
            let n = logs.samples("lm_eval/0.4.13/", "pass@1", number, pass_at_2);
            (n > 0).then_some(Way::Record)
        }
        "scores_per_repeat" => {
            let n = logs.samples("lm_eval/0.5.0.dev1/", "", number, |n, c| c / f64::from(n));
            (n > 0).then_some(Way::Record)
        }
        "bcb" => mean(logs.states("code/bigcodebench/", number, |_| true)),
        "oaievals" => mean(logs.states("openai/evals/", number, |_| true)),
        "simple-evals" => mean(logs.states("openai/simple-evals/", number, |_| true)),
        file => mean(in_percent(file)),
    }
}

fn logs() -> Option<Logs> {
    let root = shared("logs")?;
    let read = partials(std::slice::from_ref(&root), &Reading::default()).unwrap();
    Some(Logs { root, read })
}

#[test]
fn all_253_numbers_come_through() {
    let Some(logs) = logs() else { return };
    let mut ways: BTreeMap<Way, usize> = BTreeMap::new();
    let mut lost = Vec::new();
    let mut other_split = Vec::new();
    for line in include_str!("../golden/crosscheck.tsv").lines() {
        let (what, number) = line.split_once('\t').unwrap();
        match way(&logs, what, number.parse().unwrap()) {
            Some(way) => {
                *ways.entry(way).or_default() += 1;
                if way == Way::OtherSplit {
                    other_split.push(line);
                }
            }
            None => lost.push(line),
        }
    }
    assert_eq!(lost, [""; 0]);
    // Of the list: lm-eval 137, inspect_ai 20, lighteval 12, OpenCompass 10, HELM 18, EvalPlus 8 (4 of
    // them of the two versions that write no total), OLMES 3, BigCodeBench, openai/evals and simple-evals
    // 1 each; in records pass@2 20, scores_per_repeat 6, LiveCodeBench's pass@1 16. Of HELM's 18, 5 are of
    // the validation split of runs whose test split it reports; 2 of these have the test split's number.
    let means = 137 + 20 + 12 + 10 + (18 - 3) + 4 + 3 + 3;
    let expected =
        [(Way::Mean, means), (Way::Record, 20 + 6 + 16), (Way::NotStated, 4), (Way::OtherSplit, 3)];
    assert_eq!(ways, BTreeMap::from(expected), "{other_split:#?}");
    assert_eq!(ways.values().sum::<usize>(), 253);
    assert!(other_split.iter().all(|line| line.contains("mmlu") || line.contains("narrative_qa")));
}

#[test]
fn verify_recomputes_them_and_refuses_what_disagrees() {
    let Some(logs) = logs() else { return };
    let models = Models::parse(&manifest_for(&logs.read, "shared"), "models.toml").unwrap();
    let made = assemble(&logs.read, &models, &Options::default()).unwrap();
    // Three logs are excerpts: they state the totals of samples that were taken out.
    let said: Vec<String> = made.problems.iter().map(ToString::to_string).collect();
    for problem in &said {
        let excerpt = problem.contains("excerpt") || problem.contains("/eee/");
        assert!(excerpt, "{problem}");
    }
    let verified = made.summary.verification;
    assert_eq!(verified.compared, verified.stated, "all were read whole");
    assert_eq!(verified.compared - verified.agreed, said.len() as u64, "{said:#?}");
    // The 202 of the list, and those of the same logs that the script does not look at.
    assert!(verified.agreed >= 202, "{verified:?}");
    // Files that are read without any number to hold them against.
    let mut without: BTreeMap<String, usize> = BTreeMap::new();
    for file in &logs.read.files {
        let Fate::Read { format, .. } = &file.fate else { continue };
        let stated = logs
            .read
            .views()
            .any(|view| view.file() == file.path.as_str() && view.expected().is_some());
        if !stated {
            *without.entry(format.to_string()).or_default() += 1;
        }
    }
    println!(
        "{} of {} totals agree; without a total: {without:?}",
        verified.agreed, verified.stated
    );
    println!("refused: {said:#?}");
}
