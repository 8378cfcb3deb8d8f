//! `codcast monitor` and `codcast plan` as scripts use them.

use std::fmt::Write as _;
use std::fs;

use crate::support::{Folder, Said, codcast, manifest, samples};

/// Rungs with four checkpoints each; the run has the first three, of which the last is `third` times
/// what it should be.
fn with_checkpoints(third: f64) -> Folder {
    let mut models: Vec<(String, &str, f64)> =
        (0..7).map(|rung| (format!("r{rung}"), "ladder", 1e20 * 4_f64.powi(rung))).collect();
    models.push(("run".to_owned(), "target", 1e25));
    let listed: Vec<(&str, &str, f64)> =
        models.iter().map(|(n, r, c)| (n.as_str(), *r, *c)).collect();
    let text = manifest(&listed).replace("compute_flops", "checkpoint = 4000\ncompute_flops");
    Folder::new(&text, &rows(&models, 4, third))
}

fn rows(models: &[(String, &str, f64)], run_looks: usize, third: f64) -> String {
    let mut text = "model,checkpoint,task,sample_id,n_trials,n_correct\n".to_owned();
    for (name, role, flops) in models {
        for look in 1..=4 {
            if *role == "target" && look >= run_looks {
                continue;
            }
            for sample in 0..60 {
                let (a, b) = [(3.0, 0.25), (6.0, 0.25), (9.0, 0.25)][sample % 3];
                let compute = flops * f64::from(u32::try_from(look).unwrap()) / 4.0 / 1e18;
                let rate = (-a * compute.powf(-b) - 0.02 - sample as f64 / 2000.0).exp();
                let off = if *role == "target" && look == 3 { third } else { 1.0 };
                let right = (100.0 * (rate * off).min(1.0)).round();
                writeln!(text, "{name},{},sums,s{sample},100,{right}", 1000 * look).unwrap();
            }
        }
    }
    text
}

fn monitored(folder: &Folder, more: &[&str]) -> Said {
    let path = folder.path().to_str().unwrap();
    codcast(["monitor", path, "--run", "run"].iter().chain(more))
}

#[test]
fn a_healthy_run_exits_with_0_and_a_broken_one_with_3() {
    let healthy = monitored(&with_checkpoints(1.0), &[]);
    assert_eq!(healthy.status, 0, "{}", healthy.stderr);
    let json = healthy.json();
    assert_eq!(json["schema"], "codcast.monitor/1");
    assert!(json["alarm"].is_null());
    assert_eq!(json["looks"].as_array().unwrap().len(), 3);
    assert_eq!(json["looks"][2]["share"], 0.75);
    let task = &json["looks"][2]["tasks"][0];
    let number = |field: &str| task[field].as_f64().unwrap();
    assert!(number("deviation").abs() < number("boundary"), "{task}");
    assert!(task["band"]["lower"].as_f64() < Some(number("expected")), "{task}");
    assert!(json["end_of_training"][0]["updated"].is_number());

    let broken = monitored(&with_checkpoints(0.1), &[]);
    assert_eq!(broken.status, 3, "{}", broken.stdout);
    let alarm = &broken.json()["alarm"];
    assert_eq!(alarm["checkpoint"], 3000);
    assert_eq!(alarm["direction"], "below");
    let table = monitored(&with_checkpoints(0.1), &["--format", "table"]);
    assert!(table.stdout.contains("ALARM"), "{}", table.stdout);
}

#[test]
fn prometheus_gets_one_gauge_a_line() {
    let said = monitored(&with_checkpoints(1.0), &["--format", "prometheus"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let mut values = 0;
    for line in said.stdout.lines() {
        if line.starts_with("# HELP codcast_monitor_")
            || line.starts_with("# TYPE codcast_monitor_")
        {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(series.starts_with("codcast_monitor_") && series.contains("run=\"run\""), "{line}");
        assert!(value.parse::<f64>().unwrap().is_finite(), "{line}");
        values += 1;
    }
    assert!(values >= 12, "{}", said.stdout);
    assert!(said.stdout.contains("codcast_monitor_alarm{study=\"by-hand\",run=\"run\"} 0\n"));
    codcast(["engines", "--format", "prometheus"]).fails(2, &["monitor"]);
}

#[test]
fn a_watched_folder_adds_results_until_the_alarm() {
    let study = with_checkpoints(1.0);
    // The broken checkpoint arrives in a folder of its own.
    let models = vec![("run".to_owned(), "target", 1e25)];
    let arrived = Folder::new(
        &manifest(&[("run", "target", 1e25)])
            .replace("compute_flops", "checkpoint = 4000\ncompute_flops"),
        &rows(&models, 4, 0.1),
    );
    let watched = arrived.path().to_str().unwrap().to_owned();
    let said = monitored(&study, &["--watch", &watched, "--every", "1"]);
    assert_eq!(said.status, 3, "{}", said.stderr);
    monitored(&study, &["--watch", "no-such-folder"]).fails(2, &["no-such-folder", "watched"]);
}

/// The rows of the run's checkpoint as an evaluation's log: no column of checkpoints, the number is in
/// the model's name.
fn log(look: usize, third: f64) -> String {
    let rows = rows(&[("run".to_owned(), "target", 1e25)], 4, third);
    let own = format!("run,{look}000,");
    let own = rows.lines().filter_map(|line| line.strip_prefix(&own));
    let lines = own.map(|rest| format!("lab/run@step{look}000,{rest}\n"));
    format!("model,task,sample_id,n_trials,n_correct\n{}", lines.collect::<String>())
}

#[test]
fn logs_are_read_as_they_appear() {
    let models: Vec<(String, &str, f64)> =
        (0..7).map(|rung| (format!("r{rung}"), "ladder", 1e20 * 4_f64.powi(rung))).collect();
    let mut listed: Vec<(&str, &str, f64)> =
        models.iter().map(|(n, r, c)| (n.as_str(), *r, *c)).collect();
    listed.push(("run", "target", 1e25));
    let text = manifest(&listed).replace("compute_flops", "checkpoint = 4000\ncompute_flops");
    let study = Folder::new(&text, &rows(&models, 4, 1.0));
    let matched =
        text.replace("name = \"run\"", "name = \"run\"\nmatch = \"*/run@step{checkpoint}\"");
    assert_ne!(matched, text);
    fs::write(study.file("models.toml"), matched).unwrap();

    let logs = study.file("logs");
    fs::create_dir(&logs).unwrap();
    let page = logs.join("run.html");
    let said = study.file("said.json");
    let mut watching = std::process::Command::new(assert_cmd::cargo::cargo_bin("codcast"))
        .args(["monitor", study.path().to_str().unwrap(), "--run", "run", "--every", "1"])
        .args(["--watch", logs.to_str().unwrap(), "--report", page.to_str().unwrap()])
        .args(["--format", "json"])
        .stdout(fs::File::create(&said).unwrap())
        .stderr(fs::File::create(study.file("stderr")).unwrap())
        .spawn()
        .unwrap();
    let answers = || -> Vec<serde_json::Value> {
        let text = fs::read_to_string(&said).unwrap();
        serde_json::Deserializer::from_str(&text).into_iter().filter_map(Result::ok).collect()
    };
    let mut arrive = |look: usize, third: f64| {
        // Whole or not at all, as a careful evaluation would.
        fs::write(study.file("part"), log(look, third)).unwrap();
        fs::rename(study.file("part"), logs.join(format!("{look}.csv"))).unwrap();
        for _ in 0..600 {
            let seen = answers().last().map_or(0, |a| a["looks"].as_array().unwrap().len());
            let ended = watching.try_wait().unwrap();
            if seen >= look || ended.is_some() {
                return ended;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        watching.kill().unwrap();
        panic!("no answer: {}", fs::read_to_string(study.file("stderr")).unwrap());
    };
    for look in 1..=2 {
        assert_eq!(arrive(look, 1.0), None, "it goes on watching");
    }
    arrive(3, 0.1);
    let status = watching.wait().unwrap();
    assert_eq!(status.code(), Some(3), "{}", fs::read_to_string(study.file("stderr")).unwrap());
    let answers = answers();
    let alarms: Vec<bool> = answers.iter().map(|answer| !answer["alarm"].is_null()).collect();
    assert_eq!(alarms.last(), Some(&true));
    assert_eq!(alarms.iter().filter(|&&alarm| alarm).count(), 1);
    let last = answers.last().unwrap();
    let checkpoints: Vec<i64> =
        last["looks"].as_array().unwrap().iter().filter_map(|l| l["checkpoint"].as_i64()).collect();
    assert_eq!(checkpoints, [1000, 2000, 3000]);
    assert_eq!(last["looks"][2]["comparison"], "same_share");
    // The page lies in the watched folder and is no reason to look again.
    assert!(answers.len() <= 3 + 1, "{}", answers.len());
    assert!(fs::read_to_string(page).unwrap().contains("ALARM"));
}

#[test]
fn logs_without_a_checkpoint_are_no_finished_run() {
    let study = with_checkpoints(1.0);
    let logs = study.file("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("a.csv"), log(3, 1.0).replace("lab/run@step3000", "run")).unwrap();
    let watched = logs.to_str().unwrap().to_owned();
    // Waiting would help nothing here, but the next log may be named well: it is told, and it waits.
    let mut watching = std::process::Command::new(assert_cmd::cargo::cargo_bin("codcast"))
        .args(["monitor", study.path().to_str().unwrap(), "--run", "run", "--every", "1"])
        .args(["--watch", &watched])
        .stdout(std::process::Stdio::null())
        .stderr(fs::File::create(study.file("stderr")).unwrap())
        .spawn()
        .unwrap();
    let told = || fs::read_to_string(study.file("stderr")).unwrap();
    for _ in 0..600 {
        if told().contains("{checkpoint}") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(watching.try_wait().unwrap(), None);
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert!(told().contains("{checkpoint}"), "{}", told());
}

#[test]
fn runs_and_plans_have_pages_that_their_json_makes_again() {
    let folder = with_checkpoints(1.0);
    let path = folder.path().to_str().unwrap();
    let again = folder.file("again.html");
    let check = |words: &[&str], expect: &[&str]| {
        let page = folder.file("page.html");
        let report = ["--report", page.to_str().unwrap()];
        let said = codcast(words.iter().chain(&report));
        assert_eq!(said.status, 0, "{}", said.stderr);
        let json = folder.file("result.json");
        fs::write(&json, &said.stdout).unwrap();
        codcast(["report", json.to_str().unwrap(), "-o", again.to_str().unwrap()]);
        let page = fs::read_to_string(page).unwrap();
        assert!(page == fs::read_to_string(&again).unwrap());
        for expected in expect {
            assert!(page.contains(expected), "{expected}");
        }
        // Without a page the same numbers, and no command.
        let mut with = said.json();
        with.as_object_mut().unwrap().remove("command").unwrap();
        assert_eq!(codcast(words).json(), with);
    };
    check(&["monitor", path, "--run", "run"], &["Is the run healthy?", "id=\"run-0\""]);
    check(&["plan", path, "--score", "sums=0.8"], &["compute-chart", "worth-table"]);
    codcast(["plan", path, "--report", "/nowhere/page.html"]).fails(2, &["/nowhere/page.html"]);
}

#[test]
fn what_a_run_lacks_is_said() {
    let folder = with_checkpoints(1.0);
    monitored(&folder, &["--engine", "power"]).fails(2, &["power", "no intervals"]);
    let path = folder.path().to_str().unwrap();
    codcast(["monitor", path, "--run", "nobody"]).fails(2, &["nobody", "r0, r1"]);
    let text = fs::read_to_string(folder.file("study.toml")).unwrap();
    let endless = text.replace("checkpoint = 4000\ncompute_flops = 1e25", "compute_flops = 1e25");
    fs::write(folder.file("study.toml"), endless).unwrap();
    monitored(&folder, &[]).fails(1, &["run", "--last-checkpoint"]);
    assert_eq!(monitored(&folder, &["--last-checkpoint", "4000"]).status, 0);
}

#[test]
fn compute_for_a_score_is_what_forecast_inverts() {
    let folder = Folder::new(&manifest(&crate::support::MODELS), &samples(None));
    let path = folder.path().to_str().unwrap();
    let plan = codcast(["plan", path, "--score", "sums=0.7"]).json();
    assert_eq!(plan["schema"], "codcast.plan/1");
    let compute = plan["compute_for_score"][0]["expected"]["compute_flops"].as_f64().unwrap();
    let json = codcast(["forecast", path, "--compute", &compute.to_string()]).json();
    let score = json["targets"][0]["tasks"][0]["forecast"].as_f64().unwrap();
    assert!((score - 0.7).abs() < 1e-12, "{score}");
    assert!(plan["worth"][0]["verdict"].is_string());
}

#[test]
fn plans_are_priced_in_the_users_unit() {
    let folder = Folder::new(&manifest(&crate::support::MODELS), &samples(None));
    let path = folder.path().to_str().unwrap();
    let defaults = codcast(["plan", path, "--print-costs"]).stdout;
    let hours = defaults
        .replace("unit = \"FLOP\"", "unit = \"GPU-hours\"")
        .replace("training_flops_per_unit = 1.0", "training_flops_per_unit = 1.4e18");
    assert_ne!(hours, defaults);
    fs::write(folder.file("costs.toml"), &hours).unwrap();
    let costs = folder.file("costs.toml");
    let costs = costs.to_str().unwrap();
    let json = codcast(["plan", path, "--costs", costs, "--budget", "300000"]).json();
    assert_eq!(json["additions"]["unit"], "GPU-hours");
    for option in json["additions"]["options"].as_array().unwrap() {
        assert!(option["cost"]["total"].as_f64().unwrap() <= 300_000.1, "{option}");
        if option["kind"] == "rung" {
            let hours = option["compute_flops"].as_f64().unwrap() / 1.4e18;
            assert!((option["cost"]["training"].as_f64().unwrap() / hours - 1.0).abs() < 1e-9);
        }
    }
    fs::write(folder.file("costs.toml"), "answer_token = 3\n").unwrap();
    codcast(["plan", path, "--costs", costs]).fails(2, &["costs.toml", "answer_token"]);
    codcast(["plan", path, "--score", "sums=1.7"]).fails(2, &["--score sums=1.7", "(0, 1)"]);
    codcast(["plan", path, "--budget=-1"]).fails(2, &["--budget"]);
}

#[test]
fn recipes_are_compared_and_formats_agree() {
    let folder = Folder::new(&manifest(&crate::support::MODELS), &samples(None));
    let path = folder.path().to_str().unwrap();
    let json = codcast(["plan", path, "--against", path]).json();
    assert_eq!(json["recipes"]["probability_first_better"], 0.5);
    assert_eq!(json["recipes"]["call"], "undecided");
    let csv = codcast(["plan", path, "--against", path, "--format", "csv"]).stdout;
    assert!(csv.starts_with("task,shared_samples,first,second,"), "{csv}");
    let text = codcast(["plan", path, "--against", path, "--format", "markdown"]).stdout;
    assert!(text.contains("undecided"), "{text}");
}
