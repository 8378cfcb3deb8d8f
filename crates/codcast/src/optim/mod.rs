//! Small deterministic optimisers for curves of a few parameters. They know no stage.

mod least_squares;
mod starts;

pub use least_squares::{Bounds, Loss, MANY_STEPS, Minimum, Stop, least_squares};
pub use starts::{grid, multi_start};
