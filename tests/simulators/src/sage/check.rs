//! Values on their way into a column: known, writable, of the right type, not too long.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    refusal::{Reason, Refusal},
    words,
};
use crate::data::{AUDIT, Column, Kind};

/// Where values are checked: a business object and its table.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// `AR_Customer_bus`.
    pub object: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Columns that Sage computes.
    pub read_only: &'static [&'static str],
    /// The lengths of before 2023.
    pub old_lengths: bool,
}

/// A value as it is stored.
pub type Checked = Result<String, Refusal>;

impl Source {
    /// A column of the table.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether Sage computes a column, or keeps it as its own.
    pub fn is_read_only(&self, name: &str) -> bool {
        self.read_only.contains(&name) || AUDIT.iter().any(|column| column.name == name)
    }

    /// Checks a value; answers what is stored.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self, name: &str, text: &str) -> Checked {
        let refused = |reason, message: String| Refusal::value(reason, self.object, name, message);
        if self.is_read_only(name) {
            return Err(refused(
                Reason::ReadOnly,
                "The column cannot be written.".to_owned(),
            ));
        }
        let Some(column) = self.column(name) else {
            return Err(refused(
                Reason::UnknownColumn,
                "The column is not on file.".to_owned(),
            ));
        };
        match column.kind {
            Kind::Memo => Ok(in_code_page(text)),
            Kind::Text(length) => self.text(name, &in_code_page(text), self.length(name, length)),
            Kind::Date if text.is_empty() || is_date(text) => Ok(text.to_owned()),
            Kind::Date => Err(refused(
                Reason::Invalid,
                format!("{text:?} is not a valid date."),
            )),
            Kind::Decimal(precision, scale) => decimal(text, precision, scale).ok_or_else(|| {
                refused(Reason::Invalid, format!("{text:?} is not a valid number."))
            }),
        }
    }

    fn text(&self, name: &str, text: &str, length: u32) -> Checked {
        let text = if is_code(name) {
            text.trim().to_uppercase()
        } else {
            text.trim_end().to_owned()
        };
        if text.chars().count() > length as usize {
            return Err(Refusal::value(
                Reason::TooLong,
                self.object,
                name,
                format!(
                    "The {} is greater than {length} character(s)",
                    words::of_column(name)
                ),
            ));
        }
        match choices(name) {
            Some(choices) if !text.is_empty() && !choices.split(',').any(|one| one == text) => {
                Err(Refusal::value(
                    Reason::Invalid,
                    self.object,
                    name,
                    format!(
                        "The {} failed validation on {choices}",
                        words::of_column(name)
                    ),
                ))
            }
            _ => Ok(text),
        }
    }

    /// How long a text may be in the version at hand.
    pub fn length(&self, name: &str, length: u32) -> u32 {
        if !self.old_lengths {
            return length;
        }
        match name {
            "CustomerPONo" => 15,
            _ if name.ends_with("Name") => length.min(30),
            _ if name.contains("Address") && length == 40 => 30,
            _ if name.ends_with("City") => 20,
            "ConfirmTo" => 30,
            "TelephoneNo" | "TelephoneNo1" | "TelephoneNo2" | "FaxNo" => 17,
            "TelephoneExt" | "TelephoneExt1" | "TelephoneExt2" => 5,
            _ => length,
        }
    }
}

/// What windows-1252 has between 0x80 and 0x9F.
const BETWEEN: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// A text as Sage keeps it: single bytes of the server's code page. The interfaces convert what they are given in Unicode, and
/// what the page does not have becomes a question mark (.NET, "Character encoding": the replacement fallback).
fn in_code_page(text: &str) -> String {
    let has = |c: char| c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c) || BETWEEN.contains(c);
    text.chars().map(|c| if has(c) { c } else { '?' }).collect()
}

/// Codes are kept in upper case.
fn is_code(name: &str) -> bool {
    matches!(
        name,
        "ARDivisionNo"
            | "CustomerNo"
            | "ContactCode"
            | "ItemCode"
            | "WarehouseCode"
            | "ShipToCode"
            | "TermsCode"
            | "TaxSchedule"
            | "UnitOfMeasure"
            | "SalespersonNo"
            | "SalespersonDivisionNo"
            | "CountryCode"
            | "ShipToCountryCode"
            | "BillToCountryCode"
            | "State"
            | "ShipToState"
            | "BillToState"
            | "SortField"
    )
}

/// What a column of few values takes, as the message lists it.
fn choices(name: &str) -> Option<&'static str> {
    Some(match name {
        "OrderType" => "S,B,M,R,Q,P",
        "OrderStatus" => "N,O,C,H",
        "CustomerStatus" => "A,I,T",
        "PaymentTypeCategory" => "P,D",
        "FreightCalculationMethod" => "A,P,W",
        "SplitCommissions" => "Y,N,O",
        "CustomerAction" => "N,C,P,R",
        "ItemAction" => "N,S,P,R",
        "BatchFax"
        | "BatchEmail"
        | "CreditHold"
        | "OpenItemCustomer"
        | "TemporaryCustomer"
        | "ResidentialAddress"
        | "PrintDunningMessage"
        | "EmailStatements"
        | "EBMEnabled"
        | "InvalidTaxCalc"
        | "PrintSalesOrders"
        | "PrintPickingSheets"
        | "SalesOrderPrinted"
        | "PickingSheetPrinted"
        | "LotSerialLinesExist"
        | "Discount"
        | "Commissionable"
        | "SubjectToExemption"
        | "DropShip"
        | "PrintDropShipment"
        | "PriceOverridden"
        | "CostOverridden"
        | "ExplodedKitItem"
        | "StandardKitBill"
        | "BackorderKitCompLine"
        | "SkipPrintCompLine"
        | "ExpirationOverridden"
        | "LotSerialFullyDistributed"
        | "PayBalance"
        | "InactiveItem" => "Y,N",
        _ => return None,
    })
}

/// Whether a column of few values is never blank.
pub fn is_flag(name: &str) -> bool {
    choices(name).is_some()
}

/// `YYYYMMDD`, and a day that there is.
pub fn is_date(text: &str) -> bool {
    let part =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i16>().ok());
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(4, 6), part(6, 8)) else {
        return false;
    };
    let small = |number: i16| i8::try_from(number).unwrap_or(0);
    jiff::civil::Date::new(year, small(month), small(day)).is_ok()
}

/// A number with the column's scale; blank is zero. `None`: no number, or too large.
pub fn decimal(text: &str, precision: u32, scale: u32) -> Option<String> {
    if text.is_empty() {
        return Some(crate::data::blank(Kind::Decimal(precision, scale)));
    }
    let number = Decimal::from_str_exact(text).ok()?;
    let written = scaled(number, scale);
    let digits = written.bytes().filter(u8::is_ascii_digit).count();
    (digits <= precision as usize || number.is_zero()).then_some(written)
}

/// A number as a column of this scale holds it, rounded half away from zero.
pub fn scaled(number: Decimal, scale: u32) -> String {
    let mut number = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    number.rescale(scale);
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Source = Source {
        object: "SO_SalesOrder_bus",
        columns: crate::data::ORDER,
        read_only: &["TaxableAmt"],
        old_lengths: false,
    };

    #[test]
    fn numbers_get_the_scale_of_their_column_and_dates_are_days() {
        assert_eq!(ORDER.check("DiscountAmt", "12.345").unwrap(), "12.35");
        assert_eq!(ORDER.check("DiscountAmt", "").unwrap(), "0.00");
        assert!(ORDER.check("DiscountAmt", "1e3").is_err());
        assert!(ORDER.check("DiscountAmt", "9999999999.99").is_err());
        assert!(ORDER.check("OrderDate", "20260230").is_err());
        assert_eq!(ORDER.check("OrderDate", "20260228").unwrap(), "20260228");
    }

    #[test]
    fn each_kind_of_fault_has_its_reason() {
        let reason = |name: &str, text: &str| ORDER.check(name, text).unwrap_err().reason;
        assert_eq!(reason("Comment", &"x".repeat(31)), Reason::TooLong);
        assert_eq!(reason("OrderType", "Z"), Reason::Invalid);
        assert_eq!(reason("TaxableAmt", "1"), Reason::ReadOnly);
        assert_eq!(reason("UDF_COLOUR", "red"), Reason::UnknownColumn);
        assert_eq!(reason("DateUpdated", "20260101"), Reason::ReadOnly);
    }
}
