//! `codcast monitor`

mod sheets;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use codcast::Config;
use codcast::engines::Engine;
use codcast::evals::Study;
use codcast::monitor::{Monitor, Question, Side, monitor, with_results};

use super::explained::{command, write_page};
use super::{Spinner, WithInputs, prometheus, read_study, say};
use crate::answer::WithCommand;
use crate::args::{Common, Format, MonitorArgs};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output;
use crate::settings;

/// Exit status on an alarm, so that scripts can tell it from a failure.
const ALARM: u8 = 3;
const MANIFEST: &str = "study.toml";
/// Problems with logs that are told at each look.
const PROBLEMS: usize = 5;
/// Folders in folders that are watched.
const DEPTH: usize = 8;

pub(super) fn run(args: &MonitorArgs, common: &Common) -> Result<ExitCode, Failure> {
    let job = Job {
        args,
        common,
        engine: codcast::engines::by_name(&args.engine.engine)?,
        config: settings::load(common)?,
        question: Question {
            run: args.run.clone(),
            last_checkpoint: args.last_checkpoint,
            level: args.level,
            false_alarms: args.false_alarms,
            side: if args.below_only { Side::Below } else { Side::Both },
        },
    };
    let monitor = match &args.watch {
        None => job.answer()?,
        Some(folder) => job.watch(folder)?,
    };
    let alarm = monitor.alarm.is_some();
    Ok(if alarm { ExitCode::from(ALARM) } else { ExitCode::SUCCESS })
}

struct Job<'a> {
    args: &'a MonitorArgs,
    common: &'a Common,
    engine: Box<dyn Engine>,
    config: Config,
    question: Question,
}

impl Job<'_> {
    /// Reads, compares, prints.
    fn answer(&self) -> Result<Monitor, Failure> {
        // A bad output path is refused before the work, not after.
        let page = self.args.report.as_deref().map(NewFile::create).transpose()?;
        let (mut study, mut inputs) = read_study(&self.args.study, self.common)?;
        if let Some(folder) = self.args.watch.as_deref().filter(|folder| self.is_other(folder)) {
            let (other, more) = if folder.join(MANIFEST).is_file() {
                read_study(folder, self.common)?
            } else {
                (self.read_logs(folder)?, Vec::new())
            };
            // Logs of other models may come first.
            if other.model(&self.question.run).is_ok() {
                study = with_results(&study, &other, &self.question.run)?;
            }
            inputs.extend(more);
        }
        let spinner = Spinner::start("comparing", self.common);
        let monitor = monitor(&study, self.engine.as_ref(), &self.question, &self.config)?;
        drop(spinner);
        let command = page.is_some().then(|| self.again());
        let answer =
            WithCommand { answer: WithInputs { result: &monitor, inputs: &inputs }, command };
        if let Some(page) = page {
            write_page(page, &answer)?;
        }
        if self.common.format == Some(Format::Prometheus) {
            output::write(&prometheus::text(&monitor))?;
        } else {
            output::print(self.common.format, &answer, &sheets::sheets(&monitor))?;
        }
        Ok(monitor)
    }

    /// The command line that gives the answer again, from what has been seen.
    fn again(&self) -> String {
        let args = self.args;
        let mut words = vec!["monitor".to_owned(), args.study.display().to_string()];
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        add("--run", args.run.clone());
        if let Some(last) = args.last_checkpoint {
            add("--last-checkpoint", last.to_string());
        }
        add("--engine", args.engine.engine.clone());
        add("--level", args.level.to_string());
        add("--false-alarms", args.false_alarms.to_string());
        if let Some(folder) = &args.watch {
            add("--watch", folder.display().to_string());
        }
        if let Some(page) = &args.report {
            add("--report", page.display().to_string());
        }
        if args.below_only {
            words.push("--below-only".to_owned());
        }
        command(words, &self.config)
    }

    /// Whether the watched folder is another than the study's.
    fn is_other(&self, folder: &Path) -> bool {
        folder.canonicalize().ok() != self.args.study.canonicalize().ok()
    }

    /// The evaluation logs of a folder as a study, with the models as `codcast ingest` was told of
    /// them, or as the study has them. Logs that cannot be read yet are told and left out.
    fn read_logs(&self, folder: &Path) -> Result<Study, Failure> {
        let known = self.args.study.join("models.toml");
        let path = if known.is_file() { known } else { self.args.study.join(MANIFEST) };
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::usage(format!("{shown}: cannot be read: {error}")))?;
        let models = codcast_logs::Models::parse(&text, &shown)?;
        let read = codcast_logs::partials(&[folder.to_owned()], &codcast_logs::Reading::default())?;
        let ingested = codcast_logs::assemble(&read, &models, &codcast_logs::Options::default())?;
        if !self.common.quiet {
            for problem in read.problems.iter().chain(&ingested.problems).take(PROBLEMS) {
                say(&format!("note [{}]: {problem}", problem.code()));
            }
            for model in ingested.summary.unlisted.iter().take(PROBLEMS) {
                say(&format!("note: {shown} does not know {:?}, which was logged", model.model));
            }
        }
        self.numbered(&ingested.study, &shown)?;
        Ok(ingested.study)
    }

    /// Refuses logs of the run that do not say which checkpoint they are of, where it has numbered ones.
    fn numbered(&self, logged: &Study, manifest: &str) -> Result<(), Failure> {
        let Ok(run) = logged.model(&self.question.run) else { return Ok(()) };
        let last = self.question.last_checkpoint.or(logged.models[run].checkpoint);
        let runs = || logged.tasks.iter().flat_map(|task| &task.runs).filter(|r| r.model == run);
        if last.is_none() || runs().all(|run| run.checkpoint.is_some()) {
            return Ok(());
        }
        let name = &self.question.run;
        Err(Failure::unanswerable(format!(
            "the logs of {name} do not say which checkpoint they are of; say in {manifest} where their \
             names have its number, such as match = \"*{name}@step{{checkpoint}}*\""
        )))
    }

    /// Answers again whenever the folder changes, until an alarm or the end of training.
    ///
    /// Files may be half written when they are read: what cannot be answered is told, and the next
    /// change is waited for. Wrong usage is not waited out.
    fn watch(&self, folder: &Path) -> Result<Monitor, Failure> {
        let mut seen = None;
        loop {
            let now = fingerprint(folder, self.args.report.as_deref())?;
            if seen.as_ref() != Some(&now) {
                match self.answer() {
                    Ok(monitor) if monitor.alarm.is_some() || has_ended(&monitor) => {
                        return Ok(monitor);
                    }
                    Ok(_) => {}
                    Err(failure) if seen.is_none() && failure.is_usage() => return Err(failure),
                    Err(failure) => say(&format!("not yet: {}", failure.message())),
                }
                seen = Some(now);
            }
            std::thread::sleep(Duration::from_secs(self.args.every));
        }
    }
}

fn has_ended(monitor: &Monitor) -> bool {
    monitor.looks.last().is_some_and(|look| look.share >= 1.0)
}

type Fingerprint = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Names, sizes and times of the files in a folder and in those below it, but for `page`, which is
/// ours.
fn fingerprint(folder: &Path, page: Option<&Path>) -> Result<Fingerprint, Failure> {
    let mut files = Vec::new();
    list(folder, DEPTH, &mut files).map_err(|error| {
        Failure::usage(format!("{}: cannot be watched: {error}", folder.display()))
    })?;
    if let Some(page) = page.and_then(|page| page.canonicalize().ok()) {
        files.retain(|(file, ..)| file.canonicalize().ok().as_ref() != Some(&page));
    }
    files.sort();
    Ok(files)
}

fn list(folder: &Path, depth: usize, files: &mut Fingerprint) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // A file may vanish between listing and looking: it is then as if it had not been listed.
        let Ok(data) = entry.metadata() else { continue };
        if data.is_dir() && depth > 0 {
            // So may a folder.
            let _ = list(&entry.path(), depth - 1, files);
        } else if !data.is_dir() {
            files.push((entry.path(), data.len(), data.modified().ok()));
        }
    }
    Ok(())
}
