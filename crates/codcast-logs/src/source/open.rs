//! From a file to single logs: compression is taken off, archives are gone through member by member.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parquet::file::reader::Length;

use super::input::{Input, read_error};
use super::limit::{Bounded, Counted, Members, Passed};
use super::path::LogPath;
use super::walk::Top;
use crate::error::{At, Error, Result};
use crate::json::{LOOKED_AT, Outline, Root};

/// How deep archives and compression may be in one another.
const MAX_WRAPPERS: u32 = 6;
/// Members of an archive.
const MAX_MEMBERS: usize = 1_000_000;
/// Names of members that formats look at.
const SHOWN_MEMBERS: usize = 10_000;
/// The beginning of a file that formats look at.
const HEAD_BYTES: usize = 64 << 10;
/// How far the first value of a JSON text is followed at first: keys may come after long prompts.
const MOST_KEYS: usize = 8 << 20;

/// A log that was found: what formats need to recognise it, and its bytes.
pub(crate) struct Found<'a> {
    pub(crate) head: &'a [u8],
    pub(crate) outline: &'a Outline,
    /// Of a zip archive.
    pub(crate) members: &'a [String],
    pub(crate) input: Input<'a>,
}

/// What a visitor says to a zip archive that it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is a log, and done.
    Taken,
    /// Go through its members.
    Walk,
}

/// Shows every log in a file: the file itself, or the members of an archive, one after the other.
///
/// `visit` gets each log with its name; an error of one log is for the visitor to keep, one that it
/// returns ends everything. A zip archive is first shown as a whole. `passed`: takes what is read of the file
/// from its beginning on.
pub(crate) fn visit(
    top: &Top,
    passed: &Passed,
    visit: &mut dyn FnMut(&LogPath, Result<Found<'_>>) -> Result<Answer>,
) -> Result<()> {
    let file = match File::open(&top.path) {
        Ok(file) => file,
        Err(error) => {
            return visit(&top.name, Err(Error::read(top.name.as_str(), error))).map(|_| ());
        }
    };
    let again = file.try_clone().ok().map(|file| (file, passed.clone()));
    let reader = Box::new(Counted::new(file, passed.clone()));
    let stream = Stream { reader, compressed: passed.bytes(), file: again };
    open(&top.name, stream, 0, visit)
}

/// Bytes on their way in.
struct Stream<'a> {
    reader: Box<dyn Read + 'a>,
    /// How many compressed bytes they came from.
    compressed: Arc<AtomicU64>,
    /// The file and what of it was read, as long as they are its bytes.
    file: Option<(File, Passed)>,
}

type Visitor<'v> = dyn FnMut(&LogPath, Result<Found<'_>>) -> Result<Answer> + 'v;

fn open(name: &LogPath, mut stream: Stream<'_>, depth: u32, visit: &mut Visitor<'_>) -> Result<()> {
    let mut head = Vec::new();
    if let Err(error) = fill(&mut stream.reader, &mut head, HEAD_BYTES) {
        return visit(name, Err(read_error(name.as_str(), error))).map(|_| ());
    }
    if depth > MAX_WRAPPERS {
        let at = At::whole(name.as_str());
        let error = Error::TooLarge { at, what: "archives within archives", limit: "6 levels" };
        return visit(name, Err(error)).map(|_| ());
    }
    let compressed = Arc::clone(&stream.compressed);
    if head.starts_with(b"\x1f\x8b") {
        let raw = Cursor::new(head).chain(stream.reader);
        let decoder = flate2::bufread::MultiGzDecoder::new(io::BufReader::new(raw));
        let reader = Box::new(Bounded::new(decoder, Arc::clone(&compressed)));
        return open(name, Stream { reader, compressed, file: None }, depth + 1, visit);
    }
    if head.starts_with(b"\x28\xb5\x2f\xfd") {
        let raw = Cursor::new(head).chain(stream.reader);
        let decoder = match zstd::stream::read::Decoder::new(raw) {
            Ok(decoder) => decoder,
            Err(error) => return visit(name, Err(read_error(name.as_str(), error))).map(|_| ()),
        };
        let reader = Box::new(Bounded::new(decoder, Arc::clone(&compressed)));
        return open(name, Stream { reader, compressed, file: None }, depth + 1, visit);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip(
            name,
            Input::new(name.clone(), Cursor::new(head).chain(stream.reader), stream.file),
            depth,
            visit,
        );
    }
    if head.len() > 262 && &head[257..262] == b"ustar" {
        return tar(name, Cursor::new(head).chain(stream.reader), &compressed, depth, visit);
    }
    let mut outline = Outline::of(&head[..]);
    let mut looked_at = HEAD_BYTES;
    for further in [MOST_KEYS, LOOKED_AT] {
        let cut = outline.root != Root::Other && !outline.complete && outline.beyond.is_none();
        // Beyond the first megabytes only for what may be a single line.
        let line = memchr::memrchr(b'\n', &head).unwrap_or_default();
        let many_lines = looked_at > HEAD_BYTES && line > looked_at / 2;
        if !cut || many_lines || head.len() < looked_at {
            break;
        }
        // An error will come again when the log is read.
        let _ = fill(&mut stream.reader, &mut head, further);
        outline = Outline::of(&head[..]);
        looked_at = further;
    }
    let shown = head[..head.len().min(HEAD_BYTES)].to_vec();
    let reader = Cursor::new(head).chain(stream.reader);
    let input = Input::new(name.clone(), reader, stream.file);
    visit(name, Ok(Found { head: &shown, outline: &outline, members: &[], input })).map(|_| ())
}

/// Reads until the buffer holds `limit` bytes or the stream ends.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, limit: usize) -> io::Result<()> {
    let missing = limit.saturating_sub(buffer.len()) as u64;
    reader.take(missing).read_to_end(buffer).map(|_| ())
}

fn zip(name: &LogPath, input: Input<'_>, depth: u32, visit: &mut Visitor<'_>) -> Result<()> {
    let damaged = |error: &dyn std::fmt::Display| {
        Error::damaged(At::whole(name.as_str()), "a zip archive", error)
    };
    let access = match input.random_access() {
        Ok(access) => access,
        Err(error) => return visit(name, Err(error)).map(|_| ()),
    };
    let bytes = access.len();
    let bounds = Members::of(bytes);
    let reader = io::BufReader::new(access.seekable());
    let mut archive = match zip::ZipArchive::new(reader) {
        Ok(archive) => archive,
        Err(error) => return visit(name, Err(damaged(&error))).map(|_| ()),
    };
    if archive.len() > MAX_MEMBERS {
        let at = At::whole(name.as_str());
        let error = Error::TooLarge { at, what: "the number of members", limit: "1 million" };
        return visit(name, Err(error)).map(|_| ());
    }
    let members: Vec<String> = archive
        .file_names()
        .take(SHOWN_MEMBERS)
        .filter_map(|member| member.ok().map(std::borrow::Cow::into_owned))
        .collect();
    let whole = Found {
        head: b"PK\x03\x04",
        outline: &Outline::default(),
        members: &members,
        input: Input::held(name.clone(), access),
    };
    if visit(name, Ok(whole))? == Answer::Taken {
        return Ok(());
    }
    for index in 0..archive.len() {
        let member = match archive.by_index(index) {
            Ok(member) if member.is_file() => member,
            Ok(_) => continue,
            Err(error) => {
                visit(name, Err(damaged(&error)))?;
                continue;
            }
        };
        let name = name.member(&String::from_utf8_lossy(member.name_raw()));
        let claimed = member.compressed_size().min(bytes);
        let compressed = Arc::new(AtomicU64::new(claimed));
        let reader = Box::new(bounds.bound(member, claimed));
        open(&name, Stream { reader, compressed, file: None }, depth + 1, visit)?;
    }
    Ok(())
}

fn tar(
    name: &LogPath,
    reader: impl Read,
    compressed: &Arc<AtomicU64>,
    depth: u32,
    visit: &mut Visitor<'_>,
) -> Result<()> {
    let damaged =
        |error: io::Error| Error::damaged(At::whole(name.as_str()), "a tar archive", error);
    let mut archive = tar::Archive::new(reader);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return visit(name, Err(damaged(error))).map(|_| ()),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            // What follows cannot be found.
            Err(error) => return visit(name, Err(damaged(error))).map(|_| ()),
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let member = name.member(&String::from_utf8_lossy(&entry.path_bytes()));
        let stream =
            Stream { reader: Box::new(entry), compressed: Arc::clone(compressed), file: None };
        open(&member, stream, depth + 1, visit)?;
    }
    Ok(())
}
