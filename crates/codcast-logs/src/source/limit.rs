//! Readers that count, and readers that stop: what decompresses to far more than any log.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A stream that grows more than so many times its compressed size, and past [`FREE_BYTES`], is a bomb.
const MAX_RATIO: u64 = 1_000;
/// What may be decompressed whatever the ratio.
const FREE_BYTES: u64 = 256 << 20;

/// How much of a file was read, for whoever shows progress, and the hash of it.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    /// Bytes of this file.
    bytes: Arc<AtomicU64>,
    /// Bytes of all files.
    progress: Option<Arc<AtomicU64>>,
    hasher: Option<Arc<Mutex<blake3::Hasher>>>,
}

impl Passed {
    /// Only counts.
    pub(crate) fn counting(progress: Option<Arc<AtomicU64>>) -> Self {
        Self { bytes: Arc::default(), progress, hasher: None }
    }

    /// Hashes what passes, too.
    pub(crate) fn hashing(progress: Arc<AtomicU64>) -> Self {
        Self { hasher: Some(Arc::default()), ..Self::counting(Some(progress)) }
    }

    /// The count, as it grows.
    pub(crate) fn bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes)
    }

    /// Takes bytes from a place in the file, those of them that did not pass before.
    fn see(&self, at: u64, bytes: &[u8]) {
        let before = self.bytes.load(Ordering::Relaxed);
        let known = usize::try_from(before.saturating_sub(at)).unwrap_or(usize::MAX);
        let Some(new) = bytes.get(known..) else { return };
        if let Some(hasher) = &self.hasher {
            hasher.lock().unwrap_or_else(PoisonError::into_inner).update(new);
        }
        self.bytes.store(before + new.len() as u64, Ordering::Relaxed);
        if let Some(progress) = &self.progress {
            progress.fetch_add(new.len() as u64, Ordering::Relaxed);
        }
    }

    /// BLAKE3 hash of the whole file, in hexadecimal: what did not pass yet is read from it. (SHA-256 took
    /// longer than reading the log, on machines without instructions for it.)
    pub(crate) fn hash(&self, file: &mut File) -> io::Result<String> {
        file.seek(SeekFrom::Start(self.bytes.load(Ordering::Relaxed)))?;
        let mut hasher = match &self.hasher {
            Some(hasher) => hasher.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            None => blake3::Hasher::new(),
        };
        hasher.update_reader(file)?;
        Ok(hasher.finalize().to_hex().to_string())
    }
}

/// Counts the bytes that pass, of a file that is read from its beginning.
pub(crate) struct Counted<R> {
    inner: R,
    at: u64,
    passed: Passed,
}

impl<R: Read> Counted<R> {
    pub(crate) fn new(inner: R, passed: Passed) -> Self {
        Self { inner, at: 0, passed }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.passed.see(self.at, &buffer[..n]);
        self.at += n as u64;
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
    fn what_passes_is_hashed_once_and_the_rest_is_read() {
        use std::io::Write as _;

        let content: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let progress = Arc::new(AtomicU64::new(0));
        let passed = Passed::hashing(Arc::clone(&progress));
        let read = |upto: u64| {
            let mut reader = Counted::new(&content[..], passed.clone()).take(upto);
            io::copy(&mut reader, &mut io::sink()).unwrap();
        };
        for upto in [0, 1_000, 200, 150_000] {
            read(upto);
            let hash = passed.hash(&mut file).unwrap();
            assert_eq!(hash, blake3::hash(&content).to_hex().to_string());
        }
        assert_eq!(progress.load(Ordering::Relaxed), 150_000);
        let unread = Passed::counting(None).hash(&mut file).unwrap();
        assert_eq!(unread, blake3::hash(&content).to_hex().to_string());
    }

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
