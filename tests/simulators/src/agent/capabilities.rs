//! `GET /v1/health` and `GET /v1/capabilities`.

use serde_json::{Map, Value, json};

use crate::{
    data::{AUDIT, Column, Kind, ORDER, ORDER_LINE},
    sage::{ENTITIES, Entity, World, is_read_only},
};

/// Whether the agent is up, and what it is.
pub fn health(world: &World) -> Value {
    let version = &world.settings.site.contract;
    json!({"status": "ok", "agent_version": env!("CARGO_PKG_VERSION"), "contract_version": version})
}

/// Companies, entities and the fields of this site.
pub fn capabilities(world: &World) -> Value {
    let site = &world.settings.site;
    let tells = site.is_newer_agent() && site.tells_of_itself;
    let mut reads = vec!["orders", "items", "stock", "credit", "price"];
    if site.is_newer_agent() && site.customer_search {
        reads.push("customer_search");
    }
    let offered: Vec<&Entity> = ENTITIES
        .iter()
        .copied()
        .filter(|entity| entity.is_offered(site))
        .collect();
    let written = offered.iter().filter(|entity| entity.writes.is_some());
    let mut writes: Vec<&str> = ["orders"]
        .into_iter()
        .chain(written.map(|entity| entity.name))
        .collect();
    if site.is_newer_agent() {
        writes.push("order_lines");
    }
    let companies: Vec<Value> = world
        .companies
        .iter()
        .map(|(code, company)| {
            let entities: Map<String, Value> = offered
                .iter()
                .map(|entity| {
                    let fields = fields(world, entity.columns(), true);
                    (entity.name.to_owned(), json!({"fields": fields}))
                })
                .collect();
            let mut company = json!({
                "code": code,
                "name": company.name,
                "entities": entities,
                "reads": reads,
                "writes": writes,
                "writers": site.writers,
                "orders": {
                    "header": {"fields": fields(world, ORDER, true)},
                    "lines": {"fields": fields(world, ORDER_LINE, false)},
                },
            });
            if tells {
                company["order_history"] = json!(site.order_history);
            }
            company
        })
        .collect();
    let mut said = json!({
        "contract_version": site.contract,
        "sage_version": site.sage_version,
        "utc_offset_minutes": world.clock.utc_offset_minutes(),
        "max_page_size": 1000,
        "companies": companies,
    });
    if tells {
        said["code_page"] = json!("windows-1252");
        said["time_zone"] = json!(site.time_zone);
    }
    said
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
