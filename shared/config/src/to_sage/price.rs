//! What a line comes to. CRMs keep more decimals than they show, and more than Sage holds: a line goes over in Sage's own
//! decimals where it comes to the same cent there, and not at all where it does not.

use counterpart_domain::sale::{cents, extension};
use rust_decimal::Decimal;

use super::columns::rounded;

/// The decimals of Sage's quantities and unit prices (15,6), and of its discount percentages (8,3).
pub(super) const DECIMALS: u32 = 6;
const PERCENT_DECIMALS: u32 = 3;
/// Beyond so many decimals a number is what computing with floats has left of a shorter one.
const NOISE: u32 = 9;

/// A line as the CRM holds it, with all decimals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amounts {
    pub(super) quantity: Decimal,
    pub(super) price: Decimal,
    pub(super) discount: Discount,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Discount {
    None,
    Percent(Decimal),
    Amount(Decimal),
    Both,
}

/// What Sage cannot hold of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unheld {
    /// The discount makes no sense, or does not come out to the cent.
    Discount,
    /// Rounded to Sage's decimals, the line comes to this instead of that.
    Rounded { in_crm: Decimal, in_sage: Decimal },
    /// The amounts are too large to be multiplied.
    TooLarge,
}

impl Discount {
    pub(super) fn said(self) -> String {
        match self {
            Self::None => "no discount".to_owned(),
            Self::Percent(percent) => format!("a discount of {percent} per cent"),
            Self::Amount(amount) => format!("a discount of {amount}"),
            Self::Both => "a discount in per cent and another one as an amount".to_owned(),
        }
    }

    /// In per cent of `gross`, and what is left of that; none: it makes no sense, or is too large.
    fn of(self, gross: Decimal) -> Option<(Decimal, Decimal)> {
        let (percent, net) = match self {
            Self::None => return Some((Decimal::ZERO, gross)),
            Self::Both => return None,
            Self::Percent(percent) => {
                let off = gross
                    .checked_mul(percent)?
                    .checked_div(Decimal::ONE_HUNDRED)?;
                (percent, gross.checked_sub(off)?)
            }
            Self::Amount(amount) => {
                let percent = amount
                    .checked_mul(Decimal::ONE_HUNDRED)?
                    .checked_div(gross)?;
                (percent, gross.checked_sub(amount)?)
            }
        };
        (Decimal::ZERO..=Decimal::ONE_HUNDRED)
            .contains(&percent)
            .then_some((percent, net))
    }
}

impl Amounts {
    /// The quantity as Sage holds it.
    pub(super) fn quantity(self) -> Decimal {
        rounded(self.quantity, DECIMALS)
    }

    /// What the line comes to, with all decimals; none: its discount makes no sense, or the amounts are too large.
    pub(super) fn net(self) -> Option<Decimal> {
        let gross = self.quantity.checked_mul(self.price)?;
        self.discount.of(gross).map(|(_, net)| net)
    }

    /// Unit price and percentage, such that the line comes to the same to the cent. A percentage where Sage's three decimals
    /// hold it exactly; else the reduced unit price. The inner `None`: there is no discount.
    pub(super) fn in_sage(self) -> Result<(Decimal, Option<Decimal>), Unheld> {
        let gross = self.quantity.checked_mul(self.price);
        let gross = gross.ok_or(Unheld::TooLarge)?;
        let (percent, net) = self.discount.of(gross).ok_or(Unheld::Discount)?;
        let (in_crm, quantity) = (cents(net), self.quantity());
        let price = rounded(self.price, DECIMALS);
        let comes_to = |price, percent| extension(price, quantity, percent);
        if matches!(self.discount, Discount::None) {
            let in_sage = comes_to(price, Decimal::ZERO).ok_or(Unheld::TooLarge)?;
            if in_sage == in_crm {
                return Ok((price, None));
            }
            return Err(Unheld::Rounded { in_crm, in_sage });
        }
        let short = rounded(percent, PERCENT_DECIMALS);
        if rounded(percent, NOISE) == short && comes_to(price, short) == Some(in_crm) {
            return Ok((price, Some(short)));
        }
        let unit = net.checked_div(quantity).ok_or(Unheld::Discount)?;
        let unit = rounded(unit, DECIMALS);
        if comes_to(unit, Decimal::ZERO) == Some(in_crm) {
            return Ok((unit, None));
        }
        Err(Unheld::Discount)
    }
}
