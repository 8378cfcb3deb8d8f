//! Many messages as few: each once, with what it is about; those that differ in a model's name or in
//! numbers as one.

use std::collections::BTreeMap;

/// Names listed in a message; of more, how many.
const NAMED: usize = 6;
/// Messages that differ in numbers and are each shown; more are one.
const APART: usize = 3;

/// A message about something.
#[derive(Clone, Copy, Debug)]
pub struct Remark<'a> {
    /// Its code; only messages of one code are put together.
    pub code: &'a str,
    /// The message; the first text in double quotes, if any, is whom it is of.
    pub message: &'a str,
    /// What it is about, such as a task.
    pub about: &'a str,
}

/// Messages that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// Place of the first of them among the remarks.
    pub first: usize,
    /// The first message, and of whom else it holds.
    pub text: String,
    /// All they are about, in the order of appearance.
    pub about: Vec<String>,
}

/// One message, and all it holds of.
struct Entry {
    first: usize,
    code: String,
    message: String,
    about: Vec<String>,
    /// As quoted.
    subjects: Vec<String>,
    /// The message without whom it is of.
    unnamed: String,
    /// That without its numbers.
    unnumbered: String,
    /// Whether messages with other numbers were put to it.
    numbers_differ: bool,
}

/// In the order of their first appearance.
pub fn gather<'a>(remarks: impl IntoIterator<Item = Remark<'a>>) -> Vec<Gathered> {
    let mut same: Vec<Entry> = Vec::new();
    for (first, remark) in remarks.into_iter().enumerate() {
        let known = same.iter_mut().find(|e| e.code == remark.code && e.message == remark.message);
        match known {
            Some(entry) => add(&mut entry.about, remark.about),
            None => same.push(Entry::new(first, remark)),
        }
    }
    // The same of several models on the same tasks.
    let mut of_models: Vec<Entry> = Vec::new();
    for entry in same {
        let known = of_models.iter_mut().find(|known| {
            known.code == entry.code && known.about == entry.about && known.unnamed == entry.unnamed
        });
        match known {
            Some(known) => entry.subjects.iter().for_each(|name| add(&mut known.subjects, name)),
            None => of_models.push(entry),
        }
    }
    let mut of_shape: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for entry in &of_models {
        *of_shape.entry(entry.shape()).or_default() += 1;
    }
    let many: Vec<bool> = of_models.iter().map(|entry| of_shape[&entry.shape()] > APART).collect();
    let mut gathered: Vec<Entry> = Vec::new();
    for (entry, many) in of_models.into_iter().zip(many) {
        let known = gathered.iter_mut().find(|known| many && known.shape() == entry.shape());
        match known {
            Some(known) => {
                known.numbers_differ = true;
                entry.about.iter().for_each(|about| add(&mut known.about, about));
                entry.subjects.iter().for_each(|name| add(&mut known.subjects, name));
            }
            None => gathered.push(entry),
        }
    }
    gathered.into_iter().map(Entry::told).collect()
}

/// Lines without code, gathered.
pub fn gather_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let remarks = lines.into_iter().map(|message| Remark { code: "", message, about: "" });
    gather(remarks).into_iter().map(|gathered| gathered.text).collect()
}

impl Entry {
    fn new(first: usize, remark: Remark<'_>) -> Self {
        let unnamed = unnamed(remark.message);
        Self {
            first,
            code: remark.code.to_owned(),
            message: remark.message.to_owned(),
            about: vec![remark.about.to_owned()],
            subjects: subject(remark.message)
                .map(|(_, name, _)| name.to_owned())
                .into_iter()
                .collect(),
            unnumbered: unnumbered(&unnamed),
            unnamed,
            numbers_differ: false,
        }
    }

    /// Messages of one shape differ in whom they are of and in numbers at most.
    fn shape(&self) -> (&str, &str) {
        (&self.code, &self.unnumbered)
    }

    fn told(self) -> Gathered {
        let others = self.subjects.get(1..).unwrap_or_default();
        let named: Vec<&str> = others.iter().take(NAMED).map(String::as_str).collect();
        let more = others.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = named.join(", ") + &more;
        let mut text = self.message;
        if self.numbers_differ {
            text += &match others {
                [] => "; with other numbers elsewhere".to_owned(),
                _ => format!("; the like, with other numbers, of {named}"),
            };
        } else if !others.is_empty() {
            text += &format!("; the same of {named}");
        }
        Gathered { first: self.first, text, about: self.about }
    }
}

fn add(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
    }
}

/// What stands before, in, and after the first quotes; quotes inside are escaped.
fn subject(message: &str) -> Option<(&str, &str, &str)> {
    let start = message.find('"')?;
    let mut escaped = false;
    for (at, c) in message.char_indices().skip_while(|(at, _)| *at <= start) {
        match c {
            '"' if !escaped => {
                return Some((&message[..start], &message[start..=at], &message[at + 1..]));
            }
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

fn unnamed(message: &str) -> String {
    subject(message)
        .map_or_else(|| message.to_owned(), |(before, _, after)| format!("{before}\"\"{after}"))
}

/// Every run of digits as one `#`.
fn unnumbered(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(remarks: &[(&str, &str, &str)]) -> Vec<(String, usize)> {
        let remarks = remarks.iter().map(|&(code, message, about)| Remark { code, message, about });
        gather(remarks).into_iter().map(|g| (g.text, g.about.len())).collect()
    }

    #[test]
    fn twelve_models_are_one_line_that_names_six_more_and_counts_the_rest() {
        let lines: Vec<String> =
            (0..12).map(|i| format!("model \"m{i}\" has no results")).collect();
        assert_eq!(
            gather_lines(lines.iter().map(String::as_str)),
            [
                "model \"m0\" has no results; the same of \"m1\", \"m2\", \"m3\", \"m4\", \"m5\", \"m6\" \
                 and 5 more"
            ]
        );
    }

    #[test]
    fn names_that_hold_quotes_are_names() {
        let lines = ["model \"a\\\"b\" is odd", "model \"c\\\\\" is odd", "model c is odd"];
        assert_eq!(
            gather_lines(lines),
            ["model \"a\\\"b\" is odd; the same of \"c\\\\\"", "model c is odd"]
        );
    }

    #[test]
    fn codes_words_and_tasks_are_kept_apart() {
        let kept = told(&[
            ("a", "model \"m\" is odd", "t1"),
            ("b", "model \"n\" is odd", "t1"),
            ("a", "model \"n\" is odd", "t2"),
            ("a", "model \"m\" is even", "t1"),
            ("a", "model \"m\" is odd", "t3"),
        ]);
        assert_eq!(kept.len(), 4);
        assert_eq!(kept[0], ("model \"m\" is odd".to_owned(), 2));
    }

    #[test]
    fn few_numbers_are_all_told_and_many_are_one_line() {
        let of = |n: usize| -> Vec<(String, String)> {
            (0..n)
                .map(|i| (format!("{i} of 90 samples; \"r{i}\" misses most"), format!("t{i}")))
                .collect()
        };
        let told = |n| {
            let of = of(n);
            let remarks = of.iter().map(|(m, t)| Remark { code: "c", message: m, about: t });
            gather(remarks)
        };
        assert_eq!(told(3).len(), 3);
        let many = told(8);
        assert_eq!(many.len(), 1);
        assert_eq!(many[0].about.len(), 8);
        assert!(many[0].text.starts_with(
            "0 of 90 samples; \"r0\" misses most; the like, with other numbers, of \"r1\""
        ));
        assert!(many[0].text.ends_with("and 1 more"));
    }
}
