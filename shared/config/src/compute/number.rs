//! Arithmetic that is exact or fails.

use rust_decimal::{Decimal, RoundingStrategy};

use super::node::Sum;

const INEXACT: &str = "a number has more digits than are kept exactly";

/// A sum, difference or product, when all its digits fit.
pub(super) fn sum(sum: Sum, left: Decimal, right: Decimal) -> Result<Decimal, &'static str> {
    let (left, right) = (left.normalize(), right.normalize());
    // Digits are dropped silently where they do not fit: the scale tells.
    let (made, scale) = match sum {
        Sum::Add => (left.checked_add(right), left.scale().max(right.scale())),
        Sum::Subtract => (left.checked_sub(right), left.scale().max(right.scale())),
        Sum::Multiply => (left.checked_mul(right), left.scale() + right.scale()),
    };
    let made = made.ok_or("a number is too large")?;
    let exact = made.is_zero() && (sum != Sum::Multiply || left.is_zero() || right.is_zero());
    if exact || made.scale() >= scale {
        Ok(made.normalize())
    } else {
        Err(INEXACT)
    }
}

/// Rounded half away from zero, as money is.
pub(super) fn round(number: Decimal, decimals: u32) -> Decimal {
    number
        .round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
        .normalize()
}

/// A quotient with so many decimals. It is computed to 28 digits first; two amounts of up to 13 digits each cannot come
/// so near to a half without being one.
pub(super) fn quotient(
    left: Decimal,
    right: Decimal,
    decimals: u32,
) -> Result<Decimal, &'static str> {
    if right.is_zero() {
        return Err("something is divided by zero");
    }
    let made = left.checked_div(right).ok_or("a number is too large")?;
    // A quotient that filled all digits before it had so many decimals is a rounded one already.
    if made.scale() < decimals && sum(Sum::Multiply, made, right) != Ok(left.normalize()) {
        return Err(INEXACT);
    }
    Ok(round(made, decimals))
}
