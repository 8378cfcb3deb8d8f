//! What a study's folder remembers, and what the manifest says about tasks.

use std::path::{Path, PathBuf};

use codcast_logs::{
    Folder, Ingested, MetricChoice, Models, Options, Partials, Repeats, manifest_for,
};

use crate::importers::fixture;
use crate::ingest::{lm_eval, models, read, write};

fn add(folder: &Path, logs: Partials, models: &Models, options: &Options) -> Ingested {
    Folder::open(folder).unwrap().add(folder, logs, models, options).unwrap().0
}

fn metric(text: &str) -> Options {
    let metrics = vec![MetricChoice::parse(text).unwrap()];
    Options { metrics, ..Options::default() }
}

fn metric_of(made: &Ingested, task: &str) -> Option<String> {
    made.summary.tasks.iter().find(|t| t.task == task)?.metric.clone()
}

#[test]
fn later_logs_do_not_change_what_was_chosen_before() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = ([fixture("evalplus")], [fixture("generic/long.csv")]);
    let models = models(&read(&[first[0].clone(), second[0].clone()]));
    let made = add(folder.path(), read(&first), &models, &metric("base"));
    let task = made.study.tasks[0].name.clone();
    assert_eq!(metric_of(&made, &task).as_deref(), Some("base"));
    let options = Options { repeats: Repeats::Newest, ..Options::default() };
    let made = add(folder.path(), read(&second), &models, &options);
    assert_eq!(metric_of(&made, &task).as_deref(), Some("base"));
    assert!(made.study.tasks.len() > 1);
    let notes = made.summary.notes.join("; ");
    assert!(notes.contains("as the study remembers: --metric 'base' (--forget"), "{notes}");
    assert!(notes.contains("also the earlier ones: --repeats newest"), "{notes}");
    // A choice that is made anew takes its place.
    let made = add(folder.path(), Partials::default(), &models, &metric("plus"));
    assert_eq!(metric_of(&made, &task).as_deref(), Some("plus"));
    let notes = made.summary.notes.join("; ");
    assert!(notes.contains("--metric 'plus' (in place of --metric 'base')"), "{notes}");
    let mut open = Folder::open(folder.path()).unwrap();
    open.forget();
    let made = open.prepare(Partials::default(), &models, &Options::default()).unwrap().ingested;
    assert!(!made.summary.notes.join("; ").contains("remembers"));
}

#[test]
fn an_interrupted_first_ingest_is_completed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let logs = [fixture("humaneval")];
    let models = models(&read(&logs));
    // What cannot be replaced stops the writing.
    std::fs::create_dir(folder.path().join("models.toml")).unwrap();
    let first = Folder::open(folder.path()).unwrap();
    assert!(first.add(folder.path(), read(&logs), &models, &Options::default()).is_err());
    std::fs::remove_dir(folder.path().join("models.toml")).unwrap();
    let made = add(folder.path(), read(&logs), &models, &Options::default());
    let loaded = codcast_ingest::read_study(folder.path()).unwrap().study;
    assert_eq!(loaded.tasks, made.study.tasks);
}

#[test]
fn a_log_read_again_with_its_results_file_stays_one_task() {
    let [logs, study, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let samples = lm_eval(&logs.path().join("org__m"), 1, 0.0, &[1, 0, 1]);
    let results = logs.path().join("org__m/results_2026-01-01T00-00-01.000000.json");
    let aside = other.path().join("aside");
    std::fs::rename(&results, &aside).unwrap();
    let alone = read(std::slice::from_ref(&samples));
    let models = models(&alone);
    assert_eq!(add(study.path(), alone, &models, &Options::default()).study.tasks.len(), 1);
    std::fs::rename(&aside, &results).unwrap();
    let made =
        add(study.path(), read(std::slice::from_ref(&samples)), &models, &Options::default());
    assert_eq!(made.study.tasks.len(), 1, "{:?}", made.study.tasks);
    assert_eq!(made.summary.verification.agreed, 1);
    // A copy that lacks its results file takes nothing away.
    let copy =
        write(logs.path(), "elsewhere/org__m/samples_t_2026-01-01T00-00-01.000000.jsonl", "");
    std::fs::copy(&samples, &copy).unwrap();
    let made = add(study.path(), read(&[copy]), &models, &Options::default());
    assert_eq!((made.study.tasks.len(), made.summary.verification.agreed), (1, 1));
}

/// Two runs of one task that differ in their in-context examples.
fn two_variants(folder: &Path) -> PathBuf {
    lm_eval(folder, 1, 0.0, &[1, 1, 0]);
    lm_eval(folder, 2, 0.0, &[0, 1, 0]);
    let name = "results_2026-01-01T00-00-02.000000.json";
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    write(folder, name, &text.replace(r#""n-shot": {"t": 0}"#, r#""n-shot": {"t": 5}"#));
    folder.to_owned()
}

#[test]
fn an_entry_of_a_task_is_of_all_its_variants_and_one_of_none_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let read = read(&[two_variants(folder.path())]);
    let of = |entry: &str| {
        let text = format!("{}\n[[tasks]]\n{entry}chance = 0.25\n", manifest_for(&read, "s"));
        let models = Models::parse(&text, "models.toml").unwrap();
        let made = codcast_logs::assemble(&read, &models, &Options::default()).unwrap();
        let tasks = made.study.tasks.iter();
        let tasks: Vec<(String, Option<f64>)> = tasks.map(|t| (t.name.clone(), t.chance)).collect();
        (tasks, made.summary.notes.join("; "))
    };
    let both = |name: &str| ["0", "5"].map(|n| (format!("{name} ({n}-shot)"), Some(0.25))).to_vec();
    assert_eq!(of("name = \"t\"\n").0, both("t"));
    assert_eq!(of("name = \"sums\"\nmatch = \"t*\"\n").0, both("sums"));
    let (tasks, notes) = of("name = \"t (5-shot)\"\n");
    assert_eq!(tasks[0], ("t (0-shot)".to_owned(), None));
    assert_eq!(tasks[1], ("t (5-shot)".to_owned(), Some(0.25)));
    assert!(!notes.contains("fits no task"), "{notes}");
    let (_, notes) = of("name = \"absent\"\n");
    assert!(notes.contains("absent of [[tasks]] fits no task of the logs; there are: t (0-shot)"));
}

#[test]
fn choices_that_fit_nothing_are_named() {
    let read = read(&[fixture("lm-eval/0.4.13")]);
    let models = models(&read);
    let notes = |options: &Options| {
        let made = codcast_logs::assemble(&read, &models, options).unwrap();
        (made.summary.notes.join("; "), made.summary)
    };
    let (said, _) = notes(&metric("nothere"));
    assert!(said.contains("--metric nothere fits nothing"), "{said}");
    assert!(said.contains("acc_norm") && said.contains("pass@1,create_test"), "{said}");
    assert!(!notes(&metric("acc_norm")).0.contains("fits nothing"));
    let glob = |text| vec![codcast_logs::glob(text).unwrap()];
    let (said, _) = notes(&Options { filters: glob("zzz"), ..Options::default() });
    assert!(said.contains("--filter zzz fits nothing") && said.contains("strict-match"), "{said}");
    let (said, summary) = notes(&Options { tasks: glob("zzz"), ..Options::default() });
    assert!(said.contains("--task zzz fits no task; there are: demo_code"), "{said}");
    assert!(summary.left_out.contains(&"demo_gsm".to_owned()));
}

#[test]
fn names_of_models_survive_being_written_and_pasted() {
    let hostile = "a\u{202e}\u{1b}[31m\"\\ '\n[[models]]\u{1f600}\u{e0001}";
    let row = serde_json::json!({ "model": hostile, "sample_id": "a", "score": 1 }).to_string();
    let read = codcast_logs::partials_of_bytes(
        "t.jsonl",
        format!("{row}\n").as_bytes(),
        &[],
        &codcast_logs::Reading::default(),
    );
    let read = read.unwrap();
    let text = manifest_for(&read, "s\u{202e}");
    let harmless = |text: &str| {
        text.chars().all(|c| c == '\n' || (' '..'\u{7f}').contains(&c) || c == '\u{1f600}')
    };
    assert!(harmless(&text), "{text:?}");
    let parsed: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(parsed["models"][0]["match"].as_str(), Some(hostile));
    let models = Models::parse(
        "name = \"s\"\n[[models]]\nname = \"other\"\nrole = \"anchor\"\n",
        "models.toml",
    )
    .unwrap();
    let made = codcast_logs::assemble(&read, &models, &Options::default()).unwrap();
    let stanza = &made.summary.unlisted[0].stanza;
    assert!(harmless(stanza), "{stanza:?}");
    let parsed: toml::Table = toml::from_str(stanza).unwrap();
    assert_eq!(parsed["models"][0]["match"].as_str(), Some(hostile));
}

/// Who ingests `.` has the study among the logs the next time.
#[test]
fn a_study_among_its_logs_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("my-study");
    std::fs::create_dir(&study).unwrap();
    for file in ["study.toml", "samples.parquet", "logs.parquet"] {
        std::fs::write(study.join(file), "x").unwrap();
    }
    std::fs::write(folder.path().join("log.jsonl"), "x").unwrap();
    let files = codcast_logs::log_files(&[folder.path().to_owned()]).unwrap();
    let names: Vec<_> = files.iter().filter_map(|(path, _)| path.file_name()).collect();
    assert_eq!(names, ["log.jsonl"]);
}
