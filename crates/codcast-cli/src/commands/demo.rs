//! `codcast demo`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use codcast::forecast::{Wanted, forecast};
use codcast_ingest::Loaded;

use super::{Spinner, WithInputs, forecast as forecast_command};
use crate::args::{Common, DemoArgs};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output::{self, Sheet};
use crate::settings;

/// The ladder that `examples/tiny-ladder` trained.
const MANIFEST: &str = include_str!("../../../../examples/tiny-ladder/study/study.toml");
const SAMPLES: &[u8] = include_bytes!("../../../../examples/tiny-ladder/study/samples.parquet");

/// The embedded study.
pub(crate) fn study() -> codcast_ingest::Result<Loaded> {
    codcast_ingest::read_study_bytes("tiny-ladder", MANIFEST, SAMPLES)
}

pub(super) fn run(args: &DemoArgs, common: &Common) -> Result<ExitCode, Failure> {
    let config = settings::load(common)?;
    let engine = codcast::engines::by_name(&args.engine.engine)?;
    if let Some(folder) = &args.out {
        unpack(folder)?;
    }
    let loaded = study()?;
    let spinner = Spinner::start("forecasting", common);
    let forecast = forecast(&loaded.study, engine.as_ref(), &Wanted::Targets, args.level, &config)?;
    drop(spinner);
    let mut sheets: Vec<Sheet> =
        forecast.targets.iter().map(|target| forecast_command::sheet(&forecast, target)).collect();
    if let (Some(sheet), Some(folder)) = (sheets.last_mut(), &args.out) {
        sheet
            .notes
            .push(format!("the study is in {}: try `codcast check` on it", folder.display()));
    }
    output::print(
        common.format,
        &WithInputs { result: &forecast, inputs: &loaded.inputs },
        &sheets,
    )?;
    forecast_command::verdict(&forecast)
}

/// Writes the study's two files into a folder that holds no other study.
fn unpack(folder: &Path) -> Result<(), Failure> {
    let wrong = |what: &str| Failure::usage(format!("{}: {what}", folder.display()));
    fs::create_dir_all(folder).map_err(|error| wrong(&format!("cannot be created: {error}")))?;
    let files = [("study.toml", MANIFEST.as_bytes()), ("samples.parquet", SAMPLES)];
    let entries =
        fs::read_dir(folder).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    for name in entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()) {
        let ours = files.iter().find(|(own, _)| *own == name);
        let same =
            ours.is_some_and(|(_, bytes)| fs::read(folder.join(&name)).is_ok_and(|b| b == *bytes));
        if (name == "study.toml" || name.starts_with("samples.")) && !same {
            return Err(wrong("holds another study; name a new folder for --out"));
        }
    }
    for (name, bytes) in files {
        NewFile::create(&folder.join(name))?.write(bytes)?;
    }
    Ok(())
}
