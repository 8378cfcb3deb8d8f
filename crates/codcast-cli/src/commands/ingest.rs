//! `codcast ingest`

mod sheets;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use codcast_logs::{
    Error, Fate, FileReport, Folder, MetricChoice, Models, Options, Partials, Reading, Repeats,
    Summary, glob, manifest_for, partials_with_progress, total_bytes,
};

use super::compute::say_without_compute;
use super::{say, say_notes};
use crate::answer::{self, Ingestion};
use crate::args::{Common, IngestArgs, RepeatsArg};
use crate::failure::Failure;
use crate::file::NewFile;
use crate::output;
use crate::text;

/// Errors that are printed; the others are counted.
const PRINTED: usize = 20;

pub(super) fn run(args: &IngestArgs, common: &Common) -> Result<ExitCode, Failure> {
    let options = options(args)?;
    let mut reading = Reading { strict: args.strict, ..Reading::default() };
    reading.partial_as = args.partial_as;
    reading.columns = args.column.iter().map(|c| column(c)).collect::<Result<_, _>>()?;
    if let Some(init) = &args.init {
        return write_manifest(args, init, &reading, common);
    }
    let errors = args.errors.as_deref().map(NewFile::create).transpose()?;
    let output = args.output.as_deref().unwrap_or(Path::new(""));
    let mut folder = Folder::open(output)?;
    if args.forget {
        folder.forget();
    }
    let models = match (&args.models, folder.models.take()) {
        (Some(path), _) => read_models(path)?,
        (None, Some(models)) => models,
        (None, None) => {
            let logs: Vec<String> = args.logs.iter().map(|l| l.display().to_string()).collect();
            return Err(Failure::usage(format!(
                "--models FILE is missing: it says what the models are (parameters, tokens, role). \
                 Write one with: codcast ingest {} --init models.toml",
                logs.join(" ")
            )));
        }
    };
    if !common.quiet {
        say_notes(models.notes.iter().map(|note| (note.code(), note.to_string())));
    }
    let mut read = read(args, &reading, common)?;
    let mut files = std::mem::take(&mut read.files);
    let mut problems = std::mem::take(&mut read.problems);
    let mut prepared = folder.prepare(read, &models, &options)?;
    prepared.ingested.correct(&mut files);
    problems.append(&mut prepared.ingested.problems);
    report_errors(&problems, errors, common)?;
    let summary = &prepared.ingested.summary;
    if !common.quiet {
        talk(summary, &files, prepared.again);
        let manifest = match &args.models {
            Some(path) => path.clone(),
            None => output.join("models.toml"),
        };
        say_without_compute(&prepared.ingested.study.models, &manifest);
    }
    if args.strict && !problems.is_empty() {
        return Err(Failure::usage("some logs were refused (see above): nothing was written"));
    }
    prepared.write(output, &models)?;
    let empty = prepared.ingested.study.tasks.is_empty();
    let study_folder = (!empty).then(|| output.display().to_string());
    let answer = Ingestion::new(study_folder, summary, &files, problems.len());
    let sheets = [sheets::tasks(summary, output), sheets::sources(&files)];
    output::print(common.format, &answer, &sheets)?;
    if empty {
        return Err(nothing(summary, &files));
    }
    Ok(ExitCode::SUCCESS)
}

fn options(args: &IngestArgs) -> Result<Options, Failure> {
    let globs = |texts: &[String]| {
        texts.iter().map(|text| glob(text)).collect::<codcast_logs::Result<Vec<_>>>()
    };
    let metrics = args.metric.iter().map(|text| MetricChoice::parse(text));
    Ok(Options {
        verify: !args.no_verify,
        metrics: metrics.collect::<codcast_logs::Result<_>>()?,
        filters: globs(&args.filter)?,
        tasks: globs(&args.task)?,
        repeats: match args.repeats {
            RepeatsArg::Auto => Repeats::Auto,
            RepeatsArg::Pool => Repeats::Pool,
            RepeatsArg::Newest => Repeats::Newest,
        },
        errors_as_wrong: args.errors_as_wrong,
    })
}

fn column(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((ours, theirs)) if !ours.is_empty() && !theirs.is_empty() => {
            Ok((ours.to_owned(), theirs.to_owned()))
        }
        _ => Err(Failure::usage(format!("--column {text}: expected OURS=THEIRS"))),
    }
}

fn read_models(path: &Path) -> Result<Models, Failure> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    Ok(Models::parse(&text, &shown)?)
}

/// Reads the logs with a bar by bytes.
fn read(args: &IngestArgs, reading: &Reading, common: &Common) -> Result<Partials, Failure> {
    let bar = if common.quiet {
        indicatif::ProgressBar::hidden()
    } else {
        indicatif::ProgressBar::new(total_bytes(&args.logs)?)
    };
    let style = "reading {bar:30} {bytes} of {total_bytes}, {eta} left";
    if let Ok(style) = indicatif::ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let bytes = Arc::new(AtomicU64::new(0));
    let show = || bar.set_position(bytes.load(Ordering::Relaxed));
    let read = watched(show, || partials_with_progress(&args.logs, reading, &bytes));
    bar.finish_and_clear();
    Ok(read?)
}

/// Shows how far some work is until it ends, also where it ends by a panic: a scope waits for its
/// threads.
fn watched<T>(show: impl Fn() + Send, work: impl FnOnce() -> T) -> T {
    struct Ended<'a>(&'a AtomicBool);
    impl Drop for Ended<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let done = AtomicBool::new(false);
    let done = &done;
    std::thread::scope(|scope| {
        let _ended = Ended(done);
        scope.spawn(move || {
            let mut rounds = 0_u32;
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
                rounds += 1;
                // Shown when it takes more than a moment.
                if rounds > 25 && rounds.is_multiple_of(5) {
                    show();
                }
            }
        });
        work()
    })
}

fn write_manifest(
    args: &IngestArgs,
    path: &Path,
    reading: &Reading,
    common: &Common,
) -> Result<ExitCode, Failure> {
    if path.exists() {
        let shown = path.display();
        return Err(Failure::usage(format!("{shown} is there already; name a new file")));
    }
    let file = NewFile::create(path)?;
    let read = read(args, reading, common)?;
    report_errors(&read.problems, None, common)?;
    if read.runs() == 0 {
        return Err(nothing(&Summary::default(), &read.files));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok();
    let name = folder.and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    file.write(manifest_for(&read, name.as_deref().unwrap_or("my-study")).as_bytes())?;
    if !common.quiet {
        let shown = path.display();
        say(&format!(
            "{shown} lists the models of the logs: complete it (roles, parameters, tokens), then run \
             the same with --models {shown} -o STUDY"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The first errors to people, all of them to a file.
fn report_errors(
    problems: &[Error],
    file: Option<NewFile>,
    common: &Common,
) -> Result<(), Failure> {
    if !common.quiet {
        for problem in problems.iter().take(PRINTED) {
            say(&format!("error [{}]: {problem}", problem.code()));
        }
        if problems.len() > PRINTED {
            let more = problems.len() - PRINTED;
            say(&format!("and {more} more errors (--errors FILE writes all of them)"));
        }
    }
    if let Some(file) = file {
        let line = |problem: &Error| text::clean(&format!("[{}] {problem}", problem.code())) + "\n";
        let lines: String = problems.iter().map(line).collect();
        file.write(lines.as_bytes())?;
    }
    Ok(())
}

/// What people should know beside the tables.
fn talk(summary: &Summary, files: &[FileReport], again: usize) {
    say_notes(summary.notes.iter().map(|note| ("", note.clone())));
    let mut skipped: BTreeMap<&str, Vec<&FileReport>> = BTreeMap::new();
    for file in files {
        if let Fate::Skipped(reason) = &file.fate {
            skipped.entry(reason).or_default().push(file);
        }
    }
    let reasons = skipped.len();
    for (reason, files) in skipped.into_iter().take(PRINTED) {
        let first = files[0].path.to_string();
        let more =
            if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
        say(&format!("skipped {first}{more}: {reason}"));
    }
    if reasons > PRINTED {
        say(&format!("and files that were skipped for {} more reasons", reasons - PRINTED));
    }
    if again > 0 {
        say(&format!("{again} runs were in the study already and change nothing"));
    }
    say_notes(
        summary
            .without_logs
            .iter()
            .map(|model| ("", format!("model {model:?} of the manifest has no logs"))),
    );
    if !summary.unlisted.is_empty() {
        say(
            "these models of the logs are not in the manifest and were left out; to take them in, add:",
        );
        for model in &summary.unlisted {
            say(&format!("\n{}", model.stanza));
        }
    }
    let verified = summary.verification;
    let differ = verified.compared - verified.agreed;
    let partly = verified.stated - verified.compared;
    let differ = if differ > 0 { format!(", {differ} do not") } else { String::new() };
    let partly = if partly > 0 {
        format!(", {partly} belong to files that could not be read whole")
    } else {
        String::new()
    };
    let within = match (verified.checks, verified.checks_agreed) {
        (0, _) => String::new(),
        (all, agreed) => format!(", and {agreed} of {all} that they logged a sample"),
    };
    say(&format!(
        "verified: {} of {} scores that the harnesses logged were recomputed and agree{differ}{partly}\
         {within}",
        verified.agreed, verified.stated
    ));
}

/// Why there is no study.
fn nothing(summary: &Summary, files: &[FileReport]) -> Failure {
    Failure::unanswerable(answer::nothing_to_ingest(summary, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_progress_too() {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let work = || watched(|| (), || panic!("as a decoder may"));
            let ended: std::thread::Result<()> = std::panic::catch_unwind(work);
            sender.send(ended.is_err())
        });
        let ended = receiver.recv_timeout(Duration::from_secs(20));
        assert_eq!(ended, Ok(true), "it never ended");
        assert_eq!(watched(|| (), || 3), 3);
    }
}
