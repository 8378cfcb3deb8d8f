//! Every fault of `study.toml` is named with its line, field, what was expected and what is there.

use crate::fixture::{CSV, MANIFEST, assert_error, folder, load_with};

#[track_caller]
fn check(manifest: &str, code: &str, message: &str) {
    let dir = folder(&[("study.toml", manifest.as_bytes()), ("samples.csv", CSV.as_bytes())]);
    assert_error(dir.path(), code, message);
}

/// [`MANIFEST`] with a text replaced.
#[track_caller]
fn with(from: &str, to: &str, code: &str, message: &str) {
    assert!(MANIFEST.contains(from));
    check(&MANIFEST.replacen(from, to, 1), code, message);
}

#[test]
fn zero_bytes() {
    check("", "empty_file", "{}/study.toml is empty; expected the study's name and its [[models]]");
    check(
        " \n",
        "empty_file",
        "{}/study.toml is empty; expected the study's name and its [[models]]",
    );
}

#[test]
fn not_toml() {
    check(
        "name = \"x\"\nmodels = [",
        "syntax",
        "{}/study.toml, line 2: unclosed array, expected `]`; correct the TOML",
    );
}

#[test]
fn not_text() {
    let dir = folder(&[("study.toml", b"name = \"\xff\""), ("samples.csv", CSV.as_bytes())]);
    assert_error(
        dir.path(),
        "damaged_file",
        "{}/study.toml is damaged or not text in UTF-8 (invalid utf-8 sequence of 1 bytes from index \
         8); copy it again or write it anew",
    );
}

#[test]
fn missing_name_and_models() {
    with(
        "name = \"tiny\"\n",
        "",
        "bad_field",
        "{}/study.toml, line 1, top level: name is missing; expected a text in quotes",
    );
    check(
        "name = \"x\"",
        "bad_field",
        "{}/study.toml, line 1, top level: models is missing; expected at least one [[models]] table",
    );
    check(
        "name = \"x\"\nmodels = 3",
        "bad_field",
        "{}/study.toml, line 2, top level: models is the integer 3; expected [[models]] tables",
    );
    with(
        "name = \"b\"\n",
        "",
        "bad_field",
        "{}/study.toml, line 6, model 2: name is missing; expected a text in quotes",
    );
    with(
        "name = \"b\"",
        "name = \"\"",
        "bad_field",
        "{}/study.toml, line 7, model \"\": name is empty; expected a name",
    );
}

#[test]
fn unknown_role() {
    with(
        "\"target\"",
        "\"goal\"",
        "bad_field",
        "{}/study.toml, line 12, model \"c\": role is \"goal\"; expected \"ladder\", \"target\", \"anchor\" or \"ignore\"",
    );
    with(
        "role = \"target\"\n",
        "",
        "bad_field",
        "{}/study.toml, line 10, model \"c\": role is missing; expected \"ladder\", \"target\", \"anchor\" or \"ignore\"",
    );
}

#[test]
fn numbers_out_of_range() {
    for bad in ["0", "-1.0", "nan", "inf", "1e999"] {
        with(
            "1e19",
            bad,
            "bad_field",
            &format!(
                "{{}}/study.toml, line 9, model \"b\": compute_flops is {bad}; expected a finite positive number of FLOPs"
            ),
        );
    }
    with(
        "1e19",
        "\"1e19\"",
        "bad_field",
        "{}/study.toml, line 9, model \"b\": compute_flops is the text \"1e19\"; expected a finite positive number of FLOPs",
    );
    with(
        "1e19",
        "1e19\ncheckpoint = 1.5",
        "bad_field",
        "{}/study.toml, line 10, model \"b\": checkpoint is the number 1.5; expected an integer",
    );
    with(
        "1e19",
        "1e19\nloss = -0.5",
        "bad_field",
        "{}/study.toml, line 10, model \"b\": loss is -0.5; expected a finite number, zero or more",
    );
    with(
        "compute_flops = 1e19",
        "params = 1e300\ntokens = 1e300",
        "bad_field",
        "{}/study.toml, line 10, model \"b\": tokens is too large or small; expected a product of parameters and tokens that is a finite positive number",
    );
    let task = |body: &str| format!("{MANIFEST}[[tasks]]\nname = \"t\"\n{body}\n");
    check(
        &task("chance = 1.0"),
        "bad_field",
        "{}/study.toml, line 16, task \"t\": chance is 1.0; expected a number from 0 to less than 1",
    );
    check(
        &task("n_samples = 0"),
        "bad_field",
        "{}/study.toml, line 16, task \"t\": n_samples is 0; expected a whole number, at least 1",
    );
}

#[test]
fn misspelt_keys() {
    let key = |key: &str| MANIFEST.replacen("compute_flops", key, 1);
    check(
        &key("compute_flop"),
        "unknown_key",
        "{}/study.toml, line 5, model \"a\": unknown key \"compute_flop\"; did you mean \"compute_flops\"?",
    );
    check(
        &key("flops"),
        "unknown_key",
        "{}/study.toml, line 5, model \"a\": unknown key \"flops\"; did you mean \"compute_flops\"?",
    );
    check(
        &key("Tokens"),
        "unknown_key",
        "{}/study.toml, line 5, model \"a\": unknown key \"Tokens\"; did you mean \"tokens\"?",
    );
    check(
        &MANIFEST.replace("[[models]]", "[[model]]"),
        "unknown_key",
        "{}/study.toml, line 2, top level: unknown key \"model\"; did you mean \"models\"?",
    );
}

#[test]
fn other_keys_are_ignored_aloud() {
    let manifest =
        MANIFEST.replacen("role", "url\u{7f} = 1\nrole", 1).replace("url\u{7f}", "\"url\\u007f\"");
    let loaded = load_with(&manifest, "samples.csv", CSV).unwrap();
    let [note] = &loaded.notes[..] else { panic!("{:?}", loaded.notes) };
    assert_eq!(note.code(), "ignored_key");
    let message = note.to_string();
    assert!(
        message.ends_with(
            "study.toml, line 4, model \"a\": key \"url\\u{7f}\" is not known and was ignored"
        ),
        "{message}"
    );
}

#[test]
fn names_are_unique() {
    with(
        "\"b\"",
        "\"a\"",
        "duplicate_name",
        "{}/study.toml, line 7: model \"a\" is listed already on line 3; names must be unique",
    );
    let tasks = format!("{MANIFEST}[[tasks]]\nname = \"t\"\n[[tasks]]\nname = \"t\"\n");
    check(
        &tasks,
        "duplicate_name",
        "{}/study.toml, line 17: task \"t\" is listed already on line 15; names must be unique",
    );
}

#[test]
fn names_are_bounded_and_escaped() {
    let long = format!("\"{}\"", "x".repeat(1001));
    let start = format!("\"{}\"…", "x".repeat(120));
    with(
        "\"b\"",
        &long,
        "bad_field",
        &format!(
            "{{}}/study.toml, line 7, model {start}: name is 1001 bytes long; expected at most 1,000 bytes"
        ),
    );
    with(
        "\"target\"",
        "\"\\u001b[31m\"",
        "bad_field",
        "{}/study.toml, line 12, model \"c\": role is \"\\u{1b}[31m\"; expected \"ladder\", \"target\", \"anchor\" or \"ignore\"",
    );
}

#[test]
fn compute_is_given_or_derived_in_this_order() {
    use codcast::evals::ComputeSource::{Given, PerToken, SixNd};
    let compute = |keys: &str| {
        let manifest = MANIFEST.replacen("compute_flops = 1e18", keys, 1);
        let loaded = load_with(&manifest, "samples.csv", CSV).unwrap();
        loaded.study.models[0].compute.map(|c| (c.flops.get(), c.source))
    };
    let all = "compute_flops = 5\ncompute_per_token_flops = 3\nparams = 2\ntokens = 7";
    assert_eq!(compute(all), Some((5.0, Given)));
    assert_eq!(
        compute("compute_per_token_flops = 3\nparams = 2\ntokens = 7"),
        Some((21.0, PerToken))
    );
    assert_eq!(compute("params = 2\ntokens = 7"), Some((84.0, SixNd)));
    assert_eq!(compute("compute_per_token_flops = 3\nparams = 2"), None);
    assert_eq!(compute("params = 1_000"), None);
}
