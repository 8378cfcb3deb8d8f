//! Manifests to be completed by hand: what logs say about their models.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::partials::Partials;

/// A text as TOML has it, with what a terminal or an editor would obey written by its number: pasting
/// what is shown gives the same name.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        let number = u32::from(c);
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Those that Rust would escape: control and format characters, and other blanks.
            _ if c != '\'' && c.escape_debug().len() > 1 => {
                let _ = match number {
                    ..=0xffff => write!(out, "\\u{number:04X}"),
                    _ => write!(out, "\\U{number:08X}"),
                };
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A manifest's entry for a model, with what the log says and gaps for what it does not.
pub(super) fn stanza(model: &str, params: Option<f64>) -> String {
    let short = model.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(model);
    let mut out = String::from("[[models]]\n");
    let _ = writeln!(out, "name = {}", quoted(short));
    let _ = writeln!(out, "match = {}", quoted(model));
    let _ = writeln!(out, "role = \"ladder\"       # ladder, target, anchor or ignore");
    let _ = writeln!(out, "# family = \"\"         # models that share data and recipe");
    match params {
        Some(params) => {
            let _ = writeln!(out, "params = {params:e}");
        }
        None => {
            let _ = writeln!(out, "# params = ?          # parameters");
        }
    }
    let _ = writeln!(out, "# tokens = ?          # training tokens");
    let _ = writeln!(out, "# compute_flops = ?   # instead of 6 x params x tokens");
    out
}

/// A manifest for the models of some logs, to be completed by hand.
pub fn manifest_for(partials: &Partials, study: &str) -> String {
    let mut models: BTreeMap<&str, Option<f64>> = BTreeMap::new();
    for run in &partials.runs {
        let params = models.entry(&run.run.model).or_default();
        *params = params.or(run.run.params);
    }
    let mut out = format!("name = {}\n", quoted(study));
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    for (model, params) in models {
        let mut text = stanza(model, params);
        let short = model.rsplit('/').next().unwrap_or(model).to_owned();
        let seen = names.entry(short).or_default();
        *seen += 1;
        if *seen > 1 {
            // Two organisations may call their models the same.
            let first = text.lines().nth(1).unwrap_or_default().to_owned();
            let full = format!("name = {}", quoted(model));
            text = text.replacen(&first, &full, 1);
        }
        out.push('\n');
        out.push_str(&text);
    }
    out
}
