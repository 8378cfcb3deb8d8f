//! A forecast with or without what explains it: one answer for JSON, pages and figures.

use std::io::{self, IsTerminal as _};

use codcast::Config;
use codcast::backtest::{Backtest, BacktestConfig, Forgetful, backtest};
use codcast::engines::{self, Engine};
use codcast::evals::Study;
use codcast::forecast::{Forecast, Wanted, explained, forecast};
use codcast_ingest::InputFile;
use serde::Serialize;

use super::{Spinner, forecast as forecast_command, say};
use crate::args::{Common, Format};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output::{self, Sheet};

/// Engines that the backtest of a page compares the forecast's own with.
const JUDGED_BESIDE: [&str; 2] = ["last", "power"];

/// Columns of drawings in text.
const COLUMNS: usize = 90;

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) study: &'a Study,
    pub(super) inputs: &'a [InputFile],
    pub(super) engine: &'a dyn Engine,
    pub(super) wanted: &'a Wanted,
    pub(super) level: f64,
    pub(super) config: &'a Config,
}

/// What is printed as JSON, and what pages are made from.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    #[serde(flatten)]
    pub(super) forecast: Forecast,
    inputs: &'a [InputFile],
    #[serde(skip_serializing_if = "Option::is_none")]
    backtest: Option<Backtest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
}

impl<'a> Question<'a> {
    /// The numbers alone.
    pub(super) fn plain(&self, common: &Common) -> Result<Answer<'a>, Failure> {
        let _spinner = Spinner::start("forecasting", common);
        let forecast = forecast(self.study, self.engine, self.wanted, self.level, self.config)?;
        Ok(Answer { forecast, inputs: self.inputs, backtest: None, command: None })
    }

    /// With rivals, groups, the map, and a backtest of the engine on the same study.
    pub(super) fn explained(
        &self,
        mut rivals: Vec<Box<dyn Engine>>,
        command: String,
        common: &Common,
    ) -> Result<Answer<'a>, Failure> {
        let name = self.engine.info().name;
        rivals.retain(|rival| rival.info().name != name);
        let spinner = Spinner::start("forecasting", common);
        let (study, engine, wanted) = (self.study, self.engine, self.wanted);
        let forecast = explained(study, engine, wanted, self.level, Some(&rivals), self.config)?;
        drop(spinner);
        let _spinner = Spinner::start("backtesting", common);
        let backtest = self.backtest()?;
        Ok(Answer {
            forecast,
            inputs: self.inputs,
            backtest: Some(backtest),
            command: Some(command),
        })
    }

    /// How the engine did on this study's own models.
    pub(super) fn backtest(&self) -> Result<Backtest, Failure> {
        let name = self.engine.info().name;
        let beside = JUDGED_BESIDE.into_iter().filter(|other| *other != name);
        let judged = engines::by_names(&std::iter::once(name).chain(beside).collect::<Vec<_>>())?;
        let settings = BacktestConfig { level: self.level, ..BacktestConfig::default() };
        settings.validate()?;
        let study = std::slice::from_ref(self.study);
        Ok(backtest(study, &judged, &settings, self.config, &Forgetful, &|_, _| ()))
    }
}

impl Answer<'_> {
    /// As it is printed.
    pub(super) fn json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(Failure::usage)
    }

    /// The page that explains it.
    pub(super) fn write_page(&self, file: NewFile) -> Result<(), Failure> {
        write_page(file, self)
    }

    /// To stdout, `notes` below the last table. The drawing stands below the table; beside what
    /// programs read it goes to stderr.
    pub(super) fn print(
        &self,
        plot: bool,
        notes: &[String],
        common: &Common,
    ) -> Result<(), Failure> {
        let mut sheets: Vec<Sheet> = self
            .forecast
            .targets
            .iter()
            .map(|target| forecast_command::sheet(&self.forecast, target))
            .collect();
        if let Some(sheet) = sheets.last_mut() {
            sheet.notes.extend_from_slice(notes);
        }
        output::print(common.format, self, &sheets)?;
        if plot {
            let drawing =
                codcast_report::terminal(&self.json()?, COLUMNS).map_err(Failure::usage)?;
            let for_people = common.format.map_or(io::stdout().is_terminal(), |format| {
                matches!(format, Format::Table | Format::Markdown)
            });
            if for_people {
                output::write(&format!("\n{drawing}"))?;
            } else {
                say(&drawing);
            }
        }
        Ok(())
    }
}

/// The page of an answer.
pub(super) fn write_page<T: Serialize>(file: NewFile, answer: &T) -> Result<(), Failure> {
    let json = serde_json::to_string(answer).map_err(Failure::usage)?;
    let page = codcast_report::report(&json).map_err(Failure::usage)?;
    file.write(page.as_bytes())
}

/// `codcast WORDS`, quoted for a shell, with every setting that is not the default.
pub(super) fn command(mut words: Vec<String>, config: &Config) -> String {
    let table = |config: &Config| toml::Table::try_from(config).unwrap_or_default();
    let mut changes = Vec::new();
    changed(&table(config), &table(&Config::default()), "", &mut changes);
    words.insert(0, "codcast".to_owned());
    for change in changes {
        words.extend(["--set".to_owned(), change]);
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// `key=value` of every entry that differs.
fn changed(table: &toml::Table, default: &toml::Table, path: &str, out: &mut Vec<String>) {
    for (key, value) in table {
        match (value, default.get(key)) {
            (toml::Value::Table(inner), Some(toml::Value::Table(default))) => {
                changed(inner, default, &format!("{path}{key}."), out);
            }
            (value, default) if Some(value) != default => out.push(format!("{path}{key}={value}")),
            _ => {}
        }
    }
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_says_what_is_not_default_and_survives_a_shell() {
        let mut config = Config::default();
        config.cluster.quantile = 0.25;
        config.seed = 7;
        let words = vec!["forecast".to_owned(), "it's here".to_owned()];
        assert_eq!(
            command(words, &config),
            "codcast forecast 'it'\\''s here' --set cluster.quantile=0.25 --set seed=7"
        );
    }
}
