//! OpenCompass: `results/<model>/<dataset>.json`, where details were dumped.
//!
//! From 0.4.1 the details are a list of examples with lists of n verdicts, before an object of examples
//! by position with one verdict each. Without details the file holds nothing but percentages.

use super::{Format, Index, Part, Probe, no_index};
use crate::error::{At, Error, Result, shown};
use crate::json::{Field, Kind, Plan, Root, Value, loose_number};
use crate::record::{Expected, IdKind, MetricName, Run, Score};
use crate::sink::{RunKey, SeriesKey, Sink};
use crate::source::{Input, LogPath};

pub(super) const FORMAT: Format = Format { name: "opencompass", recognise, index: no_index, read };

const SKIP: &[&str] = &[
    "prompt",
    "origin_prompt",
    "origin_prediction",
    "prediction",
    "predictions",
    "pred",
    "references",
    "refr",
    "answer",
    "gold",
    "example",
];

/// Where an example's verdicts are: evaluators differ. The first one there counts.
const VERDICTS: &[Field] = &[
    Field::optional(&["correct"], Kind::Score),
    Field::optional(&["is_correct"], Kind::Score),
    Field::optional(&["cascade_correct"], Kind::Score),
];
/// `<dataset>_<split>_<position>`, from 0.4.1.
const EXAMPLE: Field = Field::optional(&["example_abbr"], Kind::Text);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    let outline = probe.outline;
    if outline.root != Root::Object || outline.more {
        return None;
    }
    let positions = |key: &str| outline.has(&[key]);
    if positions("details.*.example_abbr") || positions("details.0") {
        return Some(Part::Samples);
    }
    let above = probe.path.folder_name(2);
    if positions("0.origin_prompt") || (positions("0") && above == Some("predictions")) {
        return Some(Part::Known("answers without verdicts; those are in results/"));
    }
    // Results without details: taken, to be refused with the reason.
    let nested = |key: &String| {
        let above = key.match_indices('.').map(|(dot, _)| &key[..dot]);
        above.into_iter().any(|above| above != "details" && outline.has(&[above]))
    };
    let flat = !outline.keys.is_empty() && !outline.keys.iter().any(nested);
    (above == Some("results") && flat).then_some(Part::Samples)
}

const NO_DETAILS: &str = "has percentages but no details, so not what any sample scored; evaluate again \
                          with --dump-eval-details (the default from OpenCompass 0.5.0)";
const NO_VERDICTS: &str = "its details have no verdicts (correct, is_correct or cascade_correct): this \
                           evaluator does not log what a sample scored";

fn read(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let at = || At::whole(path.as_str());
    let Some(model) = path.folder_name(1) else {
        let message = "OpenCompass names the model by the folder of this file only, and there is none; \
                       put it into a folder of the model's name";
        return Err(Error::refused(at(), message));
    };
    let dataset = path.stem().to_owned();
    let run = sink.run(Run {
        model: model.to_owned(),
        model_source: "folder name".to_owned(),
        task: dataset.clone(),
        ids: IdKind::Index,
        time: path.folder_name(3).filter(|name| is_stamp(name)).map(str::to_owned),
        ..Run::default()
    });
    let mut details = Details {
        path: &path,
        dataset,
        run,
        series: None,
        split: None,
        examples: 0,
        unscored: Vec::new(),
    };
    let plan = Plan { items: &["details"], skip: SKIP };
    let rest = input.items(&plan, &mut |entry| {
        // Some evaluators put their type among the examples.
        let key = entry.key.as_deref();
        if key.is_some_and(|key| key.parse::<u64>().is_err()) {
            return Ok(());
        }
        let position = key.map_or_else(|| entry.index.to_string(), str::to_owned);
        details.example(&position, &entry.value, sink)
    })?;
    match details.series {
        None if details.examples == 0 => Err(Error::refused(at(), NO_DETAILS)),
        None => Err(Error::refused(at(), NO_VERDICTS)),
        Some(series) => {
            for id in &details.unscored {
                let sample = sink.sample(run, id.as_str());
                sink.score(series, sample, None, Score::Unscored, at)?;
            }
            if let Some(percent) = accuracy(&rest) {
                sink.expect(series, expected(percent));
            }
            Ok(())
        }
    }
}

struct Details<'p> {
    path: &'p LogPath,
    dataset: String,
    run: RunKey,
    /// Of the first verdict.
    series: Option<SeriesKey>,
    /// Of the first example.
    split: Option<String>,
    examples: u64,
    /// Ids of examples without a verdict.
    unscored: Vec<String>,
}

impl Details<'_> {
    fn example(&mut self, position: &str, example: &Value, sink: &mut Sink<'_>) -> Result<()> {
        let at = || At::item(self.path.as_str(), &format!("details, {}", shown(position, 40)));
        if !matches!(example, Value::Object(_)) {
            let error = Error::field(at(), "details", &example.described(), "an object an example");
            return sink.problem(error);
        }
        self.examples += 1;
        let id = match EXAMPLE.text_of(example, at) {
            Ok(abbr) => self.id(abbr.as_deref(), position),
            Err(error) => return sink.problem(error),
        };
        let field = VERDICTS.iter().find(|field| example.get(field.path[0]).is_some());
        let Some(field) = field else {
            self.unscored.push(id);
            return Ok(());
        };
        let verdicts = match example.get(field.path[0]) {
            Some(Value::List(repeats)) => &repeats[..],
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        if verdicts.is_empty() {
            let error = Error::field(at(), field.path[0], "an empty list", "a verdict a repeat");
            return sink.problem(error);
        }
        let series = self
            .series
            .unwrap_or_else(|| sink.series(self.run, &MetricName::new("accuracy", None)));
        self.series = Some(series);
        let sample = sink.sample(self.run, id);
        for (repeat, verdict) in verdicts.iter().enumerate() {
            let score = match (verdict, loose_number(verdict)) {
                (_, Some(score)) => Score::Trial(score),
                (Value::Null, None) => Score::Unscored,
                (other, None) => {
                    let expected = Kind::Score.expected();
                    sink.problem(Error::field(at(), field.path[0], &other.described(), expected))?;
                    continue;
                }
            };
            sink.score(series, sample, u32::try_from(repeat).ok(), score, at)?;
        }
        Ok(())
    }

    /// The position in the data set, the same in all versions; with the split, where it is not the
    /// file's first.
    fn id(&mut self, abbr: Option<&str>, position: &str) -> String {
        let rest = abbr.map(|abbr| {
            let rest = abbr.strip_prefix(self.dataset.as_str()).unwrap_or(abbr);
            rest.strip_prefix('_').unwrap_or(rest)
        });
        match rest.and_then(|rest| rest.rsplit_once('_')) {
            Some((split, index)) if self.split.get_or_insert_with(|| split.to_owned()) == split => {
                index.to_owned()
            }
            Some((split, index)) => format!("{split}_{index}"),
            None => rest.unwrap_or(position).to_owned(),
        }
    }
}

/// The total that is the mean of the verdicts, in percent.
fn accuracy(rest: &Value) -> Option<f64> {
    let is_total = |key: &str| key == "accuracy" || key.starts_with("accuracy (");
    rest.entries().iter().find(|(key, _)| is_total(key)).and_then(|(_, value)| value.number())
}

/// Percent as a mean. Some evaluators round to two digits; a total that has no more may be one.
fn expected(percent: f64) -> Expected {
    let hundredths = percent * 100.0;
    let rounded = (hundredths - hundredths.round()).abs() < 1e-9;
    let tolerance = if rounded { 0.5e-4 + 1e-9 } else { 1e-9 };
    Expected { tolerance, ..Expected::mean(percent / 100.0) }
}

/// `20261121_190000`.
fn is_stamp(name: &str) -> bool {
    name.len() == 15
        && name
            .bytes()
            .enumerate()
            .all(|(i, b)| if i == 8 { b == b'_' } else { b.is_ascii_digit() })
}
