//! `GET /v1/health` and `GET /v1/capabilities`.

use serde_json::{Map, Value, json};

use crate::{
    data::{AUDIT, Column, Kind, ORDER, ORDER_LINE},
    sage::{Entity, World, is_read_only},
};

/// The version of the contract that is served.
const CONTRACT_VERSION: &str = "1.2";

/// Whether the agent is up, and what it is.
pub fn health() -> Value {
    json!({"status": "ok", "agent_version": env!("CARGO_PKG_VERSION"), "contract_version": CONTRACT_VERSION})
}

/// Companies, entities and the fields of this site.
pub fn capabilities(world: &World) -> Value {
    let companies: Vec<Value> = world
        .companies
        .iter()
        .map(|(code, company)| {
            let entities: Map<String, Value> = Entity::ALL
                .into_iter()
                .map(|entity| {
                    let fields = fields(world, entity.columns(), true);
                    (entity.name().to_owned(), json!({"fields": fields}))
                })
                .collect();
            json!({
                "code": code,
                "name": company.name,
                "entities": entities,
                "reads": ["orders", "items", "stock", "credit", "price"],
                "writes": ["orders", "order_lines", "customers", "contacts"],
                "writers": world.settings.site.writers,
                "orders": {
                    "header": {"fields": fields(world, ORDER, true)},
                    "lines": {"fields": fields(world, ORDER_LINE, false)},
                },
            })
        })
        .collect();
    json!({
        "contract_version": CONTRACT_VERSION,
        "sage_version": world.settings.site.sage_version,
        "utc_offset_minutes": world.clock.utc_offset_minutes(),
        "max_page_size": 1000,
        "companies": companies,
    })
}

fn fields(world: &World, columns: &[Column], audited: bool) -> Vec<Value> {
    let mut fields: Vec<Value> = columns
        .iter()
        .map(|column| {
            let mut field = field(world, column);
            if is_read_only(columns, column.name) {
                field["read_only"] = Value::Bool(true);
            }
            field
        })
        .collect();
    for column in AUDIT.iter().filter(|_| audited) {
        let mut field = field(world, column);
        field["audit"] = Value::Bool(true);
        field["read_only"] = Value::Bool(true);
        fields.push(field);
    }
    fields
}

fn field(world: &World, column: &Column) -> Value {
    match column.kind {
        Kind::Text(length) => {
            let length = world.column_length(column.name, length);
            json!({"name": column.name, "type": "text", "length": length})
        }
        Kind::Memo => json!({"name": column.name, "type": "text"}),
        Kind::Decimal(precision, scale) => {
            json!({"name": column.name, "type": "decimal", "precision": precision, "scale": scale})
        }
        Kind::Date => json!({"name": column.name, "type": "date"}),
    }
}
