//! Settings: defaults, then the settings file, then `--set`, then `--seed`.

use std::path::{Path, PathBuf};

use codcast::Config;
use toml::{Table, Value};

use crate::args::Common;
use crate::failure::Failure;

/// Read from the current folder when `--config` is not given.
const DEFAULT_FILE: &str = "codcast.toml";

/// The configuration a command runs with.
pub(crate) fn load(common: &Common) -> Result<Config, Failure> {
    let mut table = match file(common) {
        Some(path) => read(&path)?,
        None => Table::new(),
    };
    for setting in &common.set {
        apply(&mut table, setting)?;
    }
    // The file alone was already checked.
    let mut config: Config = table
        .try_into()
        .map_err(|error| Failure::usage(format!("--set: {}", error.to_string().trim_end())))?;
    if let Some(seed) = common.seed {
        config.seed = seed;
    }
    config.validate()?;
    Ok(config)
}

fn file(common: &Common) -> Option<PathBuf> {
    common.config.clone().or_else(|| {
        let default = Path::new(DEFAULT_FILE);
        default.is_file().then(|| default.to_owned())
    })
}

fn read(path: &Path) -> Result<Table, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{shown}: cannot be read: {error}")))?;
    // Deserialised once from the text alone, so that errors carry line and column.
    toml::from_str::<Config>(&text)
        .map_err(|error| Failure::usage(format!("{shown}: {}", error.to_string().trim_end())))?;
    toml::from_str(&text).map_err(|error| Failure::usage(format!("{shown}: {error}")))
}

/// `cluster.quantile=0.2` into the table. The value is TOML; a bare word is a string.
fn apply(table: &mut Table, setting: &str) -> Result<(), Failure> {
    let wrong = || {
        Failure::usage(format!("--set {setting}: expected KEY=VALUE, such as cluster.quantile=0.2"))
    };
    let (key, value) = setting.split_once('=').ok_or_else(wrong)?;
    let value = match toml::from_str::<Table>(&format!("value = {value}")) {
        Ok(mut parsed) => parsed.remove("value").ok_or_else(wrong)?,
        Err(_) => Value::String(value.to_owned()),
    };
    let mut path: Vec<&str> = key.trim().split('.').collect();
    let last = path.pop().filter(|last| !last.is_empty()).ok_or_else(wrong)?;
    let mut inner = table;
    for part in path {
        let entry = inner.entry(part).or_insert_with(|| Value::Table(Table::new()));
        inner = entry.as_table_mut().ok_or_else(wrong)?;
    }
    inner.insert(last.to_owned(), value);
    Ok(())
}
