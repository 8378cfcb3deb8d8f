//! Stage 0: order, smoothing, joining.

use codcast::config::DataConfig;
use codcast::evals::{Aggregate, Outcome, Role, Run};
use codcast::passrate::{Ladder, actual};
use codcast::{Diagnostic, Error};

use crate::support::{counted, model, run, study, task};

fn build(study: &codcast::evals::Study) -> codcast::Result<Ladder> {
    let rungs: Vec<usize> = study.with_role(Role::Ladder).collect();
    let anchors: Vec<usize> = study.with_role(Role::Anchor).collect();
    Ladder::build(study, &rungs, &anchors, &DataConfig::default())
}

#[test]
fn rungs_come_by_compute_not_by_listing() {
    let models = vec![model("big", Role::Ladder, 4e18), model("small", Role::Ladder, 1e18)];
    let runs = vec![run(0, vec![counted(3, 4)]), run(1, vec![counted(1, 4)])];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    let names: Vec<&str> = ladder.tasks[0].rungs.iter().map(|rung| rung.model.as_str()).collect();
    assert_eq!(names, ["small", "big"]);
    assert_eq!(ladder.tasks[0].means, [0.25, 0.75]);
}

#[test]
fn samples_not_shared_by_all_rungs_are_dropped_and_counted() {
    let models = vec![model("a", Role::Ladder, 1e18), model("b", Role::Ladder, 2e18)];
    let runs = vec![
        run(0, vec![counted(1, 1), Outcome::Missing, counted(0, 1)]),
        run(1, vec![counted(1, 1), counted(1, 1), counted(1, 1)]),
    ];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    let ladder = &ladder.tasks[0];
    assert_eq!(ladder.rates.as_slice(), [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(ladder.samples.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["s0", "s2"]);
    let dropped = Diagnostic::SamplesDropped { dropped: 1, of: 3, model: "a".to_owned() };
    assert!(ladder.diagnostics.contains(&dropped), "{:?}", ladder.diagnostics);
}

#[test]
fn near_checkpoints_are_pooled_by_trials_and_far_ones_are_not() {
    let mut small = model("a", Role::Ladder, 1e18);
    small.checkpoint = Some(100);
    let models = vec![small, model("b", Role::Ladder, 2e18)];
    let at = |checkpoint, outcome| Run { checkpoint: Some(checkpoint), ..run(0, vec![outcome]) };
    let runs = vec![
        at(50, counted(0, 100)),
        at(90, counted(1, 10)),
        at(100, counted(4, 10)),
        at(110, counted(16, 20)),
        at(120, counted(0, 100)),
        run(1, vec![counted(1, 1)]),
    ];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    // 1 + 4 + 16 of 10 + 10 + 20; checkpoint 120 is not adjacent.
    assert_eq!(ladder.tasks[0].rates.sample(0)[0], 21.0 / 40.0);
    assert_eq!(ladder.tasks[0].trials.as_deref(), Some([40, 1].as_slice()));
}

#[test]
fn a_neighbour_at_twice_the_tokens_does_not_smooth() {
    let mut small = model("a", Role::Ladder, 1e18);
    small.checkpoint = Some(10);
    let models = vec![small, model("b", Role::Ladder, 2e18)];
    let at = |checkpoint, score| Run {
        checkpoint: Some(checkpoint),
        ..run(0, vec![Outcome::Measured(score)])
    };
    let runs = vec![at(10, 0.25), at(20, 0.75), run(1, vec![Outcome::Measured(0.5)])];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    assert_eq!(ladder.tasks[0].rates.sample(0)[0], 0.25);
    assert_eq!(ladder.tasks[0].trials, None);
}

#[test]
fn anchors_that_lack_samples_are_left_out_with_a_message() {
    let models = vec![
        model("a", Role::Ladder, 1e18),
        model("b", Role::Ladder, 2e18),
        model("whole", Role::Anchor, 9e18),
        model("half", Role::Anchor, 9e18),
    ];
    let both = || vec![counted(1, 2), counted(1, 2)];
    let runs = vec![
        run(0, both()),
        run(1, both()),
        run(2, both()),
        run(3, vec![counted(1, 2), Outcome::Missing]),
    ];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    let anchors: Vec<&str> = ladder.tasks[0].anchors.iter().map(|a| a.model.as_str()).collect();
    assert_eq!(anchors, ["whole"]);
    let left_out = Diagnostic::AnchorDropped { anchor: "half".to_owned(), shared: 1, of: 2 };
    assert!(ladder.tasks[0].diagnostics.contains(&left_out));
}

#[test]
fn aggregates_stand_in_where_there_are_no_samples() {
    let models = vec![model("a", Role::Ladder, 1e18), model("b", Role::Ladder, 2e18)];
    let aggregate = |model, score, loss| Run {
        aggregate: Some(Aggregate { outcome: Outcome::Measured(score), task_loss: Some(loss) }),
        ..run(model, Vec::new())
    };
    let runs = vec![aggregate(0, 0.25, 1.5), aggregate(1, 0.5, 1.25)];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    assert_eq!(ladder.tasks[0].means, [0.25, 0.5]);
    assert!(!ladder.tasks[0].has_samples());
    let losses: Vec<_> = ladder.tasks[0].rungs.iter().map(|rung| rung.task_loss).collect();
    assert_eq!(losses, [Some(1.5), Some(1.25)]);
}

/// As in mixtures of harnesses, where a task was answered by one model only.
#[test]
fn a_task_that_one_rung_answered_has_that_rung() {
    let models = vec![model("a", Role::Ladder, 1e18), model("b", Role::Ladder, 2e18)];
    let counted = |correct| Outcome::Counted { trials: 1, correct };
    let runs = vec![run(0, vec![counted(1.0), counted(0.0)])];
    let ladder = build(&study(models, vec![task("t", runs)])).unwrap();
    assert_eq!(ladder.tasks[0].means, [0.5]);
    let absent = Diagnostic::RungAbsent { model: "b".to_owned() };
    assert_eq!(ladder.tasks[0].diagnostics, [absent]);
}

/// A row of counted answers says how far its rate can be trusted.
#[test]
fn an_aggregate_has_as_many_samples_as_it_counts_unless_told() {
    let models = vec![model("a", Role::Ladder, 1e18), model("b", Role::Ladder, 2e18)];
    let row = |model, trials| Run {
        aggregate: Some(Aggregate {
            outcome: Outcome::Counted { trials, correct: 10.0 },
            task_loss: None,
        }),
        ..run(model, Vec::new())
    };
    let mut of = study(models, vec![task("t", vec![row(0, 40), row(1, 20)])]);
    assert_eq!(build(&of).unwrap().tasks[0].n_samples, Some(20));
    of.tasks[0].n_samples = Some(5);
    assert_eq!(build(&of).unwrap().tasks[0].n_samples, Some(5));
}

#[test]
fn the_actual_score_is_the_named_checkpoint_on_the_common_samples() {
    let mut target = model("t", Role::Target, 9e18);
    target.checkpoint = Some(20);
    let models = vec![model("a", Role::Ladder, 1e18), model("b", Role::Ladder, 2e18), target];
    let runs = vec![
        run(0, vec![counted(0, 1), counted(0, 1)]),
        run(1, vec![counted(1, 1), Outcome::Missing]),
        Run { checkpoint: Some(10), ..run(2, vec![counted(0, 1), counted(0, 1)]) },
        Run { checkpoint: Some(20), ..run(2, vec![counted(1, 1), counted(0, 1)]) },
    ];
    let study = study(models, vec![task("t", runs)]);
    let ladder = build(&study).unwrap();
    assert_eq!(actual(&study, 2, &ladder.tasks[0]), Some((1.0, Vec::new())));
}

#[test]
fn a_ladder_that_shows_no_order_is_refused_by_name() {
    let one = study(vec![model("only", Role::Ladder, 1e18)], Vec::new());
    assert_eq!(build(&one).unwrap_err(), Error::OneRung { model: "only".to_owned() });
    let none = study(vec![model("x", Role::Target, 1e18)], Vec::new());
    assert_eq!(build(&none).unwrap_err(), Error::NoLadder);
    let twins = vec![model("a", Role::Ladder, 1e18), model("b", Role::Ladder, 1e18)];
    let message = build(&study(twins, Vec::new())).unwrap_err().to_string();
    for part in ["\"a\"", "\"b\"", "same compute", "ignore"] {
        assert!(message.contains(part), "{message}");
    }
}
