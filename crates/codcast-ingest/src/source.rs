//! Where bytes come from: files, or memory for studies that are built in.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A file that was read, for provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// As it was given.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A named sequence of bytes that can be read several times, from several threads.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As errors show it.
    pub(crate) name: String,
    pub(crate) data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    File(PathBuf),
    Memory(Bytes),
}

impl Source {
    pub(crate) fn file(path: PathBuf) -> Self {
        Self { name: path.display().to_string(), data: Data::File(path) }
    }

    pub(crate) fn memory(name: &str, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.to_owned(), data: Data::Memory(bytes.into()) }
    }

    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send + '_>> {
        Ok(match &self.data {
            Data::File(path) => {
                Box::new(File::open(path).map_err(|error| Error::read(&self.name, error))?)
            }
            Data::Memory(bytes) => Box::new(&bytes[..]),
        })
    }

    pub(crate) fn len(&self) -> Result<u64> {
        match &self.data {
            Data::File(path) => std::fs::metadata(path)
                .map(|metadata| metadata.len())
                .map_err(|error| Error::read(&self.name, error)),
            Data::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Reads it once for its size and hash, a block at a time.
    pub(crate) fn fingerprint(&self) -> Result<InputFile> {
        let mut reader = self.open()?;
        let (mut hash, mut bytes, mut block) = (Sha256::new(), 0, vec![0; 1 << 16]);
        loop {
            match reader.read(&mut block) {
                Ok(0) => break,
                Ok(n) => {
                    hash.update(&block[..n]);
                    bytes += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::read(&self.name, error)),
            }
        }
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        let sha256 = hash.finalize().iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect();
        Ok(InputFile { path: self.name.clone(), bytes, sha256 })
    }
}

/// How a text is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// How errors call it.
    pub(crate) fn format(self) -> &'static str {
        match self {
            Self::None => "a readable file",
            Self::Gzip => "gzip data",
            Self::Zstd => "Zstandard data",
        }
    }

    /// The decompressed text, a block at a time; never held as a whole.
    pub(crate) fn decode<'a>(
        self,
        raw: Box<dyn Read + Send + 'a>,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Self::None => raw,
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(raw))),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(raw)?),
        })
    }
}
