//! A reader that makes JSON of what Python writes, and stops at what no harness writes.

use std::io::{self, Read};

/// Longest text or key, in bytes: more than any prompt or generation of a million tokens.
pub const MAX_TEXT_BYTES: usize = 64 << 20;
/// Deepest nesting of objects and arrays.
pub const MAX_DEPTH: u32 = 100;

/// Copies JSON and writes `null` for `NaN`, `Infinity` and `-Infinity` outside texts.
///
/// Fails on texts over [`MAX_TEXT_BYTES`] and nesting over [`MAX_DEPTH`]. Works on any split of the
/// input into blocks; holds one block.
#[derive(Debug)]
pub struct PythonJson<R> {
    inner: R,
    input: Vec<u8>,
    /// What is ready to be handed out.
    ready: Vec<u8>,
    handed: usize,
    translator: Translator,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Outside,
    /// After a minus sign, which is not copied yet.
    Minus,
    InText,
    Escape,
    /// Within a bare word that `null` stands for; its letters are dropped.
    Word,
}

impl<R: Read> PythonJson<R> {
    /// Reads from the start of a JSON text, or of several.
    pub fn new(inner: R) -> Self {
        let input = vec![0; 1 << 16];
        let translator = Translator::default();
        Self { inner, input, ready: Vec::new(), handed: 0, translator }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.handed = 0;
        while self.ready.is_empty() {
            let read = match self.inner.read(&mut self.input) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if read == 0 {
                break;
            }
            self.translator.run(&self.input[..read], &mut self.ready)?;
        }
        Ok(())
    }
}

impl<R: Read> Read for PythonJson<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.ready.len() {
            self.refill()?;
        }
        let n = buffer.len().min(self.ready.len() - self.handed);
        buffer[..n].copy_from_slice(&self.ready[self.handed..self.handed + n]);
        self.handed += n;
        Ok(n)
    }
}

/// A text with `null` for `NaN` and infinities.
pub(crate) fn without_nan(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    Translator::default().run(text, &mut out)?;
    Ok(out)
}

#[derive(Debug)]
struct Translator {
    state: State,
    depth: u32,
    /// Bytes of the text that is being read.
    text: usize,
}

impl Default for Translator {
    fn default() -> Self {
        Self { state: State::Outside, depth: 0, text: 0 }
    }
}

impl Translator {
    fn run(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let too_large = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        while let Some((&byte, rest)) = input.split_first() {
            if self.state == State::InText {
                // Most of a log is text; it is copied in pieces.
                let stop = memchr::memchr2(b'"', b'\\', input);
                let (piece, rest) = input.split_at(stop.map_or(input.len(), |stop| stop + 1));
                self.text += piece.len();
                if self.text > MAX_TEXT_BYTES {
                    return too_large("a text of more than 64 MB");
                }
                out.extend_from_slice(piece);
                self.state = match piece.last() {
                    Some(b'"') => State::Outside,
                    Some(b'\\') => State::Escape,
                    _ => State::InText,
                };
                input = rest;
                continue;
            }
            input = rest;
            match (self.state, byte) {
                (State::Escape, _) => {
                    self.state = State::InText;
                    out.push(byte);
                    continue;
                }
                (State::Word, b'a'..=b'z' | b'N') => continue,
                (State::Outside | State::Word, b'-') => {
                    self.state = State::Minus;
                    continue;
                }
                (State::Outside | State::Word | State::Minus, b'N' | b'I') => {
                    out.extend_from_slice(b"null");
                    self.state = State::Word;
                    continue;
                }
                (State::Minus, _) => out.push(b'-'),
                _ => {}
            }
            self.state = State::Outside;
            match byte {
                b'"' => {
                    self.state = State::InText;
                    self.text = 0;
                }
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > MAX_DEPTH {
                return too_large("nesting of more than 100 levels");
            }
            out.push(byte);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads in blocks of a given size.
    struct Blocks<'a>(&'a [u8], usize);
    impl Read for Blocks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(buffer.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn bare_words_become_null_and_texts_stay() {
        let text =
            r#"{"a\"NaN": [NaN, -Infinity, Infinity, -1.5e-3, "-Infinity \\", "Inf"], "N": -2}"#;
        let clean = r#"{"a\"NaN": [null, null, null, -1.5e-3, "-Infinity \\", "Inf"], "N": -2}"#;
        assert_eq!(without_nan(text.as_bytes()).unwrap(), clean.as_bytes());
        for size in 1..20 {
            let mut out = Vec::new();
            PythonJson::new(Blocks(text.as_bytes(), size)).read_to_end(&mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), clean, "blocks of {size}");
        }
    }

    #[test]
    fn endless_texts_and_nesting_end() {
        let endless = io::repeat(b'a').take(1 << 30);
        let error = io::copy(&mut PythonJson::new(b"\"".chain(endless)), &mut io::sink());
        assert_eq!(error.unwrap_err().to_string(), "a text of more than 64 MB");
        let deep = io::repeat(b'[').take(1 << 30);
        let error = io::copy(&mut PythonJson::new(deep), &mut io::sink());
        assert_eq!(error.unwrap_err().to_string(), "nesting of more than 100 levels");
    }
}
