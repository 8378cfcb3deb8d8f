//! Summary statistics, tests and seeded resampling. They know no stage.

mod normal;
mod resample;
mod sign;
mod summary;

pub use normal::normal_quantile;
pub use resample::{generator, resample};
pub use sign::sign_test;
pub use summary::{linear_fit, mean, median, quantile};
