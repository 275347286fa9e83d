//! What is the service's own of the control door.

use serde_json::{Value, json};

use super::system::System;
use crate::{
    control::{Doorkeeper, Faults, ResetBody, Which},
    sage::{self, DoorBody, Edit},
};

impl Doorkeeper for System {
    type Edit = Edit;
    type Settings = DoorBody;

    fn stats(&self, calls: Value) -> Value {
        let mut stats = sage::stats(&self.world(), "soap", calls);
        stats["binding"] = json!(self.binding().name);
        stats
    }

    fn records(&self, module: &str, which: &Which) -> Result<Vec<Value>, String> {
        sage::records(&self.world(), module, which)
    }

    fn edit(&self, edits: &[Edit]) -> Result<Vec<Value>, String> {
        sage::edit(&mut self.world(), edits)
    }

    fn set(&self, faults: &mut Faults, body: DoorBody) -> Result<Value, String> {
        if body.clears() {
            self.rebind();
        }
        if let Some(change) = &body.binding {
            self.bind(self.binding().changed(change)?);
        }
        let mut standing = sage::set(&mut self.world(), faults, body)?;
        standing["binding"] = json!(self.binding());
        Ok(standing)
    }

    fn standing(&self, faults: &Faults) -> Value {
        let mut standing = sage::standing(&self.world(), faults);
        standing["binding"] = json!(self.binding());
        standing
    }

    fn reset(&self, body: &ResetBody) -> (Option<u64>, Option<u32>) {
        self.rebind();
        sage::reset(&mut self.world(), body)
    }
}
