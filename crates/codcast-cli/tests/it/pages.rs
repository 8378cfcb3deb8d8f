//! Pages and figures, from the command line to the file.

use std::fs;

use crate::support::{Folder, MODELS, codcast, manifest, samples};

fn folder() -> Folder {
    Folder::new(&manifest(&MODELS), &samples(None))
}

#[test]
fn a_page_can_be_made_again_from_the_json_alone() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let (page, again) = (folder.file("page.html"), folder.file("again.html"));
    let said = codcast(["forecast", path, "--report", page.to_str().unwrap(), "--engine", "cod"]);
    let json = said.json();
    assert_eq!(json["detail"]["rivals"][0]["engine"], "last");
    assert_eq!(json["backtest"]["summary"][0]["engine"], "cod");
    fs::write(folder.file("forecast.json"), &said.stdout).unwrap();
    let made = codcast([
        "report",
        folder.file("forecast.json").to_str().unwrap(),
        "-o",
        again.to_str().unwrap(),
    ]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert_eq!(page, fs::read_to_string(again).unwrap());
}

/// Runs a command line as a shell does.
fn pasted(command: &str) -> std::process::Output {
    let script = format!("codcast() {{ \"$PROGRAM\" \"$@\"; }}\n{command}");
    std::process::Command::new("sh")
        .args(["-c", &script])
        .env("PROGRAM", assert_cmd::cargo::cargo_bin("codcast"))
        .output()
        .unwrap()
}

#[test]
fn the_command_in_a_page_makes_the_page_again() {
    let folder = folder();
    let study = folder.path().to_str().unwrap();
    // A name that a shell would take apart.
    let page = folder.file("it's a page.html");
    let page = page.to_str().unwrap();
    for words in [
        &[
            "forecast",
            study,
            "--engine",
            "last",
            "--rivals",
            "power",
            "--set",
            "cluster.quantile=0.25",
        ][..],
        &["forecast", study, "--compute", "1e24", "--engine", "last", "--rivals", "power"],
        &["backtest", study, "--engine", "last,power", "--no-cache"],
        &["plan", study, "--score", "sums=0.9", "--engine", "codcast"],
    ] {
        let said = codcast(words.iter().copied().chain(["--report", page, "--format", "json"]));
        assert_eq!(said.status, 0, "{words:?}: {}", said.stderr);
        let command = said.json()["command"].as_str().unwrap().to_owned();
        let first = fs::read_to_string(page).unwrap();
        fs::remove_file(page).unwrap();
        let again = pasted(&command);
        assert!(again.status.success(), "{command}: {}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(fs::read_to_string(page).unwrap(), first, "{command}");
    }
}

#[test]
fn detail_changes_no_number() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let plain = codcast(["forecast", path]).json();
    let detailed = codcast(["forecast", path, "--detail"]).json();
    assert_eq!(plain["targets"], detailed["targets"]);
    assert_eq!(plain["curves"], detailed["curves"]);
    assert!(plain["detail"].is_null() && detailed["detail"].is_object());
}

#[test]
fn the_curve_passes_through_the_forecast_and_knows_its_rungs() {
    let folder = folder();
    let json = codcast(["forecast", folder.path().to_str().unwrap()]).json();
    let (curves, task) = (&json["curves"], &json["curves"]["tasks"][0]);
    let target = json["targets"][0]["compute_flops"].as_f64().unwrap();
    let places = curves["compute_flops"].as_array().unwrap();
    let at = places.iter().position(|place| place.as_f64() == Some(target)).unwrap();
    let row = &json["targets"][0]["tasks"][0];
    assert_eq!(task["score"][at], row["forecast"]);
    assert_eq!(task["lower"][at], row["interval"]["lower"]);
    assert_eq!(task["trend"][at], row["trend"]);
    assert!(places.windows(2).all(|pair| pair[0].as_f64() < pair[1].as_f64()));
    assert_eq!(task["rungs"].as_array().unwrap().len(), 6);
    assert_eq!(task["anchors"][0]["model"], "other");
    // Standard error of the largest rung's mean over its 160 samples, by hand.
    let (mut sum, mut squares) = (0.0, 0.0);
    for line in samples(None).lines().filter(|line| line.starts_with("r6,")) {
        let rate = line.rsplit(',').next().unwrap().parse::<f64>().unwrap() / 100.0;
        sum += rate;
        squares += rate * rate;
    }
    let variance = (squares - sum * sum / 160.0) / 159.0;
    let error = task["rungs"][5]["standard_error"].as_f64().unwrap();
    assert!((error - (variance / 160.0).sqrt()).abs() < 1e-12, "{error}");
}

#[test]
fn what_stands_behind_a_forecast_adds_up() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    for engine in ["codcast", "cod"] {
        let json = codcast(["forecast", path, "--detail", "--engine", engine]).json();
        let task = &json["detail"]["tasks"][0];
        let samples: f64 =
            task["groups"].as_array().unwrap().iter().map(|g| g["size"].as_f64().unwrap()).sum();
        assert!((samples - 160.0).abs() < 1e-9 || engine == "cod" && samples <= 160.0, "{samples}");
        let bars = |name: &str| -> u64 {
            task["difficulty"][name].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum()
        };
        assert_eq!(bars("full"), 160);
        let share = json["targets"][0]["tasks"][0]["predictable_share"].as_f64().unwrap();
        assert!((bars("predictable") as f64 / 160.0 - share).abs() < 0.01, "{engine}: {share}");
        assert_eq!(task["map"]["points"].as_array().unwrap().len(), 160);
        assert_eq!(task["mapping"].is_null(), engine == "codcast");
    }
}

#[test]
fn backtests_have_pages() {
    let folder = folder();
    let page = folder.file("page.html");
    let path = folder.path().to_str().unwrap();
    let arguments = ["backtest", path, "--engine", "codcast,last", "--no-cache", "--report"];
    let said = codcast(arguments.into_iter().chain([page.to_str().unwrap()]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let calibration = &said.json()["summary"][0]["calibration"];
    let covered: Vec<f64> =
        calibration.as_array().unwrap().iter().map(|c| c["coverage"].as_f64().unwrap()).collect();
    assert!(covered.len() == 8 && covered.windows(2).all(|pair| pair[0] <= pair[1]), "{covered:?}");
    // The level of the table is one of the levels of the calibration: both count the same cases.
    assert_eq!(calibration[6]["level"], 0.9);
    assert_eq!(calibration[6]["coverage"], said.json()["summary"][0]["coverage"]);
    assert!(fs::read_to_string(page).unwrap().contains("id=\"calibration\""));
}

#[test]
fn the_demo_writes_its_page_small_and_where_told() {
    let folder = folder();
    let page = folder.file("demo.html");
    let said = codcast(["demo", "--report", page.to_str().unwrap(), "--plot", "--format", "table"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("demo.html"), "{}", said.stderr);
    assert!(said.stdout.contains("o rung"), "{}", said.stdout);
    let size = fs::metadata(page).unwrap().len();
    assert!(size < 1_000_000, "{size} bytes");
}

#[test]
fn figures_come_in_three_formats_and_no_other() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    for (name, kind, begin) in [
        ("a.svg", "curves", "<svg"),
        ("b.png", "clusters", "\u{89}PNG"),
        ("c.pdf", "mapping", "%PDF"),
        ("d.svg", "difficulty", "<svg"),
        ("e.svg", "calibration", "<svg"),
    ] {
        let file = folder.file(name);
        let words = ["plot", path, "--kind", kind, "--dpi", "72", "-o"];
        let said = codcast(words.into_iter().chain([file.to_str().unwrap()]));
        assert_eq!(said.status, 0, "{kind}: {}", said.stderr);
        let bytes: Vec<u8> = begin.chars().map(|c| c as u8).collect();
        assert!(fs::read(file).unwrap().starts_with(&bytes), "{kind}");
    }
    let file = folder.file("f.gif");
    codcast(["plot", path, "--kind", "curves", "-o", file.to_str().unwrap()])
        .fails(2, &["f.gif", ".svg, .png or .pdf"]);
    let file = folder.file("g.svg");
    let words = ["plot", path, "--kind", "mapping", "--engine", "codcast", "-o"];
    codcast(words.into_iter().chain([file.to_str().unwrap()])).fails(1, &["--engine cod"]);
}

#[test]
fn a_page_is_refused_where_it_cannot_be_written_or_made() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    codcast(["forecast", path, "--report", "/nowhere/page.html"])
        .fails(2, &["/nowhere/page.html", "folder does not exist"]);
    let out = folder.file("page.html");
    fs::write(folder.file("other.json"), "{\"schema\": \"codcast.check/1\"}").unwrap();
    let other = folder.file("other.json");
    codcast(["report", other.to_str().unwrap(), "-o", out.to_str().unwrap()])
        .fails(2, &["other.json", "codcast.check/1", "codcast forecast --format json"]);
    assert!(!out.exists());
}
