//! What is written reads as the same study.

use codcast_ingest::{About, read_study, read_study_bytes, write_study};
use tempfile::TempDir;

use crate::fixture::{CSV, MANIFEST, folder, load, load_with, shared_data};

fn assert_roundtrip(loaded: &codcast_ingest::Loaded) {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("new");
    write_study(&folder, &loaded.study, &loaded.about).unwrap();
    let again = read_study(&folder).unwrap();
    assert_eq!(again.study, loaded.study);
    assert_eq!(again.about, loaded.about);
    // Twice over an existing one, and the same bytes both times.
    let bytes = |name| std::fs::read(folder.join(name)).unwrap();
    let before = (bytes("study.toml"), bytes("samples.parquet"));
    write_study(&folder, &again.study, &again.about).unwrap();
    assert_eq!(before, (bytes("study.toml"), bytes("samples.parquet")));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "temporary files are gone");
}

#[test]
fn counts_scores_losses_checkpoints_and_names() {
    assert_roundtrip(&load("samples.csv", CSV).unwrap());
    let manifest = r#"
        name = "a \"quoted\" \\ name\n with \u0007 control"
        note = """two
        lines"""
        source = "s"
        license = "l"
        task_loss_unit = "bits per byte"
        [[models]]
        name = "x,\"y\""
        family = "f"
        role = "ladder"
        params = 1_000_001
        tokens = 3.3e9
        compute_per_token_flops = 0.1
        checkpoint = -3
        loss = 2.0
        [[models]]
        name = "é"
        role = "anchor"
        params = 1e-300
        tokens = 7
        [[models]]
        name = "no rows"
        role = "target"
        [[tasks]]
        name = "t"
        chance = 0.1
        n_samples = 9
    "#;
    let samples = "model,task,sample_id,checkpoint,n_trials,n_correct,score,task_loss
\"x,\"\"y\"\"\",t,s1,1,3,1.5,,
\"x,\"\"y\"\"\",t,s2,2,,,0.1,0
\"x,\"\"y\"\"\",t,nobody,2,,,,
\"x,\"\"y\"\"\",t,s3,2,,,,4.5
é,t,*,,,,,2
é,u,*,,1,1,,
é,only missing,q,,,,,
";
    assert_roundtrip(&load_with(manifest, "samples.csv", samples).unwrap());
}

#[test]
fn public_studies() {
    let Some(data) = shared_data() else { return };
    for name in ["pythia-arithmetic-v0", "olmo-ladder", "kor-qwen2.5-base", "gemstones-gold"] {
        assert_roundtrip(&read_study(&data.join(name)).unwrap());
    }
}

#[test]
fn a_study_in_memory_reads_as_from_files() {
    let dir = TempDir::new().unwrap();
    let loaded = load("samples.csv", CSV).unwrap();
    write_study(dir.path(), &loaded.study, &About::default()).unwrap();
    let from_files = read_study(dir.path()).unwrap();
    // A built-in study is static; a test's has to be leaked to be one.
    let parquet: &'static [u8] = std::fs::read(dir.path().join("samples.parquet")).unwrap().leak();
    let toml: &'static str = std::fs::read_to_string(dir.path().join("study.toml")).unwrap().leak();
    let in_memory = read_study_bytes("demo", toml, parquet).unwrap();
    assert_eq!(in_memory.study, from_files.study);
    assert_eq!(in_memory.inputs[1].path, "demo/samples.parquet");
    assert_eq!(in_memory.inputs[1].sha256, from_files.inputs[1].sha256);
    let error = read_study_bytes("demo", toml, &parquet[..100]).unwrap_err();
    assert!(error.to_string().starts_with("demo/samples.parquet is damaged"), "{error}");
}

#[test]
fn a_second_table_of_samples_is_refused() {
    let dir = folder(&[("study.toml", MANIFEST.as_bytes()), ("samples.csv", CSV.as_bytes())]);
    let loaded = read_study(dir.path()).unwrap();
    let error = write_study(dir.path(), &loaded.study, &loaded.about).unwrap_err();
    assert_eq!(error.code(), "several_samples");
    assert!(!dir.path().join("samples.parquet").exists());
}

#[test]
fn an_unwritable_folder_is_named() {
    let dir = folder(&[("file", b"")]);
    let loaded = load("samples.csv", CSV).unwrap();
    let error = write_study(&dir.path().join("file"), &loaded.study, &loaded.about).unwrap_err();
    assert_eq!(error.code(), "io");
    assert!(error.to_string().starts_with("cannot write "), "{error}");
}

#[test]
fn compute_of_sparse_models_is_by_active_parameters() {
    use codcast::evals::ComputeSource;
    // Mixtral 8x7B (arXiv 2401.04088): 47 billion parameters, of which a token meets 13 billion.
    let with = |more: &str| {
        let manifest = format!(
            "name = \"sparse\"\n[[models]]\nname = \"moe\"\nrole = \"target\"\nparams = 47e9\n\
             active_params = 13e9\ntokens = 1e12\n{more}"
        );
        load_with(&manifest, "samples.csv", "model,task,sample_id,score\nmoe,t,s,0.5\n")
    };
    let loaded = with("").unwrap();
    let compute = loaded.study.models[0].compute.unwrap();
    assert_eq!((compute.flops.get(), compute.source), (7.8e22, ComputeSource::SixActive));
    assert_roundtrip(&loaded);
    let given = with("compute_flops = 9e22\n").unwrap().study.models[0].compute.unwrap();
    assert_eq!((given.flops.get(), given.source), (9e22, ComputeSource::Given));
    let manifest = "name = \"s\"\n[[models]]\nname = \"moe\"\nrole = \"target\"\nparams = 1e9\nactive_params = 2e9\n";
    let refused = load_with(manifest, "samples.csv", "model,task,sample_id,score\n");
    assert!(refused.unwrap_err().to_string().contains("active_params"));
}
