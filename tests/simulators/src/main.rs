//! Wired below.
fn main() {}
