//! Models whose compute is not known, and what to write for them.

use std::path::Path;

use codcast::evals::{Model, Role};

use super::say;

/// Names that are listed.
const NAMED: usize = 12;
/// Entries that are written out.
const WRITTEN: usize = 3;

/// Says which rungs and targets have no compute, and the lines of their entries in `manifest` that would give
/// it. Nothing where all have it.
pub(super) fn say_without_compute(models: &[Model], manifest: &Path) {
    if let Some(text) = without_compute(models, &manifest.display().to_string()) {
        say(&text);
    }
}

fn without_compute(models: &[Model], manifest: &str) -> Option<String> {
    let needed = |model: &&Model| matches!(model.role, Role::Ladder | Role::Target);
    let without: Vec<&Model> =
        models.iter().filter(needed).filter(|model| model.compute.is_none()).collect();
    if without.is_empty() {
        return None;
    }
    let names: Vec<String> =
        without.iter().take(NAMED).map(|model| format!("{:?}", model.name)).collect();
    let more = |shown: usize| match without.len().saturating_sub(shown) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (n, are) = match without.len() {
        1 => ("1 model".to_owned(), "has"),
        n => (format!("{n} models"), "have"),
    };
    let mut text = format!(
        "{n} {are} no compute, without which no forecast can use them: {}{}. In {manifest}, complete their \
         entries (what else stands in one stays):\n",
        names.join(", "),
        more(NAMED)
    );
    for model in without.iter().take(WRITTEN) {
        text += &stanza(model);
    }
    if without.len() > WRITTEN {
        text += &format!("\n(and {} more like these)", without.len() - WRITTEN);
    }
    Some(text)
}

/// The entry with what is known, and gaps for what is not.
fn stanza(model: &Model) -> String {
    let role = if model.role == Role::Target { "target" } else { "ladder" };
    let line = |key: &str, value: Option<f64>, what: &str| match value {
        Some(value) => format!("{key} = {value:e}\n"),
        None => format!("# {key} = ?   # {what}\n"),
    };
    format!(
        "\n[[models]]\nname = {}\nrole = \"{role}\"\n{}{}# compute_flops = ?   # or this instead of both\n",
        toml::Value::from(model.name.as_str()),
        line("params", model.params, "parameters, such as 1.4e9"),
        line("tokens", model.tokens, "training tokens, such as 3e11"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, role: Role, params: Option<f64>) -> Model {
        Model {
            name: name.to_owned(),
            family: None,
            role,
            params,
            tokens: None,
            compute: None,
            checkpoint: None,
            loss: None,
        }
    }

    #[test]
    fn models_are_named_and_their_entries_are_toml() {
        let mut models: Vec<Model> =
            (0..20).map(|i| model(&format!("m\"{i}"), Role::Ladder, Some(1e8))).collect();
        models.push(model("other", Role::Anchor, None));
        let text = without_compute(&models, "models.toml").unwrap();
        assert!(text.contains("20 models have no compute"), "{text}");
        assert!(text.contains("and 8 more. In models.toml"), "{text}");
        assert!(!text.contains("other"), "an anchor needs none: {text}");
        let entries = &text[text.find("[[models]]").unwrap()..text.rfind("\n(and 17").unwrap()];
        let table: toml::Table = toml::from_str(entries).unwrap();
        let written = table["models"].as_array().unwrap();
        assert_eq!(written.len(), WRITTEN);
        assert_eq!(written[0]["name"].as_str(), Some("m\"0"));
        assert_eq!(written[0]["params"].as_float(), Some(1e8));
        assert!(written[0].get("tokens").is_none() && entries.contains("# tokens = ?"));
    }

    #[test]
    fn nothing_is_said_where_nothing_lacks() {
        assert!(without_compute(&[model("a", Role::Ignore, None)], "study.toml").is_none());
    }
}
