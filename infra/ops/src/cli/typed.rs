//! Names as they are typed.

use counterpart_domain::{Company, TargetName};

pub(crate) fn company(code: &str) -> Result<Company, String> {
    Company::new(code).map_err(|error| error.to_string())
}

pub(crate) fn target(name: &str) -> Result<TargetName, String> {
    TargetName::new(name).ok_or_else(|| "a target's name is of a-z, 0-9 and -".to_owned())
}
