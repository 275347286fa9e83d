//! Whole flows over in-memory ports, with a virtual clock and faults.

mod batches;
mod clocks;
mod faults;
mod order;
mod outages;
mod owners;
mod parents;
mod path;
mod scene;
