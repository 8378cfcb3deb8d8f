//! Summary statistics, tests and seeded resampling. They know no stage.

mod resample;
mod sign;
mod student;
mod student_t;
mod summary;

pub use resample::{generator, resample};
pub use sign::sign_test;
pub use student::t10_half_width;
pub use student_t::{t_cdf, t_half_width_of, t_within};
pub use summary::{linear_fit, mean, median, quantile};
