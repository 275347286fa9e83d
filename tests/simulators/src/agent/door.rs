//! What is the agent's own of the control door.

use serde_json::Value;

use super::system::System;
use crate::{
    control::{Doorkeeper, Faults, ResetBody, Which},
    sage::{self, DoorBody, Edit},
};

impl Doorkeeper for System {
    type Edit = Edit;
    type Settings = DoorBody;

    fn stats(&self, calls: Value) -> Value {
        sage::stats(&self.world(), "agent", calls)
    }

    fn records(&self, module: &str, which: &Which) -> Result<Vec<Value>, String> {
        sage::records(&self.world(), module, which)
    }

    fn edit(&self, edits: &[Edit]) -> Result<Vec<Value>, String> {
        sage::edit(&mut self.world(), edits)
    }

    fn set(&self, faults: &mut Faults, body: DoorBody) -> Result<Value, String> {
        if body.binding.is_some() {
            return Err("the binding is set at the door of the SOAP service".to_owned());
        }
        sage::set(&mut self.world(), faults, body)
    }

    fn standing(&self, faults: &Faults) -> Value {
        sage::standing(&self.world(), faults)
    }

    fn reset(&self, body: &ResetBody) -> (Option<u64>, Option<u32>) {
        self.keep.clear();
        sage::reset(&mut self.world(), body)
    }
}
