//! How to make a result again: version, seed, command, files, configuration.

use serde_json::Value;

use super::block::{Block, Cell, Section, Table};
use crate::input::InputFile;
use crate::text::{clean, clean_lines};

/// The last section of every page.
pub(super) fn provenance(
    version: &str,
    seed: Option<u64>,
    config: &Value,
    inputs: &[InputFile],
    command: Option<&str>,
) -> Section {
    let mut blocks = Vec::new();
    if let Some(command) = command {
        blocks.push(Block::Code(clean_lines(command)));
    }
    blocks.push(Block::Table(Table {
        id: "inputs".to_owned(),
        caption: "Files it was made from".to_owned(),
        columns: ["file", "SHA-256"].map(str::to_owned).to_vec(),
        rows: inputs
            .iter()
            .map(|input| vec![Cell::name(&input.path), Cell::text(clean(&input.sha256))])
            .collect(),
    }));
    let config = serde_json::to_string_pretty(config).unwrap_or_default();
    blocks.push(Block::Folded {
        title: "Configuration".to_owned(),
        blocks: vec![Block::Code(clean_lines(&config))],
    });
    let seed = seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
    Section {
        id: "provenance",
        title: "Provenance".to_owned(),
        intro: vec![format!("codcast {}{seed}.", clean(version))],
        blocks,
    }
}
