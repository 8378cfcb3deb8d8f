//! A scene as PNG. Drawn by tiny-skia; the container is a few lines over flate2, which the workspace
//! builds anyway, where an encoder would add four crates.

use std::io::Write as _;

use flate2::{Compression, Crc, write::ZlibEncoder};
use tiny_skia::{
    Color, FillRule, LineCap, Paint, PathBuilder, Pixmap, Stroke, StrokeDash, Transform,
};

use super::Scene;
use super::font::Step;
use super::path::{Painted, paths, rgb};
use crate::error::{Error, Result};

/// Pixels of the longer side at most: about a poster at 300 dots per inch.
const MOST_PIXELS: f64 = 20_000.0;

/// The file's content, on white. `dpi`: dots per inch; a point of the scene is 1/72 inch.
pub fn png(scene: &Scene, dpi: f64) -> Result<Vec<u8>> {
    let scale = dpi / 72.0;
    let (width, height) = (scene.width * scale, scene.height * scale);
    if !(width.max(height) <= MOST_PIXELS && width >= 1.0 && height >= 1.0) {
        return Err(Error::Size { width, height });
    }
    let (width, height) = (width.round() as u32, height.round() as u32);
    let mut pixels = Pixmap::new(width, height)
        .ok_or(Error::Size { width: width.into(), height: height.into() })?;
    pixels.fill(Color::WHITE);
    let transform = Transform::from_scale(scale as f32, scale as f32);
    for painted in paths(scene) {
        draw(&mut pixels, &painted, transform);
    }
    encode(&pixels, dpi)
}

fn draw(pixels: &mut Pixmap, painted: &Painted, transform: Transform) {
    let mut path = PathBuilder::new();
    for step in &painted.steps {
        match *step {
            Step::Move(x, y) => path.move_to(x as f32, y as f32),
            Step::Line(x, y) => path.line_to(x as f32, y as f32),
            Step::Curve([a, b, c]) => path
                .cubic_to(a.0 as f32, a.1 as f32, b.0 as f32, b.1 as f32, c.0 as f32, c.1 as f32),
            Step::Close => path.close(),
        }
    }
    let Some(path) = path.finish() else { return };
    let colour = |ink| {
        let [r, g, b] = rgb(ink);
        let mut paint = Paint::default();
        paint.set_color_rgba8(
            r,
            g,
            b,
            (painted.paint.opacity.clamp(0.0, 1.0) * 255.0).round() as u8,
        );
        paint
    };
    if let Some(ink) = painted.paint.fill {
        pixels.fill_path(&path, &colour(ink), FillRule::Winding, transform, None);
    }
    if let Some(ink) = painted.paint.stroke {
        let dash = painted.paint.dash;
        let stroke = Stroke {
            width: painted.paint.width as f32,
            line_cap: if painted.round { LineCap::Round } else { LineCap::Butt },
            dash: dash.and_then(|(on, off)| StrokeDash::new(vec![on as f32, off as f32], 0.0)),
            ..Stroke::default()
        };
        pixels.stroke_path(&path, &colour(ink), &stroke, transform, None);
    }
}

/// PNG, third edition (W3C 2025): eight-bit RGB, rows unfiltered.
fn encode(pixels: &Pixmap, dpi: f64) -> Result<Vec<u8>> {
    let (width, height) = (pixels.width(), pixels.height());
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::best());
    for row in pixels.data().chunks_exact(4 * width as usize) {
        // Opaque: drawn on white.
        let rgb: Vec<u8> =
            row.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        rows.write_all(&[0]).and_then(|()| rows.write_all(&rgb)).map_err(Error::Compression)?;
    }
    let rows = rows.finish().map_err(Error::Compression)?;
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    // Pixels per metre, so that programs show it in its intended size.
    let density = ((dpi / 0.0254).round() as u32).to_be_bytes();
    let density = [&density[..], &density[..], &[1]].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in
        [(b"IHDR", &header), (b"pHYs", &density), (b"IDAT", &rows), (b"IEND", &Vec::new())]
    {
        out.extend((data.len() as u32).to_be_bytes());
        let mut check = Crc::new();
        check.update(name);
        check.update(data);
        out.extend(name);
        out.extend(data);
        out.extend(check.sum().to_be_bytes());
    }
    Ok(out)
}
