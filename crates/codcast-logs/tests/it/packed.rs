//! Logs in archives, or compressed, are the logs themselves.

use codcast_logs::Options;

use crate::importers::{fixture, problems};
use crate::ingest::{assemble, read};

#[test]
fn logs_in_archives_are_the_logs_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let logs = fixture("lm-eval/0.4.13");
    let plain = read(std::slice::from_ref(&logs));
    let tar = folder.path().join("logs.tar.gz");
    let packed = flate2::write::GzEncoder::new(
        std::fs::File::create(&tar).unwrap(),
        flate2::Compression::fast(),
    );
    let mut builder = tar::Builder::new(packed);
    builder.append_dir_all("run/demo-org__demo-1b", &logs).unwrap();
    builder.into_inner().unwrap().finish().unwrap();
    let zip = folder.path().join("logs.zip");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
    for entry in std::fs::read_dir(&logs).unwrap() {
        let path = entry.unwrap().path();
        // A name that climbs out of any folder: it is only ever a name.
        let name = format!("../../{}", path.file_name().unwrap().to_str().unwrap());
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, &std::fs::read(&path).unwrap()).unwrap();
    }
    writer.finish().unwrap();
    let expected = assemble(&plain, &Options::default()).study;
    for archive in [tar, zip] {
        let read = read(std::slice::from_ref(&archive));
        assert_eq!(read.problems.len(), 0, "{}", archive.display());
        assert_eq!(assemble(&read, &Options::default()).study, expected);
    }
}

#[test]
fn an_error_names_the_same_line_however_the_log_is_packed() {
    let folder = tempfile::tempdir().unwrap();
    let row = |id| {
        format!("{{\"model\": \"m\", \"task\": \"t\", \"sample_id\": \"{id}\", \"score\": 1}}\n")
    };
    let text = format!("\n \r\n\n{}{{broken\n{}", row("a"), row("b"));
    let plain = folder.path().join("t.jsonl");
    std::fs::write(&plain, &text).unwrap();
    let packed = folder.path().join("t.jsonl.gz");
    let mut writer = flate2::write::GzEncoder::new(
        std::fs::File::create(&packed).unwrap(),
        flate2::Compression::fast(),
    );
    std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
    writer.finish().unwrap();
    for path in [plain, packed] {
        let said = problems(&read(std::slice::from_ref(&path)));
        assert!(matches!(&said[..], [one] if one.contains("line 5")), "{path:?}: {said:?}");
    }
}
