//! Single figures for papers.

use crate::draw::{Chart, Legend, Scene, grid};
use crate::error::{Error, Result};
use crate::figures::{
    calibration, calibration_legend, cluster_legend, cluster_panels, curve_legend, curve_panel,
    difficulty_legend, difficulty_panel, mapping_legend, mapping_panel,
};
use crate::input::{Answer, Curves, Detail, Forecast};

/// What a figure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Score against compute, one panel a task.
    Curves,
    /// Groups of samples with their curves, one panel a group.
    Clusters,
    /// Subset score to full score, one panel a task.
    Mapping,
    /// Difficulty of the samples, one panel a task.
    Difficulty,
    /// Coverage of the backtest's intervals.
    Calibration,
}

/// The figure. `json`: a forecast with detail; for the calibration one with a backtest, or a backtest.
/// `tasks`: only these; all where empty. `columns`: panels side by side; about a square where `None`.
pub fn plot(json: &str, kind: Kind, tasks: &[String], columns: Option<usize>) -> Result<Scene> {
    let answer = crate::input::read(json)?;
    let forecast = match (&answer, kind) {
        (Answer::Backtest(backtest), Kind::Calibration) => return calibrated(Some(backtest)),
        (Answer::Forecast(forecast), Kind::Calibration) => {
            return calibrated(forecast.backtest.as_ref());
        }
        (Answer::Backtest(_), _) => {
            return Err(nothing("a backtest has only --kind calibration; give a forecast"));
        }
        (Answer::Monitor(_) | Answer::Plan(_), _) => {
            return Err(nothing(
                "a monitor or plan has a page, no figure of its own; give a forecast",
            ));
        }
        (Answer::Forecast(forecast), _) => forecast,
    };
    let curves = forecast
        .curves
        .as_ref()
        .ok_or_else(|| nothing("the forecast has no curves; make it again with this version"))?;
    for wanted in tasks {
        if !curves.tasks.iter().any(|task| task.task == *wanted) {
            let known: Vec<&str> = curves.tasks.iter().map(|task| task.task.as_str()).collect();
            let what = format!("there is no task {wanted:?}; there is: {}", known.join(", "));
            return Err(nothing(&crate::text::clean(&what)));
        }
    }
    let chosen: Vec<usize> = (0..curves.tasks.len())
        .filter(|&t| tasks.is_empty() || tasks.contains(&curves.tasks[t].task))
        .collect();
    let panels = panels(forecast, curves, kind, &chosen)?;
    if panels.is_empty() {
        return Err(nothing(match kind {
            Kind::Mapping => "the engine has no mapping; use --engine cod",
            Kind::Clusters => {
                "the engine put no samples in groups; use --engine codcast or cod on a \
                               study with samples"
            }
            _ => "no task has samples",
        }));
    }
    let columns = columns.unwrap_or_else(|| (panels.len() as f64).sqrt().ceil() as usize);
    let columns = columns.clamp(1, panels.len());
    // The longest entry of a legend has room below one small panel too.
    let width = panels.first().map_or(0.0, |panel| panel.width * columns as f64).max(300.0);
    let panels: Vec<Scene> = panels.iter().map(Chart::draw).collect();
    let drawn: Vec<&Scene> = panels.iter().collect();
    let legend = match kind {
        Kind::Curves => curve_legend(forecast, &drawn),
        Kind::Clusters => cluster_legend(&drawn),
        Kind::Mapping => mapping_legend(&drawn),
        Kind::Difficulty => difficulty_legend(&drawn),
        Kind::Calibration => Legend::default(),
    };
    let legend = Some(legend.scene(width));
    Ok(grid(&crate::text::name(&forecast.study), panels, columns, legend))
}

fn panels(
    forecast: &Forecast,
    curves: &Curves,
    kind: Kind,
    chosen: &[usize],
) -> Result<Vec<Chart>> {
    let detail = || -> Result<&Detail> {
        let missing = || nothing("the forecast was made without --detail; make it with");
        forecast.detail.as_ref().ok_or_else(missing)
    };
    let target = forecast.targets.last().map_or(0.0, |target| target.compute_flops);
    let mut panels = Vec::new();
    for &t in chosen {
        match kind {
            Kind::Curves => panels.push(curve_panel(forecast, curves, t, false).chart),
            Kind::Clusters => {
                let task = &detail()?.tasks[t];
                let groups = cluster_panels(curves, &curves.tasks[t], task, target);
                panels.extend(groups.into_iter().map(|(_, drawn)| Chart {
                    // Panels of several tasks stand side by side.
                    subtitle: format!(
                        "{}, {}",
                        crate::text::cut(&crate::text::name(&task.task), 20),
                        drawn.chart.subtitle
                    ),
                    ..drawn.chart
                }));
            }
            Kind::Mapping => {
                let task = &detail()?.tasks[t];
                panels.extend(task.mapping.iter().map(|m| mapping_panel(&task.task, m).chart));
            }
            Kind::Difficulty => {
                let task = &detail()?.tasks[t];
                panels
                    .extend(task.difficulty.iter().map(|d| difficulty_panel(&task.task, d).chart));
            }
            Kind::Calibration => {}
        }
    }
    Ok(panels)
}

fn calibrated(backtest: Option<&crate::input::Backtest>) -> Result<Scene> {
    let backtest = backtest.ok_or_else(|| nothing("the forecast has no backtest"))?;
    let drawn = calibration(backtest).ok_or_else(|| {
        nothing("no interval was judged: the engine gives none, or the ladder is too short for a backtest")
    })?;
    let legend = calibration_legend(backtest).scene(drawn.chart.width);
    Ok(grid("Calibration", vec![drawn.chart.draw()], 1, Some(legend)))
}

fn nothing(what: &str) -> Error {
    Error::Nothing { what: what.to_owned() }
}
