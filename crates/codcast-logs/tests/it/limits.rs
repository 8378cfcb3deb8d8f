//! Logs made to exhaust: endless lines, deep nesting, archives that grow, names that climb. Each ends in
//! an error that says what is wrong, with bounded memory.

use std::io::{Read, Write};
use std::path::Path;

use codcast_logs::{Partials, Reading, partials, partials_of_bytes};

use crate::importers::{bytes, problems};

/// Writes a file that begins and ends so, with `n` bytes of filling in between.
fn filled(path: &Path, begin: &str, filling: u8, n: u64, end: &str) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    out.write_all(begin.as_bytes()).unwrap();
    std::io::copy(&mut std::io::repeat(filling).take(n), &mut out).unwrap();
    out.write_all(end.as_bytes()).unwrap();
}

fn read(path: &Path) -> Partials {
    partials(&[path.to_owned()], &Reading::default()).unwrap()
}

fn refused(path: &Path) -> String {
    let read = read(path);
    assert_eq!((read.files.len(), read.problems.len(), read.runs()), (1, 1, 0), "{:?}", read.files);
    problems(&read).remove(0)
}

/// The most memory that this process held, in bytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

const ROW: &str = r#"{"doc_id": 0, "doc": {"q": ""#;
const REST: &str = "\"}, \"resps\": [[\"a\"]], \"filtered_resps\": [\"a\"], \"filter\": \"none\", \"metrics\": [\"acc\"], \"acc\": 1.0}\n";

#[test]
fn a_first_line_that_is_too_long_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("samples_t_D.jsonl");
    // What format it is stands behind the long text.
    filled(&path, ROW, b'x', 70 << 20, REST);
    let said = refused(&path);
    assert!(
        said.ends_with("line 1: a line is over the limit of 64 MB; not read any further"),
        "{said}"
    );
    // It stands before it: the format's reader says so, and the next line is read.
    let early = r#"{"doc_id": 0, "resps": [["a"]], "filtered_resps": ["a"], "doc": {"q": ""#;
    let next = format!("{REST}{ROW}{REST}");
    filled(&path, early, b'x', 70 << 20, &next);
    let read = read(&path);
    let said = problems(&read);
    assert!(said[0].contains("line 1: a line is over the limit of 64 MB"), "{said:?}");
    // Prompts of a few megabytes are none of this.
    filled(&path, ROW, b'x', 20 << 20, REST);
    let read = self::read(&path);
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(read.runs(), 1);
    // One record in the middle of a document of many lines.
    filled(&path, "{\n \"eval\":\n {\"a\": \"", b'x', 80 << 20, "\"}}");
    assert!(refused(&path).contains("line 3: a line is over the limit of 64 MB"));
}

#[test]
fn a_first_record_that_is_too_deep_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("samples_t_D.jsonl");
    filled(&path, r#"{"doc_id": 0, "doc": "#, b'[', 100_000, "");
    let said = refused(&path);
    assert!(
        said.ends_with("line 1: nesting is over the limit of 100 levels; not read any further"),
        "{said}"
    );
    let text = format!("{{\"doc_id\": 0, \"doc\": {}", "{\"a\":".repeat(100_000));
    let error = partials_of_bytes("samples_t_D.jsonl", text.as_bytes(), &[], &Reading::default());
    assert!(error.unwrap_err().to_string().contains("line 1: nesting is over the limit"));
}

/// Alone: `cargo test -p codcast-logs --test it -- --ignored gigabyte`, since the peak is that of the process.
#[test]
#[ignore = "writes a gigabyte"]
fn a_line_of_a_gigabyte_takes_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("samples_t_D.jsonl");
    for begin in [ROW, r#"{"doc_id": 0, "resps": [["a"]], "filtered_resps": ["a"], "doc": {"q": ""#]
    {
        filled(&path, begin, b'x', 1 << 30, REST);
        assert!(refused(&path).contains("line 1: a line is over the limit of 64 MB"));
    }
    let peak = peak().unwrap();
    assert!(peak < 400 << 20, "{} MB", peak >> 20);
}

/// 300 MB of spaces in a JSON text.
fn bomb(out: &mut impl Write) {
    let begin = b"{\"doc_id\": 0, \"resps\": [[\"a\"]], \"filtered_resps\": [\"a\"],\n";
    out.write_all(begin).unwrap();
    let line = [b" ".repeat((1 << 20) - 1), vec![b'\n']].concat();
    for _ in 0..300 {
        out.write_all(&line).unwrap();
    }
}

#[test]
fn what_grows_a_thousand_times_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("samples_t_D.jsonl.zst");
    let mut packed = zstd::Encoder::new(std::fs::File::create(&path).unwrap(), 1).unwrap();
    bomb(&mut packed);
    packed.finish().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 100_000);
    let said = problems(&read(&path));
    assert!(said.iter().any(|said| said.contains("grows more than 1,000 times")), "{said:?}");
    let path = folder.path().join("bomb.zip");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let zstd = zip::CompressionMethod::Zstd;
    let zstd = zip::write::SimpleFileOptions::default().compression_method(zstd);
    writer.start_file("samples_t_D.jsonl", zstd).unwrap();
    bomb(&mut writer);
    writer.finish().unwrap();
    let said = problems(&read(&path));
    assert!(said.iter().any(|said| said.contains("grows more than 1,000 times")), "{said:?}");
}

#[test]
fn archives_in_archives_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.gz");
    let mut inner = b"{\"doc_id\": 0}".to_vec();
    for _ in 0..10 {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&inner).unwrap();
        inner = packed.finish().unwrap();
    }
    std::fs::write(&path, inner).unwrap();
    assert!(refused(&path).contains("archives within archives is over the limit of 6 levels"));
}

#[test]
fn names_in_archives_are_only_names() {
    let folder = tempfile::tempdir().unwrap();
    let log = bytes("generic/long.csv");
    let names = [
        "../../../../tmp/evil.csv",
        "/etc/evil.csv",
        "C:\\evil.csv",
        "a/../../b.csv",
        "\u{202e}\u{1b}[31m.csv",
    ];
    let path = folder.path().join("names.tar");
    let mut builder = tar::Builder::new(std::fs::File::create(&path).unwrap());
    for name in names {
        let mut header = tar::Header::new_ustar();
        // The library refuses to write such names itself.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(log.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, &log[..]).unwrap();
    }
    // Links out of the archive are not followed.
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Symlink);
    header.as_mut_bytes()[..8].copy_from_slice(b"link.csv");
    header.set_link_name("/etc/passwd").unwrap();
    header.set_size(0);
    header.set_cksum();
    builder.append(&header, &[][..]).unwrap();
    builder.finish().unwrap();
    let read = self::read(&path);
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(read.files.len(), names.len());
    for file in &read.files {
        assert!(file.path.as_str().starts_with(path.to_str().unwrap()), "{:?}", file.path);
        assert!(!file.path.to_string().contains(['\u{1b}', '\u{202e}']), "{}", file.path);
    }
    // Nothing was written anywhere.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
