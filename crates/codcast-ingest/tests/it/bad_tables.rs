//! Every fault of a table of samples is named with its line or row, field, what was expected, and
//! what to do.

use std::sync::Arc;

use arrow_array::{
    BinaryArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringArray, UInt64Array,
};

use crate::fixture::{CSV, assert_table_error, parquet, texts, two_rows};

const HEAD: &str = "model,task,sample_id,n_trials,n_correct,score,task_loss,checkpoint\n";

/// One fault in the third line of a CSV file and in the second of a JSONL file, with one message.
#[track_caller]
fn value(cells: &str, object: &str, message: &str) {
    let csv = format!("{HEAD}a,t,s0,,,0.5,,\n{cells}\n");
    let code = if message.contains("is not in study.toml") { "unknown_model" } else { "bad_value" };
    // Python's csv module and spreadsheets end lines with CR and LF.
    for csv in [csv.replace('\n', "\r\n"), csv] {
        let expected = format!("{{}}/samples.csv, line 3: {message}");
        assert_table_error("samples.csv", csv, code, &expected);
    }
    let jsonl = format!(
        "{{\"model\":\"a\",\"task\":\"t\",\"sample_id\":\"s0\",\"score\":0.5}}\n{object}\n"
    );
    assert_table_error(
        "samples.jsonl",
        jsonl,
        code,
        &format!("{{}}/samples.jsonl, line 2: {message}"),
    );
}

fn object(rest: &str) -> String {
    format!("{{\"model\":\"a\",\"task\":\"t\",\"sample_id\":\"s\",{rest}}}")
}

#[test]
fn scores_outside_zero_and_one() {
    let (percent, other) =
        ("it looks like percent; divide the scores by 100", "bring the scores to this scale");
    for (number, shown, advice) in [
        ("1.3", "1.3", percent),
        ("-0.1", "-0.1", other),
        ("73", "73", percent),
        ("730", "730", other),
    ] {
        let message = format!("score is {shown}; expected a number from 0 to 1: {advice}");
        value(&format!("a,t,s,,,{number},,"), &object(&format!("\"score\":{number}")), &message);
    }
}

#[test]
fn counts_that_do_not_fit() {
    value(
        "a,t,s,4,5,,,",
        &object("\"n_trials\":4,\"n_correct\":5"),
        "n_correct is 5 of 4 trials; expected a number from 0 to n_trials: check which column counts \
         the generations",
    );
    let missing = "leave it empty, or leave out the row, where there was no answer";
    value(
        "a,t,s,4,-1,,,",
        &object("\"n_trials\":4,\"n_correct\":-1"),
        &format!("n_correct is -1; expected a finite number from 0 to n_trials: {missing}"),
    );
    for trials in ["0", "-3", "2.5", "4294967296"] {
        value(
            &format!("a,t,s,{trials},0,,,"),
            &object(&format!("\"n_trials\":{trials},\"n_correct\":0")),
            &format!(
                "n_trials is {trials}; expected a whole number from 1 to 4294967295: {missing}"
            ),
        );
    }
}

#[test]
fn counts_without_their_other_half() {
    value(
        "a,t,s,4,,,,",
        &object("\"n_trials\":4"),
        "n_correct is missing; expected both n_trials and n_correct, or score alone: say how many \
         generations were right",
    );
    value(
        "a,t,s,,4,,,",
        &object("\"n_correct\":4"),
        "n_trials is missing; expected both n_trials and n_correct, or score alone: say how many \
         generations were scored",
    );
    value(
        "a,t,s,4,1,0.25,,",
        &object("\"n_trials\":4,\"n_correct\":1,\"score\":0.25"),
        "score is 0.25; expected either n_trials and n_correct, or score, not both: drop score and \
         keep the counts",
    );
}

#[test]
fn losses_and_checkpoints() {
    value(
        "a,t,s,,,0.5,-1.5,",
        &object("\"score\":0.5,\"task_loss\":-1.5"),
        "task_loss is -1.5; expected a finite number, zero or more: leave it empty where it is not \
         known",
    );
    value(
        "a,t,s,,,0.5,,1.5",
        &object("\"score\":0.5,\"checkpoint\":1.5"),
        "checkpoint is 1.5; expected an integer: use training steps or token counts",
    );
}

#[test]
fn keys_that_are_missing() {
    let every = "every row needs its model, task and sample_id";
    value(
        ",t,s,,,0.5,,",
        "{\"task\":\"t\",\"sample_id\":\"s\",\"score\":0.5}",
        &format!("model is missing; expected a text: {every}"),
    );
    value(
        "a,,s,,,0.5,,",
        "{\"model\":\"a\",\"task\":\"\",\"sample_id\":\"s\",\"score\":0.5}",
        &format!("task is missing; expected a text: {every}"),
    );
    value(
        "a,t,,,,0.5,,",
        "{\"model\":\"a\",\"task\":\"t\",\"sample_id\":null,\"score\":0.5}",
        &format!("sample_id is missing; expected a text: {every}"),
    );
}

#[test]
fn ids_are_bounded() {
    let id = "i".repeat(1001);
    let message = format!(
        "sample_id is 1001 bytes long: \"{}\"…; expected at most 1,000 bytes: every row needs its \
         model, task and sample_id",
        "i".repeat(120)
    );
    let object = format!("{{\"model\":\"a\",\"task\":\"t\",\"sample_id\":\"{id}\",\"score\":0.5}}");
    value(&format!("a,t,{id},,,0.5,,"), &object, &message);
}

#[test]
fn models_that_are_not_listed() {
    let add = "add a [[models]] entry with its name and role (role = \"ignore\" leaves it out), or \
               remove its rows";
    let object = |model: &str| {
        format!("{{\"model\":\"{model}\",\"task\":\"t\",\"sample_id\":\"s\",\"score\":0.5}}")
    };
    value(
        "B,t,s,,,0.5,,",
        &object("B"),
        &format!("model \"B\" is not in study.toml (did you mean \"a\"?); {add}"),
    );
    value("gpt,t,s,,,0.5,,", &object("gpt"), &format!("model \"gpt\" is not in study.toml; {add}"));
    value(
        "x\u{1b}[2Jx,t,s,,,0.5,,",
        &object("x\\u001b[2Jx"),
        &format!("model \"x\\u{{1b}}[2Jx\" is not in study.toml; {add}"),
    );
}

#[test]
fn text_where_a_number_belongs() {
    let at = "{}/samples.csv, line 3";
    let csv = |cells: &str| format!("{HEAD}a,t,s0,,,0.5,,\n{cells}\n");
    assert_table_error(
        "samples.csv",
        csv("a,t,s,,,n/a,,"),
        "bad_value",
        &format!(
            "{at}: score is \"n/a\"; expected a number: leave the cell empty where there is none"
        ),
    );
    assert_table_error(
        "samples.csv",
        csv("a,t,s,,,nan,,"),
        "bad_value",
        &format!(
            "{at}: score is NaN; expected a number from 0 to 1: leave it empty, or leave out the row, where there was no answer"
        ),
    );
    assert_table_error(
        "samples.csv",
        csv("a,t,s,2,inf,,,"),
        "bad_value",
        &format!(
            "{at}: n_correct is inf; expected a finite number from 0 to n_trials: leave it empty, or leave out the row, where there was no answer"
        ),
    );
    let at = "{}/samples.jsonl, line 1";
    let advice = "expected a number or null: write numbers without quotes";
    assert_table_error(
        "samples.jsonl",
        object("\"score\":\"0.5\""),
        "bad_value",
        &format!("{at}: score is the text \"0.5\"; {advice}"),
    );
    assert_table_error(
        "samples.jsonl",
        object("\"score\":true"),
        "bad_value",
        &format!("{at}: score is true; {advice}"),
    );
    assert_table_error(
        "samples.jsonl",
        object("\"score\":[0.5]"),
        "bad_value",
        &format!("{at}: score is an array; {advice}"),
    );
    assert_table_error(
        "samples.jsonl",
        "{\"model\":\"a\",\"task\":\"t\",\"sample_id\":3,\"score\":1}",
        "bad_value",
        &format!("{at}: sample_id is the number 3; expected a text: write names and ids in quotes"),
    );
}

#[test]
fn json_that_is_none() {
    let at = "{}/samples.jsonl, line 1";
    let advice = "write null, or leave out the row, where there was no answer";
    assert_table_error(
        "samples.jsonl",
        object("\"score\": NaN"),
        "syntax",
        &format!("{at}: NaN is not a score; {advice}"),
    );
    assert_table_error(
        "samples.jsonl",
        object("\"score\":-Infinity"),
        "syntax",
        &format!("{at}: -Infinity is not a score; {advice}"),
    );
    assert_table_error(
        "samples.jsonl",
        "{\"model\":\"a\",\"tas",
        "syntax",
        &format!(
            "{at}: not a JSON object: EOF while parsing a string at line 1 column 17; write one object a line; if the line is cut, copy the file again"
        ),
    );
    assert_table_error(
        "samples.jsonl",
        "[1]",
        "syntax",
        &format!("{at}: not a JSON object: \"[1]\"; write one object a line"),
    );
}

#[test]
fn rows_that_do_not_end() {
    let long = format!("model,task,sample_id,score\na,t,s,0.5\na,t,\"{}", "x,\n".repeat(500_000));
    assert_table_error(
        "samples.csv",
        long,
        "syntax",
        "{}/samples.csv, line 3: a row is longer than 1 MiB; close the quotes, or keep only the columns that are needed",
    );
    let long = format!(
        "{}\n{}",
        object("\"score\":1"),
        object(&format!("\"x\":\"{}\",\"score\":1", "x".repeat(1 << 21)))
    );
    assert_table_error(
        "samples.jsonl",
        long,
        "syntax",
        "{}/samples.jsonl, line 2: a row is longer than 1 MiB; write one object a line, with the needed keys only",
    );
}

#[test]
fn csv_rows_of_another_length() {
    assert_table_error(
        "samples.csv",
        format!("{CSV}b,t,s3,4"),
        "syntax",
        "{}/samples.csv, line 6: 4 cells where the header has 5; quote cells that contain commas; if \
         the row is cut, copy the file again",
    );
}

#[test]
fn csv_that_is_not_utf8() {
    assert_table_error(
        "samples.csv",
        b"model,task,sample_id,score\na,t,caf\xe9,0.5\n",
        "bad_value",
        "{}/samples.csv, line 2: sample_id is \"caf\u{fffd}\"; expected text in UTF-8: save the file \
         in UTF-8",
    );
}

#[test]
fn columns_that_are_missing_or_double() {
    let expected = "expected the columns model, task, sample_id, and either n_trials and n_correct, or \
                    score";
    for (header, column) in [
        ("task,sample_id,score", "model"),
        ("model,sample_id,score", "task"),
        ("model,task,id,score", "sample_id"),
        ("model,task,sample_id,accuracy", "score"),
        ("model,task,sample_id,n_trials", "n_correct"),
        ("model,task,sample_id,n_correct,score", "n_trials"),
    ] {
        let found = header.replace(',', ", ");
        assert_table_error(
            "samples.csv",
            format!("{header}\n"),
            "missing_column",
            &format!("{{}}/samples.csv: no column \"{column}\"; {expected}; there is: {found}"),
        );
        let columns = header.split(',').map(|name| (name, texts(&["a"]))).map(|(name, column)| {
            let number = name.starts_with("n_") || name == "score";
            (name, if number { Arc::new(Float64Array::from(vec![0.5])) as _ } else { column })
        });
        assert_table_error(
            "samples.parquet",
            parquet(columns.collect()),
            "missing_column",
            &format!("{{}}/samples.parquet: no column \"{column}\"; {expected}; there is: {found}"),
        );
    }
    assert_table_error(
        "samples.csv",
        "model,task,sample_id,score,score\n",
        "duplicate_column",
        "{}/samples.csv: column \"score\" is there twice; keep one",
    );
    let score = || Arc::new(Float64Array::from(vec![0.5, 0.5])) as _;
    assert_table_error(
        "samples.parquet",
        two_rows(vec![("score", score()), ("score", score())]),
        "duplicate_column",
        "{}/samples.parquet: column \"score\" is there twice; keep one",
    );
}

#[test]
fn columns_of_a_wrong_type() {
    let number = "expected an integer or floating-point type: convert it";
    let wrong: [(arrow_array::ArrayRef, &str); 4] = [
        (texts(&["0.5", "0.5"]), "Utf8"),
        (Arc::new(BooleanArray::from(vec![true, false])), "Boolean"),
        (
            Arc::new(Decimal128Array::from(vec![1, 0]).with_precision_and_scale(10, 1).unwrap()),
            "Decimal128(10, 1)",
        ),
        (Arc::new(BinaryArray::from(vec![&b"1"[..], b"0"])), "Binary"),
    ];
    for (column, kind) in wrong {
        assert_table_error(
            "samples.parquet",
            two_rows(vec![("score", column)]),
            "column_type",
            &format!("{{}}/samples.parquet: column \"score\" has type {kind}; {number}"),
        );
    }
    let ids = Arc::new(Int64Array::from(vec![1, 2]));
    let bytes = parquet(vec![
        ("model", texts(&["a", "a"])),
        ("task", texts(&["t", "t"])),
        ("sample_id", ids),
        ("score", Arc::new(Float64Array::from(vec![0.5, 0.5]))),
    ]);
    assert_table_error(
        "samples.parquet",
        bytes,
        "column_type",
        "{}/samples.parquet: column \"sample_id\" has type Int64; expected text: convert it",
    );
}

#[test]
fn values_of_parquet_rows() {
    let at = "{}/samples.parquet, row 2";
    let score =
        |bad: f64| two_rows(vec![("score", Arc::new(Float64Array::from(vec![0.5, bad])) as _)]);
    assert_table_error(
        "samples.parquet",
        score(1.3),
        "bad_value",
        &format!(
            "{at}: score is 1.3; expected a number from 0 to 1: it looks like percent; divide the scores by 100"
        ),
    );
    assert_table_error(
        "samples.parquet",
        score(f64::NAN),
        "bad_value",
        &format!(
            "{at}: score is NaN; expected a number from 0 to 1: leave it empty, or leave out the row, where there was no answer"
        ),
    );
    let counts = two_rows(vec![
        ("n_trials", Arc::new(UInt64Array::from(vec![4, u64::MAX])) as _),
        ("n_correct", Arc::new(Int64Array::from(vec![1, 1])) as _),
    ]);
    assert_table_error(
        "samples.parquet",
        counts,
        "bad_value",
        &format!(
            "{at}: n_trials is 1.8446744073709552e19; expected a whole number from 1 to 4294967295: leave it empty, or leave out the row, where there was no answer"
        ),
    );
    let model = parquet(vec![
        ("model", Arc::new(StringArray::from(vec![Some("a"), None]))),
        ("task", texts(&["t", "t"])),
        ("sample_id", texts(&["1", "2"])),
        ("score", Arc::new(Float64Array::from(vec![0.5, 0.5]))),
    ]);
    assert_table_error(
        "samples.parquet",
        model,
        "bad_value",
        &format!(
            "{at}: model is missing; expected a text: every row needs its model, task and sample_id"
        ),
    );
    let stranger = parquet(vec![
        ("model", texts(&["a", "stranger"])),
        ("task", texts(&["t", "t"])),
        ("sample_id", texts(&["1", "2"])),
        ("score", Arc::new(Float64Array::from(vec![0.5, 0.5]))),
    ]);
    assert_table_error(
        "samples.parquet",
        stranger,
        "unknown_model",
        &format!(
            "{at}: model \"stranger\" is not in study.toml; add a [[models]] entry with its name and role (role = \"ignore\" leaves it out), or remove its rows"
        ),
    );
}

#[test]
fn rows_of_one_key() {
    let keep = "keep one row, or add up n_trials and n_correct if they are repeats";
    assert_table_error(
        "samples.csv",
        format!("{CSV}\na,t,s2,1,1\n"),
        "duplicate_row",
        &format!(
            "{{}}/samples.csv, line 7: the same model, checkpoint, task and sample as line 3 (model \"a\", task \"t\", sample \"s2\"); {keep}"
        ),
    );
    // The pair that ends first is named, whatever its task.
    let rows = "model,task,sample_id,checkpoint,score\na,u,1,7,1\na,t,*,8,0\na,t,*,7,0\na,u,1,7,1\na,t,*,8,0\n";
    assert_table_error(
        "samples.csv",
        rows,
        "duplicate_row",
        &format!(
            "{{}}/samples.csv, line 5: the same model, checkpoint, task and sample as line 2 (model \"a\", checkpoint 7, task \"u\", sample \"1\"); {keep}"
        ),
    );
    let keys = || texts(&["a", "a"]);
    let bytes = parquet(vec![
        ("model", keys()),
        ("task", keys()),
        ("sample_id", keys()),
        ("score", Arc::new(Float64Array::from(vec![0.5, 0.5]))),
    ]);
    assert_table_error(
        "samples.parquet",
        bytes,
        "duplicate_row",
        &format!(
            "{{}}/samples.parquet, row 2: the same model, checkpoint, task and sample as row 1 (model \"a\", task \"a\", sample \"a\"); {keep}"
        ),
    );
}

#[test]
fn tables_without_content() {
    for name in ["samples.parquet", "samples.csv", "samples.jsonl.gz"] {
        assert_table_error(
            name,
            "",
            "empty_file",
            &format!("{{}}/{name} is empty; expected a table of samples"),
        );
    }
    let header = "model,task,sample_id,score\n";
    assert_table_error(
        "samples.csv",
        header,
        "empty_file",
        "{}/samples.csv is empty; expected at least one row",
    );
    assert_table_error(
        "samples.jsonl",
        "\n\n",
        "empty_file",
        "{}/samples.jsonl is empty; expected at least one row",
    );
    assert_table_error(
        "samples.csv",
        format!("{header}a,t,1,\nb,t,1,\n"),
        "no_answers",
        "{}/samples.csv: none of the 2 rows has n_trials and n_correct, or score; expected the columns model, task, sample_id, and either n_trials and n_correct, or score",
    );
}

#[test]
fn damaged_files() {
    let whole = two_rows(vec![("score", Arc::new(Float64Array::from(vec![0.5, 0.5])) as _)]);
    assert_table_error(
        "samples.parquet",
        &whole[..whole.len() - 9],
        "damaged_file",
        "{}/samples.parquet is damaged or not a Parquet file (Parquet error: Invalid Parquet file. Corrupt footer); copy it again or write it anew",
    );
    assert_table_error(
        "samples.parquet",
        CSV,
        "damaged_file",
        "{}/samples.parquet is damaged or not a Parquet file (Parquet error: Invalid Parquet file. Corrupt footer); copy it again or write it anew",
    );
    assert_table_error(
        "samples.csv.gz",
        CSV,
        "damaged_file",
        "{}/samples.csv.gz is damaged or not gzip data (invalid gzip header); copy it again or write it anew",
    );
    assert_table_error(
        "samples.jsonl.zst",
        CSV,
        "damaged_file",
        "{}/samples.jsonl.zst is damaged or not Zstandard data (Unknown frame descriptor); copy it again or write it anew",
    );
}
