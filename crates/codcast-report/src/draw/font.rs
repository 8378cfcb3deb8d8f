//! Text as outlines, from one embedded font, so that a figure looks the same everywhere.

use ttf_parser::{Face, OutlineBuilder};

use super::{Anchor, Item};

/// A subset of `DejaVu` Sans; its licence is beside it.
const FONT: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// One step of an outline, in points.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Move(f64, f64),
    Line(f64, f64),
    Curve([(f64, f64); 3]),
    Close,
}

/// The outlines of a text item, placed; nothing for other items. Characters that the font lacks are
/// boxes.
pub(super) fn outlines(item: &Item) -> Vec<Step> {
    let Item::Text { x, y, anchor, size, turned, text, .. } = item else { return Vec::new() };
    let Ok(face) = Face::parse(FONT, 0) else { return Vec::new() };
    let scale = size / f64::from(face.units_per_em());
    let glyphs: Vec<_> = text.chars().map(|c| face.glyph_index(c).unwrap_or_default()).collect();
    let advance = |&glyph: &_| f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
    let length: f64 = glyphs.iter().map(advance).sum();
    let mut pen = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * length,
        Anchor::End => -length,
    };
    let mut outline =
        Outline { steps: Vec::new(), last: (0.0, 0.0), place: Box::new(|_, _| (0.0, 0.0)) };
    for glyph in &glyphs {
        let (x, y, turned) = (*x, *y, *turned);
        outline.place = Box::new(move |gx, gy| {
            let (along, up) = (pen + f64::from(gx) * scale, f64::from(gy) * scale);
            if turned { (x - up, y - along) } else { (x + along, y - up) }
        });
        face.outline_glyph(*glyph, &mut outline);
        pen += advance(glyph);
    }
    outline.steps
}

/// Length of a text of this size, in points.
pub(super) fn length(text: &str, size: f64) -> f64 {
    let Ok(face) = Face::parse(FONT, 0) else { return 0.6 * size * text.chars().count() as f64 };
    let units: u32 = text
        .chars()
        .map(|c| face.glyph_hor_advance(face.glyph_index(c).unwrap_or_default()).unwrap_or(0))
        .map(u32::from)
        .sum();
    f64::from(units) * size / f64::from(face.units_per_em())
}

/// As much of a text as `room` points hold, with an ellipsis where something is left out. Letters of
/// scripts that the font lacks are taken to be as wide as high, which is the widest that other fonts have.
pub(crate) fn fitted(text: &str, size: f64, room: f64) -> String {
    let wide =
        |c: char| if c >= '\u{2e80}' { size } else { length(c.encode_utf8(&mut [0; 4]), size) };
    if text.chars().map(wide).sum::<f64>() <= room {
        return text.to_owned();
    }
    let mut left = room - wide('…');
    let kept = text.chars().take_while(|&c| {
        left -= wide(c);
        left >= 0.0
    });
    kept.collect::<String>().trim_end().to_owned() + "…"
}

struct Outline {
    steps: Vec<Step>,
    /// In font units.
    last: (f32, f32),
    place: Box<dyn Fn(f32, f32) -> (f64, f64)>,
}

impl Outline {
    fn at(&mut self, x: f32, y: f32) -> (f64, f64) {
        self.last = (x, y);
        (self.place)(x, y)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.steps.push(Step::Move(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.steps.push(Step::Line(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        // The same curve as a cubic one, which PDF needs.
        let (x0, y0) = self.last;
        let third = |from: f32, to: f32| from + 2.0 / 3.0 * (to - from);
        let first = (self.place)(third(x0, x1), third(y0, y1));
        let second = (self.place)(third(x, x1), third(y, y1));
        let end = self.at(x, y);
        self.steps.push(Step::Curve([first, second, end]));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (first, second) = ((self.place)(x1, y1), (self.place)(x2, y2));
        let end = self.at(x, y);
        self.steps.push(Step::Curve([first, second, end]));
    }

    fn close(&mut self) {
        self.steps.push(Step::Close);
    }
}
