//! Public studies, read from outside the project.

use std::path::PathBuf;

#[test]
fn load_all() {
    let dir = std::env::var_os("CODCAST_SHARED").map_or_else(|| PathBuf::from("../../../shared"), PathBuf::from).join("data");
    for e in std::fs::read_dir(dir).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            let l = codcast_ingest::read_study(&p).unwrap();
            println!("{} rows {} models {} tasks {} notes {:?}", l.study.name, l.rows, l.study.models.len(), l.study.tasks.len(), l.notes.iter().map(ToString::to_string).collect::<Vec<_>>());
            println!("{:?}", l.inputs);
        }
    }
}
