//! Bytes for readers that jump about.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use parquet::file::reader::{ChunkReader, Length};

/// Bytes that can be read at any position, from any thread.
#[derive(Clone, Debug)]
pub enum RandomAccess {
    /// A file, or an unnamed temporary one.
    File(Arc<File>),
    /// Held.
    Memory(Bytes),
}

impl RandomAccess {
    /// A reader with a position of its own, for the zip reader.
    pub fn seekable(&self) -> Position {
        Position { of: self.clone(), at: 0 }
    }

    /// Reads at a position, whoever else reads.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::File(file) => std::os::unix::fs::FileExt::read_at(&**file, buffer, at),
            #[cfg(windows)]
            Self::File(file) => std::os::windows::fs::FileExt::seek_read(&**file, buffer, at),
            Self::Memory(bytes) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let n = buffer.len().min(bytes.len() - start);
                buffer[..n].copy_from_slice(&bytes[start..start + n]);
                Ok(n)
            }
        }
    }
}

/// A position in a [`RandomAccess`].
#[derive(Clone, Debug)]
pub struct Position {
    of: RandomAccess,
    at: u64,
}

impl Read for Position {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.of.read_at(buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Position {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.of.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Length for RandomAccess {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for RandomAccess {
    type T = BufReader<Position>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(Position { of: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if let Self::Memory(bytes) = self {
            return bytes.get_bytes(start, length);
        }
        let end = start.checked_add(length as u64).filter(|end| *end <= self.len());
        if end.is_none() {
            return Err(parquet::errors::ParquetError::EOF("a part lies behind the end".into()));
        }
        let mut bytes = vec![0; length];
        Position { of: self.clone(), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
