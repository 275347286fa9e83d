//! Sales in words, for the story that a seed tells.

use super::*;

impl Town {
    /// A sale in words.
    pub(in crate::sim) fn said(&self, sale: &Sale) -> String {
        let org = sale.org();
        let lines = self.lines(sale);
        let lines = lines.iter().map(|line| {
            let item = self.item(sale, line);
            let (quantity, price) = (number(line, "Quantity"), number(line, org.price));
            let off = number(line, "Discount");
            match (sale.module().discount, off.is_zero()) {
                (Discount::Percent, false) => {
                    format!("{quantity} x {item} at {price} less {off} %")
                }
                (Discount::Amount, false) => format!("{quantity} x {item} at {price} less {off}"),
                _ => format!("{quantity} x {item} at {price}"),
            }
        });
        let lines: Vec<String> = lines.collect();
        format!(
            "{}; together {}",
            lines.join(", "),
            self.field(sale, sale.module().total)
        )
    }

    /// The item of a line.
    pub(in crate::sim) fn item(&self, sale: &Sale, line: &Fields) -> String {
        let org = sale.org();
        let Some(Value::Reference(product)) = line.get(org.product) else {
            return String::new();
        };
        let product = self.crm(org).record(org.products, &CrmId(product.clone()));
        product
            .and_then(|held| held.fields.get(org.code).map(Value::to_string))
            .unwrap_or_default()
    }
}
