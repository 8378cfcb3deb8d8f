//! Summary statistics, tests and seeded resampling. They know no stage.

mod resample;
mod sign;
mod student;
mod summary;

pub use resample::{generator, resample};
pub use sign::sign_test;
pub use student::{t_cdf, t_half_width, t_within};
pub use summary::{linear_fit, mean, median, quantile};
