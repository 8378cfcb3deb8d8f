//! JSON Lines, or one array of rows. A score may be a list: one a repeat.

use super::roles::{Roles, ValueColumns};
use super::rows::{EXPECTED, Runs, counts, row, score};
use crate::error::{At, Error, Result};
use crate::json::{Value, loose_number};
use crate::record::Score;
use crate::sink::Sink;
use crate::source::Input;

pub(super) fn read(mut input: Input<'_>, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let mapping = sink.reading().columns.clone();
    let mut runs = Runs::new(&path);
    // Of the row before: rows mostly have the same keys.
    let mut known: Option<(Vec<String>, Roles)> = None;
    input.records(&[], &mut |at, value| {
        let value = match value {
            Ok(value) => value,
            Err(error) => return sink.problem(error),
        };
        let names: Vec<String> = value.entries().iter().map(|(key, _)| key.to_string()).collect();
        if known.as_ref().is_none_or(|(before, _)| *before != names) {
            match Roles::of(&names, &mapping)? {
                Ok(roles) => known = Some((names, roles)),
                Err(missing) => {
                    return sink.problem(Error::missing(at, missing.0, "a value in every row"));
                }
            }
        }
        let Some((_, roles)) = &known else { return Ok(()) };
        add(roles, value.entries(), &mut runs, &at, sink)
    })?;
    runs.finish(sink);
    Ok(())
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
