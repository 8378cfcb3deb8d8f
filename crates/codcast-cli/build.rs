//! What `codcast --version` says of the build.

use std::process::Command;

fn main() {
    let of = |name: &str| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    let rustc = Command::new(of("RUSTC"))
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_else(|| "unknown compiler".to_owned());
    let version = format!(
        "{} ({}, {}, {})",
        of("CARGO_PKG_VERSION"),
        of("TARGET"),
        of("PROFILE"),
        rustc.trim()
    );
    println!("cargo::rustc-env=CODCAST_VERSION={version}");
    println!("cargo::rerun-if-changed=build.rs");
}
