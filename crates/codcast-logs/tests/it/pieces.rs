//! One file read in pieces is the file read in one go, or is refused.

use std::fmt::Write as _;
use std::path::Path;

use codcast_logs::{Partials, Reading, partials, partials_of_lines, whole_of_pieces};

/// Rows of a table: two models, two metrics, graded and plain scores, ids that end in text of any bytes.
fn table() -> String {
    let mut text = String::new();
    for sample in 0..40 {
        for (model, metric) in [("a", "acc"), ("b", "acc"), ("a", "f1"), ("b", "f1")] {
            for repeat in 0..3 {
                let score = match metric {
                    "acc" => f64::from((sample + repeat) % 2),
                    _ => f64::from(sample % 7 + repeat) / 10.0,
                };
                let blank = if sample % 5 == 0 { "\n" } else { "" };
                writeln!(
                    text,
                    "{{\"model\": \"{model}\", \"task\": \"t{}\", \"sample_id\": \"{sample}-ä\", \
                     \"metric\": \"{metric}\", \"repeat\": {repeat}, \"score\": {score}}}{blank}",
                    sample % 2
                )
                .unwrap();
            }
        }
    }
    text
}

fn in_one_go(path: &Path) -> Partials {
    partials(&[path.to_owned()], &Reading::default()).unwrap()
}

/// Cut at these bytes.
fn in_pieces(path: &Path, cuts: &[u64]) -> Option<Partials> {
    let mut bounds = vec![0];
    bounds.extend(cuts);
    bounds.push(std::fs::metadata(path).unwrap().len());
    let mut pieces = Vec::new();
    for range in bounds.windows(2) {
        pieces.push(partials_of_lines(path, range[0]..range[1], &Reading::default()).unwrap()?);
    }
    whole_of_pieces(path, pieces).unwrap()
}

#[test]
fn pieces_are_the_whole_wherever_the_cuts_are_or_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    let text = table();
    std::fs::write(&path, &text).unwrap();
    let whole = in_one_go(&path).to_batches().unwrap();
    // A cut between the repeats of a sample goes to the end of its rows.
    for at in (0..text.len() as u64).step_by(211) {
        assert_eq!(in_pieces(&path, &[at]).unwrap().to_batches().unwrap(), whole, "cut at {at}");
    }

    // Many pieces, and empty ones.
    let starts: Vec<u64> = text
        .match_indices("\"model\": \"a\"")
        .filter(|(at, _)| text[*at..].lines().next().unwrap().contains("\"acc\", \"repeat\": 0"))
        .map(|(at, _)| at as u64 - 1)
        .collect();
    let twice: Vec<u64> = starts.iter().flat_map(|start| [*start, *start]).collect();
    assert_eq!(in_pieces(&path, &twice).unwrap().to_batches().unwrap(), whole);
}

#[test]
fn a_sample_whose_rows_lie_apart_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    let mut rows: Vec<String> = table().lines().map(str::to_owned).collect();
    rows.retain(|row| !row.is_empty());
    // The first row, an early repeat of the first sample, comes last.
    rows.rotate_left(1);
    std::fs::write(&path, rows.join("\n") + "\n").unwrap();
    let middle = std::fs::metadata(&path).unwrap().len() / 2;
    assert!(in_pieces(&path, &[middle]).is_none());
    assert!(in_pieces(&path, &[]).is_some());
}

#[test]
fn what_lines_alone_do_not_tell_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let row = "{\"model\": \"m\", \"task\": \"t\", \"sample_id\": \"1\", \"score\": 1}\n";
    let other = row.replace("\"1\"", "\"2\"");
    let cut = row.len() as u64;
    assert!(in_pieces(&write("fine.jsonl", &format!("{row}{other}")), &[cut]).is_some());
    // A record with a problem: its line's number is only known in the whole.
    assert!(in_pieces(&write("bad.jsonl", &format!("{row}{{\n{other}")), &[cut]).is_none());
    // Other formats, and other kinds of tables.
    let csv = "model,task,sample_id,score\nm,t,1,1\nm,t,2,0\n";
    assert!(in_pieces(&write("table.csv", csv), &[30]).is_none());
    let array = format!("[{},{}]", row.trim(), other.trim());
    assert!(in_pieces(&write("array.json", &array), &[cut]).is_none());
    let human = "{\"task_id\": \"HumanEval/0\", \"completion\": \"x\", \"result\": \"passed\", \"passed\": true}\n";
    let two = format!("{human}{}", human.replace("/0", "/1"));
    assert!(
        in_pieces(&write("m_samples.jsonl_results.jsonl", &two), &[human.len() as u64]).is_none()
    );
}
