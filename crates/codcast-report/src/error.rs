//! What can go wrong with a page or a figure.

/// The result of drawing.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is not JSON, or not of the shape its schema promises.
    #[error(
        "not a result of codcast: {0}; expected the output of `codcast forecast --format json`, or of \
         backtest, monitor or plan"
    )]
    Json(#[from] serde_json::Error),
    /// JSON of something else.
    #[error(
        "schema is {found:?}; expected the output of `codcast forecast --format json`, or of backtest, \
         monitor or plan"
    )]
    Schema {
        /// What it says.
        found: String,
    },
    /// The JSON lacks what a figure shows.
    #[error("nothing to draw: {what}")]
    Nothing {
        /// What is missing and how to get it.
        what: String,
    },
    /// A list in the JSON is shorter or longer than what it belongs to.
    #[error("{what}; the file was changed or cut: make it again")]
    Shape {
        /// Which.
        what: String,
    },
    /// A figure too large or too small to draw.
    #[error(
        "a figure of {width:.0} by {height:.0} pixels cannot be drawn; choose fewer tasks (--task), or SVG or PDF"
    )]
    Size {
        /// Pixels.
        width: f64,
        /// Pixels.
        height: f64,
    },
    /// Compression in memory failed.
    #[error("the figure cannot be compressed: {0}")]
    Compression(std::io::Error),
    /// The template, which is ours, failed.
    #[error("the page cannot be filled in: {0}")]
    Template(#[from] minijinja::Error),
}
