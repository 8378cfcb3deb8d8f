//! Pages and figures from JSON written by hand.

#![allow(clippy::format_collect, clippy::unwrap_used, unreachable_pub)]

mod figures;
mod fixture;
mod pages;
mod runs_and_plans;
