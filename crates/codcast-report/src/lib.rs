//! codcast's results as pages and figures.
//!
//! Everything here is a pure function of one JSON text, the one that `--format json` prints: the same
//! text gives the same bytes. Pages are self-contained: they reach for nothing, and only their own
//! script may run in them.

#![cfg_attr(test, allow(clippy::unwrap_used))]
// Sentences and files are put together here; the shorter way of writing it reads better.
#![allow(clippy::format_push_string, clippy::format_collect)]

pub mod draw;
mod error;
mod figures;
mod input;
pub mod page;
mod plot;
pub mod remarks;
mod terminal;
pub mod text;

pub use error::{Error, Result};
pub use plot::{Kind, plot};
pub use terminal::terminal;

use input::Answer;

/// The page of a result: a forecast, backtest, watched run or plan, as its schema says.
pub fn report(json: &str) -> Result<String> {
    page::render(&match input::read(json)? {
        Answer::Forecast(forecast) => page::forecast_page(&forecast, light(json)?),
        Answer::Backtest(backtest) => page::backtest_page(&backtest),
        Answer::Monitor(monitor) => page::monitor_page(&monitor, compact(json)?),
        Answer::Plan(plan) => page::plan_page(&plan, compact(json)?),
    })
}

/// Scores along a curve to six decimals, which is finer than the page draws; compute stays whole.
fn rounded(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.iter_mut().for_each(rounded),
        Value::Object(fields) => fields.values_mut().for_each(rounded),
        Value::Number(number) => {
            if let Some(score) = number.as_f64().filter(|x| number.is_f64() && x.abs() <= 1.0) {
                *value = Value::from((score * 1e6).round() / 1e6);
            }
        }
        _ => {}
    }
}

/// The same JSON, however it was spaced.
fn compact(json: &str) -> Result<String> {
    Ok(serde_json::to_string(&serde_json::from_str::<serde_json::Value>(json)?)?)
}

/// The result without what is large and already in the page's figures.
fn light(json: &str) -> Result<String> {
    let mut whole: serde_json::Value = serde_json::from_str(json)?;
    if let Some(object) = whole.as_object_mut() {
        object.remove("detail");
        if let Some(backtest) = object.get_mut("backtest").and_then(|b| b.as_object_mut()) {
            backtest.remove("cases");
        }
        if let Some(curves) = object.get_mut("curves") {
            rounded(curves);
        }
    }
    Ok(serde_json::to_string(&whole)?)
}
