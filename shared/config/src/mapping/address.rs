//! Sage's three address lines as the CRM's one street.

use counterpart_domain::Value;

/// The lines that are not blank, trimmed, under each other.
pub(super) fn lines(lines: impl Iterator<Item = String>) -> Value {
    let lines: Vec<String> = lines
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    Value::text(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn street(parts: &[&str]) -> Value {
        lines(parts.iter().map(|part| (*part).to_owned()))
    }

    #[test]
    fn blank_lines_leave_no_gap() {
        assert_eq!(
            street(&["2131 N. 14th Street", "  ", "Accounting Department "]),
            Value::text("2131 N. 14th Street\nAccounting Department")
        );
        assert_eq!(street(&["", " ", ""]), Value::Blank);
    }
}
