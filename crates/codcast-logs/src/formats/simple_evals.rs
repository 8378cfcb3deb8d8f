//! OpenAI's simple-evals (experimental): `…_allresults.json`. What a sample scored stands only in the
//! HTML that was rendered of it, as the last `<p>Score: 1.0</p>`; text of the model is escaped there.

use super::companion::model_by_name;
use super::names;
use super::{Format, Index, Part, Probe, no_index};
use crate::error::{At, Error, Result};
use crate::json::{Field, Kind, Plan};
use crate::record::{Expected, IdKind, MetricName, Run, Score};
use crate::sink::Sink;
use crate::source::Input;

pub(super) const FORMAT: Format = Format { name: "simple-evals", recognise, index: no_index, read };

const SKIP: &[&str] = &["convos", "metadata", "metrics"];

const TOTAL: Field = Field::optional(&["score"], Kind::Number);

fn recognise(probe: &Probe<'_>) -> Option<Part> {
    if probe.outline.has(&["score", "metrics", "htmls", "convos"]) {
        return Some(Part::Samples);
    }
    probe.outline.has(&["score", "score:std"]).then_some(Part::Known("totals, without samples"))
}

fn read(mut input: Input<'_>, _: &Index, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let at = || At::whole(path.as_str());
    let named = names::simple_evals(path.file_name()).unwrap_or_default();
    let (Some((model, model_source)), Some(task)) =
        (model_by_name(&named.model, &path), named.task)
    else {
        let message = "simple-evals writes model and task into the file's name only; call it \
                       EVAL_MODEL_allresults.json";
        return Err(Error::refused(at(), message));
    };
    let run = sink.run(Run { model, model_source, task, ids: IdKind::Index, ..Run::default() });
    let series = sink.series(run, &MetricName::new("score", None));
    let rest = input.items(&Plan { items: &["htmls"], skip: SKIP }, &mut |entry| {
        let at = || At::row(path.as_str(), entry.index + 1);
        let score = match entry.value.text().map(last_score) {
            Some(Some(score)) => score,
            Some(None) => {
                let found = "a text without one";
                return sink.problem(Error::field(
                    at(),
                    "htmls: Score",
                    found,
                    "<p>Score: NUMBER</p>",
                ));
            }
            None => {
                let found = entry.value.described();
                return sink.problem(Error::field(at(), "htmls", &found, "a text"));
            }
        };
        let sample = sink.sample(run, entry.index.to_string());
        sink.score(series, sample, Some(0), score, at)
    })?;
    if let Some(total) = TOTAL.number_of(&rest, at)? {
        sink.expect(series, Expected::mean(total));
    }
    sink.note(
        "experimental: scores are taken from rendered pages, and repeats are not logged; with n_repeats \
         over 1 each repeat counts as a sample of its own, so use the same n_repeats for all models",
    );
    Ok(())
}

/// The last score of a page; `None` where there is none.
fn last_score(html: &str) -> Option<Score> {
    const BEFORE: &str = "<p>Score: ";
    let start = html.rfind(BEFORE)? + BEFORE.len();
    let text = html[start..].split('<').next()?.trim();
    match text {
        "None" | "nan" => Some(Score::Unscored),
        "True" => Some(Score::Trial(1.0)),
        "False" => Some(Score::Trial(0.0)),
        number => number.parse().ok().filter(|score: &f64| score.is_finite()).map(Score::Trial),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_score_counts() {
        let page = |score: &str| {
            format!("<pre>&lt;p&gt;Score: 1&lt;/p&gt; <p>Score: 1.0</p>x<p>Score: {score}</p>")
        };
        assert_eq!(last_score(&page("0.25")), Some(Score::Trial(0.25)));
        assert_eq!(last_score(&page("False")), Some(Score::Trial(0.0)));
        assert_eq!(last_score(&page("None")), Some(Score::Unscored));
        assert_eq!(last_score(&page("inf")), None);
        assert_eq!(last_score("no score"), None);
    }
}
