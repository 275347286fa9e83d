//! Sage's columns, and what the bench adds to them.

use std::collections::BTreeMap;

use crate::Outcome;

/// The columns of one customer, all values text.
pub type Columns = BTreeMap<String, String>;

/// Reads the rows and fills the columns that the simulated Sage leaves blank, so that a record is as full as a usual one.
pub fn read(json: &[u8]) -> Outcome<Vec<Columns>> {
    let mut rows: Vec<Columns> = serde_json::from_slice(json)?;
    for (index, row) in rows.iter_mut().enumerate() {
        fill(row, index);
    }
    Ok(rows)
}

fn fill(row: &mut Columns, index: usize) {
    let number = row.get("CustomerNo").cloned().unwrap_or_default();
    let host: String = number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    let mut set = |column: &str, value: String| {
        let blank = row.get(column).is_none_or(|text| text.trim().is_empty());
        if blank {
            row.insert(column.to_owned(), value);
        }
    };
    set("FaxNo", format!("(414) 555-{:04}", index % 10_000));
    set("EmailAddress", format!("office@c{host}.example.com"));
    set("URLAddress", format!("www.c{host}.example.com"));
}

/// One field is another afterwards; which one goes by turns, as it does in an office.
pub fn change(row: &mut Columns, index: usize) {
    let (column, value) = match index % 4 {
        0 => ("TelephoneNo", format!("(608) 555-{:04}", index % 10_000)),
        1 => (
            "AddressLine1",
            format!("{} Harbor Drive", 1 + index % 9_999),
        ),
        2 => ("City", format!("Port {}", index % 1_000)),
        _ => ("Comment", format!("Ring twice, dock {}", index % 100)),
    };
    row.insert(column.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_columns_are_filled_and_others_are_left() {
        let json = br#"[{"CustomerNo":"A&1 X","FaxNo":"555-1","EmailAddress":"  "}]"#;
        let rows = read(json).unwrap();
        assert_eq!(rows[0]["FaxNo"], "555-1");
        assert_eq!(rows[0]["EmailAddress"], "office@ca1x.example.com");
        assert_eq!(rows[0]["URLAddress"], "www.ca1x.example.com");
    }
}
