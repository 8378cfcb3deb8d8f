//! The shape of a JSON text, from its beginning: which keys there are, without their values.

use std::io::Read;

/// Longest line that is read, in bytes: more than any record of a harness.
pub const MAX_LINE_BYTES: usize = 64 << 20;
/// Bytes that are looked at: keys may come after long prompts. More than a line may have, so that one
/// that is too long is known as such.
const LOOKED_AT: u64 = (MAX_LINE_BYTES as u64) + (1 << 16);
/// Keys that are kept.
const MAX_KEYS: usize = 4_096;
/// Depth to which keys are kept: root object, its values, theirs.
const DEPTH: usize = 4;
/// Longer keys are not those of a format.
const MAX_KEY_BYTES: usize = 200;

/// What the first JSON value of a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Root {
    /// Not JSON.
    #[default]
    Other,
    /// An object; the text may go on with more of them (JSON Lines).
    Object,
    /// An array.
    Array,
}

/// Keys of the first value of a text: of the object itself or, in an array, of its first item.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// What the first value is.
    pub root: Root,
    /// Paths of keys, as `a`, `a.b`, `a.*.b` (`*`: an item of an array), in the text's order, to four
    /// levels. Of an array only the first item is looked at.
    pub keys: Vec<String>,
    /// Whether the first value ended within the part looked at.
    pub complete: bool,
    /// Whether more text follows the first value.
    pub more: bool,
    /// What is beyond the limits of a log, and the line it is in, from 1: keys behind it are not known.
    pub beyond: Option<(u64, Beyond)>,
}

/// A limit that a text goes beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// A line over [`MAX_LINE_BYTES`].
    Length,
    /// Objects and arrays nested more than [`MAX_DEPTH`](super::MAX_DEPTH) deep.
    Depth,
}

impl Outline {
    /// Whether all of these paths are there.
    pub fn has(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.keys.iter().any(|key| key == path))
    }

    /// The shape of a text that starts here. Never fails: what is not JSON is [`Root::Other`].
    pub fn of(reader: impl Read) -> Self {
        let mut outline = Self::default();
        let reader = reader.take(LOOKED_AT);
        let mut text =
            Tokens { reader, block: vec![0; 1 << 14], at: 0, end: 0, line: 1, in_line: 0 };
        // A byte-order mark is passed over, as Python's readers do.
        if text.peek() == Some(0xef) {
            for _ in 0..3 {
                text.next();
            }
        }
        text.space();
        outline.root = match text.peek() {
            Some(b'{') => Root::Object,
            Some(b'[') => Root::Array,
            _ => return outline,
        };
        let mut deep = false;
        outline.complete = walk(&mut text, &mut outline.keys, &mut deep).is_some();
        if outline.complete {
            text.space();
            outline.more = text.peek().is_some();
        } else if deep {
            outline.beyond = Some((text.line, Beyond::Depth));
        } else if text.in_line > MAX_LINE_BYTES {
            outline.beyond = Some((text.line, Beyond::Length));
        }
        outline
    }
}

/// Walks the first value; `None` where the text ends, is not JSON, or is too `deep`.
fn walk(text: &mut Tokens<impl Read>, keys: &mut Vec<String>, deep: &mut bool) -> Option<()> {
    /// An open object or array.
    struct Open {
        object: bool,
        /// Of keys in it; `None` where they are not kept.
        prefix: Option<String>,
        /// Items begun.
        items: u64,
    }
    let mut open: Vec<Open> = Vec::new();
    // The path of the value that comes next.
    let mut path: Option<String> = Some(String::new());
    loop {
        text.space();
        let byte = text.next()?;
        match byte {
            b'{' | b'[' => {
                if open.len() as u64 >= u64::from(super::MAX_DEPTH) {
                    *deep = true;
                    return None;
                }
                let object = byte == b'{';
                open.push(Open { object, prefix: path.take(), items: 0 });
            }
            b'}' | b']' => {
                open.pop()?;
                if open.is_empty() {
                    return Some(());
                }
                continue_after(text)?;
            }
            b'"' => {
                let content = text.text()?;
                let depth = open.len();
                let container = open.last()?;
                text.space();
                if container.object && text.peek() == Some(b':') {
                    text.next();
                    path = container.prefix.as_ref().and_then(|prefix| {
                        let key = content?;
                        let path = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
                        if keys.len() < MAX_KEYS {
                            keys.push(path.clone());
                        }
                        (depth < DEPTH).then_some(path)
                    });
                    continue;
                }
                continue_after(text)?;
            }
            b',' => {}
            _ => {
                // A number or word.
                while text
                    .peek()
                    .is_some_and(|b| !matches!(b, b',' | b']' | b'}') && !b.is_ascii_whitespace())
                {
                    text.next();
                }
                continue_after(text)?;
            }
        }
        // Only the first item of an array has a path; the root array is transparent.
        let depth = open.len();
        if let Some(container) = open.last_mut()
            && !container.object
        {
            container.items += 1;
            path = match &container.prefix {
                Some(prefix) if container.items == 1 && depth <= DEPTH => {
                    Some(if prefix.is_empty() { String::new() } else { format!("{prefix}.*") })
                }
                _ => None,
            };
        }
    }
}

/// After a value: a comma, or the end of the container, which is left for the caller.
fn continue_after(text: &mut Tokens<impl Read>) -> Option<()> {
    text.space();
    match text.peek()? {
        b',' => {
            text.next();
            Some(())
        }
        b']' | b'}' => Some(()),
        _ => None,
    }
}

/// A text that may be a key; `None` where it is too long for one.
type Key = Option<String>;

struct Tokens<R> {
    reader: std::io::Take<R>,
    block: Vec<u8>,
    at: usize,
    end: usize,
    /// Number of the line, from 1.
    line: u64,
    /// Bytes of it so far.
    in_line: usize,
}

impl<R: Read> Tokens<R> {
    fn peek(&mut self) -> Option<u8> {
        if self.at == self.end {
            self.at = 0;
            self.end = self.reader.read(&mut self.block).unwrap_or(0);
        }
        (self.at < self.end).then(|| self.block[self.at])
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        if byte == b'\n' {
            self.line += 1;
            self.in_line = 0;
        } else {
            self.in_line += 1;
        }
        Some(byte)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.next();
        }
    }

    /// The rest of a text after its opening quote: its content as it is written, if short.
    fn text(&mut self) -> Option<Key> {
        let mut content = Vec::new();
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    self.next()?;
                    content.resize(MAX_KEY_BYTES + 1, 0);
                }
                byte if content.len() <= MAX_KEY_BYTES => content.push(byte),
                _ => {}
            }
        }
        let short = content.len() <= MAX_KEY_BYTES;
        Some(short.then(|| String::from_utf8(content).ok()).flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> String {
        Outline::of(text.as_bytes()).keys.join(" ")
    }

    #[test]
    fn keys_come_with_their_paths() {
        let text = r#"{"a": 1, "b": {"c": [{"d": "x:,"}, {"e": 2}], "f": null}, "g": NaN}"#;
        assert_eq!(keys(text), "a b b.c b.c.*.d b.f g");
        assert_eq!(keys(r#"[{"a": [[1]], "b": 2}, {"c": 3}]"#), "a b");
        assert_eq!(keys(r#"{"a": 1}"#.to_owned().repeat(2).as_str()), "a");
        assert_eq!(keys(r#"[[{"deep": 1}]]"#), "deep");
        assert_eq!(keys(r#"[1, 2, {"c": 3}]"#), "");
    }

    #[test]
    fn what_is_beyond_the_limits_is_said_with_its_line() {
        let outline =
            Outline::of((&b"{\"doc\": \""[..]).chain(std::io::repeat(b'x').take(1 << 30)));
        assert_eq!(outline.keys, ["doc"]);
        assert_eq!(outline.beyond, Some((1, Beyond::Length)));
        let deep = (&b"{\n\"doc\":\n "[..]).chain(std::io::repeat(b'[').take(100_000));
        assert_eq!(Outline::of(deep).beyond, Some((3, Beyond::Depth)));
        let lines = format!("[{}", "1,\n".repeat(30 << 20));
        assert_eq!(Outline::of(lines.as_bytes()).beyond, None);
    }

    #[test]
    fn a_cut_text_gives_the_keys_before_the_cut() {
        let outline = Outline::of(&br#"{"a": 1, "b": {"c": "unfinished"#[..]);
        assert_eq!((outline.root, outline.complete), (Root::Object, false));
        assert_eq!(outline.keys.join(" "), "a b b.c");
        assert_eq!(Outline::of(&b"model,score"[..]).root, Root::Other);
        let lines = Outline::of(&b"{\"a\":1}\n{\"b\":2}\n"[..]);
        assert!(lines.complete && lines.more);
    }
}
