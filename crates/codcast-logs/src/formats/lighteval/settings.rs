//! `results_<time>.json`: what a lighteval run was, and its totals.

use super::metric::{Summary, summary};
use crate::error::Result;
use crate::formats::Index;
use crate::formats::companion::pruned;
use crate::json::{Value, loose_number};
use crate::record::{Decoding, MetricName};
use crate::source::{Input, LogPath};

/// Of a file of results what details need.
pub(super) fn index(input: &mut Input<'_>) -> Result<Value> {
    let skip =
        ["summary_tasks", "summary_general", "versions", "sample_level_fn", "prompt_function"];
    Ok(pruned(&input.document(&skip)?, &["config_general", "results", "config_tasks"]))
}

/// The settings of the run that a file of details is of.
pub(super) struct Settings<'i> {
    path: LogPath,
    /// The folders between `details/` and the time: the model, with its organisation.
    model_folders: Option<String>,
    results: Option<&'i Value>,
}

impl<'i> Settings<'i> {
    /// `X/details/ORG/MODEL/TIME/details_….parquet` has its results in
    /// `X/results/ORG/MODEL/results_TIME.json`.
    pub(super) fn of(path: &LogPath, index: &'i Index) -> Self {
        let folder = path.folder();
        let split = folder
            .rfind("/details/")
            .map(|at| (&folder[..=at], &folder[at + "/details/".len()..]))
            .or_else(|| folder.strip_prefix("details/").map(|rest| ("", rest)));
        let parts = split.and_then(|(root, rest)| {
            let (model, time) = rest.rsplit_once('/')?;
            Some((root, model, time))
        });
        let results = parts.and_then(|(root, model, time)| {
            let file = |wrapper| format!("{root}results/{model}/results_{time}.json{wrapper}");
            ["", ".gz", ".zst"].iter().find_map(|wrapper| index.get(&LogPath::new(&file(wrapper))))
        });
        let model_folders = parts.map(|(_, model, _)| model.to_owned());
        Self { path: path.clone(), model_folders, results }
    }

    pub(super) fn file(&self) -> &str {
        self.path.file_name()
    }

    fn at(&self, path: &[&str]) -> Option<&'i Value> {
        self.results?.at(path)
    }

    /// The model, and where it was named.
    pub(super) fn model(&self) -> Option<(String, String)> {
        const PLACES: &[&[&str]] =
            &[&["config_general", "model_config", "model_name"], &["config_general", "model_name"]];
        let logged = PLACES.iter().find_map(|place| {
            let name = self.at(place)?.text().filter(|name| !name.is_empty())?;
            Some((name.to_owned(), place.join(".")))
        });
        logged.or_else(|| Some((self.model_folders.clone()?, "folder names".to_owned())))
    }

    /// ISO 8601 with `-` for `:`, as lighteval names folders.
    pub(super) fn time(&self) -> Option<String> {
        self.path.folder_name(1).filter(|name| name.starts_with("20")).map(str::to_owned)
    }

    pub(super) fn decoding(&self) -> Decoding {
        let general = ["config_general", "model_config", "generation_parameters"];
        let temperature =
            self.at(&general).and_then(|g| g.get("temperature")).and_then(loose_number);
        let seed = self.at(&general).and_then(|g| g.get("seed")).and_then(Value::id);
        Decoding { temperature, seed, do_sample: None }
    }

    /// The harness's mean of a metric; `None` where the total is something else than a mean.
    pub(super) fn total(&self, task: &str, metric: &str) -> Option<f64> {
        let is_mean = self.metric(task, metric).and_then(|config| config.get("corpus_level_fn"));
        let is_mean = is_mean.and_then(Value::text).is_none_or(|name| name.contains("mean"));
        // Keys have `|` and `:`, so that no path of keys is used.
        let total = self.at(&["results"])?.get(task)?.get(metric)?.number()?;
        is_mean.then_some(total)
    }

    /// The samples that were asked; `None` where that is not logged (as -1).
    pub(super) fn n_samples(&self, task: &str) -> Option<u64> {
        self.at(&["config_tasks"])?.get(task)?.get("effective_num_docs")?.count().filter(|n| *n > 0)
    }

    fn metric(&self, task: &str, metric: &str) -> Option<&'i Value> {
        let metrics = self.at(&["config_tasks"])?.get(task)?.get("metrics")?.list()?;
        metrics.iter().find(|config| {
            config.get("metric_name").and_then(Value::text).is_some_and(|name| name == metric)
        })
    }

    /// Pass rates first, then plain values in the order of the task's settings, then votes; and apart from
    /// them what stands for no task by default: what falls as models get better, and the best of several
    /// answers, which with `several` every plain value is.
    pub(super) fn headline(
        &self,
        task: &str,
        metrics: &[String],
        several: bool,
    ) -> (Vec<MetricName>, Vec<MetricName>) {
        let configured =
            self.at(&["config_tasks"]).and_then(|tasks| tasks.get(task)?.get("metrics")?.list());
        let place = |metric: &str| {
            let is = |config: &Value| {
                config.get("metric_name").and_then(Value::text).is_some_and(|name| name == metric)
            };
            configured.and_then(|all| all.iter().position(is)).unwrap_or(usize::MAX)
        };
        let rising = |metric: &&String| {
            let rises = self.metric(task, metric).and_then(|config| config.get("higher_is_better"));
            rises.and_then(Value::bool) != Some(false)
        };
        let rank = |metric: &str| match summary(metric) {
            _ if metric == super::COUNTED => 0,
            Summary::Mean { .. } => 0,
            Summary::Plain => 1,
            Summary::Vote => 2,
            Summary::PassAtK { .. } | Summary::Best => 3,
        };
        let fits = |metric: &&String| {
            let best_of = match summary(metric) {
                _ if **metric == super::COUNTED => false,
                Summary::Mean { .. } | Summary::Vote => false,
                Summary::Plain => several,
                Summary::PassAtK { .. } | Summary::Best => true,
            };
            rising(metric) && !best_of
        };
        let mut order: Vec<&String> = metrics.iter().collect();
        order.sort_by_key(|metric| (rank(metric), place(metric)));
        let (fit, unfit): (Vec<&String>, Vec<&String>) = order.into_iter().partition(fits);
        let names = |of: Vec<&String>| of.into_iter().map(|m| MetricName::new(m, None)).collect();
        (names(fit), names(unfit))
    }
}
