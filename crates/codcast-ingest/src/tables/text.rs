//! What CSV and JSONL share: cells, and bounded reading.

use std::borrow::Cow;
use std::cell::Cell as Slot;
use std::io::{self, Read};
use std::rc::Rc;

use crate::chunk::{Chunk, ModelIndex};
use crate::error::{At, Error, Place, Result};
use crate::manifest::Manifest;
use crate::row::Numbers;
use crate::source::{Compression, Source};
use crate::tables::bad_at;

/// No row of a table of samples is longer; a line that is, is something else.
pub(crate) const MAX_ROW_BYTES: u64 = 1 << 20;

/// Names and id of a row.
pub(crate) struct Key<'a> {
    pub(crate) model: Cow<'a, str>,
    pub(crate) task: Cow<'a, str>,
    pub(crate) sample: Cow<'a, str>,
}

/// Rows on their way into a chunk.
pub(crate) struct Rows<'a> {
    pub(crate) file: &'a str,
    manifest: &'a Manifest,
    index: ModelIndex<'a>,
    pub(crate) chunk: Chunk,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(file: &'a str, manifest: &'a Manifest) -> Self {
        Self { file, manifest, index: manifest.model_index(), chunk: Chunk::new(1) }
    }

    pub(crate) fn at(&self, line: u64) -> At {
        At { file: self.file.into(), place: Place::Line(line) }
    }

    pub(crate) fn add(&mut self, line: u64, key: &Key<'_>, numbers: &Numbers) -> Result<()> {
        let bad = |bad| bad_at(self.file, Place::Line(line), bad);
        let Some(model) = self.index.get(key.model.as_ref()).copied() else {
            return Err(self.manifest.unknown_model(&key.model, self.at(line)));
        };
        let task = self.chunk.task(&key.task).map_err(bad)?;
        let sample = self.chunk.sample(&key.sample).map_err(bad)?;
        self.chunk.push(line, (model, task, sample), numbers).map_err(bad)
    }
}

/// What a reader and its owner share.
#[derive(Clone, Default)]
pub(crate) struct Meter(Rc<Gauges>);

#[derive(Default)]
struct Gauges {
    since_reset: Slot<u64>,
    last_byte: Slot<Option<u8>>,
    unfinished: Slot<bool>,
}

impl Meter {
    /// A row is done; the next one may be as long again.
    pub(crate) fn reset(&self) {
        self.0.since_reset.set(0);
    }

    /// Whether the last line had no end: the file may be cut.
    pub(crate) fn unfinished(&self) -> bool {
        self.0.unfinished.get()
    }
}

/// Decompressed bytes of a source, in which every line ends, so that lines can be counted.
///
/// Fails once more than [`MAX_ROW_BYTES`] are read without a reset of the meter, so that one endless
/// row cannot fill the memory.
pub(crate) struct Metered<R> {
    inner: R,
    meter: Meter,
}

/// What [`Metered`] says when a row does not end.
pub(crate) const ROW_TOO_LONG: &str = "a row is longer than 1 MiB";

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let gauges = &self.meter.0;
        if gauges.since_reset.get() > MAX_ROW_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, ROW_TOO_LONG));
        }
        let mut n = self.inner.read(buffer)?;
        let ended = matches!(gauges.last_byte.get(), None | Some(b'\n'));
        if n == 0 && !ended && !buffer.is_empty() {
            gauges.unfinished.set(true);
            buffer[0] = b'\n';
            n = 1;
        }
        gauges.since_reset.set(gauges.since_reset.get() + n as u64);
        if let Some(last) = buffer[..n].last() {
            gauges.last_byte.set(Some(*last));
        }
        Ok(n)
    }
}

type Opened<'a> = (Metered<Box<dyn Read + Send + 'a>>, Meter);

/// Opens and decompresses.
pub(crate) fn open(source: &Source, compression: Compression) -> Result<Opened<'_>> {
    let inner = compression
        .decode(source.open()?)
        .map_err(|error| read_error(&source.name, compression, error))?;
    let meter = Meter::default();
    Ok((Metered { inner, meter: meter.clone() }, meter))
}

/// A failed read: damaged where the decoder failed, else the system's refusal.
pub(crate) fn read_error(file: &str, compression: Compression, error: io::Error) -> Error {
    if compression == Compression::None {
        Error::read(file, error)
    } else {
        Error::damaged(file, compression.format(), &error)
    }
}
