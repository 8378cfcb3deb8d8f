//! Pages: sections of text, tables and figures in one self-contained HTML document.

mod backtest;
mod block;
mod forecast;
mod inside;
mod monitor;
mod notes;
mod plan;
mod provenance;
mod render;
mod steps;

pub(crate) use backtest::{page as backtest_page, sections as backtest_sections};
pub use block::{Block, Cell, Control, Figure, Note, Page, Section, Table};
pub(crate) use forecast::page as forecast_page;
pub(crate) use monitor::page as monitor_page;
pub(crate) use plan::page as plan_page;
pub use render::render;
