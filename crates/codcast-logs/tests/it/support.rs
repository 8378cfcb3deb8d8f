//! Where the logs are.

use std::path::{Path, PathBuf};

/// A folder of third-party data, or `None` (said aloud) where it is absent. With
/// `CODCAST_REQUIRE_SHARED=1` absence is a failure.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CODCAST_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    let required = std::env::var("CODCAST_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!required, "{} is not there, and CODCAST_REQUIRE_SHARED=1", path.display());
    println!("skipped: {} is not there", path.display());
    None
}
