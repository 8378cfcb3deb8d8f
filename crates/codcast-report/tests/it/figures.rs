use std::io::Read as _;

use codcast_report::draw::{Item, Scene, pdf, png, svg};
use codcast_report::{Kind, plot, terminal};

use crate::fixture::{HOSTILE, forecast};

const KINDS: [Kind; 4] = [Kind::Curves, Kind::Clusters, Kind::Mapping, Kind::Difficulty];

#[test]
fn every_kind_is_drawn_in_every_format() {
    let json = forecast(&["first", HOSTILE[0]], HOSTILE[2]).to_string();
    for kind in KINDS {
        let scene = plot(&json, kind, &[], None).unwrap();
        let drawn = svg(&scene, "figure");
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>"));
        assert!(!drawn.contains("NaN") && !drawn.contains("inf") && !drawn.contains("<img"));
        assert!(png(&scene, 72.0).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(pdf(&scene).unwrap().starts_with(b"%PDF-1.4"));
        assert_eq!(pdf(&scene).unwrap(), pdf(&scene).unwrap());
    }
}

/// Every text of a figure with its place and size.
fn texts(scene: &Scene) -> Vec<(f64, f64, f64, String)> {
    let text = |item: &Item| match item {
        Item::Text { x, y, size, turned: false, text, .. } => Some((*x, *y, *size, text.clone())),
        _ => None,
    };
    scene.all().filter_map(text).collect()
}

#[test]
fn every_kind_has_a_legend_below_its_panels() {
    let mut with_backtest = forecast(&["first", "second"], "m");
    with_backtest["backtest"] = serde_json::json!({
        "settings": {"min_factor": 2.0, "min_rungs": 4, "level": 0.9}, "cases": [],
        "summary": [{"engine": "codcast", "cases": 4, "forecasts": 4,
                     "calibration": [{"level": 0.5, "cases": 4, "coverage": 0.5}]}]
    });
    for (kind, labels) in [
        (Kind::Curves, &["rung, ± 1 standard error", "target"][..]),
        (
            Kind::Clusters,
            &["rung", "law that is not trusted at the target", "the target's compute"],
        ),
        (Kind::Mapping, &["rung", "anchor", "fitted mapping", "both scores the same"]),
        (Kind::Difficulty, &["all samples", "predictable ones"]),
        (Kind::Calibration, &["codcast", "as promised"]),
    ] {
        let scene = plot(&with_backtest.to_string(), kind, &[], None).unwrap();
        let texts = texts(&scene);
        for label in labels {
            let found = texts.iter().find(|(.., text)| text == label);
            let (x, y, ..) = found.unwrap_or_else(|| panic!("{kind:?}: no {label:?} in {texts:?}"));
            assert!(*y > 0.7 * scene.height && *y < scene.height && *x > 0.0, "{kind:?}: {label}");
        }
    }
}

#[test]
fn a_legend_explains_the_marks_that_are_there_and_no_others() {
    type Change = fn(&mut serde_json::Value);
    let all: &[(Kind, &[&str])] = &[
        (Kind::Curves, &["target", "actual score", "anchor", "guessing", "forecast"]),
        (
            Kind::Clusters,
            &[
                "rung",
                "law of the hardest group",
                "of the easiest",
                "law that is not trusted at the target",
                "the target's compute",
            ],
        ),
        (Kind::Mapping, &["rung", "anchor", "fitted mapping", "both scores the same"]),
        (Kind::Difficulty, &["all samples", "predictable ones"]),
    ];
    // A kind, what the forecast says otherwise, and which of its labels are there then.
    let cases: &[(Kind, Change, &[&str])] = &[
        // The anchor has no compute; there is an interval, and its label is another one.
        (Kind::Curves, |_| (), &["target", "actual score", "guessing"]),
        (
            Kind::Curves,
            |json| json["curves"]["tasks"][0]["anchors"][0]["compute_flops"] = 1e21.into(),
            &["target", "actual score", "anchor", "guessing"],
        ),
        (
            Kind::Curves,
            |json| {
                let task = &mut json["curves"]["tasks"][0];
                task["lower"] = serde_json::json!([null, null, null, null, null]);
                task["upper"] = task["lower"].clone();
                task["chance"] = serde_json::Value::Null;
                for target in json["targets"].as_array_mut().unwrap() {
                    target["tasks"][0]["actual"] = serde_json::Value::Null;
                }
            },
            &["target", "forecast"],
        ),
        (Kind::Clusters, |_| (), all[1].1),
        (
            Kind::Clusters,
            |json| json["detail"]["tasks"][0]["groups"][1]["predictable"] = true.into(),
            &["rung", "law of the hardest group", "of the easiest", "the target's compute"],
        ),
        (
            Kind::Clusters,
            |json| json["detail"]["tasks"][0]["groups"][0]["predictable"] = false.into(),
            &["rung", "law that is not trusted at the target", "the target's compute"],
        ),
        // A target beyond the curve has no line in these panels.
        (
            Kind::Clusters,
            |json| json["targets"][1]["compute_flops"] = 1e30.into(),
            &[
                "rung",
                "law of the hardest group",
                "of the easiest",
                "law that is not trusted at the target",
            ],
        ),
        (Kind::Mapping, |_| (), all[2].1),
        (
            Kind::Mapping,
            |json| {
                json["detail"]["tasks"][0]["mapping"]["points"].as_array_mut().unwrap().truncate(1);
            },
            &["rung", "fitted mapping", "both scores the same"],
        ),
        (Kind::Difficulty, |_| (), all[3].1),
        (
            Kind::Difficulty,
            |json| {
                json["detail"]["tasks"][0]["difficulty"]["predictable"] = serde_json::Value::Null;
            },
            &["all samples"],
        ),
        // Bars without height are not to be seen.
        (
            Kind::Difficulty,
            |json| {
                json["detail"]["tasks"][0]["difficulty"]["predictable"] = serde_json::json!([0, 0]);
            },
            &["all samples"],
        ),
    ];
    for (number, (kind, change, labels)) in cases.iter().enumerate() {
        // What another task has is no mark of a figure of this one.
        let mut json = forecast(&["first", "second"], "m");
        change(&mut json);
        let scene = plot(&json.to_string(), *kind, &["first".to_owned()], None).unwrap();
        let drawn: Vec<String> = texts(&scene)
            .into_iter()
            // Below the panel; a line of the chart may be called the same.
            .filter(|(_, y, ..)| *y > scene.height - 60.0)
            .map(|(.., text)| text)
            .collect();
        let (_, all) = all.iter().find(|(of, _)| of == kind).unwrap();
        let shown: Vec<&&str> =
            all.iter().filter(|label| drawn.contains(&(**label).into())).collect();
        let expected: Vec<&&str> = all.iter().filter(|label| labels.contains(label)).collect();
        assert_eq!(shown, expected, "case {number}: {kind:?}: {drawn:?}");
    }
}

#[test]
fn titles_end_before_the_edge_and_above_the_labels() {
    for long in ["x", "W", "m", "漢", "🦀"] {
        let json = forecast(&[&long.repeat(500)], "m").to_string();
        let scene = plot(&json, Kind::Curves, &[], None).unwrap();
        let texts = texts(&scene);
        let title = texts.iter().position(|(.., text)| text.ends_with('…')).unwrap();
        let (x, baseline, size, title) = &texts[title];
        assert!(title.ends_with('…') && title.starts_with(long), "{title}");
        // The widest of these letters is as wide as it is high, the narrowest more than half.
        let widest = if long.is_ascii() { 1.1 } else { 1.0 };
        let n = title.chars().count() as f64 - 1.0;
        let wide = match long {
            "x" => 0.59 * n * size,
            "m" => 0.97 * n * size,
            "W" => 0.99 * n * size,
            _ => widest * n * size,
        };
        assert!(x + wide + size <= scene.width + 1.0, "{long}: {n} letters");
        assert!(x + wide + 3.0 * size > scene.width - 24.0, "{long}: {n} letters are too few");
        // Capitals and digits are at most 0.75 of the size high, tails 0.25 deep.
        let highest = texts
            .iter()
            .filter(|(.., text)| text != title)
            .map(|(_, y, size, _)| y - 0.75 * size)
            .fold(f64::INFINITY, f64::min);
        assert!(highest >= baseline + 0.25 * size + 3.0, "{highest} against {baseline}");
    }
}

#[test]
fn a_png_holds_the_pixels_it_promises() {
    let scene = plot(&forecast(&["a"], "m").to_string(), Kind::Curves, &[], None).unwrap();
    let file = png(&scene, 144.0).unwrap();
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    let (width, height) = (number(16), number(20));
    assert_eq!((width, height), ((2.0 * scene.width) as u32, (2.0 * scene.height) as u32));
    let data = file.windows(4).position(|name| name == b"IDAT").unwrap();
    let length = number(data - 4) as usize;
    let mut rows = Vec::new();
    flate2::read::ZlibDecoder::new(&file[data + 4..data + 4 + length])
        .read_to_end(&mut rows)
        .unwrap();
    assert_eq!(rows.len(), (height * (3 * width + 1)) as usize);
    let dark = rows.chunks(3 * width as usize + 1).flat_map(|row| &row[1..]).filter(|&&b| b < 100);
    assert!(dark.count() > 500, "text and lines are drawn");
}

#[test]
fn one_task_can_be_chosen_and_an_unknown_one_is_named() {
    let json = forecast(&["first", "second"], "m").to_string();
    let both = plot(&json, Kind::Curves, &[], None).unwrap();
    let one = plot(&json, Kind::Curves, &["second".to_owned()], None).unwrap();
    assert!(one.width < both.width);
    let error = plot(&json, Kind::Curves, &["third".to_owned()], None).unwrap_err().to_string();
    assert!(error.contains("third") && error.contains("first, second"), "{error}");
}

#[test]
fn a_drawing_in_text_has_rungs_curve_interval_and_actual_score() {
    let drawing = terminal(&forecast(&["first"], "m").to_string(), 80).unwrap();
    for mark in ['o', '*', '|', '@', 'x', ':'] {
        assert!(
            drawing.lines().take(16).any(|line| line.chars().skip(8).any(|c| c == mark)),
            "{mark}: {drawing}"
        );
    }
    assert!(drawing.lines().all(|line| line.chars().count() <= 100), "{drawing}");
    assert!(drawing.contains("1.00·10²⁰"));
}
