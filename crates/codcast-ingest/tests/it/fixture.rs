//! Study folders made for one test.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use codcast_ingest::{Error, Loaded, read_study};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

/// Two rungs and a target, one task.
pub(crate) const MANIFEST: &str = r#"name = "tiny"
[[models]]
name = "a"
role = "ladder"
compute_flops = 1e18
[[models]]
name = "b"
role = "ladder"
compute_flops = 1e19
[[models]]
name = "c"
role = "target"
compute_flops = 1e20
"#;

pub(crate) const CSV: &str = "model,task,sample_id,n_trials,n_correct
a,t,s1,4,1
a,t,s2,4,0
b,t,s1,4,3
b,t,s2,4,2
";

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, content) in files {
        File::create(dir.path().join(name)).unwrap().write_all(content).unwrap();
    }
    dir
}

/// Reads [`MANIFEST`] with a table of samples.
pub(crate) fn load(name: &str, samples: impl AsRef<[u8]>) -> Result<Loaded, Error> {
    load_with(MANIFEST, name, samples)
}

pub(crate) fn load_with(
    manifest: &str,
    name: &str,
    samples: impl AsRef<[u8]>,
) -> Result<Loaded, Error> {
    let dir = folder(&[("study.toml", manifest.as_bytes()), (name, samples.as_ref())]);
    read_study(dir.path())
}

/// Asserts an error's code and whole message, in which `{}` stands for the folder's path.
#[track_caller]
pub(crate) fn assert_error(dir: &Path, code: &str, message: &str) {
    let error = read_study(dir).expect_err("expected an error");
    let shown = error.to_string().replace(&dir.display().to_string(), "{}");
    assert_eq!(shown, message);
    assert_eq!(error.code(), code);
}

/// As [`assert_error`], of [`MANIFEST`] with a table of samples.
#[track_caller]
pub(crate) fn assert_table_error(name: &str, samples: impl AsRef<[u8]>, code: &str, message: &str) {
    let dir = folder(&[("study.toml", MANIFEST.as_bytes()), (name, samples.as_ref())]);
    assert_error(dir.path(), code, message);
}

/// A Parquet file of these columns.
pub(crate) fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

pub(crate) fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// model, task and `sample_id` of two rows, then other columns.
pub(crate) fn two_rows(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let keys = [
        ("model", texts(&["a", "b"])),
        ("task", texts(&["t", "t"])),
        ("sample_id", texts(&["s", "s"])),
    ];
    parquet(keys.into_iter().chain(columns).collect())
}

/// Where third-party data are, or `None`, said aloud. `CODCAST_REQUIRE_SHARED` makes absence fail.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let root = std::env::var_os("CODCAST_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let data = root.join("data");
    if data.is_dir() {
        return Some(data);
    }
    assert!(std::env::var_os("CODCAST_REQUIRE_SHARED").is_none(), "{} is absent", data.display());
    #[allow(clippy::print_stdout)]
    {
        println!("skipped: {} is absent", data.display());
    }
    None
}
