//! Readers that stop: what decompresses to far more than any log, and what was asked to be counted.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A stream that grows more than so many times its compressed size, and past [`FREE_BYTES`], is a bomb.
const MAX_RATIO: u64 = 1_000;
/// What may be decompressed whatever the ratio.
const FREE_BYTES: u64 = 256 << 20;

/// Counts the bytes that pass, for progress and ratios.
pub(crate) struct Counted<R> {
    pub(crate) inner: R,
    pub(crate) passed: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.passed.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Decompressed bytes, held to a multiple of the compressed ones that were read for them.
pub(crate) struct Bounded<R> {
    pub(crate) inner: R,
    /// Compressed bytes read so far, or their number in all.
    pub(crate) compressed: Arc<AtomicU64>,
    pub(crate) out: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.out += n as u64;
        let compressed = self.compressed.load(Ordering::Relaxed).max(1);
        if self.out > FREE_BYTES && self.out / compressed > MAX_RATIO {
            let message = "grows more than 1,000 times by decompressing: not a log";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(n)
    }
}
