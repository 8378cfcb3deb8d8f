//! JSON Lines, or one array of rows. A score may be a list: one a repeat.

use super::roles::{Missing, Roles, ValueColumns};
use super::rows::{EXPECTED, Row, Runs, counts, row, score};
use crate::error::{At, Error, Result};
use crate::json::scan::{Raw, fields};
use crate::json::{Plan, Value, loose_number, parse};
use crate::record::Score;
use crate::sink::Sink;
use crate::source::{Block, Input, of_each};

pub(super) fn read(mut input: Input<'_>, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let name = path.as_str();
    let mapping = sink.reading().columns.clone();
    let mut table = Table { mapping, known: Vec::new(), last: 0, runs: Runs::new(&path) };
    if input.starts_with(b'[')? {
        let plan = Plan { items: &[], skip: &[] };
        input.items(&plan, &mut |entry| {
            table.add_value(&entry.value, &At::row(name, entry.index + 1), sink)
        })?;
    } else {
        input.blocks(&mut |blocks: &[Block], too_large| {
            let lines = of_each(blocks, Lines::of);
            for error in too_large {
                sink.problem(error)?;
            }
            lines.iter().try_for_each(|lines| table.add_lines(lines, name, sink))
        })?;
    }
    table.runs.finish(sink);
    Ok(())
}

/// Lines of a block, their values as they stand in the text.
#[derive(Default)]
struct Lines<'t> {
    lines: Vec<Line<'t>>,
    /// Keys of lines, each list that is different from the one before.
    shapes: Vec<Vec<&'t str>>,
    cells: Vec<Raw<'t>>,
}

struct Line<'t> {
    number: u64,
    text: &'t [u8],
    /// Index of its keys and its first cell; `None` where it takes the slow way.
    found: Option<(usize, usize)>,
}

impl<'t> Lines<'t> {
    fn of(block: &'t Block) -> Self {
        let mut all = Self::default();
        let mut keys: Vec<&str> = Vec::new();
        for (number, text) in block.lines() {
            let start = all.cells.len();
            keys.clear();
            let scanned = fields(text, |key, scan| {
                keys.push(key);
                all.cells.push(scan.raw()?);
                (keys.len() <= MAX_KEYS).then_some(())
            });
            let found = scanned.map(|()| {
                if all.shapes.last() != Some(&keys) {
                    all.shapes.push(keys.clone());
                }
                (all.shapes.len() - 1, start)
            });
            all.lines.push(Line { number, text, found });
        }
        all
    }
}

/// A table on its way in.
struct Table<'p> {
    mapping: Vec<(String, String)>,
    /// Keys of rows that came, with their roles; few, in any table.
    known: Vec<(Vec<String>, Roles)>,
    /// Of the row before.
    last: usize,
    runs: Runs<'p>,
}

impl Table<'_> {
    fn add_lines(&mut self, lines: &Lines<'_>, name: &str, sink: &mut Sink<'_>) -> Result<()> {
        let Lines { lines, shapes, cells } = lines;
        // The lines' keys are mostly those of the line before.
        let mut of_shape: Option<(usize, Roles)> = None;
        for line in lines {
            let at = || At::line(name, line.number);
            if let Some((shape, start)) = line.found {
                let keys = &shapes[shape];
                if of_shape.as_ref().is_none_or(|(known, _)| *known != shape)
                    && let Ok(roles) = self.roles(keys)?
                {
                    of_shape = Some((shape, roles.clone()));
                }
                let cells = &cells[start..start + keys.len()];
                if let Some((known, roles)) = &of_shape
                    && *known == shape
                    && let Some((row, score)) = plain(roles, cells)
                {
                    self.runs.add(row, &[score], at, sink)?;
                    continue;
                }
            }
            match parse(line.text, &[]) {
                Ok(value) => self.add_value(&value, &at(), sink)?,
                Err(message) => sink.problem(Error::damaged(at(), "JSON", message))?,
            }
        }
        Ok(())
    }

    /// The roles of these keys; the inner error is what is missing.
    fn roles(&mut self, keys: &[impl AsRef<str>]) -> Result<Result<&Roles, Missing>> {
        let same = |(known, _): &(Vec<String>, Roles)| {
            known.len() == keys.len() && known.iter().zip(keys).all(|(a, b)| a == b.as_ref())
        };
        if !self.known.get(self.last).is_some_and(same) {
            self.last = match self.known.iter().position(same) {
                Some(place) => place,
                None => {
                    let keys: Vec<String> = keys.iter().map(|key| key.as_ref().into()).collect();
                    let roles = match Roles::of(&keys, &self.mapping)? {
                        Ok(roles) => roles,
                        Err(missing) => return Ok(Err(missing)),
                    };
                    // Of tables with ever other keys, the last few.
                    if self.known.len() == MAX_SHAPES {
                        self.known.clear();
                    }
                    self.known.push((keys, roles));
                    self.known.len() - 1
                }
            };
        }
        Ok(Ok(&self.known[self.last].1))
    }

    /// A row that is held as a whole.
    fn add_value(&mut self, value: &Value, at: &At, sink: &mut Sink<'_>) -> Result<()> {
        let keys: Vec<&str> = value.entries().iter().map(|(key, _)| &**key).collect();
        match self.roles(&keys)? {
            Ok(roles) => {
                let roles = roles.clone();
                add(&roles, value.entries(), &mut self.runs, at, sink)
            }
            Err(missing) => {
                sink.problem(Error::missing(at.clone(), missing.0, "a value in every row"))
            }
        }
    }
}

/// Keys of a row on the fast way; no table has more.
const MAX_KEYS: usize = 10_000;
/// Different lists of keys that are remembered.
const MAX_SHAPES: usize = 64;

/// A row of plain names and a plain score, as nearly all are; `None`: it takes the slow way.
fn plain<'t>(roles: &Roles, cells: &[Raw<'t>]) -> Option<(Row<'t>, Score)> {
    let score = match roles.value {
        ValueColumns::Score(place) => match cells[place] {
            Raw::Null => Score::Unscored,
            Raw::Bool(value) => Score::Trial(f64::from(u8::from(value))),
            number => Score::Trial(number.number()?),
        },
        ValueColumns::Counts(n, c) => counts(cells[n].plain_text()?, cells[c].plain_text()?)?,
    };
    for place in roles.names() {
        cells[place].plain_text()?;
    }
    Some((row(roles, |place| cells[place].plain_text().unwrap_or_default()), score))
}

fn add(
    roles: &Roles,
    cells: &[(Box<str>, Value)],
    runs: &mut Runs<'_>,
    at: &At,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let (id_name, id) = &cells[roles.sample_id];
    if let Value::Number(_) = id
        && id.id().is_none()
        && id.number().is_some_and(|number| number.fract() == 0.0)
    {
        let expected = "a text, or an integer of at most 19 digits (longer ones are not exact)";
        return sink.problem(Error::field(at.clone(), id_name, &id.described(), expected));
    }
    for place in roles.names() {
        let (name, value) = &cells[place];
        if matches!(value, Value::List(_) | Value::Object(_)) {
            let expected = "a text, a number or null";
            return sink.problem(Error::field(at.clone(), name, &value.described(), expected));
        }
    }
    let texts: Vec<String> = cells.iter().map(|(_, value)| text(value)).collect();
    let (name, found, scores) = match roles.value {
        ValueColumns::Score(place) => {
            let (name, value) = &cells[place];
            (name.to_string(), value.described(), scores(value))
        }
        ValueColumns::Counts(n, c) => {
            let found = format!("{} and {}", cells[n].1.described(), cells[c].1.described());
            ("n and c".to_owned(), found, counts(&texts[n], &texts[c]).map(|score| vec![score]))
        }
    };
    match scores {
        Some(scores) => runs.add(row(roles, |place| &texts[place]), &scores, || at.clone(), sink),
        None => sink.problem(Error::field(at.clone(), &name, &found, EXPECTED)),
    }
}

/// A cell as text: a name, an id or a count.
fn text(value: &Value) -> String {
    match value {
        Value::Number(_) | Value::Whole(_) | Value::Bool(_) => value.described(),
        other => other.id().unwrap_or_default(),
    }
}

fn scores(value: &Value) -> Option<Vec<Score>> {
    let one = |value: &Value| match value {
        Value::Null => Some(Score::Unscored),
        Value::Text(text) => score(text),
        other => loose_number(other).map(Score::Trial),
    };
    match value {
        Value::List(items) if items.is_empty() => Some(vec![Score::Unscored]),
        Value::List(items) => items.iter().map(one).collect(),
        other => one(other).map(|score| vec![score]),
    }
}
