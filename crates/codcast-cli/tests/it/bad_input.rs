//! Each mistake has one clear message and the right exit status.

use std::fs;

use crate::support::{Folder, MODELS, codcast, manifest, samples};

/// Forecasts a folder of these models with the standard samples of those named.
fn forecast(models: &[(&str, &str, f64)]) -> crate::support::Said {
    let all = samples(None);
    let named =
        |line: &&str| models.iter().any(|(name, _, _)| line.starts_with(&format!("{name},")));
    let mut kept: Vec<&str> = vec![all.lines().next().unwrap()];
    kept.extend(all.lines().skip(1).filter(named));
    let folder = Folder::new(&manifest(models), &(kept.join("\n") + "\n"));
    codcast(["forecast", folder.path().to_str().unwrap(), "--engine", "cod"])
}

/// Forecasts the standard study with one line of its samples replaced.
fn with_row(line: usize, row: &str) -> crate::support::Said {
    let text = samples(None);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[line - 1] = row;
    let folder = Folder::new(&manifest(&MODELS), &(lines.join("\n") + "\n"));
    codcast(["forecast", folder.path().to_str().unwrap(), "--engine", "cod"])
}

#[test]
fn ladders_that_cannot_answer_exit_with_1_and_say_what_would_help() {
    forecast(&[("big", "target", 1e24)]).fails(1, &["no model of role \"ladder\""]);
    forecast(&[("r1", "ladder", 1e20), ("big", "target", 1e24)])
        .fails(1, &["one rung", "\"r1\"", "evaluate more small models"]);
    forecast(&[("r1", "ladder", 1e20), ("r2", "ladder", 1e20), ("big", "target", 1e24)])
        .fails(1, &["\"r1\"", "\"r2\"", "same compute", "ignore"]);
    forecast(&[("r1", "ladder", 1e20), ("r2", "ladder", 2e24), ("big", "target", 1e24)])
        .fails(1, &["\"big\"", "not more than the largest rung \"r2\"", "larger target"]);
    forecast(&[("r1", "ladder", 1e20), ("r2", "ladder", 4e20)])
        .fails(1, &["nothing to forecast", "--target"]);
}

#[test]
fn a_check_of_an_unusable_ladder_still_shows_every_model() {
    let models = MODELS.map(|(name, role, _)| match role {
        "ladder" => (name, role, 1e20),
        _ => (name, "ignore", 1e24),
    });
    let folder = Folder::new(&manifest(&models), &samples(None));
    let said = codcast(["check", folder.path().to_str().unwrap()]);
    said.fails(1, &["[equal_compute]", "big", "ignore", "1.00e24"]);
    assert!(said.stdout.is_empty());
}

#[test]
fn too_few_rungs_give_null_with_a_reason() {
    let said = forecast(&[("r1", "ladder", 1e20), ("r2", "ladder", 4e20), ("big", "target", 1e24)]);
    said.fails(1, &["2 rung(s)", "at least 4"]);
    let task = &said.json()["targets"][0]["tasks"][0];
    assert!(task["forecast"].is_null());
    assert_eq!(task["diagnostics"][0]["code"], "few_rungs");
}

#[test]
fn a_model_that_lacks_half_its_samples_is_named_and_the_rest_is_used() {
    let text = samples(None);
    let half = |line: &&str| !line.starts_with("r3,") || line.contains("s1");
    let kept: Vec<&str> = text.lines().filter(half).collect();
    let folder = Folder::new(&manifest(&MODELS), &(kept.join("\n") + "\n"));
    let json = codcast(["forecast", folder.path().to_str().unwrap()]).json();
    let task = &json["targets"][0]["tasks"][0];
    assert_eq!(task["n_samples"], 71);
    let dropped = task["diagnostics"].as_array().unwrap();
    let dropped = dropped.iter().find(|d| d["code"] == "samples_dropped").unwrap();
    let message = dropped["message"].as_str().unwrap();
    assert!(message.contains("89 of 160") && message.contains("\"r3\""), "{message}");
}

#[test]
fn unreadable_rows_exit_with_2_and_name_file_line_and_field() {
    with_row(5, "r1,sums,s3,100,101").fails(2, &["samples.csv", "5", "n_correct", "n_trials"]);
    with_row(5, "r1,sums,s3,100,NaN").fails(2, &["samples.csv", "5", "n_correct"]);
    with_row(5, "r1,sums,s3,many,1").fails(2, &["samples.csv", "5", "n_trials"]);
    with_row(5, "r1,sums,s2,100,50").fails(2, &["samples.csv", "r1", "s2"]);
}

#[test]
fn settings_are_checked_with_their_path() {
    let folder = Folder::new(&manifest(&MODELS), &samples(None));
    let path = folder.path().to_str().unwrap();
    codcast(["forecast", path, "--set", "cluster.quantil=0.2"]).fails(2, &["quantil"]);
    codcast(["forecast", path, "--set", "cluster.quantile=2"]).fails(2, &["cluster.quantile", "2"]);
    codcast(["forecast", path, "--set", "nonsense"]).fails(2, &["KEY=VALUE"]);
    let file = folder.file("bad.toml");
    fs::write(&file, "[cluster]\nquantile = \"big\"\n").unwrap();
    codcast(["forecast", path, "--config", file.to_str().unwrap()])
        .fails(2, &["bad.toml", "line 2"]);
    codcast(["forecast", path, "--engine", "magic"]).fails(2, &["\"magic\"", "cod"]);
    codcast(["forecast", path, "--target", "nobody"]).fails(2, &["\"nobody\"", "big"]);
    codcast(["clusters", path, "--task", "none"]).fails(2, &["\"none\"", "sums"]);
}

#[test]
fn misspelt_names_are_met_with_the_nearest() {
    let folder = Folder::new(&manifest(&MODELS), &samples(None));
    let path = folder.path().to_str().unwrap();
    codcast(["forecast", path, "--engine", "codcats"])
        .fails(2, &["[unknown_name]", "did you mean codcast?"]);
    codcast(["forecast", path, "--rivals", "powr", "--detail"]).fails(2, &["did you mean power?"]);
    codcast(["clusters", path, "--task", "sum"]).fails(2, &["did you mean sums?"]);
    let said = codcast(["forecast", path, "--engine", "zzz"]);
    said.fails(2, &["\"zzz\"", "codcast"]);
    assert!(!said.stderr.contains("did you mean"), "{}", said.stderr);
}

#[test]
fn numbers_that_are_none_are_met_with_what_was_expected() {
    let folder = Folder::new(&manifest(&MODELS), &samples(None));
    let path = folder.path().to_str().unwrap();
    for (words, parts) in [
        (
            &["forecast", path, "--compute", "70B"][..],
            &["--compute", "FLOPs, such as 8e12", "number of parameters", "5.88e23"][..],
        ),
        (
            &["plot", path, "--kind", "curves", "-o", "a.svg", "--compute", "lots"],
            &["FLOPs, such as 8e12"],
        ),
        (&["forecast", path, "--compute", "1e24", "--params", "7B"], &["--params", "7B is 7e9"]),
        (&["forecast", path, "--seed", "one"], &["--seed", "expected a whole number"]),
        (&["forecast", path, "--threads", "0"], &["--threads", "from 1 to 1024"]),
        (&["backtest", path, "--min-factor", "two"], &["expected a number"]),
        (&["monitor", path, "--run", "big", "--last-checkpoint", "end"], &["such as 143000"]),
        (&["plan", path, "--budget", "1e22F"], &["expected a number"]),
    ] {
        let said = codcast(words);
        said.fails(2, parts);
        for raw in ["invalid float literal", "invalid digit"] {
            assert!(!said.stderr.contains(raw), "{}", said.stderr);
        }
    }
    // A number, but no compute.
    codcast(["forecast", path, "--compute", "0"]).fails(2, &["[bad_compute]", "compute is 0"]);
}

#[test]
fn models_without_compute_are_listed_with_the_entry_to_complete() {
    let text = manifest(&MODELS).replace("compute_flops = 1e20\n", "params = 1.5e8\n");
    let folder = Folder::new(&text.replace("compute_flops = 4e20\n", ""), &samples(None));
    let said = codcast(["check", folder.path().to_str().unwrap()]);
    said.fails(
        1,
        &[
            "2 models have no compute",
            "\"r1\", \"r2\"",
            "study.toml",
            "[[models]]\nname = \"r2\"\nrole = \"ladder\"",
            "params = 1.5e8",
            "# tokens = ?",
        ],
    );
    let quiet = codcast(["check", folder.path().to_str().unwrap(), "--quiet"]);
    assert!(!quiet.stderr.contains("[[models]]"));
}

#[test]
fn what_is_odd_about_many_models_is_one_line() {
    let absent: Vec<String> = (0..12).map(|i| format!("a{i}")).collect();
    let mut models: Vec<(&str, &str, f64)> = MODELS.to_vec();
    models.extend(absent.iter().map(|name| (name.as_str(), "anchor", 1e23)));
    let folder = Folder::new(&manifest(&models), &samples(None));
    let said = codcast(["check", folder.path().to_str().unwrap()]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let lines: Vec<&str> =
        said.stderr.lines().filter(|line| line.contains("[no_rows_for_model]")).collect();
    assert_eq!(lines.len(), 1, "{}", said.stderr);
    assert!(lines[0].contains("\"a0\"") && lines[0].contains("the same of \"a1\""), "{}", lines[0]);
    assert!(lines[0].ends_with("and 5 more"), "{}", lines[0]);
}

#[test]
fn names_cannot_write_to_the_terminal() {
    let hostile = samples(None).replace(",sums,", ",\u{1b}[31msums\u{202e},");
    let folder = Folder::new(&manifest(&MODELS), &hostile);
    let said = codcast(["forecast", folder.path().to_str().unwrap(), "--format", "table"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(!said.stdout.contains('\u{1b}') && !said.stdout.contains('\u{202e}'));
    assert!(said.stdout.contains("\\u{1b}[31msums"), "{}", said.stdout);
}
