//! A backtest as tables: engines, then by study and by distance; or ablations; or cases.

use codcast::backtest::ablation::AblationRow;
use codcast::backtest::{Backtest, Band, Case};

use crate::output::{Cell, Sheet};

pub(super) fn summary(backtest: &Backtest) -> Sheet {
    let rows = backtest
        .summary
        .iter()
        .map(|line| {
            let mut row = vec![
                Cell::Name(line.engine.clone()),
                Cell::Count(Some(line.forecasts as u64)),
                Cell::Points(line.mean_of_studies),
                Cell::Points(line.own_mae),
                Cell::Points(line.median),
                Cell::Points(line.max),
            ];
            row.extend((0..3).map(|band| Cell::Points(line.bands.get(band).and_then(|b| b.mae))));
            row.push(Cell::Number(line.skill_vs_last));
            row.push(Cell::Percent(line.coverage));
            row.push(Cell::Points(line.mean_width));
            row.push(Cell::Name(match &line.versus_best {
                None if backtest.best.as_ref() == Some(&line.engine) => "best".to_owned(),
                None => "-".to_owned(),
                Some(versus) => format!(
                    "{:+.2}{}",
                    versus.difference,
                    if versus.within_noise { " (noise)" } else { "" }
                ),
            }));
            row
        })
        .collect();
    let asked = backtest.summary.first().map_or(0, |line| line.cases);
    let mut notes = vec![
        "Errors in points. Mean of studies: only studies where the engine answers at least half of \
         the cases. Against the best: mean difference on shared cases; noise: the 90 % bootstrap \
         interval over studies and tasks holds zero."
            .to_owned(),
    ];
    for skipped in &backtest.skipped {
        notes.push(format!("skipped {} in {}: {}", skipped.target, skipped.study, skipped.reason));
    }
    Sheet {
        title: format!(
            "{asked} cases; ladder up to 1/{} of the target",
            backtest.settings.min_factor
        ),
        columns: vec![
            ("engine", "engine"),
            ("forecasts", "forecasts"),
            ("mean of studies", "mean_of_studies"),
            ("mean", "own_mae"),
            ("median", "median"),
            ("max", "max"),
            ("to 4x", "mae_to_4x"),
            ("4-10x", "mae_4x_to_10x"),
            ("over 10x", "mae_over_10x"),
            ("skill", "skill_vs_last"),
            ("coverage %", "coverage"),
            ("width", "mean_width"),
            ("against best", "versus_best"),
        ],
        rows,
        notes,
        ..Sheet::default()
    }
}

pub(super) fn by_study(backtest: &Backtest) -> Sheet {
    let rows = backtest
        .summary
        .iter()
        .flat_map(|line| line.studies.iter().map(move |study| (line, study)))
        .filter(|(_, study)| study.took_part)
        .map(|(line, study)| {
            vec![
                Cell::Name(study.study.clone()),
                Cell::Name(line.engine.clone()),
                Cell::Count(Some(study.forecasts as u64)),
                Cell::Count(Some(study.common_cases as u64)),
                Cell::Points(study.mae),
                Cell::Points(study.max),
                Cell::Points(study.noise_floor),
                Cell::Percent(study.intervals.map(|intervals| intervals.coverage)),
                Cell::Points(study.intervals.map(|intervals| intervals.mean_width)),
            ]
        });
    // By study, then error: the table answers "who is best here".
    let mut rows: Vec<Vec<Cell>> = rows.collect();
    let key = |row: &[Cell]| match (&row[0], &row[4]) {
        (Cell::Name(study), Cell::Points(mae)) => (study.clone(), mae.unwrap_or(f64::INFINITY)),
        _ => (String::new(), 0.0),
    };
    rows.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    Sheet {
        title: "by study, on the cases that every engine listed there answered".to_owned(),
        columns: vec![
            ("study", "study"),
            ("engine", "engine"),
            ("forecasts", "forecasts"),
            ("common cases", "common_cases"),
            ("mean error", "mae"),
            ("max", "max"),
            ("noise floor", "noise_floor"),
            ("coverage %", "coverage"),
            ("width", "mean_width"),
        ],
        rows,
        notes: vec![
            "Noise floor: mean error of a forecaster who knew the target's true rate on every sample."
                .to_owned(),
        ],
        ..Sheet::default()
    }
}

/// Intervals of the engines that give any, by how far the target is beyond the ladder.
pub(super) fn by_distance(backtest: &Backtest) -> Sheet {
    let bands = backtest.summary.iter().flat_map(|line| {
        let judged = |band: &Band| Some((line.engine.clone(), *band, band.intervals?));
        line.bands.iter().filter_map(judged).collect::<Vec<_>>()
    });
    let rows = bands.map(|(engine, band, intervals)| {
        let distance = match band.up_to {
            Some(up_to) => format!("{}-{up_to}x", band.above),
            None => format!("over {}x", band.above),
        };
        vec![
            Cell::Name(engine),
            Cell::Name(distance),
            Cell::Count(Some(intervals.cases as u64)),
            Cell::Percent(Some(intervals.coverage)),
            Cell::Points(Some(intervals.mean_width)),
            Cell::Points(Some(intervals.constant_width)),
        ]
    });
    Sheet {
        title: format!(
            "{} % intervals by the target's compute over the largest rung's",
            100.0 * backtest.settings.level
        ),
        columns: vec![
            ("engine", "engine"),
            ("distance", "distance"),
            ("cases", "cases"),
            ("coverage %", "coverage"),
            ("width", "mean_width"),
            ("one width for all", "constant_width"),
        ],
        rows: rows.collect(),
        notes: vec![
            "One width for all: of intervals of a single width, chosen after the fact to hold as many \
             scores."
                .to_owned(),
        ],
        ..Sheet::default()
    }
}

pub(super) fn ablated(rows: &[AblationRow]) -> Sheet {
    Sheet {
        title: "the same cases under every variant".to_owned(),
        columns: vec![
            ("variant", "variant"),
            ("engine", "engine"),
            ("cases", "cases"),
            ("mean error", "mae"),
            ("max", "max"),
        ],
        rows: rows
            .iter()
            .map(|row| {
                vec![
                    Cell::Name(row.variant.clone()),
                    Cell::Name(row.engine.clone()),
                    Cell::Count(Some(row.cases as u64)),
                    Cell::Points(row.mae),
                    Cell::Points(row.max),
                ]
            })
            .collect(),
        ..Sheet::default()
    }
}

pub(super) fn cases(cases: &[Case]) -> Sheet {
    Sheet {
        columns: vec![
            ("study", "study"),
            ("task", "task"),
            ("target", "target"),
            ("rungs", "n_rungs"),
            ("x largest rung", "times_largest_rung"),
            ("engine", "engine"),
            ("forecast %", "forecast"),
            ("actual %", "actual"),
            ("lower", "lower"),
            ("upper", "upper"),
        ],
        rows: cases
            .iter()
            .map(|case| {
                vec![
                    Cell::Name(case.study.clone()),
                    Cell::Name(case.task.clone()),
                    Cell::Name(case.target.clone()),
                    Cell::Count(Some(case.n_rungs as u64)),
                    Cell::Number(Some(case.times_largest_rung)),
                    Cell::Name(case.engine.clone()),
                    Cell::Percent(case.forecast),
                    Cell::Percent(Some(case.actual)),
                    Cell::Percent(case.lower),
                    Cell::Percent(case.upper),
                ]
            })
            .collect(),
        ..Sheet::default()
    }
}
