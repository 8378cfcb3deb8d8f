//! One table in every format, encoding and number width reads as the same study.

use std::io::Write;
use std::sync::Arc;

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array, LargeStringArray,
    NullArray, StringViewArray, UInt16Array, UInt64Array,
};
use codcast::evals::{Aggregate, Outcome, Study};
use flate2::write::GzEncoder;

use crate::fixture::{CSV, load, parquet, texts};

const JSONL: &str = r#"{"model":"a","task":"t","sample_id":"s1","n_trials":4,"n_correct":1}
{"model":"a","task":"t","sample_id":"s2","n_trials":4,"n_correct":0,"note":{"x":[1,{}]}}

{"n_correct":3.0,"n_trials":4.0,"score":null,"model":"b","task":"t","sample_id":"s1"}
{"model":"\u0062","task":"t","sample_id":"s2","n_trials":4,"n_correct":2}
"#;

fn study(name: &str, samples: impl AsRef<[u8]>) -> Study {
    let loaded = load(name, samples).unwrap();
    assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
    assert_eq!(loaded.rows, 4);
    loaded.study
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn formats_agree() {
    let csv = study("samples.csv", CSV);
    let task = &csv.tasks[0];
    assert_eq!((&*task.name, task.samples.join(" ")), ("t", "s1 s2".to_owned()));
    let counted = |correct| Outcome::Counted { trials: 4, correct };
    assert_eq!(task.runs[0].outcomes, [counted(1.0), counted(0.0)]);
    assert_eq!(task.runs[1].outcomes, [counted(3.0), counted(2.0)]);

    let bom = format!("\u{feff}{CSV}");
    let windows = CSV.replace('\n', "\r\n");
    let spaced = CSV.replace(",4,", ", 4 ,").replace("a,t", "\"a\",t");
    for text in [&bom, &windows, &spaced] {
        assert_eq!(study("samples.csv", text), csv);
    }
    assert_eq!(study("samples.jsonl", JSONL), csv);
    assert_eq!(study("samples.jsonl", format!("\u{feff}{JSONL}")), csv);
    assert_eq!(study("samples.csv.gz", gzip(CSV)), csv);
    // Several members after each other are one text, as `cat` makes them.
    let (head, tail) = CSV.split_at(30);
    assert_eq!(study("samples.csv.gz", [gzip(head), gzip(tail)].concat()), csv);
    assert_eq!(study("samples.jsonl.gz", gzip(JSONL)), csv);
    assert_eq!(study("samples.csv.zst", zstd::encode_all(CSV.as_bytes(), 1).unwrap()), csv);
    assert_eq!(study("samples.jsonl.zst", zstd::encode_all(JSONL.as_bytes(), 1).unwrap()), csv);
}

#[test]
fn parquet_encodings_and_widths_agree() {
    let expected = study("samples.csv", CSV);
    let models = ["a", "a", "b", "b"];
    let ids = ["s1", "s2", "s1", "s2"];
    let keys: [fn(&[&str]) -> ArrayRef; 5] = [
        texts,
        |v| Arc::new(LargeStringArray::from(v.to_vec())),
        |v| Arc::new(StringViewArray::from(v.to_vec())),
        |v| Arc::new(v.iter().copied().collect::<DictionaryArray<Int8Type>>()),
        |v| Arc::new(v.iter().copied().collect::<DictionaryArray<Int32Type>>()),
    ];
    let counts: [fn([u8; 4]) -> ArrayRef; 7] = [
        |v| Arc::new(Int8Array::from(v.map(u8::cast_signed).to_vec())),
        |v| Arc::new(UInt16Array::from(v.map(u16::from).to_vec())),
        |v| Arc::new(UInt64Array::from(v.map(u64::from).to_vec())),
        |v| Arc::new(Int64Array::from(v.map(i64::from).to_vec())),
        |v| Arc::new(Float32Array::from(v.map(f32::from).to_vec())),
        |v| Arc::new(Float64Array::from(v.map(f64::from).to_vec())),
        |v| {
            arrow_cast::cast(
                &Float32Array::from(v.map(f32::from).to_vec()),
                &arrow_schema::DataType::Float16,
            )
            .unwrap()
        },
    ];
    for key in keys {
        for count in counts {
            let bytes = parquet(vec![
                ("nothing", Arc::new(NullArray::new(4)) as ArrayRef),
                ("n_correct", count([1, 0, 3, 2])),
                ("sample_id", key(&ids)),
                ("n_trials", count([4; 4])),
                ("score", Arc::new(NullArray::new(4))),
                ("task", key(&["t"; 4])),
                ("model", key(&models)),
            ]);
            assert_eq!(study("samples.parquet", bytes), expected);
        }
    }
}

#[test]
fn a_row_without_an_answer_is_missing_not_zero() {
    let csv = "model,task,sample_id,score,task_loss,checkpoint
a,t,s1,0.5,1.25,
a,t,s2,,2.5,
a,t,s3,,,
a,t,*,0.75,3,
b,t,s1,1,,-7
b,t,s1,0,,9
";
    let loaded = load("samples.csv", csv).unwrap();
    assert_eq!((loaded.rows, loaded.missing_rows), (6, 2));
    let [note] = &loaded.notes[..] else { panic!("one note") };
    assert_eq!(
        note.to_string(),
        "2 rows have neither counts nor a score and count as not answered"
    );
    let task = &loaded.study.tasks[0];
    assert_eq!(task.samples.join(" "), "s1 s2 s3");
    let a = &task.runs[0];
    assert_eq!(a.outcomes, [Outcome::Measured(0.5), Outcome::Missing, Outcome::Missing]);
    assert_eq!(a.task_loss, Some(vec![Some(1.25), Some(2.5), None]));
    let aggregate = Aggregate { outcome: Outcome::Measured(0.75), task_loss: Some(3.0) };
    assert_eq!((a.checkpoint, a.aggregate), (None, Some(aggregate)));
    let checkpoints: Vec<_> =
        task.runs[1..].iter().map(|run| (run.checkpoint, run.outcomes[0])).collect();
    assert_eq!(
        checkpoints,
        [(Some(-7), Outcome::Measured(1.0)), (Some(9), Outcome::Measured(0.0))]
    );
}

#[test]
fn what_is_odd_is_noted() {
    let manifest =
        format!("{}[[tasks]]\nname = \"typo\"\nchance = 0.25\n", crate::fixture::MANIFEST);
    let samples = "model,task,sample_id,score\na,t,s,0.5";
    let loaded = crate::fixture::load_with(&manifest, "samples.csv", samples).unwrap();
    let codes: Vec<_> = loaded.notes.iter().map(codcast_ingest::Note::code).collect();
    assert_eq!(codes, ["no_final_newline", "no_rows_for_model", "no_rows_for_task"]);
    // Lines are counted past blank ones and within quotes.
    let samples = "model,task,sample_id,score\n\n\na,t,\"x\ny\",1\n\na,t,\"z\n\n\",7";
    let error = load("samples.csv", samples).unwrap_err().to_string();
    assert!(error.contains("samples.csv, line 7: score is 7"), "{error}");
}
