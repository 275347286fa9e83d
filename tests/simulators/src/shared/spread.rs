//! Numbers that look like tokens.

/// Makes consecutive numbers look like tokens. No secret hangs on it: this is a simulator.
pub fn spread(number: u64) -> u128 {
    u128::from(number.wrapping_add(1)).wrapping_mul(0x2545_F491_4F6C_DD1D_9E37_79B9_7F4A_7C15)
}
