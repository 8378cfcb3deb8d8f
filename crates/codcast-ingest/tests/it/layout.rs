//! What a study folder must hold.

use std::path::Path;

use crate::fixture::{CSV, MANIFEST, assert_error, folder};

#[test]
fn a_folder_that_is_not_there() {
    let dir = folder(&[]);
    let gone = dir.path().join("gone");
    assert_error(
        &gone,
        "no_folder",
        "{}: no such folder; expected a study folder with study.toml and samples.parquet",
    );
}

#[test]
fn a_file_instead_of_a_folder() {
    let dir = folder(&[("study.toml", MANIFEST.as_bytes())]);
    assert_error(
        &dir.path().join("study.toml"),
        "not_a_folder",
        "{} is a file; name the study folder that holds study.toml and samples.parquet",
    );
}

#[test]
fn no_manifest() {
    let dir = folder(&[("samples.csv", CSV.as_bytes())]);
    assert_error(
        dir.path(),
        "no_study_toml",
        "{}: no study.toml; expected one that lists the models with their roles and compute",
    );
}

#[test]
fn no_samples() {
    let dir = folder(&[("study.toml", MANIFEST.as_bytes())]);
    assert_error(
        dir.path(),
        "no_samples",
        "{}: no table of samples; expected one of samples.parquet, samples.csv, samples.jsonl (the \
         last two also with .gz or .zst)",
    );
}

#[test]
fn several_samples() {
    let files: [(&str, &[u8]); 3] =
        [("study.toml", MANIFEST.as_bytes()), ("samples.csv", b"x"), ("samples.jsonl.gz", b"x")];
    let dir = folder(&files);
    assert_error(
        dir.path(),
        "several_samples",
        "{}: several tables of samples (samples.csv, samples.jsonl.gz); keep one",
    );
}

#[test]
fn provenance_names_files_sizes_and_hashes() {
    let dir = folder(&[("study.toml", MANIFEST.as_bytes()), ("samples.csv", CSV.as_bytes())]);
    let loaded = codcast_ingest::read_study(dir.path()).unwrap();
    let [manifest, samples] = &loaded.inputs[..] else { panic!("two files") };
    assert_eq!(Path::new(&manifest.path), dir.path().join("study.toml"));
    assert_eq!(samples.bytes, CSV.len() as u64);
    // printf '...' | sha256sum
    assert_eq!(samples.sha256, "03a011b43d15766d305e560eda7a232de78b73478680e8c667015f75b90e7c1f");
    assert_eq!(loaded.rows, 4);
}
