//! Truncated and bit-flipped tables end in an error or in a study, never in a panic.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use codcast_ingest::write_study;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::fixture::{CSV, load};

/// The tiny study in every format: (name, bytes, whether the format has a checksum or an end mark,
/// so that a truncated file cannot pass for a whole one).
fn tables() -> Vec<(&'static str, Vec<u8>, bool)> {
    let dir = TempDir::new().unwrap();
    let loaded = load("samples.csv", CSV).unwrap();
    write_study(dir.path(), &loaded.study, &loaded.about).unwrap();
    let parquet = std::fs::read(dir.path().join("samples.parquet")).unwrap();
    let mut jsonl = Vec::new();
    for line in CSV.lines().skip(1) {
        let [model, task, sample, n, k] = line.split(',').collect::<Vec<_>>()[..] else { panic!() };
        writeln!(
            jsonl,
            r#"{{"model":"{model}","task":"{task}","sample_id":"{sample}","n_trials":{n},"n_correct":{k}}}"#
        )
        .unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CSV.as_bytes()).unwrap();
    let zstd = zstd::encode_all(&jsonl[..], 1).unwrap();
    vec![
        ("samples.parquet", parquet, true),
        ("samples.csv", CSV.into(), false),
        ("samples.jsonl", jsonl, false),
        ("samples.csv.gz", gzip.finish().unwrap(), true),
        ("samples.jsonl.zst", zstd, true),
    ]
}

/// Reads it and says what panicked, if anything did.
fn panic_of(name: &str, bytes: &[u8]) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(load(name, bytes)))).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).or(Some(String::new()))
}

#[test]
fn truncation_is_noticed_where_the_format_can_tell() {
    for (name, bytes, checked) in tables() {
        let step = (bytes.len() / 300).max(1);
        for length in (0..bytes.len()).step_by(step) {
            let result = load(name, &bytes[..length]);
            assert!(!checked || result.is_err(), "{name} cut to {length} of {} bytes", bytes.len());
        }
    }
}

/// Flipped bits of a Parquet file's end, which says where columns lie: beyond the file is an error before
/// anything is read there.
#[test]
fn columns_outside_the_file_are_errors() {
    let (name, bytes, _) = tables().swap_remove(0);
    let end = bytes.len() * 8;
    let mut outside = 0;
    for bit in end - 2_500..end {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Err(error) = load(name, flipped) {
            let said = error.to_string();
            // Found by the decoder itself, as a panic.
            assert!(!said.contains("should not be negative"), "{said}");
            outside += usize::from(said.contains("lies outside the file"));
        }
    }
    assert!(outside > 0, "no flipped bit moved a column out of the file");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits_never_panic(
        table in 0_usize..5,
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let (name, mut bytes, _) = tables().swap_remove(table);
        for (place, bit) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        prop_assert_eq!(panic_of(name, &bytes), None, "{} of {:?}", name, bytes);
    }
}
