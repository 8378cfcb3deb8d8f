//! Mutated logs: whatever becomes of a log, reading it ends soon, without a panic, and a study made of it
//! has pass rates from 0 to 1.
//!
//! The fixtures are mutated with their structure in mind (values of other types, fields doubled, removed
//! and exchanged, numbers no float holds, nesting, bare NaN) and without (bits, cuts, pieces of other
//! logs). Deterministic: a failure prints the seed, and the input is kept. A few hundred inputs a format
//! run with the other tests; longer, a format at a time:
//!
//! ```sh
//! CODCAST_FUZZ=lm-eval:600 cargo test --release -p codcast-logs --test it -- --ignored --nocapture mutated
//! ```
//!
//! (a part of the fixture's path, and seconds; `:600` alone: all, 600 seconds each; `CODCAST_FUZZ_SEED`
//! starts elsewhere).

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use codcast::evals::Outcome;
use codcast_logs::{
    Models, Options, Partials, Reading, assemble, manifest_for, partials, partials_of_bytes,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::every_eval_ever::{ROWS, TOTALS};
use super::{bytes, damage};

/// Longer than this is a hang.
const PATIENCE: Duration = Duration::from_secs(5);

/// A log that is mutated.
struct Seed {
    /// Names it in messages and on request.
    name: String,
    /// As what it is read.
    path: &'static str,
    bytes: Vec<u8>,
    beside: Vec<(&'static str, Vec<u8>)>,
}

fn seeds() -> Vec<Seed> {
    let of = |(name, path, bytes, beside): (&str, _, _, _)| Seed {
        name: name.to_owned(),
        path,
        bytes,
        beside,
    };
    let old = "lm-eval/0.4.2/pretrained__demo-org__demo-7b,skill__0.6,seed__0_demo_gsm.jsonl";
    let results = bytes("lm-eval/0.4.2/results.json");
    let eee = vec![("d/u.json", TOTALS.into())];
    let more = [
        ("inspect/chunked.eval", "m/chunked.eval", bytes("inspect/chunked.eval"), vec![]),
        ("inspect/errors.eval", "m/errors.eval", bytes("inspect/errors.eval"), vec![]),
        (old, "m/x_demo_gsm.jsonl", bytes(old), vec![("m/results.json", results)]),
        ("every-eval-ever", "d/u_samples.jsonl", ROWS.into(), eee),
    ];
    damage::named().into_iter().chain(more).map(of).collect()
}

/// Values that take the place of others.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "-0.0",
    "0.5",
    "1.0000001",
    "2",
    "1e308",
    "1e400",
    "-1e400",
    "18446744073709551616",
    "9223372036854775808",
    "4294967296",
    "65536",
    "1e-320",
    "NaN",
    "-Infinity",
    "Infinity",
    "\"\"",
    "\"NaN\"",
    "\"True\"",
    "\"0.5\"",
    "\"C\"",
    "\"P\"",
    "\"pass\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"../../x\"",
    "\"a,b\"",
    "\"<b>\\u001b[31m\"",
    "[]",
    "{}",
    "[[]]",
    "[0.5, 2]",
    "[true]",
    "{\"value\": 3}",
    "{\"mean\": -2}",
    "[1e999]",
    "nan",
    "[NaN]",
    "\"1e999\"",
    "-",
    "\"",
];

/// The pieces of a text that a mutation replaces: texts with their quotes, numbers and words.
fn tokens(text: &[u8]) -> Vec<(usize, usize)> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let start = at;
        match text[at] {
            b'"' => {
                at += 1;
                while at < text.len() && text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(text.len());
            }
            b if b.is_ascii_alphanumeric() || b"-+._".contains(&b) => {
                while at < text.len()
                    && (text[at].is_ascii_alphanumeric() || b"-+._".contains(&text[at]))
                {
                    at += 1;
                }
            }
            _ => {
                at += 1;
                continue;
            }
        }
        tokens.push((start, at));
    }
    tokens
}

/// Where the value that starts here ends: a token, or a bracket with all that is in it.
fn end_of_value(text: &[u8], start: usize) -> usize {
    let (mut depth, mut at, mut in_text) = (0_usize, start, false);
    while at < text.len() {
        match text[at] {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text && depth <= 1 => return at + usize::from(depth == 1),
            b']' | b'}' if !in_text => depth -= 1,
            b',' | b'\n' if !in_text && depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn replace(text: &mut Vec<u8>, (start, end): (usize, usize), by: &[u8]) {
    let end = end.clamp(start, text.len());
    text.splice(start.min(text.len())..end, by.iter().copied());
}

/// One mutation.
fn mutate(rng: &mut Pcg64Mcg, text: &mut Vec<u8>, other: &[u8]) {
    if text.is_empty() {
        return text.extend_from_slice(&other[..other.len().min(1 << 16)]);
    }
    let range = |rng: &mut Pcg64Mcg, n: usize, most: usize| {
        let start = rng.random_range(0..n);
        (start, (start + rng.random_range(1..=most)).min(n))
    };
    let tokens = if text.len() < 1 << 20 { tokens(text) } else { Vec::new() };
    let structured = tokens.len() > 3 && rng.random_bool(0.7);
    if !structured {
        match rng.random_range(0..6) {
            0 | 1 => {
                for _ in 0..rng.random_range(1..=8) {
                    let at = rng.random_range(0..text.len());
                    text[at] ^= 1 << rng.random_range(0..8);
                }
            }
            2 => text.truncate(rng.random_range(0..text.len())),
            3 => {
                let cut = range(rng, text.len(), 200);
                replace(text, cut, b"");
            }
            4 => {
                let piece = range(rng, text.len(), 400);
                let piece = text[piece.0..piece.1].to_vec();
                let at = rng.random_range(0..=text.len());
                replace(text, (at, at), &piece);
            }
            _ => {
                let piece = range(rng, other.len(), 400);
                let at = range(rng, text.len(), 100);
                replace(text, at, &other[piece.0..piece.1]);
            }
        }
        return;
    }
    let token = |rng: &mut Pcg64Mcg| tokens[rng.random_range(0..tokens.len())];
    let key = |rng: &mut Pcg64Mcg| {
        let is_key = |(_, end): &(usize, usize)| {
            text[*end..].iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':')
        };
        let keys: Vec<(usize, usize)> = tokens.iter().copied().filter(is_key).collect();
        (!keys.is_empty()).then(|| keys[rng.random_range(0..keys.len())])
    };
    match rng.random_range(0..8) {
        // A value of another type.
        0..=2 => {
            let by = VALUES[rng.random_range(0..VALUES.len())].as_bytes();
            replace(text, token(rng), by);
        }
        // A value of another place.
        3 => {
            let (start, end) = token(rng);
            let by = text[start..end.min(text.len())].to_vec();
            replace(text, token(rng), &by);
        }
        // A field removed, doubled, or with a value of another type.
        4..=6 => {
            let Some((start, end)) = key(rng) else { return };
            let of_value = end_of_value(text, (end + 1).min(text.len()));
            match rng.random_range(0..3) {
                0 => replace(text, (start, (of_value + 1).min(text.len())), b""),
                1 => {
                    let mut field = text[start..of_value].to_vec();
                    field.push(b',');
                    replace(text, (start, start), &field);
                }
                _ => {
                    let by = format!(": {}", VALUES[rng.random_range(0..VALUES.len())]);
                    replace(text, (end, of_value), by.as_bytes());
                }
            }
        }
        // Nesting.
        _ => {
            let (start, end) = token(rng);
            let depth = [1, 3, 99, 101, 5_000][rng.random_range(0..5)];
            let (open, close) = if rng.random_bool(0.5) { ("[", "]") } else { ("{\"a\":", "}") };
            let inner = String::from_utf8_lossy(&text[start..end.min(text.len())]).into_owned();
            let by = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            replace(text, (start, end), by.as_bytes());
        }
    }
}

/// A mutated zip archive whose members are mutated, so that the damage is not just to its checksums.
fn mutate_members(rng: &mut Pcg64Mcg, zip: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).ok()?;
    let chosen = rng.random_range(0..archive.len());
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).ok()?;
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).ok()?;
        if index == chosen {
            for _ in 0..rng.random_range(1..=4) {
                mutate(rng, &mut bytes, other);
            }
        }
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        writer.start_file(name, stored).ok()?;
        writer.write_all(&bytes).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn mutated(rng: &mut Pcg64Mcg, seed: &[u8], other: &[u8]) -> Vec<u8> {
    if seed.starts_with(b"PK") && rng.random_bool(0.8) {
        return mutate_members(rng, seed, other).unwrap_or_default();
    }
    let mut bytes = seed.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        mutate(rng, &mut bytes, other);
    }
    bytes
}

/// Makes a study of what was read, and says what is wrong with it.
fn wrong(read: &Partials) -> Option<String> {
    if read.runs() == 0 {
        return None;
    }
    let manifest = manifest_for(read, "fuzz");
    let models = match Models::parse(&manifest, "models.toml") {
        Ok(models) => models,
        Err(error) => return Some(format!("our own manifest: {error}\n{manifest}")),
    };
    for verify in [true, false] {
        let made = match assemble(read, &models, &Options { verify, ..Options::default() }) {
            Ok(made) => made,
            Err(error) => return Some(format!("no study: {error}")),
        };
        for task in &made.study.tasks {
            for outcome in task.runs.iter().flat_map(|run| &run.outcomes) {
                let fine = match outcome {
                    Outcome::Counted { trials, correct } => {
                        *trials > 0 && (0.0..=f64::from(*trials)).contains(correct)
                    }
                    Outcome::Measured(score) => (0.0..=1.0).contains(score),
                    Outcome::Missing => true,
                };
                if !fine {
                    return Some(format!("task {:?}: {outcome:?}", task.name));
                }
            }
        }
    }
    None
}

/// Reads a log, through a file where it may be packed, and says what went wrong.
fn try_one(
    seed: &Seed,
    beside: &[(&str, &[u8])],
    bytes: &[u8],
    packed: Option<&std::path::Path>,
) -> Option<String> {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let read = match packed {
            Some(path) => {
                std::fs::write(path, bytes).ok()?;
                partials(&[path.to_owned()], &Reading::default()).ok()?
            }
            None => partials_of_bytes(seed.path, bytes, beside, &Reading::default()).ok()?,
        };
        wrong(&read)
    }));
    let took = start.elapsed();
    match outcome {
        Err(_) => Some("a panic".to_owned()),
        Ok(Some(wrong)) => Some(wrong),
        Ok(None) if took > PATIENCE => Some(format!("took {took:?}")),
        Ok(None) => None,
    }
}

/// Mutates one log until `go_on` says no; how many inputs there were, or what went wrong.
fn fuzz(
    seed: &Seed,
    others: &[Seed],
    first: u64,
    go_on: impl Fn(u64) -> bool,
) -> Result<u64, String> {
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("log");
    let mut n = 0;
    while go_on(n) {
        let number = first + n;
        n += 1;
        let mut rng = Pcg64Mcg::seed_from_u64(number);
        let other = &others[rng.random_range(0..others.len())].bytes;
        let mut bytes = seed.bytes.clone();
        let mut beside = seed.beside.clone();
        // Mostly the log; sometimes what is beside it.
        if !beside.is_empty() && rng.random_bool(0.25) {
            let which = rng.random_range(0..beside.len());
            beside[which].1 = mutated(&mut rng, &beside[which].1, other);
        } else {
            bytes = mutated(&mut rng, &seed.bytes, other);
        }
        let beside: Vec<(&str, &[u8])> = beside.iter().map(|(p, b)| (*p, b.as_slice())).collect();
        // Files are told, unpacked and walked on another way than bytes in memory.
        let as_file = (seed.beside.is_empty() && rng.random_bool(0.1)).then_some(packed.as_path());
        if let Some(wrong) = try_one(seed, &beside, &bytes, as_file) {
            let kept = std::env::temp_dir().join(format!("codcast-fuzz-{number}"));
            let _ = std::fs::write(&kept, &bytes);
            return Err(format!(
                "{} with seed {number}: {wrong}\n(input: {})",
                seed.name,
                kept.display()
            ));
        }
    }
    Ok(n)
}

#[test]
fn mutated_logs_end_in_studies_or_errors() {
    let seeds = seeds();
    for seed in &seeds {
        fuzz(seed, &seeds, 1, |n| n < 60).unwrap();
    }
}

#[test]
#[ignore = "as long as CODCAST_FUZZ says"]
fn mutated_for_a_time() {
    let asked = std::env::var("CODCAST_FUZZ").unwrap_or_else(|_| ":10".to_owned());
    let (part, seconds) = asked.rsplit_once(':').expect("CODCAST_FUZZ is PART:SECONDS");
    let time = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    let first =
        std::env::var("CODCAST_FUZZ_SEED").map_or(1_000_000, |n| n.parse().expect("a number"));
    let seeds = seeds();
    let mut failed = Vec::new();
    for seed in seeds.iter().filter(|seed| seed.name.contains(part)) {
        let start = Instant::now();
        let outcome = fuzz(seed, &seeds, first, |_| start.elapsed() < time);
        match &outcome {
            Ok(n) => {
                println!("{}: {n} inputs in {:.0} s", seed.name, start.elapsed().as_secs_f64())
            }
            Err(wrong) => println!("FAILED {wrong}"),
        }
        failed.extend(outcome.err());
    }
    assert_eq!(failed, [""; 0]);
}
