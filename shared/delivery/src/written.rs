//! What was written of an order, and what Sage made of it: with this, what people changed in Sage since can be told from what
//! we wrote, and lines are found again.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_domain::sale::{SaleLine, SaleOrder, SalesOrder, SalesOrderLine};
use counterpart_domain::{CrmId, Fields, digest_of};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The most lines that are kept of an order. A longer one is known by its content only.
const MOST_LINES: usize = 200;
/// Texts up to so many characters are kept as they are, longer ones as their beginning and a digest.
const LONGEST_TEXT: usize = 40;

/// The column of an order's own discount, which Sage also computes by itself.
pub const DISCOUNT: &str = "DiscountAmt";

/// Columns by Sage's name, as text.
pub type Columns = BTreeMap<String, String>;

/// What an intent knows of its order in Sage. All of it is bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Written {
    /// What the last write that Sage took was to make of the order; none: an order of before this was kept, or too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meant: Option<Meant>,
    /// What Sage held right after it; none: not read yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// A write of which nobody knows yet whether Sage took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// When the last update was sent, as long as it has no answer; also of orders whose content is too long to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Timestamp>,
    /// When the last write was sent, as long as what Sage made of it was not compared with what was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncompared: Option<Timestamp>,
    /// How many updates Sage took: a change back to what it was is another change.
    #[serde(default)]
    pub updates: u64,
    /// Whether we put the order on hold: who released it since is not overruled.
    #[serde(default)]
    pub held: bool,
    /// The table was restored to an earlier time: something may have been written since of which all this says nothing. Until
    /// the order was compared with its sale, what differs is a person's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
}

/// An order as it was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meant {
    /// The header's columns, blank ones included.
    pub header: Columns,
    /// The lines, in the CRM's order.
    pub lines: Vec<MeantLine>,
}

/// A line as it was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeantLine {
    /// The CRM's id of it.
    pub id: Option<CrmId>,
    /// Its `LineKey`, once it is known.
    pub key: Option<String>,
    /// `ItemCode`.
    pub item: String,
    /// The columns that are ours.
    pub columns: Columns,
}

/// An order as Sage held it: the columns that are ours, and all its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The header's columns.
    pub header: Columns,
    /// The lines by `LineKey`, in the order's own order.
    pub lines: Vec<StateLine>,
    /// What it came to without tax.
    pub net: Decimal,
}

/// A line as Sage held it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateLine {
    /// `LineKey`.
    pub key: String,
    /// `ItemCode`.
    pub item: String,
    /// Quantity, price, discount, unit, warehouse, and the further columns that are ours.
    pub columns: Columns,
}

/// A write without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// What it was to make of the order.
    pub meant: Meant,
    /// When it was last sent.
    pub sent_at: Timestamp,
    /// How often.
    pub sends: u32,
}

impl Meant {
    /// What an order is meant to be; none: it has too many lines to be kept.
    #[must_use]
    pub fn of(order: &SaleOrder) -> Option<Self> {
        let lines = order.lines.iter().map(MeantLine::of);
        (order.lines.len() <= MOST_LINES).then(|| Self {
            header: columns(&order.header),
            lines: lines.collect(),
        })
    }
}

impl Meant {
    /// The names of all columns of lines that are ours.
    #[must_use]
    pub fn line_columns(&self) -> BTreeSet<&str> {
        let columns = self.lines.iter().flat_map(|line| line.columns.keys());
        columns.map(String::as_str).collect()
    }
}

impl MeantLine {
    /// A line as it is meant; its key is not known yet.
    #[must_use]
    pub fn of(line: &SaleLine) -> Self {
        Self {
            id: line.id.clone(),
            key: None,
            item: line.item.clone(),
            columns: columns(&line.named()),
        }
    }
}

impl State {
    /// What is kept of an order: the columns that are ours by `meant`. What Sage itself changes (status, tax, shipped
    /// quantities, the parts of a kit) is none of it. None: it has too many lines.
    #[must_use]
    pub fn of(order: &SalesOrder, meant: &Meant) -> Option<Self> {
        let ours = meant.header.keys().filter(|name| *name != "OrderStatus");
        let header = ours.filter_map(|name| Some((name.clone(), kept(order.columns.get(name)?))));
        let lines = order.lines.iter().filter(|line| !is_component(line));
        let lines = lines.map(|line| StateLine::of(line, &meant.line_columns()));
        (order.lines.len() <= MOST_LINES).then(|| Self {
            header: header.collect(),
            lines: lines.collect(),
            net: order.net(),
        })
    }
}

/// Whether Sage made a line of a kit. A kit's own line is none, though it may name itself.
#[must_use]
pub fn is_component(line: &SalesOrderLine) -> bool {
    let kit = line
        .columns
        .get("SalesKitLineKey")
        .map_or("", |key| key.trim());
    kit != line.key.trim() && kit.bytes().any(|byte| byte != b'0')
}

impl StateLine {
    /// What is kept of a line; `names`: the further columns that are ours.
    #[must_use]
    pub fn of(line: &SalesOrderLine, names: &BTreeSet<&str>) -> Self {
        let own = ["LineDiscountPercent", "UnitOfMeasure", "WarehouseCode"];
        let mut columns: Columns = own
            .iter()
            .chain(names)
            .filter_map(|name| Some(((*name).to_owned(), kept(line.columns.get(*name)?))))
            .collect();
        for (name, number) in [
            ("QuantityOrdered", line.quantity),
            ("UnitPrice", line.unit_price),
        ] {
            columns.insert(name.to_owned(), number.normalize().to_string());
        }
        columns.remove("ItemCode");
        Self {
            key: line.key.trim().to_owned(),
            item: line.item.trim().to_owned(),
            columns,
        }
    }
}

/// Columns as text, bounded.
#[must_use]
pub fn columns(fields: &Fields) -> Columns {
    fields
        .iter()
        .map(|(name, value)| (name.clone(), kept(&value.in_sage())))
        .collect()
}

/// A text as it is kept: the same for the same text.
#[must_use]
pub fn kept(text: &str) -> String {
    let text = text.trim_end();
    match text.char_indices().nth(LONGEST_TEXT) {
        None => text.to_owned(),
        Some((end, _)) => {
            let begin = text.get(..end).unwrap_or_default();
            format!("{begin}…#{}", digest_of([text]))
        }
    }
}

/// Whether two texts are one value of Sage's: numbers by their value, a blank one 0; codes in any case; spaces as one. What
/// has a zero before another digit (a postal code, an order number) is no number.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    if let Some(same) = is_same_exactly(one, other) {
        return same;
    }
    let words = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_uppercase).collect();
        words
    };
    words(one) == words(other)
}

/// Whether what Sage holds is what a column is to hold. `written`: what was last written there; none: that is not known. What
/// the CRM has changed since counts byte for byte, but for spaces at the end, which Sage cannot keep; otherwise Sage may
/// spell in its own way what was written.
#[must_use]
pub fn is_held(wanted: &str, held: &str, written: Option<&str>) -> bool {
    if written.is_none_or(|written| written == wanted) {
        return is_same(wanted, held);
    }
    is_same_exactly(wanted.trim_end(), held.trim_end()).unwrap_or(false)
}

/// Whether two texts are the same or the same number; none: they are no two numbers, and not the same to the byte.
fn is_same_exactly(one: &str, other: &str) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let number = |text: &str| match text.trim() {
        "" => Some(Decimal::ZERO),
        text if is_code(text) => None,
        text => Decimal::from_str_exact(text).ok(),
    };
    // Two blanks are equal already.
    let (one, other) = (number(one)?, number(other)?);
    Some(one == other)
}

/// Whether digits are none of a number as anybody writes it: `02134`.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('0').unwrap_or_default();
    digits.starts_with(|next: char| next.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_sage_means_them() {
        for (one, other) in [
            ("2", "2.000000"),
            ("0.5", "0.50"),
            ("02134", "02134"),
            ("0.00", ""),
            ("each", "EACH"),
            ("a\r\nb", "a b "),
        ] {
            assert!(is_same(one, other), "{one:?} {other:?}");
        }
        for (one, other) in [
            ("2", "3"),
            ("", "Y"),
            ("10", "10%"),
            ("", "1"),
            ("02134", "2134"),
            ("000", ""),
        ] {
            assert!(!is_same(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_the_crm_changed_counts_to_the_byte_and_what_sage_spells_otherwise_does_not() {
        for (wanted, held, written, is) in [
            // Sage put it into upper case: it is not sent again and again.
            ("abc", "ABC", Some("abc"), true),
            // The CRM changed the case.
            ("Abc", "abc", Some("abc"), false),
            ("Abc", "ABC", Some("abc"), false),
            ("ABC", "ABC", Some("abc"), true),
            ("a  b", "a b", Some("a b"), false),
            ("a ", "a", Some("b"), true),
            // Of what nobody knows how it was written, the case says nothing.
            ("Abc", "ABC", None, true),
            // Numbers are numbers.
            ("2.50", "2.500000", Some("3"), true),
            ("02134", "2134", Some("2134"), false),
        ] {
            assert_eq!(
                is_held(wanted, held, written),
                is,
                "{wanted} {held} {written:?}"
            );
        }
    }

    #[test]
    fn a_long_text_is_kept_by_its_beginning_and_told_apart_from_others() {
        let long = |end: &str| format!("{}{end}", "x".repeat(100));
        assert!(kept(&long("a")).len() < 90);
        assert_ne!(kept(&long("a")), kept(&long("b")));
        assert_eq!(kept("short "), "short");
    }
}
