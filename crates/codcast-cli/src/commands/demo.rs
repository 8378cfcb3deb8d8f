//! `codcast demo`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use codcast::forecast::Wanted;
use codcast_ingest::Loaded;

use super::explained::{Question, command};
use super::{forecast as forecast_command, say};
use crate::args::{Common, DemoArgs};
use crate::failure::Failure;
use crate::file::NewFile;
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
    let rivals = codcast::engines::by_names(&args.show.rivals)?;
    if let Some(folder) = &args.out {
        unpack(folder)?;
    }
    let loaded = study()?;
    let question = Question {
        study: &loaded.study,
        inputs: &loaded.inputs,
        engine: engine.as_ref(),
        wanted: &Wanted::Targets,
        level: args.level,
        config: &config,
    };
    let mut notes = Vec::new();
    let answer = if args.no_report {
        question.plain(common)?
    } else {
        let page = NewFile::create(&args.report)?;
        let engine = args.engine.engine.clone();
        let words = ["demo", "--engine", &engine, "--level", &args.level.to_string(), "--rivals"];
        let page_words = ["--report".to_owned(), args.report.display().to_string()];
        let words = words.map(str::to_owned).into_iter().chain([args.show.rivals.join(",")]);
        let words = words.chain(page_words);
        let answer = question.explained(rivals, command(words.collect(), &config), common)?;
        answer.write_page(page)?;
        if !common.quiet {
            say(&format!("the page that explains it is {}", args.report.display()));
        }
        answer
    };
    if let Some(folder) = &args.out {
        notes.push(format!("the study is in {}: try `codcast check` on it", folder.display()));
    }
    answer.print(args.show.plot, &notes, common)?;
    let forecast = &answer.forecast;
    forecast_command::verdict(forecast)
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
