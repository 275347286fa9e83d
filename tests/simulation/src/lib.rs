#![doc = include_str!("../README.md")]

pub mod clock;
pub mod memory;
pub mod sim;
pub mod store_suite;
pub mod world;

pub use clock::VirtualClock;
