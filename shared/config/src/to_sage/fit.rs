//! Everything that is written to Sage, made to fit or refused, in one place: orders with their lines, new records, edits of
//! records; whichever way they go.

use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE, SaleLine, SaleOrder};
use counterpart_domain::{Entity, Fault, Fields, TableSpec, Value};

use super::fault::{Faults, Subject, Wrong, quoted};
use super::order::confirm_to;
use super::texts::{Fit, SageTexts, Unfit};
use crate::{EntityConfig, OrdersConfig, SageFieldMap, SageSource, SageWith};

/// The column of the buyer's name: no order is refused for it.
const BUYER: &str = "ConfirmTo";

/// Columns of one record or line, and what is known of where they come from.
struct Columns<'a> {
    texts: &'a SageTexts,
    table: &'static TableSpec,
    subject: Subject,
    whose: &'a str,
    maps: Vec<&'a SageFieldMap>,
}

impl Columns<'_> {
    /// Makes a text fit; what is wrong with it goes to `faults`.
    fn fit(&self, column: &str, text: &mut String, field: Option<&str>, faults: &mut Faults) {
        let spec = self.table.column(column);
        let map = self.maps.iter().find(|map| map.column.name == column);
        let fit = Fit {
            several_lines: spec.is_some_and(|spec| spec.several_lines),
            cut: map.is_some_and(|map| map.cut),
            by_the_way: self.subject == Subject::Sale && column == BUYER,
        };
        match self.texts.fitted(self.table, column, text, fit) {
            Ok(fitted) => *text = fitted,
            Err(unfit) => {
                let wrong = match unfit {
                    Unfit::Long(..) => Wrong::TooLong,
                    Unfit::Control(_) | Unfit::Unknown(_) => Wrong::Invalid,
                };
                let from = map.and_then(|map| match &map.from {
                    SageSource::Fields(names) if map.with == SageWith::Join => {
                        Some(names.join(" and "))
                    }
                    // The others only say how the first one is read.
                    SageSource::Fields(names) => names.first().cloned(),
                    SageSource::Const(_) => None,
                });
                let field = field.map(str::to_owned).or(from);
                let field = field.unwrap_or_else(|| column.to_owned());
                let why = unfit.why(text);
                faults.add(
                    self.subject.code(wrong),
                    format!("{field} of {} {why}", self.whose),
                );
            }
        }
    }

    fn fit_all(&self, columns: &mut Fields, faults: &mut Faults) {
        for (column, value) in columns {
            if let Value::Text(text) = value {
                self.fit(column, text, None, faults);
                *value = Value::text(std::mem::take(text));
            }
        }
    }
}

impl OrdersConfig {
    /// An order as Sage can hold it. `module`: of the record that it was made of.
    ///
    /// # Errors
    /// `E_ORDER_TOO_LONG`, `E_ORDER_VALUE_INVALID` (class data): sentences that name line and field.
    pub fn fit(&self, module: &str, order: &mut SaleOrder, texts: &SageTexts) -> Result<(), Fault> {
        let mut faults = Faults::default();
        let source = self.source(module);
        let buyer = source.and_then(confirm_to);
        let maps = source.map_or(&[][..], |source| &source.columns);
        let header = Columns {
            texts,
            table: &ORDER_HEADER,
            subject: Subject::Sale,
            whose: "the sale",
            maps: maps.iter().chain(&buyer).collect(),
        };
        header.fit_all(&mut order.header, &mut faults);
        for (index, line) in order.lines.iter_mut().enumerate() {
            let lines = source.map(|source| &source.lines);
            let whose = format!("line {} ({})", line.number(index), quoted(&line.item));
            let columns = Columns {
                texts,
                table: &ORDER_LINE,
                subject: Subject::Sale,
                whose: &whose,
                maps: lines.map_or_else(Vec::new, |lines| lines.columns.iter().collect()),
            };
            let SaleLine {
                item,
                unit,
                warehouse,
                columns: further,
                ..
            } = line;
            let code = lines.map(|lines| lines.code.as_str());
            columns.fit("ItemCode", item, code, &mut faults);
            if let Some(unit) = unit {
                let field = lines.and_then(|lines| lines.unit.as_deref());
                columns.fit("UnitOfMeasure", unit, field, &mut faults);
            }
            if let Some(warehouse) = warehouse {
                let field = lines.and_then(|lines| lines.warehouse.as_deref());
                columns.fit("WarehouseCode", warehouse, field, &mut faults);
            }
            columns.fit_all(further, &mut faults);
        }
        faults.into_result()
    }
}

impl EntityConfig {
    /// Columns of a new record as Sage can hold them; `number`: the last part of its key, where the CRM gives it.
    ///
    /// # Errors
    /// `E_CUSTOMER_TOO_LONG` and so on, by the entity's name (class data).
    pub fn fit_new(
        &self,
        entity: Entity,
        columns: &mut Fields,
        number: Option<&mut String>,
        texts: &SageTexts,
    ) -> Result<(), Fault> {
        let create = self.to_sage.create.as_ref();
        let maps = create.map_or(&[][..], |create| &create.columns);
        let mut faults = Faults::default();
        let subject = Subject::Record(entity);
        let whose = subject.name();
        let of_record = of_record(entity, subject, &whose, maps, texts);
        of_record.fit_all(columns, &mut faults);
        if let (Some(number), Some(part)) = (number, entity.spec().key.last()) {
            let field = create.and_then(|create| create.number_field.as_deref());
            of_record.fit(part.column, number, field, &mut faults);
        }
        faults.into_result()
    }

    /// Changed columns of a record as Sage can hold them.
    ///
    /// # Errors
    /// As [`EntityConfig::fit_new`].
    pub fn fit_changes(
        &self,
        entity: Entity,
        columns: &mut Fields,
        texts: &SageTexts,
    ) -> Result<(), Fault> {
        let mut faults = Faults::default();
        let subject = Subject::Record(entity);
        let whose = subject.name();
        let maps = &self.to_sage.columns;
        of_record(entity, subject, &whose, maps, texts).fit_all(columns, &mut faults);
        faults.into_result()
    }
}

fn of_record<'a>(
    entity: Entity,
    subject: Subject,
    whose: &'a str,
    maps: &'a [SageFieldMap],
    texts: &'a SageTexts,
) -> Columns<'a> {
    Columns {
        texts,
        table: &entity.spec().table,
        subject,
        whose,
        maps: maps.iter().collect(),
    }
}
