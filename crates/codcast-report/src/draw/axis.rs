//! From values to places, and where the marks stand.

/// How values are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Evenly, values are shares in `[0, 1]` and marks are percent.
    Percent,
    /// By powers of ten; values are positive.
    Log,
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    /// How values are spread.
    pub scale: Scale,
    /// Least value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Axis {
    /// Covers these values; an axis without any goes from 0 to 1, or 1 to 10 in powers.
    pub fn covering(label: &str, scale: Scale, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite() && (scale != Scale::Log || *value > 0.0))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (mut min, mut max) = match scale {
            _ if low <= high => (low, high),
            Scale::Log => (1.0, 10.0),
            Scale::Linear | Scale::Percent => (0.0, 1.0),
        };
        match scale {
            Scale::Log => {
                // A twentieth on both sides, and never less than a factor of two in all.
                let margin = (max / min).max(1.4).powf(0.05);
                (min, max) = (min / margin, max * margin);
            }
            Scale::Linear | Scale::Percent => {
                let least =
                    if scale == Scale::Percent { 0.02 } else { 1e-9_f64.max(max.abs() * 1e-6) };
                let margin = 0.06 * (max - min).max(least);
                (min, max) = (min - margin, max + margin);
                if scale == Scale::Percent {
                    (min, max) = (min.max(0.0), max.min(1.0));
                    // Nearly at an end: show the end.
                    min = if min < 0.12 { 0.0 } else { min };
                    max = if max > 0.92 { 1.0 } else { max };
                }
            }
        }
        Self { label: label.to_owned(), scale, min, max }
    }

    /// 0 at the least value, 1 at the largest, not held between them.
    pub fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Log => (value / self.min).ln() / (self.max / self.min).ln(),
            Scale::Linear | Scale::Percent => (value - self.min) / (self.max - self.min),
        }
    }

    /// Marks with their labels; about `wanted` of them.
    pub fn marks(&self, wanted: usize) -> Vec<(f64, String)> {
        match self.scale {
            Scale::Log => self.powers(wanted),
            Scale::Percent => round(100.0 * self.min, 100.0 * self.max, wanted)
                .into_iter()
                .map(|(value, label)| (value / 100.0, label))
                .collect(),
            Scale::Linear => round(self.min, self.max, wanted),
        }
    }

    fn powers(&self, wanted: usize) -> Vec<(f64, String)> {
        let (low, high) = (self.min.log10(), self.max.log10());
        let (first, last) = (low.ceil() as i32, high.floor() as i32);
        let decades = usize::try_from(last - first + 1).unwrap_or(0);
        let within = |value: &f64| *value >= self.min && *value <= self.max;
        if decades >= 3 || (decades >= 2 && wanted <= 3) {
            let step = decades.div_ceil(wanted.max(1)).max(1);
            return (first..=last)
                .step_by(step)
                .map(|power| (10_f64.powi(power), format!("10{}", superscript(power))))
                .collect();
        }
        let inside: Vec<(f64, String)> = (low.floor() as i32..=last.max(first))
            .flat_map(|power| {
                [1, 2, 5].map(|lead| (f64::from(lead) * 10_f64.powi(power), lead, power))
            })
            .filter(|(value, ..)| within(value))
            .map(|(value, lead, power)| (value, shown(lead, power)))
            .collect();
        if inside.len() >= 2 {
            return inside;
        }
        // Less than a factor of five: its ends and middle.
        let ends = [self.min, (self.min * self.max).sqrt(), self.max];
        ends.into_iter().map(|value| (value, format!("{value:.1e}"))).collect()
    }
}

fn shown(lead: i32, power: i32) -> String {
    match power {
        0..=3 => (f64::from(lead) * 10_f64.powi(power)).to_string(),
        _ if lead == 1 => format!("10{}", superscript(power)),
        _ => format!("{lead}·10{}", superscript(power)),
    }
}

/// Steps of 1, 2 or 5 times a power of ten.
fn round(min: f64, max: f64, wanted: usize) -> Vec<(f64, String)> {
    let rough = (max - min) / wanted.max(1) as f64;
    if !(rough.is_finite() && rough > 0.0) {
        return Vec::new();
    }
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|lead| lead * power)
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * power);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let first = (min / step - 1e-9).ceil() as i64;
    let last = (max / step + 1e-9).floor() as i64;
    (first..=last)
        .map(|i| {
            let value = i as f64 * step;
            (value, format!("{:.decimals$}", if value == 0.0 { 0.0 } else { value }))
        })
        .collect()
}

/// A whole number in superscript digits.
pub(crate) fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number
        .to_string()
        .chars()
        .map(|c| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, wanted: usize) -> Vec<String> {
        axis.marks(wanted).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn marks_are_round_and_inside() {
        let axis = |scale, min, max| Axis { label: String::new(), scale, min, max };
        assert_eq!(
            labels(&axis(Scale::Percent, 0.0, 1.0), 5),
            ["0", "20", "40", "60", "80", "100"]
        );
        assert_eq!(labels(&axis(Scale::Percent, 0.31, 0.36), 3), ["32", "34", "36"]);
        assert_eq!(labels(&axis(Scale::Linear, -0.05, 0.05), 2), ["-0.05", "0.00", "0.05"]);
        assert_eq!(labels(&axis(Scale::Log, 3e19, 2e23), 4), ["10²⁰", "10²¹", "10²²", "10²³"]);
        assert_eq!(labels(&axis(Scale::Log, 1.5, 30.0), 4), ["2", "5", "10", "20"]);
        assert_eq!(labels(&axis(Scale::Log, 4e21, 2.5e22), 4), ["5·10²¹", "10²²", "2·10²²"]);
    }

    #[test]
    fn an_axis_covers_its_values_and_exists_without_any() {
        let axis = Axis::covering("", Scale::Log, [1e20, 1e23]);
        assert!(axis.place(1e20) > 0.0 && axis.place(1e23) < 1.0);
        for scale in [Scale::Linear, Scale::Percent, Scale::Log] {
            let empty = Axis::covering("", scale, []);
            assert!(empty.min < empty.max);
            let one = Axis::covering("", scale, [0.5]);
            assert!(one.min < one.max && one.place(0.5).is_finite());
        }
    }
}
