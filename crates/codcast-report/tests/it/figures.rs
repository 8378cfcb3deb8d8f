use std::io::Read as _;

use codcast_report::draw::{pdf, png, svg};
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
