//! demo
use crate::{cli::DemoOptions, error::Result, workspace::Workspace};
/// x
pub fn run(_w: &Workspace, _o: &DemoOptions) -> Result<()> {
    Ok(())
}
