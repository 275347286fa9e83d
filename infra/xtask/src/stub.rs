//! A builder that compiles nothing: what SAM packs and where it puts it can be looked at within seconds.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::Result;
use crate::stack::ministack::environment;
use crate::venv::Venv;

/// Answers the few calls that SAM's builder for Rust makes.
const CARGO: &str = r#"#!/bin/sh
set -e
if [ "$1" = metadata ]; then
  printf '{"target_directory":"%s","packages":[]}' "$STUB_TARGET"
  exit
fi
[ "$1 $2" = "lambda build" ]
while [ $# -gt 0 ]; do
  if [ "$1" = --bin ]; then binary="$2"; fi
  shift
done
mkdir -p "$STUB_TARGET/lambda/$binary"
printf '%s' "$binary" > "$STUB_TARGET/lambda/$binary/bootstrap"
"#;
/// SAM looks whether it is there.
const CARGO_LAMBDA: &str = "#!/bin/sh\nexit 1\n";

/// Writes the builder into a folder, and gives the variables with which SAM finds it, and the AWS at the endpoint.
///
/// # Errors
/// When it can't be written.
pub fn install(venv: &Venv, dir: &Path, endpoint: &str) -> Result<Vec<(String, OsString)>> {
    let programs = dir.join("bin");
    std::fs::create_dir_all(&programs)?;
    for (name, text) in [("cargo", CARGO), ("cargo-lambda", CARGO_LAMBDA)] {
        let file = programs.join(name);
        std::fs::write(&file, text)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
    }
    let mut path = programs.into_os_string();
    path.push(":");
    path.push(venv.path());
    let mut variables = environment(endpoint);
    variables.extend([
        ("PATH".to_owned(), path),
        (
            "STUB_TARGET".to_owned(),
            dir.join("target").into_os_string(),
        ),
        ("HOME".to_owned(), dir.as_os_str().to_owned()),
        ("SAM_CLI_TELEMETRY".to_owned(), "0".into()),
        ("SAM_CLI_POLL_DELAY".to_owned(), "0.2".into()),
    ]);
    Ok(variables)
}
