//! Plans against forecasts, known truths and hand computation.

use std::collections::BTreeMap;

use codcast::engines::Codcast;
use codcast::engines::cod::{groups, labels_misfit};
use codcast::evals::{Outcome, Study};
use codcast::forecast::{TargetForecast, Wanted, forecast};
use codcast::passrate::Target;
use codcast::plan::{Costs, Goal, Plan, Question, choose, plan};
use codcast::{Config, Error, Flops};

use crate::simulated_recipes::{Pair, Size, pair};
use crate::synthetic::{SIZES, sampled};

const SMALL: Size = Size { tasks: 2, samples: 120, trials: 4 };

fn question(pair: &Pair) -> Question {
    Question {
        target: Some(pair.target.clone()),
        goals: Vec::new(),
        weights: BTreeMap::new(),
        budget: None,
        costs: Costs::default(),
        level: 0.9,
    }
}

fn planned(study: &Study, question: &Question) -> Plan {
    plan(study, &Codcast, question, &Config::default()).unwrap()
}

fn forecast_at(study: &Study, compute: Flops) -> TargetForecast {
    let wanted = Wanted::Size(Target { model: None, compute, params: None, tokens: None });
    forecast(study, &Codcast, &wanted, 0.9, &Config::default()).unwrap().targets.remove(0)
}

#[test]
fn compute_for_a_score_inverts_the_forecast() {
    let mut found = 0;
    for seed in 0..4 {
        let pair = pair(SMALL, seed);
        let study = &pair.studies[0];
        let there = forecast_at(study, pair.target.compute);
        for (index, task) in there.tasks.iter().enumerate() {
            let score = task.forecast.unwrap();
            let goals = vec![Goal { task: Some(task.task.clone()), score }];
            let row =
                planned(study, &Question { goals, ..question(&pair) }).compute_for_score.remove(0);
            let Some(compute) = row.expected.compute_flops else { continue };
            let error = (compute.get() / pair.target.compute.get()).ln();
            assert!(error.abs() < 1e-9, "the forecast's own compute comes back: {error}");
            assert_eq!(forecast_at(study, compute).tasks[index].forecast, Some(score));
            for (needed, upper) in [(row.at_least, true), (row.safe, false)] {
                let Some(compute) = needed.compute_flops else { continue };
                let interval = forecast_at(study, compute).tasks[index].interval.unwrap();
                let end = if upper { interval.upper } else { interval.lower };
                assert!((end - score).abs() < 1e-9, "{end} {score}");
            }
            found += 1;
        }
    }
    assert!(found >= 6, "{found}");
}

#[test]
fn a_weighted_set_is_its_tasks_weighted() {
    let pair = pair(SMALL, 3);
    let study = &pair.studies[0];
    let there = forecast_at(study, pair.target.compute);
    let weights = BTreeMap::from([("task-0".to_owned(), 3.0), ("task-1".to_owned(), 1.0)]);
    let score = 0.75 * there.tasks[0].forecast.unwrap() + 0.25 * there.tasks[1].forecast.unwrap();
    let goals = vec![Goal { task: None, score }];
    let row =
        planned(study, &Question { goals, weights, ..question(&pair) }).compute_for_score.remove(0);
    let times = row.expected.compute_flops.unwrap().times(pair.target.compute);
    assert!((times.ln()).abs() < 1e-9, "{times}");
}

#[test]
fn scores_out_of_reach_say_so() {
    let pair = pair(SMALL, 1);
    let goal = |score| vec![Goal { task: Some("task-0".to_owned()), score }];
    let ask = |score| {
        let question = Question { goals: goal(score), ..question(&pair) };
        planned(&pair.studies[0], &question).compute_for_score.remove(0).expected
    };
    assert_eq!(ask(1e-6).status, "by_largest_rung");
    assert_eq!(ask(1.0 - 1e-12).status, "not_in_sight");
    let goals = vec![Goal { task: Some("nothing".to_owned()), score: 0.5 }];
    let question = Question { goals, ..question(&pair) };
    let error = plan(&pair.studies[0], &Codcast, &question, &Config::default()).unwrap_err();
    assert!(matches!(error, Error::Unknown { kind: "task", .. }));
}

#[test]
fn a_rung_near_the_target_promises_more_than_answers_to_known_questions() {
    let pair = pair(Size { tasks: 2, samples: 120, trials: 16 }, 4);
    let study = &pair.studies[0];
    let budget = 0.6 * pair.target.compute.get();
    let plan = planned(study, &Question { budget: Some(budget), ..question(&pair) });
    let additions = plan.additions.unwrap();
    let best = &additions.options[0];
    assert_eq!(best.kind, "rung", "{additions:?}");
    assert!(best.shrinkage > 0.1, "{best:?}");
    assert!(best.cost.total <= budget * 1.000_001);
    let widths = forecast_at(study, pair.target.compute).tasks;
    let widths = widths.iter().map(|task| task.interval.unwrap()).map(|i| i.upper - i.lower);
    let now = 100.0 * widths.sum::<f64>() / 2.0;
    assert!((additions.width_now - now).abs() < 1e-9, "{now} {}", additions.width_now);
    let generations = additions.options.iter().find(|option| option.kind == "generations").unwrap();
    assert!(generations.shrinkage < best.shrinkage, "{generations:?}");
}

#[test]
fn the_same_recipe_is_a_coin_toss_and_order_only_turns_the_answer() {
    let pair = pair(SMALL, 5);
    let [first, second] = &pair.studies;
    let ask = |a, b| choose(a, b, &Codcast, &question(&pair), &Config::default()).unwrap();
    let same = ask(first, first).recipes.unwrap();
    assert_eq!(same.probability_first_better, Some(0.5));
    assert_eq!(same.call, "undecided");
    let one = ask(first, second).recipes.unwrap();
    let other = ask(second, first).recipes.unwrap();
    let sum = one.probability_first_better.unwrap() + other.probability_first_better.unwrap();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    assert_eq!(one.tasks[0].shared_samples, Some(SMALL.samples));
}

#[test]
fn recipes_are_compared_on_the_samples_they_share() {
    let pair = pair(SMALL, 6);
    let [first, second] = &pair.studies;
    let mut part = second.clone();
    for run in part.tasks.iter_mut().flat_map(|task| &mut task.runs) {
        for outcome in run.outcomes.iter_mut().skip(80) {
            *outcome = Outcome::Missing;
        }
    }
    let ask = |b: &Study| choose(first, b, &Codcast, &question(&pair), &Config::default());
    assert_eq!(ask(&part).unwrap().recipes.unwrap().tasks[0].shared_samples, Some(80));
    part.tasks.retain(|task| task.name == "other");
    assert!(matches!(ask(&part).unwrap_err(), Error::NothingShared { .. }));
}

#[test]
fn confident_calls_are_mostly_right() {
    // Calibration on many pairs is in docs/plan.md; here a test that could fail.
    let (mut right, mut calls) = (0_u32, 0_u32);
    for seed in 0..40 {
        let pair = pair(Size { tasks: 1, samples: 300, trials: 8 }, seed);
        let [first, second] = &pair.studies;
        let plan = choose(first, second, &Codcast, &question(&pair), &Config::default()).unwrap();
        for (task, (a, b)) in
            plan.recipes.unwrap().tasks.iter().zip(pair.scores[0].iter().zip(&pair.scores[1]))
        {
            let p = task.probability_first_better.unwrap();
            if !(0.2..=0.8).contains(&p) {
                calls += 1;
                right += u32::from((p > 0.5) == (a > b));
            }
        }
    }
    println!("{right} of {calls} calls right");
    // Of calls made at 80 % or more, at least 80 % are right, but for two standard errors.
    let least = 0.8 * f64::from(calls) - 2.0 * (0.16 * f64::from(calls)).sqrt();
    assert!(calls >= 8 && f64::from(right) >= least, "{right} of {calls}");
}

#[test]
fn noise_floors_and_verdicts_follow_from_the_numbers() {
    let pair = pair(SMALL, 8);
    let plan = planned(&pair.studies[0], &question(&pair));
    for row in &plan.worth {
        let floor = row.noise_floor_points.unwrap();
        let needed = (row.n_samples.unwrap() as f64 * floor * floor).ceil() as u64;
        assert_eq!(row.samples_needed, Some(needed.max(1)));
        assert!(row.gain_points.is_some() && row.width_points.is_some());
    }
    // Guessing on every rung.
    let mut guessing = pair.studies[0].clone();
    for task in &mut guessing.tasks {
        task.chance = Some(0.5);
        for run in &mut task.runs {
            for (sample, outcome) in run.outcomes.iter_mut().enumerate() {
                let correct = f64::from(u8::from((sample + run.model) % 2 == 0));
                *outcome = Outcome::Counted { trials: 1, correct };
            }
        }
    }
    let plan = planned(&guessing, &question(&pair));
    assert!(plan.worth.iter().all(|row| row.verdict == "at_chance"), "{:?}", plan.worth);
}

#[test]
fn labels_that_no_longer_fit_are_noticed() {
    let rate = |sample: usize, (n, d): (f64, f64)| {
        let late = [2e18, 3e19, 4e20][sample % 3];
        // Samples of a group differ a little: equal ones would be no clusters but copies.
        (-(late * (1.0 + 0.001 * sample as f64) / (n * d)).powf(0.5)).exp()
    };
    let task = sampled(&SIZES, None, 300, 100, rate);
    let found = groups(&task, None, &Config::default());
    let labels = |mixed: usize| {
        let own = found.labels();
        let ids = task.samples.iter().map(ToString::to_string);
        let moved = (0..own.len()).map(|sample| own[sample / mixed]);
        BTreeMap::from([(task.task.clone(), ids.zip(moved).collect())])
    };
    let misfit = |mixed| {
        let taken = groups(&task, Some(&labels(mixed)), &Config::default());
        labels_misfit(&task, &taken, &Config::default())
    };
    assert_eq!(misfit(1), None, "own labels fit");
    let shuffled = misfit(2).unwrap();
    assert_eq!(shuffled.code(), "labels_no_longer_fit");
}

#[test]
fn without_intervals_nothing_can_be_said_to_narrow_them() {
    let pair = pair(SMALL, 2);
    let question = Question { budget: Some(pair.target.compute.get()), ..question(&pair) };
    let last = codcast::engines::by_name("last").unwrap();
    let error = plan(&pair.studies[0], last.as_ref(), &question, &Config::default()).unwrap_err();
    assert!(matches!(error, Error::NoIntervals { engine: "last" }), "{error:?}");
}

/// Two times the answers of every rung and of the target: 2 FLOPs a parameter and token.
#[test]
fn more_generations_are_priced_for_the_target_too() {
    let mut pair = pair(SMALL, 4);
    let params = |compute: f64| (compute / 120.0).sqrt();
    for model in &mut pair.studies[0].models {
        let size = params(model.compute.unwrap().flops.get());
        (model.params, model.tokens) = (Some(size), Some(20.0 * size));
    }
    let budget = 0.6 * pair.target.compute.get();
    let study = &pair.studies[0];
    let plan = planned(study, &Question { budget: Some(budget), ..question(&pair) });
    let options = plan.additions.unwrap().options;
    let doubled = options.iter().find(|o| o.kind == "generations" && o.times == Some(2)).unwrap();
    let costs = Costs::default();
    let tokens = costs.prompt_tokens + f64::from(SMALL.trials) * costs.answer_tokens;
    let rungs = study.with_role(codcast::evals::Role::Ladder);
    let sizes: f64 = rungs
        .filter_map(|model| study.models[model].params)
        .chain([params(pair.target.compute.get())])
        .sum();
    let by_hand = 2.0 * sizes * (SMALL.tasks * SMALL.samples) as f64 * tokens;
    assert!((doubled.cost.evaluation / by_hand - 1.0).abs() < 1e-9, "{doubled:?} {by_hand}");
}
