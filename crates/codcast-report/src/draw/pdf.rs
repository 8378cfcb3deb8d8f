//! A scene as a PDF of one page. Text is outlines: no font to embed, none to miss.
//!
//! Five kinds of objects and a table of their places (ISO 32000-1, 7.5); a library would take longer to
//! build than this to read.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use super::Scene;
use super::font::Step;
use super::path::{Painted, paths, rgb};
use crate::error::{Error, Result};

/// The file's content.
pub fn pdf(scene: &Scene) -> Result<Vec<u8>> {
    let painted = paths(scene);
    // Opacities are named in the page's resources; hundredths are enough to tell them apart.
    let opacity =
        |painted: &Painted| (100.0 * painted.paint.opacity.clamp(0.0, 1.0)).round() as u32;
    let mut opacities: Vec<u32> = painted.iter().map(opacity).collect();
    opacities.sort_unstable();
    opacities.dedup();

    // PDF's origin is at the lower left.
    let mut content = format!("1 0 0 -1 0 {} cm\n", short(scene.height));
    for painted in &painted {
        let _ = writeln!(content, "/G{} gs", opacity(painted));
        write_path(&mut content, painted);
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(content.as_bytes()).map_err(Error::Compression)?;
    let packed = packed.finish().map_err(Error::Compression)?;

    let states: String = opacities
        .iter()
        .map(|o| {
            let value = short(f64::from(*o) / 100.0);
            format!("/G{o} << /CA {value} /ca {value} >> ")
        })
        .collect();
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents 4 0 R /Resources << /ExtGState \
         << {states}>> >> >>",
        short(scene.width),
        short(scene.height)
    );
    let stream = [
        format!("<< /Filter /FlateDecode /Length {} >>\nstream\n", packed.len()).into_bytes(),
        packed,
        b"\nendstream".to_vec(),
    ]
    .concat();
    // A title in UTF-16, in hexadecimal: whatever it holds is text.
    let title: String = scene
        .title
        .encode_utf16()
        .fold("FEFF".to_owned(), |hex, unit| hex + &format!("{unit:04X}"));
    Ok(document(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.into_bytes(),
        stream,
        format!("<< /Title <{title}> /Producer (codcast) >>").into_bytes(),
    ]))
}

/// The first object is the catalogue, the last the information.
fn document(objects: &[Vec<u8>]) -> Vec<u8> {
    // Bytes above 127 tell transfer programs that this is not text.
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (i, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    let n = objects.len();
    let trailer = format!(
        "trailer\n<< /Size {} /Root 1 0 R /Info {n} 0 R >>\nstartxref\n{start}\n%%EOF\n",
        n + 1
    );
    out.extend(table.bytes().chain(trailer.bytes()));
    out
}

fn write_path(out: &mut String, painted: &Painted) {
    if painted.steps.is_empty() {
        return;
    }
    let colour = |ink| {
        let [r, g, b] = rgb(ink).map(|byte| short(f64::from(byte) / 255.0));
        format!("{r} {g} {b}")
    };
    let paint = &painted.paint;
    if let Some(ink) = paint.fill {
        let _ = writeln!(out, "{} rg", colour(ink));
    }
    if let Some(ink) = paint.stroke {
        let (on, off) = paint.dash.unwrap_or_default();
        let dash = if paint.dash.is_some() {
            format!("{} {}", short(on), short(off))
        } else {
            String::new()
        };
        let cap = u8::from(painted.round);
        let _ = writeln!(out, "{} RG {} w {cap} J [{dash}] 0 d", colour(ink), short(paint.width));
    }
    for step in &painted.steps {
        let _ = match *step {
            Step::Move(x, y) => writeln!(out, "{} {} m", short(x), short(y)),
            Step::Line(x, y) => writeln!(out, "{} {} l", short(x), short(y)),
            Step::Curve([a, b, c]) => {
                let [a, b, c] = [a, b, c].map(|(x, y)| format!("{} {}", short(x), short(y)));
                writeln!(out, "{a} {b} {c} c")
            }
            Step::Close => writeln!(out, "h"),
        };
    }
    out.push_str(match (paint.fill, paint.stroke) {
        (Some(_), Some(_)) => "B\n",
        (Some(_), None) => "f\n",
        (None, Some(_)) => "S\n",
        (None, None) => "n\n",
    });
}

/// At most three decimals, never an exponent.
fn short(value: f64) -> String {
    let rounded = (value * 1000.0).round() / 1000.0;
    (rounded + 0.0).to_string()
}
