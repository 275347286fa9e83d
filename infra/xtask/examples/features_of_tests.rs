//! Does nothing, and is built with the binaries of the local stack: an example makes cargo count the features that tests
//! need among those of every crate. Without it the tests would compile some crates a second time.

fn main() {}
