//! What a page is made of.

use crate::draw::{Legend, Scene, Spot};

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Of the document.
    pub title: String,
    /// One sentence below it.
    pub lead: String,
    /// In order.
    pub sections: Vec<Section>,
    /// What the page's script needs, and files to download.
    pub data: Vec<Data>,
}

/// JSON inside the page.
#[derive(Clone, Debug)]
pub struct Data {
    /// What the script finds it by.
    pub id: &'static str,
    /// The JSON.
    pub json: String,
    /// Name of the file to offer it as, if it is to be offered.
    pub file: Option<&'static str>,
}

/// A headed part.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// What links find it by: lower-case letters, digits and hyphens.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// Paragraphs below the heading.
    pub intro: Vec<String>,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// What figures show, in their order.
pub(super) fn scenes(figures: &[Figure]) -> Vec<&Scene> {
    figures.iter().map(|figure| &figure.scene).collect()
}

/// One part of a section.
#[derive(Clone, Debug)]
pub enum Block {
    /// A lesser heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Warnings and the like.
    Notes(Vec<Note>),
    /// A table.
    Table(Table),
    /// A table whose rows become cards on a narrow screen.
    Cards(Table),
    /// Figures side by side, as many as fit.
    Figures {
        /// The figures.
        figures: Vec<Figure>,
        /// What their inks and symbols mean.
        legend: Option<Legend>,
    },
    /// Text of fixed width, to be copied.
    Code(String),
    /// Something to operate.
    Control(Control),
    /// Closed until opened.
    Folded {
        /// What is inside.
        title: String,
        /// The inside.
        blocks: Vec<Block>,
    },
}

/// Something to operate.
#[derive(Clone, Debug)]
pub enum Control {
    /// A slider over steps, and one button for each named step.
    Steps {
        /// How many.
        steps: usize,
        /// Where it begins.
        start: usize,
        /// `(step, name)`
        named: Vec<(usize, String)>,
    },
    /// Switches of series.
    Switches {
        /// What they are for.
        label: String,
        /// `(key, name, explanation, sample of its line)`
        series: Vec<(String, String, String, Scene)>,
    },
}

/// A warning, error or remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// What it is about.
    pub about: String,
    /// What there is to say.
    pub text: String,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Unique in the page; lower-case letters, digits and hyphens. Downloads are named by it.
    pub id: String,
    /// What it holds.
    pub caption: String,
    /// Heads.
    pub columns: Vec<String>,
    /// As wide as the heads.
    pub rows: Vec<Vec<Cell>>,
}

/// One value of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// As people read it.
    pub shown: String,
    /// As programs read it, where that is more.
    pub exact: Option<String>,
    /// Whether it is a number.
    pub number: bool,
    /// What the page's script finds it by.
    pub key: Option<String>,
}

impl Cell {
    /// A name from the data, shortened for people.
    pub fn name(text: &str) -> Self {
        let shown = crate::text::name(text);
        let exact = (shown != text).then(|| crate::text::clean(text));
        Self { shown, exact, ..Self::default() }
    }

    /// Our own words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { shown: text.into(), ..Self::default() }
    }

    /// A number, rounded by `shown`, exact for programs.
    pub fn number(value: impl Into<Option<f64>>, shown: impl Fn(Option<f64>) -> String) -> Self {
        let value = value.into().filter(|value| value.is_finite());
        Self {
            shown: shown(value),
            exact: Some(value.map(|value| value.to_string()).unwrap_or_default()),
            number: true,
            key: None,
        }
    }

    /// A count.
    pub fn count(value: impl Into<Option<u64>>) -> Self {
        let value: Option<u64> = value.into();
        let shown = value.map_or_else(|| crate::text::UNKNOWN.to_owned(), |n| n.to_string());
        let exact = Some(value.map(|n| n.to_string()).unwrap_or_default());
        Self { shown, exact, number: true, key: None }
    }

    /// One that the page's script fills.
    #[must_use]
    pub fn keyed(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }
}

/// A figure with what stands behind it.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Unique in the page; lower-case letters, digits and hyphens. Downloads are named by it.
    pub id: String,
    /// The drawing.
    pub scene: Scene,
    /// Below it; may be empty.
    pub note: String,
    /// What can be hovered over.
    pub spots: Vec<Spot>,
    /// The numbers behind it; `None`: the page's script makes a table of the spots when it is asked for.
    pub table: Option<Table>,
    /// Whether it takes the whole width.
    pub wide: bool,
}
