//! `bench-packs ROWS FOLDER`: packs of customers for `cargo xtask bench`, a body a line.
//!
//! `ROWS` is a JSON array of Sage's columns, an object for each customer. Four runs of the same customers come out, as the
//! poller would send them: `created.jsonl`, `changed.jsonl` (each record with one other field, read later), `unchanged.jsonl`
//! (the same content by the same observation, in another run) and `touched.jsonl` (the same content, read later again).

mod rows;
mod runs;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// What goes wrong is said on stderr.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [rows, folder] => write(Path::new(rows), Path::new(folder)),
        _ => Err("usage: bench-packs ROWS FOLDER".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-packs: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(rows: &Path, folder: &Path) -> Outcome<()> {
    let customers = rows::read(&std::fs::read(rows)?)?;
    for run in runs::all(&customers)? {
        let mut file = BufWriter::new(File::create(folder.join(format!("{}.jsonl", run.name)))?);
        for pack in &run.packs {
            serde_json::to_writer(&mut file, pack)?;
            file.write_all(b"\n")?;
        }
        file.flush()?;
    }
    Ok(())
}
