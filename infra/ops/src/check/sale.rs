//! The way to Sage: sales, new records, and what is shown of them in the CRM.

use counterpart_config::{
    CreateInSage, CrmCondition, CrmProfile, OrderSource, OrdersConfig, SageFieldMap, SageSource,
    StockFields, TargetConfig, Test, WriteBackFields,
};
use counterpart_delivery::ports::{CrmFieldKind, CrmModule};
use counterpart_domain::{TargetName, Value, bounded};

use super::field::{find, writable};
use super::lookup::follow;
use super::problem::Report;
use super::system;
use super::world::TargetWorld;

/// The longest texts that are shown: an order's number and invoice (7 characters, with room for a prefix), a status.
const NUMBER_LENGTH: u32 = 7;
const STATUS_LENGTH: u32 = 9;

/// A target whose way to Sage is looked at.
pub(super) struct SaleCheck<'a> {
    pub(super) name: &'a TargetName,
    pub(super) target: &'a TargetConfig,
    pub(super) here: &'a TargetWorld,
}

impl SaleCheck<'_> {
    fn crm(&self) -> &'static CrmProfile {
        self.target.crm.profile()
    }

    /// Everything that is wrong.
    pub(super) fn run(&self, report: &mut Report<'_>) {
        for (entity, config) in &self.target.entities {
            let base = format!("targets.{}.{entity}.create_in_sage", self.name);
            if let Some(create) = &config.to_sage.create
                && let Some(module) = self.described(&config.module)
            {
                self.create(module, create, &base, report);
            }
        }
        if let Some(orders) = &self.target.orders {
            self.orders(orders, report);
        }
    }

    /// A module that was read; whether one that was not is a mistake is said where it is named.
    fn described(&self, name: &str) -> Option<&CrmModule> {
        self.here.modules.get(name)?.as_ref().ok()?.as_ref()
    }

    /// A module that the file names here.
    fn module(&self, name: &str, path: &str, report: &mut Report<'_>) -> Option<&CrmModule> {
        match self.here.modules.get(name)? {
            Ok(Some(module)) => Some(module),
            Ok(None) => {
                report.mistake(
                    "E_CHECK_MODULE_UNKNOWN",
                    path,
                    format!("{} has no module {name} that we can see.", self.name),
                    "Use the API name of a module, and let the integration user see it.",
                );
                None
            }
            Err(fault) => {
                let what = format!("Module {name} of {}", self.name);
                system::unchecked("E_CHECK_MODULE_UNREAD", path, &what, fault, report);
                None
            }
        }
    }

    fn create(
        &self,
        module: &CrmModule,
        create: &CreateInSage,
        base: &str,
        report: &mut Report<'_>,
    ) {
        self.conditions(module, &create.when, &format!("{base}.when"), report);
        let named = [
            ("company_field", &create.company_field),
            ("number_field", &create.number_field),
        ];
        for (key, field) in named {
            if let Some(field) = field {
                self.read(module, field, &format!("{base}.{key}"), report);
            }
        }
        self.columns(module, &create.columns, &format!("{base}.columns"), report);
        self.write_back(module, &create.write_back, base, report);
    }

    fn orders(&self, orders: &OrdersConfig, report: &mut Report<'_>) {
        let base = format!("targets.{}.orders", self.name);
        for source in &orders.sources {
            let path = format!("{base}.sources.{}", source.module);
            if let Some(module) = self.module(&source.module, &path, report) {
                self.source(module, source, &path, report);
            }
        }
        if let Some(stock) = &orders.stock {
            self.stock(stock, &format!("{base}.stock"), report);
        }
    }

    fn source(
        &self,
        module: &CrmModule,
        source: &OrderSource,
        base: &str,
        report: &mut Report<'_>,
    ) {
        self.conditions(module, &source.when, &format!("{base}.when"), report);
        self.conditions(
            module,
            &source.cancel_when,
            &format!("{base}.cancel_when"),
            report,
        );
        let contact = source.contact.as_ref();
        let lookups = [
            ("root", source.root.as_ref()),
            ("account", Some(&source.account)),
            ("contact", contact.map(|contact| &contact.field)),
        ];
        for (key, field) in lookups {
            let Some(field) = field else { continue };
            self.lookup(module, field, &format!("{base}.{key}"), report);
        }
        let fields = [
            ("account_key", source.account_key.as_ref()),
            (
                "contact",
                contact.and_then(|contact| contact.name_field.as_ref()),
            ),
            ("currency", source.currency.as_ref()),
            ("price_book", source.price_book.as_ref()),
            ("total", source.total.as_ref()),
            ("tax", source.tax.as_ref()),
            ("discount", source.discount.as_ref()),
            ("adjustment", source.adjustment.as_ref()),
            ("day", source.day.as_ref()),
        ];
        for (key, field) in fields {
            let Some(field) = field else { continue };
            self.read(module, field, &format!("{base}.{key}"), report);
        }
        self.columns(module, &source.columns, &format!("{base}.columns"), report);
        self.lines(module, source, &format!("{base}.lines"), report);
        self.write_back(module, &source.write_back, base, report);
    }

    /// A field that points to a record.
    fn lookup(&self, module: &CrmModule, name: &str, path: &str, report: &mut Report<'_>) {
        let Some((module, field)) = follow(self.crm(), self.here, module, name, path, report)
        else {
            return;
        };
        if field.kind != CrmFieldKind::Reference {
            report.mistake(
                "E_CHECK_LOOKUP",
                path,
                format!(
                    "{}.{} is of type {} and points to nothing.",
                    module.name, field.name, field.native_type
                ),
                "Name the lookup itself, the field that holds the record's id.",
            );
        }
    }

    /// A field that is only read.
    fn read(&self, module: &CrmModule, name: &str, path: &str, report: &mut Report<'_>) {
        follow(self.crm(), self.here, module, name, path, report);
    }

    fn columns(
        &self,
        module: &CrmModule,
        columns: &[SageFieldMap],
        base: &str,
        report: &mut Report<'_>,
    ) {
        for map in columns {
            let SageSource::Fields(fields) = &map.from else {
                continue;
            };
            let path = format!("{base}.{}", map.column.name);
            for field in fields {
                self.read(module, field, &path, report);
            }
        }
    }

    fn conditions(
        &self,
        module: &CrmModule,
        conditions: &[CrmCondition],
        base: &str,
        report: &mut Report<'_>,
    ) {
        for (index, condition) in conditions.iter().enumerate() {
            let path = format!("{base}[{index}]");
            let found = follow(
                self.crm(),
                self.here,
                module,
                &condition.field,
                &path,
                report,
            );
            let Some((module, field)) = found else {
                continue;
            };
            if field.kind != CrmFieldKind::Picklist || field.values.is_empty() {
                continue;
            }
            let wanted: Vec<&Value> = match &condition.test {
                Test::Equals(value) | Test::Not(value) => vec![value],
                Test::In(values) => values.iter().collect(),
                Test::StartsWith(_) => Vec::new(),
            };
            let strange = wanted
                .into_iter()
                .map(Value::to_string)
                .find(|text| !text.is_empty() && !field.values.contains(text));
            if let Some(strange) = strange {
                report.mistake(
                    "E_CHECK_PICKLIST",
                    &path,
                    format!("{}.{} has no value {strange:?}.", module.name, field.name),
                    format!("Write one of: {}.", bounded(field.values.join(", "), 200)),
                );
            }
        }
    }

    fn lines(&self, module: &CrmModule, source: &OrderSource, base: &str, report: &mut Report<'_>) {
        let lines = &source.lines;
        let path = format!("{base}.relation");
        if self.crm().fields.lines_are_a_field
            && find(module, &lines.relation, &path, report).is_none()
        {
            return;
        }
        let Some(module) = self.described(self.crm().line_module(&lines.relation)) else {
            return;
        };
        let fields = [
            ("code", Some(&lines.code)),
            ("quantity", Some(&lines.quantity)),
            ("product", lines.product.as_ref()),
            ("unit_price", lines.unit_price.as_ref()),
            ("discount_percent", lines.discount_percent.as_ref()),
            ("discount_amount", lines.discount_amount.as_ref()),
            ("tax", lines.tax.as_ref()),
            ("unit", lines.unit.as_ref()),
            ("product_unit", lines.product_unit.as_ref()),
            ("warehouse", lines.warehouse.as_ref()),
            ("currency", lines.currency.as_ref()),
            ("price_book", lines.price_book.as_ref()),
        ];
        for (key, field) in fields {
            let Some(field) = field else { continue };
            self.read(module, field, &format!("{base}.{key}"), report);
        }
        self.columns(module, &lines.columns, &format!("{base}.columns"), report);
        if lines.unit.is_none() {
            unit_unnamed(source, base, report);
        }
    }

    fn write_back(
        &self,
        module: &CrmModule,
        shown: &WriteBackFields,
        base: &str,
        report: &mut Report<'_>,
    ) {
        let texts = [
            ("number", &shown.number, NUMBER_LENGTH),
            ("status", &shown.status, STATUS_LENGTH),
            ("text", &shown.text, shown.text_length),
            ("invoice", &shown.invoice, NUMBER_LENGTH),
        ];
        for (key, name, length) in texts {
            let Some(name) = name else { continue };
            let path = format!("{base}.write_back.{key}");
            let Some(field) = find(module, name, &path, report) else {
                continue;
            };
            if !writable(module, field, &path, false, true, report) {
                continue;
            }
            let place = format!("{}.{}", module.name, field.name);
            match field.kind {
                CrmFieldKind::Text => {}
                CrmFieldKind::Picklist if key == "status" => {
                    statuses(&place, &field.values, shown, &path, report);
                    continue;
                }
                _ => {
                    report.mistake(
                        "E_CHECK_TYPE",
                        &path,
                        format!(
                            "{place} is of type {}, but a text is shown there.",
                            field.native_type
                        ),
                        "Name a text field.",
                    );
                    continue;
                }
            }
            if let Some(most) = field.length.filter(|most| *most < length) {
                report.mistake(
                    "E_CHECK_LENGTH",
                    &path,
                    format!(
                        "{place} takes {most} characters; what is shown there can have {length}."
                    ),
                    match key {
                        "text" => format!("Write text_length = {most}, or make the field longer."),
                        _ => "Make the field longer, or name another one.".to_owned(),
                    },
                );
            }
        }
        if let Some(total) = &shown.total {
            let path = format!("{base}.write_back.total");
            self.number(module, total, &path, report);
        }
    }

    /// A number that is written.
    fn number(&self, module: &CrmModule, name: &str, path: &str, report: &mut Report<'_>) {
        let Some(field) = find(module, name, path, report) else {
            return;
        };
        if !writable(module, field, path, false, true, report) {
            return;
        }
        if field.kind != CrmFieldKind::Number {
            report.mistake(
                "E_CHECK_TYPE",
                path,
                format!(
                    "{}.{} is of type {}, but a number is shown there.",
                    module.name, field.name, field.native_type
                ),
                "Name a field for numbers or amounts.",
            );
        }
    }

    fn stock(&self, stock: &StockFields, base: &str, report: &mut Report<'_>) {
        let Some(module) = self.module(&stock.module, &format!("{base}.module"), report) else {
            return;
        };
        for (key, name) in [("on_hand", &stock.on_hand), ("available", &stock.available)] {
            if let Some(name) = name {
                self.number(module, name, &format!("{base}.{key}"), report);
            }
        }
    }
}

/// Quantities go in a unit that nobody names.
fn unit_unnamed(source: &OrderSource, base: &str, report: &mut Report<'_>) {
    let module = &source.module;
    let (then, remedy) = match &source.lines.product_unit {
        Some(field) => (
            format!("a sale is refused where its product is counted in another one ({field})"),
            "Nothing needs to be done where both count alike.",
        ),
        None => (
            "nobody compares it with the CRM's: 24 pieces may become 24 cases".to_owned(),
            "Name the field of the product's unit as `product_unit`, to have it compared.",
        ),
    };
    report.warning(
        "E_CHECK_UNIT_UNNAMED",
        base,
        format!(
            "The lines of {module} name no unit of measure: quantities go to Sage 100 in the unit that it sells each item by, and {then}."
        ),
        format!("{remedy} Otherwise name the line's unit: lines = {{ unit = \"FIELD\", unit_values = {{ Each = \"EACH\" }} }}."),
    );
}

/// Sage's statuses as a picklist takes them.
fn statuses(
    place: &str,
    values: &[String],
    shown: &WriteBackFields,
    path: &str,
    report: &mut Report<'_>,
) {
    let sage = ["New", "Open", "Hold", "Closed", "Cancelled"];
    let made = sage.map(|status| {
        let found = shown.status_values.iter().find(|(from, _)| from == status);
        found.map_or(status, |(_, to)| to.as_str())
    });
    let strange = made
        .iter()
        .find(|made| !values.iter().any(|value| value == *made));
    if let (Some(strange), false) = (strange, values.is_empty()) {
        report.mistake(
            "E_CHECK_PICKLIST",
            path,
            format!("{place} has no value {strange:?}, which Sage's status would be."),
            "Add the value to the picklist, or name another one in `status_values`.",
        );
    }
}
