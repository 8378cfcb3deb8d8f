//! A backtest as a page, or as part of a forecast's.

use super::block::{Block, Cell, Control, Figure, Page, Section, Table};
use super::provenance::provenance;
use crate::draw::{Item, Paint, Scene};
use crate::figures::{calibration, engine_ink, errors};
use crate::input::Backtest;
use crate::text::{name, percent, points, signed};

/// The page of a backtest.
pub(crate) fn page(backtest: &Backtest) -> Page {
    let mut names: Vec<&str> = backtest.cases.iter().map(|case| case.study.as_str()).collect();
    names.dedup();
    let studies = names.iter().map(|study| name(study)).collect::<Vec<_>>().join(", ");
    let mut skipped = Vec::new();
    if !backtest.skipped.is_empty() {
        skipped.push(Block::Folded {
            title: format!("{} models could not take a turn", backtest.skipped.len()),
            blocks: vec![Block::Table(Table {
                id: "skipped".to_owned(),
                caption: "Turns that could not be taken".to_owned(),
                columns: ["study", "model", "reason"].map(str::to_owned).to_vec(),
                rows: backtest
                    .skipped
                    .iter()
                    .map(|s| {
                        vec![
                            Cell::name(&s.study),
                            Cell::name(&s.target),
                            Cell::text(crate::text::clean(&s.reason)),
                        ]
                    })
                    .collect(),
            })],
        });
    }
    let mut sections = vec![Section {
        id: "answer",
        title: "How well would each engine have done?".to_owned(),
        intro: vec![intro(backtest)],
        blocks: sections_blocks(backtest)
            .into_iter()
            .chain([by_study(backtest)])
            .chain(skipped)
            .collect(),
    }];
    sections.push(provenance(
        backtest.version.as_deref().unwrap_or("unknown"),
        backtest.seed,
        &backtest.config,
        &backtest.inputs,
        backtest.command.as_deref(),
    ));
    Page {
        title: format!("Backtest: {studies}"),
        lead: format!("{} forecasts of models whose scores are known.", backtest.cases.len()),
        sections,
        data: Vec::new(),
    }
}

fn intro(backtest: &Backtest) -> String {
    format!(
        "Every model in turn is forecast from those with at most 1/{} of its compute, at least {} of \
         them; scores of the forecast model reach no engine. Errors and widths in points; intervals \
         of {} %.",
        backtest.settings.min_factor,
        backtest.settings.min_rungs,
        percent(backtest.settings.level)
    )
}

/// As part of another page.
pub(crate) fn sections(backtest: &Backtest) -> Vec<Block> {
    let mut blocks =
        vec![Block::Heading("Backtest on this ladder".to_owned()), Block::Text(intro(backtest))];
    blocks.extend(sections_blocks(backtest));
    blocks
}

fn sections_blocks(backtest: &Backtest) -> Vec<Block> {
    if backtest.cases.is_empty() {
        return vec![Block::Text(
            "The ladder is too short for a backtest: no model has enough smaller ones below it."
                .to_owned(),
        )];
    }
    let mut blocks = vec![Block::Table(summary(backtest)), Block::Table(bands(backtest))];
    if backtest.summary.len() > 1 {
        blocks.push(Block::Control(Control::Switches {
            label: "Engines in the chart of errors".to_owned(),
            series: backtest
                .summary
                .iter()
                .enumerate()
                .map(|(i, engine)| {
                    let (key, title) =
                        (format!("engine-{i}"), format!("colour of {}", engine.engine));
                    let line = Item::Path {
                        points: vec![(0.0, 5.0), (14.0, 5.0)],
                        closed: false,
                        paint: Paint::line(engine_ink(i), 6.0),
                    };
                    let scene = Scene {
                        width: 14.0,
                        height: 10.0,
                        title,
                        items: vec![line],
                        ..Scene::default()
                    };
                    (key, engine.engine.clone(), String::new(), scene)
                })
                .collect(),
        }));
    }
    let (drawn, left_out) = errors(backtest);
    let note = if left_out > 0 {
        format!("{left_out} cases of an engine are not drawn: of many cases every k-th is.")
    } else {
        String::new()
    };
    let mut figures = vec![Figure {
        id: "errors".to_owned(),
        scene: drawn.chart.draw(),
        note,
        spots: drawn.spots,
        table: None,
        wide: true,
    }];
    if let Some(drawn) = calibration(backtest) {
        let rows = backtest.summary.iter().flat_map(|engine| {
            engine.calibration.iter().map(|c| {
                vec![
                    Cell::text(engine.engine.clone()),
                    Cell::number(c.level, percent),
                    Cell::number(c.coverage, percent),
                    Cell::count(c.cases),
                ]
            })
        });
        let table = Table {
            id: "calibration-table".to_owned(),
            caption: "Calibration".to_owned(),
            columns: ["engine", "nominal %", "inside %", "intervals"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        };
        figures.push(Figure {
            id: "calibration".to_owned(),
            scene: drawn.chart.draw(),
            note:
                "On the dotted line intervals hold what they promise; below it they are too narrow."
                    .to_owned(),
            spots: drawn.spots,
            table: Some(table),
            wide: false,
        });
    }
    blocks.push(Block::Figures { figures, legend: None });
    blocks
}

fn summary(backtest: &Backtest) -> Table {
    let columns = [
        "engine",
        "forecasts",
        "of cases",
        "mean error",
        "median",
        "largest",
        "skill",
        "coverage %",
        "width",
    ];
    Table {
        id: "backtest".to_owned(),
        caption:
            "Mean error over an engine's own forecasts; median and largest over the cases that \
                  all engines answered; skill: share of the error of `last` that is avoided"
                .to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: backtest
            .summary
            .iter()
            .map(|engine| {
                vec![
                    Cell::text(engine.engine.clone()),
                    Cell::count(engine.forecasts),
                    Cell::count(engine.cases),
                    Cell::number(engine.own_mae, points),
                    Cell::number(engine.median, points),
                    Cell::number(engine.max, points),
                    Cell::number(engine.skill_vs_last, signed),
                    Cell::number(engine.coverage, percent),
                    Cell::number(engine.mean_width, points),
                ]
            })
            .collect(),
    }
}

fn bands(backtest: &Backtest) -> Table {
    let columns = ["engine", "beyond the ladder", "forecasts", "mean error", "of last"];
    let rows = backtest.summary.iter().flat_map(|engine| {
        engine.bands.iter().filter(|band| band.forecasts > 0).map(|band| {
            let range = match band.up_to {
                Some(limit) => format!("{} to {limit} times", band.above),
                None => format!("over {} times", band.above),
            };
            vec![
                Cell::text(engine.engine.clone()),
                Cell::text(range),
                Cell::count(band.forecasts),
                Cell::number(band.mae, points),
                Cell::number(band.mae_last, points),
            ]
        })
    });
    Table {
        id: "backtest-bands".to_owned(),
        caption: "Mean error by extrapolation factor".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn by_study(backtest: &Backtest) -> Block {
    let rows = backtest.summary.iter().flat_map(|engine| {
        engine.studies.iter().filter(|study| study.took_part).map(|study| {
            vec![
                Cell::name(&study.study),
                Cell::text(engine.engine.clone()),
                Cell::count(study.forecasts),
                Cell::count(study.common_cases),
                Cell::number(study.mae, points),
            ]
        })
    });
    Block::Table(Table {
        id: "backtest-studies".to_owned(),
        caption: "By study, on the cases that every engine listed there answered".to_owned(),
        columns: ["study", "engine", "forecasts", "common cases", "mean error"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    })
}
