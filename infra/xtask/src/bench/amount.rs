//! Amounts as they are reported.

/// Bytes in millions.
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

/// So many decimal places.
pub fn rounded(amount: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (amount * scale).round() / scale
}
