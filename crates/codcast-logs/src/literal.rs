//! Python literals, as `str()` writes them: lighteval up to 0.7 stored every cell that way, and
//! lm-eval wrote numpy scalars so.
//!
//! Read as data and never executed.

use crate::json::Value;

/// Literals nested deeper than this are refused.
const MAX_DEPTH: usize = 64;

/// The value of a Python literal: numbers, `True`, `False`, `None`, texts, lists, tuples and dicts, and
/// of calls with one argument, such as `np.float64(0.5)`, the argument. `nan` and infinities are null.
///
/// `None` where the text is not such a literal.
pub(crate) fn literal(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text };
    let value = parser.value(0)?;
    parser.skip_space();
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.chars().next()? {
            '{' => self.dict(depth),
            '[' => self.items('[', ']', depth).map(Value::List),
            '(' => self.items('(', ')', depth).map(Value::List),
            quote @ ('\'' | '"') => self.text(quote).map(|text| Value::Text(text.into())),
            c if c.is_alphabetic() || c == '_' => self.word(depth),
            _ => self.number(),
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, c: char) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn items(&mut self, open: char, close: char, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        self.eat(open).then_some(())?;
        while !self.eat(close) {
            items.push(self.value(depth + 1)?);
            if !self.eat(',') {
                self.eat(close).then_some(())?;
                break;
            }
        }
        Some(items)
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        let mut entries = Vec::new();
        self.eat('{').then_some(())?;
        while !self.eat('}') {
            let Value::Text(key) = self.value(depth + 1)? else { return None };
            self.eat(':').then_some(())?;
            entries.push((key, self.value(depth + 1)?));
            if !self.eat(',') {
                self.eat('}').then_some(())?;
                break;
            }
        }
        Some(Value::Object(entries))
    }

    fn text(&mut self, quote: char) -> Option<String> {
        let mut out = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = &self.rest[1 + at + 1..];
                return Some(out);
            }
            out.push(if c == '\\' { escaped(&mut chars)? } else { c });
        }
        None
    }

    fn word(&mut self, depth: usize) -> Option<Value> {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "True" | "np.True_" => Some(Value::Bool(true)),
            "False" | "np.False_" => Some(Value::Bool(false)),
            "None" | "nan" | "inf" | "NaN" | "Infinity" => Some(Value::Null),
            _ if self.rest.starts_with('(') => {
                let [value] = <[_; 1]>::try_from(self.items('(', ')', depth)?).ok()?;
                Some(value)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        if let Some(rest) = self.rest.strip_prefix("-inf") {
            self.rest = rest;
            return Some(Value::Null);
        }
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+' | 'e' | 'E'));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let number: f64 = number.parse().ok()?;
        self.rest = rest;
        Some(if number.is_finite() { Value::Number(number) } else { Value::Null })
    }
}

/// The character that an escape stands for, the backslash being read already.
fn escaped(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let (_, c) = chars.next()?;
    let digits = match c {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        '\\' | '\'' | '"' => return Some(c),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + chars.next()?.1.to_digit(16)?;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, key: &str) -> Option<f64> {
        literal(text)?.get(key)?.number()
    }

    #[test]
    fn metrics_of_lighteval_are_read() {
        let text = "{'acc': 1, \"f1's\": np.float64(0.5), 'em': True, 'x': None, 'bad': nan, 'l': [1, (2.5e-3,), -inf]}";
        let value = literal(text).unwrap();
        assert_eq!(number(text, "acc"), Some(1.0));
        assert_eq!(number(text, "f1's"), Some(0.5));
        assert_eq!(value.get("em"), Some(&Value::Bool(true)));
        assert_eq!(value.get("x"), Some(&Value::Null));
        assert_eq!(value.get("bad"), Some(&Value::Null));
        let inner = Value::List(vec![Value::Number(0.0025)]);
        assert_eq!(
            value.get("l"),
            Some(&Value::List(vec![Value::Number(1.0), inner, Value::Null]))
        );
    }

    #[test]
    fn escapes_are_undone() {
        let value = literal(r#"{'a\'\n\x41\u00e9\\': 'é"'}"#).unwrap();
        assert_eq!(value.get("a'\nAé\\").and_then(Value::text), Some("é\""));
    }

    #[test]
    fn other_text_is_not_a_literal() {
        let deep = "[".repeat(100_000);
        for text in [
            "",
            "{",
            "{'a'}",
            "{'a': }",
            "__import__('os').x",
            "f(1, 2)",
            "1 2",
            "{1: 2}",
            "'a",
            "'\\x4",
            "--1",
            &deep,
        ] {
            assert_eq!(literal(text), None, "{text:.20}");
        }
    }
}
