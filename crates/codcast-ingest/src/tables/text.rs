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

/// Bytes read since the owner last reset it.
#[derive(Clone, Default)]
pub(crate) struct Meter(Rc<Slot<u64>>);

impl Meter {
    pub(crate) fn reset(&self) {
        self.0.set(0);
    }
}

/// Decompressed bytes of a source. Fails once more than [`MAX_ROW_BYTES`] are read without a reset
/// of the meter, so that one endless row cannot fill the memory.
pub(crate) struct Metered<R> {
    inner: R,
    meter: Meter,
    last: Rc<Slot<Option<u8>>>,
}

/// The last byte that was read.
#[derive(Clone)]
pub(crate) struct LastByte(Rc<Slot<Option<u8>>>);

impl LastByte {
    pub(crate) fn is_newline(&self) -> bool {
        matches!(self.0.get(), Some(b'\n' | b'\r') | None)
    }
}

/// What [`Metered`] says when a row does not end.
pub(crate) const ROW_TOO_LONG: &str = "a row is longer than 1 MiB";

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.0.get() > MAX_ROW_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, ROW_TOO_LONG));
        }
        let n = self.inner.read(buffer)?;
        self.meter.0.set(self.meter.0.get() + n as u64);
        if let Some(last) = buffer[..n].last() {
            self.last.set(Some(*last));
        }
        Ok(n)
    }
}

type Opened<'a> = (Metered<Box<dyn Read + Send + 'a>>, Meter, LastByte);

/// Opens and decompresses.
pub(crate) fn open(source: &Source, compression: Compression) -> Result<Opened<'_>> {
    let inner = compression
        .decode(source.open()?)
        .map_err(|error| read_error(&source.name, compression, error))?;
    let (meter, last) = (Meter::default(), Rc::new(Slot::new(None)));
    let reader = Metered { inner, meter: meter.clone(), last: Rc::clone(&last) };
    Ok((reader, meter, LastByte(last)))
}

/// A failed read: damaged where the decoder failed, else the system's refusal.
pub(crate) fn read_error(file: &str, compression: Compression, error: io::Error) -> Error {
    if compression == Compression::None {
        Error::read(file, error)
    } else {
        Error::damaged(file, compression.format(), &error)
    }
}
