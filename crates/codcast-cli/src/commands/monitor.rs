//! `codcast monitor`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use codcast::Config;
use codcast::engines::Engine;
use codcast::evals::Study;
use codcast::monitor::{Comparison, Look, Monitor, Question, Side, monitor, with_results};

use super::explained::{command, write_page};
use super::{Spinner, WithInputs, prometheus, read_study, say};
use crate::answer::WithCommand;
use crate::args::{Common, Format, MonitorArgs};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output::{self, Cell, Sheet};
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
            output::print(self.common.format, &answer, &sheets(&monitor))?;
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

/// The looks, then the end of training.
pub(super) fn sheets(monitor: &Monitor) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> =
        monitor.looks.iter().map(|look| look_sheet(monitor, look)).collect();
    if let Some(first) = sheets.first_mut() {
        first.title = format!("{}\n\n{}", headline(monitor), first.title);
    }
    sheets.push(end_sheet(monitor));
    sheets
}

fn headline(monitor: &Monitor) -> String {
    let rate = format!("{} % of healthy runs raise an alarm", 100.0 * monitor.false_alarm_rate);
    let Some(alarm) = &monitor.alarm else {
        return format!("{}: {}: no alarm ({rate}).", monitor.study, monitor.run);
    };
    let what = match (&alarm.tasks[..], alarm.overall) {
        ([], _) => "all tasks together".to_owned(),
        (tasks, true) => format!("all tasks together and {}", tasks.join(", ")),
        (tasks, false) => tasks.join(", "),
    };
    let how = if alarm.kind == "change" { "moved during training" } else { "are off" };
    format!(
        "{}: {}: ALARM at {:.0} % of training: scores {how}, {} what the ladder expects: {what} ({rate}).",
        monitor.study,
        monitor.run,
        100.0 * alarm.share,
        alarm.direction,
    )
}

fn look_sheet(monitor: &Monitor, look: &Look) -> Sheet {
    let place = look.checkpoint.map_or(String::new(), |number| format!("checkpoint {number}, "));
    let how = match look.comparison {
        Comparison::SameShare => "rungs at the same share of training",
        Comparison::EqualCompute => "finished rungs at equal compute",
    };
    let overall = &look.overall;
    let mut notes = Vec::new();
    if let (Some(deviation), Some(factor)) = (overall.deviation, overall.compute_factor) {
        notes.push(format!(
            "all tasks: deviation {deviation:+.2}{}, boundary {:.2}; behaves like a run with {factor:.2} \
             times its compute",
            overall.change.map(|change| format!(", change {change:+.2}")).unwrap_or_default(),
            overall.boundary,
        ));
    }
    if monitor.looks.last().is_some_and(|last| std::ptr::eq(last, look)) {
        let tasks = look.tasks.iter();
        notes.extend(output::notes(tasks.map(|t| (t.task.as_str(), t.diagnostics.as_slice()))));
    }
    Sheet {
        title: format!(
            "{place}{:.0} % of training, {}, against {} {how}",
            100.0 * look.share,
            look.compute_flops,
            look.rungs.len(),
        ),
        group: Some((
            "checkpoint",
            Cell::Count(look.checkpoint.and_then(|n| u64::try_from(n).ok())),
        )),
        columns: vec![
            ("task", "task"),
            ("samples", "n_samples"),
            ("expected %", "expected"),
            ("lower", "lower"),
            ("upper", "upper"),
            ("actual %", "actual"),
            ("off", "deviation_points"),
            ("x compute", "compute_factor"),
            ("deviation", "deviation"),
            ("change", "change"),
            ("boundary", "boundary"),
            ("alarm", "alarm"),
        ],
        rows: look
            .tasks
            .iter()
            .map(|task| {
                vec![
                    Cell::Name(task.task.clone()),
                    Cell::Count(task.n_samples),
                    Cell::Percent(task.expected),
                    Cell::Percent(task.band.map(|band| band.lower)),
                    Cell::Percent(task.band.map(|band| band.upper)),
                    Cell::Percent(task.actual),
                    Cell::Points(task.deviation_points),
                    Cell::Number(task.compute_factor),
                    Cell::Points(task.deviation),
                    Cell::Points(task.change),
                    Cell::Points(Some(task.boundary)),
                    Cell::Text(if task.alarm { "ALARM" } else { "" }),
                ]
            })
            .collect(),
        notes,
    }
}

fn end_sheet(monitor: &Monitor) -> Sheet {
    let whole = [(monitor.run.as_str(), monitor.diagnostics.as_slice())];
    Sheet {
        title: "at the end of training: from the ladder alone, and with the checkpoints seen"
            .to_owned(),
        columns: vec![
            ("task", "task"),
            ("forecast %", "forecast"),
            ("lower", "lower"),
            ("upper", "upper"),
            ("updated %", "updated"),
            ("lower", "updated_lower"),
            ("upper", "updated_upper"),
        ],
        rows: monitor
            .end_of_training
            .iter()
            .map(|task| {
                vec![
                    Cell::Name(task.task.clone()),
                    Cell::Percent(task.forecast),
                    Cell::Percent(task.interval.map(|i| i.lower)),
                    Cell::Percent(task.interval.map(|i| i.upper)),
                    Cell::Percent(task.updated),
                    Cell::Percent(task.updated_interval.map(|i| i.lower)),
                    Cell::Percent(task.updated_interval.map(|i| i.upper)),
                ]
            })
            .collect(),
        notes: output::notes(whole),
        ..Sheet::default()
    }
}
