//! The backtest peeks at nothing and counts right.

use std::sync::Mutex;

use codcast::Config;
use codcast::backtest::{
    Backtest, BacktestConfig, Forgetful, Memory, TaskForecast, ablation, backtest, turns,
};
use codcast::engines::{self, Engine};
use codcast::evals::{Aggregate, Outcome, Role, Study};

use crate::synthetic::study;

fn run(study: &Study, engines: &[Box<dyn Engine>], settings: &BacktestConfig) -> Backtest {
    let studies = std::slice::from_ref(study);
    backtest(studies, engines, settings, &Config::default(), &Forgetful, &|_, _| ())
}

#[test]
fn no_engine_sees_a_score_of_a_model_at_or_above_the_targets_turn() {
    let study = study();
    let settings = BacktestConfig::default();
    let config = Config::default();
    let studies = std::slice::from_ref(&study);
    let found = turns(studies, &settings).turns;
    assert!(found.len() >= 4, "{} turns", found.len());
    for turn in &found {
        let mut corrupt = study.clone();
        let hidden = |model: usize| {
            matches!(study.models[model].role, Role::Ladder | Role::Target)
                && !turn.rungs.contains(&model)
        };
        assert!(hidden(turn.target));
        for (model, m) in corrupt.models.iter_mut().enumerate() {
            if hidden(model) {
                m.loss = Some(77.0);
            }
        }
        for task in &mut corrupt.tasks {
            for run in task.runs.iter_mut().filter(|run| hidden(run.model)) {
                for (s, outcome) in run.outcomes.iter_mut().enumerate() {
                    *outcome = match s % 3 {
                        0 => Outcome::Missing,
                        1 => Outcome::Counted { trials: 3, correct: 3.0 },
                        _ => Outcome::Measured(0.123),
                    };
                }
                if let Some(aggregate) = &mut run.aggregate {
                    *aggregate =
                        Aggregate { outcome: Outcome::Measured(0.987), task_loss: Some(0.001) };
                }
            }
        }
        let corrupted = std::slice::from_ref(&corrupt);
        let same_turn = turns(corrupted, &settings)
            .turns
            .into_iter()
            .find(|other| other.target == turn.target)
            .unwrap();
        assert_eq!(turn.rungs, same_turn.rungs);
        let (ladder, other) = (turn.ladder(&config).unwrap(), same_turn.ladder(&config).unwrap());
        assert_eq!(ladder, other);
        for engine in engines::all() {
            let bytes = |turn: &codcast::backtest::Turn, ladder| {
                let forecasts = turn.forecast(ladder, engine.as_ref(), &settings, &config);
                serde_json::to_string(&forecasts).unwrap()
            };
            assert_eq!(bytes(turn, &ladder), bytes(&same_turn, &other), "{}", engine.info().name);
        }
    }
}

#[test]
fn a_turns_ladder_is_every_model_of_at_most_half_its_compute() {
    let study = study();
    let flops = |i: usize| study.models[i].compute.unwrap().flops.get();
    let settings = BacktestConfig::default();
    for turn in turns(std::slice::from_ref(&study), &settings).turns {
        let mut expected: Vec<usize> = (0..study.models.len())
            .filter(|&i| matches!(study.models[i].role, Role::Ladder | Role::Target))
            .filter(|&i| 2.0 * flops(i) <= flops(turn.target))
            .collect();
        expected.sort_by(|&a, &b| flops(a).total_cmp(&flops(b)));
        assert_eq!(turn.rungs, expected);
        assert!(turn.rungs.len() >= 4);
    }
}

#[test]
fn summaries_count_what_they_say() {
    let study = study();
    let engines = engines::by_names(&["last", "power", "per-item", "two-step-flops"]).unwrap();
    let result = run(&study, &engines, &BacktestConfig::default());
    let asked = result.cases.len() / engines.len();
    // `per-item` has no aggregate task and `two-step-flops` only that one: nothing in common.
    for line in &result.summary {
        assert_eq!((line.cases, line.common_cases, line.mae), (asked, 0, None));
        let mine: Vec<f64> = result
            .cases
            .iter()
            .filter(|case| case.engine == line.engine)
            .filter_map(|case| Some(100.0 * (case.forecast? - case.actual).abs()))
            .collect();
        assert_eq!(line.forecasts, mine.len());
        let mean = mine.iter().sum::<f64>() / mine.len() as f64;
        assert!((line.own_mae.unwrap() - mean).abs() < 1e-9);
        assert_eq!(line.bands.iter().map(|band| band.forecasts).sum::<usize>(), mine.len());
    }
    assert_eq!(result.summary[0].skill_vs_last, Some(0.0));

    let two = engines::by_names(&["last", "power"]).unwrap();
    let result = run(&study, &two, &BacktestConfig::default());
    let both: Vec<(f64, f64)> = result
        .cases
        .chunks_exact(2)
        .filter_map(|pair| Some((pair[0].error()?.abs(), pair[1].error()?.abs())))
        .collect();
    let mean = both.iter().map(|pair| pair.1).sum::<f64>() / both.len() as f64;
    assert_eq!(result.summary[1].common_cases, both.len());
    assert!((result.summary[1].mae.unwrap() - mean).abs() < 1e-9);
    let worst =
        result.summary.iter().find(|line| result.best.as_ref() != Some(&line.engine)).unwrap();
    let comparison = worst.versus_best.as_ref().unwrap();
    assert_eq!(comparison.cases, both.len());
    assert_eq!(comparison.tasks, 3);
    assert!(comparison.difference >= 0.0);
    assert!(comparison.lower.unwrap() <= comparison.difference + 1e-9);
}

#[test]
fn the_median_from_forecasts_at_hand_is_the_median_engine() {
    let study = study();
    let settings = BacktestConfig::default();
    let alone = run(&study, &engines::by_names(&["median"]).unwrap(), &settings);
    let together = run(&study, &engines::all(), &settings);
    let medians: Vec<_> = together.cases.iter().filter(|case| case.engine == "median").collect();
    assert_eq!(medians.len(), alone.cases.len());
    for (a, b) in medians.iter().zip(&alone.cases) {
        assert_eq!((&a.task, &a.target, a.forecast), (&b.task, &b.target, b.forecast));
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let study = study();
    let engines = engines::all();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let settings = BacktestConfig::default();
        pool.install(|| serde_json::to_string(&run(&study, &engines, &settings)).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn the_json_has_the_documented_fields_and_no_nan() {
    let result = run(&study(), &engines::all(), &BacktestConfig::default());
    let json: serde_json::Value = serde_json::to_value(&result).unwrap();
    assert_eq!(json["schema"], "codcast.backtest/1");
    let has = |value: &serde_json::Value, fields: &[&str]| {
        for field in fields {
            assert!(value.get(field).is_some(), "{field} is missing");
        }
    };
    has(
        &json["summary"][0],
        &[
            "engine",
            "cases",
            "forecasts",
            "mae",
            "median",
            "max",
            "coverage",
            "mean_width",
            "skill_vs_last",
        ],
    );
    has(
        &json["cases"][0],
        &[
            "study",
            "task",
            "target",
            "n_rungs",
            "times_largest_rung",
            "engine",
            "forecast",
            "actual",
            "lower",
            "upper",
        ],
    );
    for case in &result.cases {
        assert_eq!(case.forecast.is_some(), case.refused.is_empty(), "{case:?}");
        assert!(case.forecast.is_none_or(|forecast| (0.0..=1.0).contains(&forecast)));
    }
}

#[test]
fn models_that_cannot_take_part_are_named() {
    let mut study = study();
    study.models[0].compute = None;
    study.models[2].compute = study.models[1].compute;
    let result = run(&study, &engines::by_names(&["last"]).unwrap(), &BacktestConfig::default());
    assert_eq!(result.skipped[0].target, "model-00");
    assert!(result.skipped.len() > 1, "equal compute is said");
    assert!(result.best.is_none());
}

/// Counts what it is asked and stores it.
#[derive(Default)]
struct Notebook(Mutex<std::collections::BTreeMap<String, Vec<TaskForecast>>>, Mutex<usize>);

impl Memory for Notebook {
    fn recall(
        &self,
        _study: &Study,
        key: &str,
        compute: &dyn Fn() -> Vec<TaskForecast>,
    ) -> Vec<TaskForecast> {
        if let Some(found) = self.0.lock().unwrap().get(key) {
            return found.clone();
        }
        *self.1.lock().unwrap() += 1;
        let found = compute();
        self.0.lock().unwrap().insert(key.to_owned(), found.clone());
        found
    }
}

#[test]
fn one_more_engine_does_not_recompute_the_rest() {
    let study = study();
    let notebook = Notebook::default();
    let settings = BacktestConfig::default();
    let run = |names: &[&str]| {
        let engines = engines::by_names(names).unwrap();
        let studies = std::slice::from_ref(&study);
        backtest(studies, &engines, &settings, &Config::default(), &notebook, &|_, _| ())
    };
    let turns = turns(std::slice::from_ref(&study), &settings).turns.len();
    let first = run(&["last", "power"]);
    assert_eq!(*notebook.1.lock().unwrap(), 2 * turns);
    let second = run(&["last", "bins", "power"]);
    assert_eq!(*notebook.1.lock().unwrap(), 3 * turns);
    let of = |result: &Backtest, engine: &str| {
        result.cases.iter().filter(|c| c.engine == engine).map(|c| c.forecast).collect::<Vec<_>>()
    };
    assert_eq!(of(&first, "power"), of(&second, "power"));
}

#[test]
fn thinned_trials_are_a_fair_draw() {
    let mut setup = ablation::Setup {
        studies: vec![study()],
        backtest: BacktestConfig::default(),
        config: Config::default(),
    };
    let rates = |setup: &ablation::Setup| {
        let task = setup.studies[0].tasks.iter().find(|task| task.name == "easy").unwrap();
        let all: Vec<f64> =
            task.runs.iter().flat_map(|run| &run.outcomes).filter_map(|o| o.rate()).collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    let before = rates(&setup);
    ablation::fewer_trials(&mut setup, 4);
    // 600 cells of 4 trials: three standard errors are at most 0.031.
    assert!((rates(&setup) - before).abs() < 0.031);
    for outcome in setup.studies[0].tasks.iter().flat_map(|t| &t.runs).flat_map(|r| &r.outcomes) {
        let Outcome::Counted { trials, correct } = *outcome else { panic!("counts stay counts") };
        assert!(trials <= 4 && correct <= f64::from(trials) && correct.fract() == 0.0);
    }
    ablation::fewer_samples(&mut setup, 10);
    let task = &setup.studies[0].tasks[1];
    assert_eq!(task.samples.len(), 10);
    assert!(task.runs.iter().all(|run| run.outcomes.len() == 10));
    assert!(task.samples.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn every_ablation_runs_and_compares_like_with_like() {
    let engines = engines::by_names(&["last", "power"]).unwrap();
    for ablation in ablation::all() {
        let setup = ablation::Setup {
            studies: vec![study()],
            backtest: BacktestConfig::default(),
            config: Config::default(),
        };
        let mut results = Vec::new();
        let unchanged = ("unchanged", None);
        let ways = ablation.variants.iter().map(|v| (v.label, Some(v.change)));
        for (label, change) in std::iter::once(unchanged).chain(ways) {
            let mut setup = setup.clone();
            if let Some(change) = change {
                change(&mut setup);
            }
            setup.backtest.validate().unwrap();
            setup.config.validate().unwrap();
            let ablation::Setup { studies, backtest: settings, config } = setup;
            let result = backtest(&studies, &engines, &settings, &config, &Forgetful, &|_, _| ());
            results.push((label.to_owned(), result));
        }
        let rows = ablation::rows(&results);
        assert_eq!(rows.len(), 2 * results.len());
        let power: Vec<_> = rows.iter().filter(|row| row.engine == "power").collect();
        assert!(power.windows(2).all(|pair| pair[0].cases == pair[1].cases), "{}", ablation.name);
    }
    assert!(ablation::by_name("nonsense").is_err());
}
