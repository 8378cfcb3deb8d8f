//! Readers that count, and readers that stop: what decompresses to far more than any log.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A stream that grows more than so many times its compressed size, and past [`FREE_BYTES`], is a bomb.
const MAX_RATIO: u64 = 1_000;
/// What may be decompressed whatever the ratio.
const FREE_BYTES: u64 = 256 << 20;

/// Bytes read so far, for whoever shows progress.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub(crate) fn new(counter: Arc<AtomicU64>) -> Self {
        Self(counter)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Counts the bytes that pass.
pub(crate) struct Counted<R> {
    inner: R,
    progress: Option<Progress>,
    passed: Arc<AtomicU64>,
}

impl<R: Read> Counted<R> {
    pub(crate) fn new(inner: R, progress: Option<Progress>) -> Self {
        Self { inner, progress, passed: Arc::default() }
    }

    pub(crate) fn passed(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.passed)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.passed.fetch_add(n as u64, Ordering::Relaxed);
        if let Some(progress) = &self.progress {
            progress.add(n as u64);
        }
        Ok(n)
    }
}

/// Decompressed bytes, held to a multiple of the compressed ones that were read for them.
pub(crate) struct Bounded<R> {
    inner: R,
    /// Compressed bytes read so far, or their number in all.
    compressed: Arc<AtomicU64>,
    out: Arc<AtomicU64>,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(inner: R, compressed: Arc<AtomicU64>) -> Self {
        Self { inner, compressed, out: Arc::default() }
    }
}

/// Holds the members of a zip archive to a multiple of the archive's own size: each by itself, whatever
/// its header claims, and all together, since members may share their compressed bytes.
#[derive(Debug)]
pub(crate) struct Members {
    archive: u64,
    out: Arc<AtomicU64>,
}

impl Members {
    /// Of an archive of so many bytes.
    pub(crate) fn of(archive: u64) -> Self {
        Self { archive, out: Arc::default() }
    }

    /// One member, whose header claims so many compressed bytes.
    pub(crate) fn bound<R: Read>(&self, member: R, claimed: u64) -> Bounded<Bounded<R>> {
        let own = Bounded::new(member, Arc::new(AtomicU64::new(claimed.min(self.archive))));
        let compressed = Arc::new(AtomicU64::new(self.archive));
        Bounded { inner: own, compressed, out: Arc::clone(&self.out) }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let out = self.out.fetch_add(n as u64, Ordering::Relaxed) + n as u64;
        let compressed = self.compressed.load(Ordering::Relaxed).max(1);
        if out > FREE_BYTES && out / compressed > MAX_RATIO {
            let message = "it grows more than 1,000 times when decompressed: no log does";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_ends_before_it_is_through() {
        let compressed = Arc::new(AtomicU64::new(1_000_000));
        let endless = io::repeat(0).take(4 << 30);
        let error = io::copy(&mut Bounded::new(endless, compressed), &mut io::sink());
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::InvalidData);
        let compressed = Arc::new(AtomicU64::new(1_000_000));
        let log = io::repeat(0).take(900_000_000);
        assert!(io::copy(&mut Bounded::new(log, compressed), &mut io::sink()).is_ok());
    }

    #[test]
    fn members_are_bounded_by_the_archive_not_by_what_they_claim() {
        let read = |members: &Members, bytes: u64, claimed: u64| {
            io::copy(&mut members.bound(io::repeat(0).take(bytes), claimed), &mut io::sink())
                .is_ok()
        };
        assert!(!read(&Members::of(1_000), FREE_BYTES + 1, u64::MAX));
        // The same bytes again and again, each time a little.
        let members = Members::of(1_000);
        assert!(read(&members, FREE_BYTES / 2, 1_000));
        assert!(!read(&members, FREE_BYTES, 1_000));
    }
}
