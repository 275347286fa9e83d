//! A configuration against a world that is made up, fault by fault.

mod sale;
mod wrong;

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{
    CrmField, CrmFieldKind, CrmModule, CrmOrg, CrmRecordType, CrmUser,
};
use counterpart_domain::{Class, Company, CrmId, Entity, Fault, TargetName};
use counterpart_sage100::{AgentCapabilities, AgentCompany, AgentEntity, AgentField, AgentOrders};

use super::world::{TargetWorld, World};
use super::*;
use crate::output::Style;

/// A text field of 255 characters that we may write.
fn field(name: &str, kind: CrmFieldKind) -> CrmField {
    CrmField {
        name: name.into(),
        label: name.into(),
        kind,
        native_type: format!("{kind:?}").to_lowercase(),
        length: (kind == CrmFieldKind::Text).then_some(255),
        digits: (kind == CrmFieldKind::Number).then_some((16, 2)),
        required: false,
        unique: false,
        upsert_key: false,
        createable: true,
        updateable: true,
        values: Vec::new(),
        restricted: false,
        references: Vec::new(),
        relation: None,
    }
}

fn text(name: &str, length: u32) -> CrmField {
    CrmField {
        length: Some(length),
        ..field(name, CrmFieldKind::Text)
    }
}

fn key(name: &str) -> CrmField {
    CrmField {
        unique: true,
        upsert_key: true,
        ..text(name, 255)
    }
}

/// A lookup that paths call as Salesforce does by default.
fn reference(name: &str, to: &str) -> CrmField {
    let relation = match name.strip_suffix("__c") {
        Some(custom) => format!("{custom}__r"),
        None => name.trim_end_matches("Id").to_owned(),
    };
    CrmField {
        references: vec![to.into()],
        relation: Some(relation),
        ..field(name, CrmFieldKind::Reference)
    }
}

fn unfollowed(field: CrmField) -> CrmField {
    CrmField {
        relation: None,
        ..field
    }
}

fn picklist(name: &str, restricted: bool, values: &[&str]) -> CrmField {
    CrmField {
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        restricted,
        ..field(name, CrmFieldKind::Picklist)
    }
}

fn required(field: CrmField) -> CrmField {
    CrmField {
        required: true,
        ..field
    }
}

fn module(name: &str, fields: Vec<CrmField>) -> CrmModule {
    CrmModule {
        name: name.into(),
        createable: true,
        updateable: true,
        fields,
        record_types: vec![
            CrmRecordType {
                id: CrmId("012000000000001AAA".into()),
                name: "Wholesale".into(),
                available: true,
            },
            CrmRecordType {
                id: CrmId("012000000000002AAA".into()),
                name: "Retail".into(),
                available: false,
            },
        ],
    }
}

fn user(id: &str) -> CrmUser {
    CrmUser {
        id: CrmId(id.into()),
        name: "Jim Kentley".into(),
        email: String::new(),
    }
}

fn org() -> CrmOrg {
    CrmOrg {
        id: "1".into(),
        name: "ABC".into(),
        user_id: CrmId("7".into()),
        user_name: "Integration".into(),
        server_time: None,
        budget: None,
    }
}

fn down() -> Fault {
    Fault::new(
        Class::Transient,
        "E_CRM_UNREACHABLE",
        "It cannot be reached.",
    )
    .with_detail("tcp connect error: Connection refused (os error 111)")
}

/// An agent that serves these companies with every column there is, all texts 30 long, and these UDFs.
fn agent(companies: &[&str], udfs: &[&str]) -> AgentCapabilities {
    let fields = |entity: Entity| {
        let column = |name: &str| AgentField {
            name: name.into(),
            kind: "text".into(),
            length: Some(if name == "Comment" { 60 } else { 30 }),
            precision: Some(13),
            scale: Some(2),
            read_only: false,
        };
        let known = entity.columns().iter().map(|spec| spec.name);
        let fields = known.chain(udfs.iter().copied()).map(column).collect();
        (entity.plural().to_owned(), AgentEntity { fields })
    };
    AgentCapabilities {
        contract_version: "1.0".into(),
        sage_version: "7.20".into(),
        utc_offset_minutes: -360,
        code_page: None,
        time_zone: None,
        max_page_size: 1000,
        companies: companies
            .iter()
            .map(|code| AgentCompany {
                code: Company::new(code).unwrap(),
                name: "A company".into(),
                entities: Entity::ALL.map(fields).into(),
                reads: BTreeSet::new(),
                writes: BTreeSet::new(),
                writers: 1,
                order_history: None,
                orders: None,
            })
            .collect(),
    }
}

fn world(target: &str, modules: Vec<CrmModule>) -> World {
    let name = TargetName::new(target).unwrap();
    let modules = modules
        .into_iter()
        .map(|module| (module.name.clone(), Ok(Some(module))));
    let here = TargetWorld {
        org: Ok(org()),
        modules: modules.collect(),
        users: Some(Ok(vec![user("415"), user("005000000000001AAA")])),
    };
    World {
        targets: BTreeMap::from([(name.clone(), here)]),
        agents: BTreeMap::from([(Company::new("ABC").unwrap(), Ok(agent(&["ABC"], &[])))]),
        queues: Some(BTreeSet::from([name])),
    }
}

fn problems(text: &str, world: &World) -> Vec<Problem> {
    let config = SyncConfig::parse(text).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    examine(&config, text, world)
}

fn shown(problems: &[Problem]) -> String {
    list("sync.toml", problems, Style::Plain)
}

fn codes(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.code).collect()
}
