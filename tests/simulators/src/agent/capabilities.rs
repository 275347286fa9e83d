//! `GET /v1/health` and `GET /v1/capabilities`.

use serde_json::{Map, Value, json};

use super::{entity::Entity, world::World};
use crate::data::{AUDIT, Column, Kind};

/// The version of the contract that is served.
const CONTRACT_VERSION: &str = "1.0";

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
                .map(|entity| (entity.name().to_owned(), json!({"fields": fields(entity)})))
                .collect();
            json!({"code": code, "name": company.name, "entities": entities})
        })
        .collect();
    json!({
        "contract_version": CONTRACT_VERSION,
        "sage_version": "7.20",
        "utc_offset_minutes": world.clock.utc_offset_minutes(),
        "max_page_size": 1000,
        "companies": companies,
    })
}

fn fields(entity: Entity) -> Vec<Value> {
    let content = entity.columns().iter().map(field);
    let audit = AUDIT.iter().map(|column| {
        let mut field = field(column);
        field["audit"] = Value::Bool(true);
        field
    });
    content.chain(audit).collect()
}

fn field(column: &Column) -> Value {
    match column.kind {
        Kind::Text(length) => json!({"name": column.name, "type": "text", "length": length}),
        Kind::Memo => json!({"name": column.name, "type": "text"}),
        Kind::Decimal(precision, scale) => {
            json!({"name": column.name, "type": "decimal", "precision": precision, "scale": scale})
        }
        Kind::Date => json!({"name": column.name, "type": "date"}),
    }
}
