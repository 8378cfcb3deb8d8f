//! Questions that cannot be asked.

use codcast::evals::Role;
use codcast::{Config, Error};

use crate::support::{counted, model, run, study, task};

#[test]
fn placeholder_until_engines() {
    let _ = (Role::Ladder, Config::default(), Error::NoTarget, counted, model, run, study, task);
}
