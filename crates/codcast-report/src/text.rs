//! Numbers and names as people read them. Text from data is hostile: bounded, its control and
//! direction marks made visible, and escaped.

/// Longest name shown in full; a page has the rest beside it.
const SHOWN: usize = 60;
/// Longest text kept at all.
const KEPT: usize = 2000;

/// `&`, `<`, `>` and quotes as references, for HTML and SVG.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Control and direction-changing characters become visible; at most [`KEPT`] characters.
pub fn clean(text: &str) -> String {
    text.chars()
        .take(KEPT)
        .map(|c| if hostile(c) { c.escape_unicode().to_string() } else { c.into() })
        .collect()
}

/// The same for several lines of any length.
pub(crate) fn clean_lines(text: &str) -> String {
    text.chars()
        .map(|c| if c != '\n' && hostile(c) { c.escape_unicode().to_string() } else { c.into() })
        .collect()
}

/// Characters that act instead of being seen.
pub(crate) fn hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
}

/// A name at most [`SHOWN`] characters long.
pub fn name(text: &str) -> String {
    cut(&clean(text), SHOWN)
}

/// At most `most` characters, the last an ellipsis where some are left out.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// What stands for a number that is not known.
pub(crate) const UNKNOWN: &str = "–";

fn or_unknown(value: Option<f64>, shown: impl Fn(f64) -> String) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| UNKNOWN.to_owned(), shown)
}

/// A share in `[0, 1]` in percent, one decimal.
pub fn percent(value: impl Into<Option<f64>>) -> String {
    or_unknown(value.into(), |value| format!("{:.1}", 100.0 * value))
}

/// Points, two decimals.
pub fn points(value: impl Into<Option<f64>>) -> String {
    or_unknown(value.into(), |value| format!("{value:.2}"))
}

/// Points with their sign.
pub fn signed(value: impl Into<Option<f64>>) -> String {
    or_unknown(value.into(), |value| format!("{value:+.2}"))
}

/// Compute in FLOP, three digits: `7.80·10²⁴`.
pub fn flops(value: impl Into<Option<f64>>) -> String {
    or_unknown(value.into(), |value| {
        let shown = format!("{value:.2e}");
        let (lead, power) = shown.split_once('e').unwrap_or((&shown, "0"));
        format!("{lead}·10{}", crate::draw::superscript(power.parse().unwrap_or(0)))
    })
}

/// How many times something, to three digits or so.
pub fn times(value: impl Into<Option<f64>>) -> String {
    or_unknown(value.into(), |value| match value {
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        assert_eq!(
            escape("</script><img a='b\">&"),
            "&lt;/script&gt;&lt;img a=&#39;b&quot;&gt;&amp;"
        );
        assert_eq!(clean("a\u{202e}b\u{0}c\nd"), "a\\u{202e}b\\u{0}c\\u{a}d");
        assert_eq!(name(&"x".repeat(500)).chars().count(), SHOWN);
        assert_eq!(name("日本語 🦀"), "日本語 🦀");
    }

    #[test]
    fn numbers_are_rounded_not_cut_and_the_unknown_is_not_zero() {
        assert_eq!(percent(0.12349), "12.3");
        assert_eq!(percent(None), UNKNOWN);
        assert_eq!(percent(f64::NAN), UNKNOWN);
        assert_eq!(signed(-1.005_1), "-1.01");
        assert_eq!(flops(7.8e24), "7.80·10²⁴");
        assert_eq!(times(4.94), "4.94");
    }
}
