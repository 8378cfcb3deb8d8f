//! Colours by meaning, each in a light and a dark version.
//!
//! Hues are those of Okabe and Ito 2008 (jfly.uni-koeln.de/color), which readers with any common
//! colour vision tell apart; series also differ in symbol or dashes. Ordered groups take viridis
//! (van der Walt and Smith 2015), cut where it would vanish into the background.

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Titles and labels.
    Text,
    /// Less important text.
    Muted,
    /// Grid lines.
    Grid,
    /// Axis lines and marks.
    Axis,
    /// Behind everything.
    Paper,
    /// The forecast.
    Forecast,
    /// Measured rungs.
    Rung,
    /// Anchors.
    Anchor,
    /// Actual scores of targets.
    Actual,
    /// One of [`RIVALS`] other engines.
    Rival(u8),
    /// One of ten ordered levels, 0 to 9.
    Level(u8),
    /// Samples of no group.
    NoGroup,
}

/// Other engines that have an ink and a dash of their own; more begin again.
pub const RIVALS: u8 = 8;

const RIVAL_LIGHT: [&str; 8] =
    ["#b87300", "#009e73", "#2a8fc4", "#cc5fa0", "#5b3fa0", "#7a7a00", "#8c4a2f", "#5f6368"];
const RIVAL_DARK: [&str; 8] =
    ["#e69f00", "#2fc79b", "#8fd0f5", "#e59ac8", "#b7a3f0", "#d6cf3c", "#d19a80", "#b4b9c0"];
const LEVEL_LIGHT: [&str; 10] = [
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21908d", "#22a884", "#42b070",
    "#6cab3b", "#9aa71a",
];
const LEVEL_DARK: [&str; 10] = [
    "#6f6bb8", "#5a7fc0", "#4a93c0", "#3aa6b5", "#35b79a", "#52c569", "#86d549", "#b8de29",
    "#dde318", "#fde725",
];

impl Ink {
    /// On white.
    pub fn light(self) -> &'static str {
        match self {
            Self::Text | Self::Rung => "#1b1f24",
            Self::Muted => "#57606a",
            Self::Grid => "#e4e7eb",
            Self::Axis => "#8b949e",
            Self::Paper => "#ffffff",
            Self::Forecast => "#0072b2",
            Self::Anchor => "#a6498a",
            Self::Actual => "#c04a00",
            Self::Rival(i) => RIVAL_LIGHT[usize::from(i % RIVALS)],
            Self::Level(i) => LEVEL_LIGHT[usize::from(i.min(9))],
            Self::NoGroup => "#b4bac1",
        }
    }

    fn dark(self) -> &'static str {
        match self {
            Self::Text | Self::Rung => "#e6e9ed",
            Self::Muted => "#a3abb5",
            Self::Grid => "#2c323a",
            Self::Axis => "#6b7480",
            Self::Paper => "#15181d",
            Self::Forecast => "#5bb8f0",
            Self::Anchor => "#e59ac8",
            Self::Actual => "#ff9447",
            Self::Rival(i) => RIVAL_DARK[usize::from(i % RIVALS)],
            Self::Level(i) => LEVEL_DARK[usize::from(i.min(9))],
            Self::NoGroup => "#5a626c",
        }
    }

    /// Name of its class in an SVG.
    pub fn class(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Muted => "muted".to_owned(),
            Self::Grid => "grid".to_owned(),
            Self::Axis => "axis".to_owned(),
            Self::Paper => "paper".to_owned(),
            Self::Forecast => "forecast".to_owned(),
            Self::Rung => "rung".to_owned(),
            Self::Anchor => "anchor".to_owned(),
            Self::Actual => "actual".to_owned(),
            Self::Rival(i) => format!("r{}", i % RIVALS),
            Self::Level(i) => format!("l{}", i.min(9)),
            Self::NoGroup => "none".to_owned(),
        }
    }

    /// Red, green, blue on white.
    pub(crate) fn rgb(self) -> [u8; 3] {
        let hex = self.light();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or(0);
        [byte(1), byte(3), byte(5)]
    }
}

/// Rules that give every ink its dark version, for figures inside a page: `f-` classes are fills,
/// `s-` classes strokes.
pub fn dark_css() -> String {
    let plain = [
        Ink::Text,
        Ink::Muted,
        Ink::Grid,
        Ink::Axis,
        Ink::Paper,
        Ink::Forecast,
        Ink::Rung,
        Ink::Anchor,
        Ink::Actual,
        Ink::NoGroup,
    ];
    let all = plain.into_iter().chain((0..RIVALS).map(Ink::Rival)).chain((0..10).map(Ink::Level));
    all.map(|ink| {
        let (class, colour) = (ink.class(), ink.dark());
        format!("svg .f-{class}{{fill:{colour}}}svg .s-{class}{{stroke:{colour}}}")
    })
    .collect()
}
