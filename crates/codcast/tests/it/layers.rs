//! Data flows one way: a module knows only those before it.

use std::path::Path;

/// The modules in the order of ARCHITECTURE.md. `config` gathers the stages' own settings, so it may
/// name any stage, and all may name it.
const ORDER: &[&str] = &[
    "error",
    "units",
    "diagnostic",
    "stats",
    "optim",
    "projection",
    "evals",
    "passrate",
    "check",
    "cluster",
    "fit",
    "extrapolate",
    "map",
    "engines",
    "difficulty",
    "curves",
    "detail",
    "forecast",
    "backtest",
    "invert",
    "monitor",
    "plan",
];

fn rank(module: &str) -> usize {
    ORDER.iter().position(|m| *m == module).unwrap_or_else(|| panic!("{module}: not in ORDER"))
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn a_stage_never_imports_a_later_one() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut imports = 0;
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(module, "lib" | "config") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for used in code.flat_map(|line| line.split("crate::").skip(1)) {
            let used: String =
                used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            // Re-exports at the root (`crate::Flops`) start with a capital; `config` is everyone's.
            if used.is_empty() || used == "config" {
                continue;
            }
            imports += 1;
            assert!(
                rank(&used) <= rank(module),
                "{}: {module} must not know {used}, a later stage",
                inside.display()
            );
        }
    }
    assert!(imports > 50, "only {imports} imports seen: does the test still read the sources?");
}
