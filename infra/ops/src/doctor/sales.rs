//! What version 1.1 of the contract adds, tried on a living agent: the questions about orders, items, stock, credit and
//! prices; and the writes, on an explicit wish only.

use counterpart_delivery::ports::{
    Clock, OrderQuery, SageOrders as _, SageWrite as _, WriteContext,
};
use counterpart_domain::sale::Reference;
use counterpart_domain::{Company, Entity, Fault, SageKey};
use counterpart_sage100::{AgentCapabilities, AgentCompany};

use super::agent::Patient;
use super::mark::{Trial, order, round_trip};
use super::probe::{Found, Probe, Subject};

/// What no site has.
const NO_ITEM: &str = "COUNTERPART-NO-SUCH-ITEM";
const NO_NUMBER: &str = "ZZZZZZZ";
const NO_CUSTOMER: &str = "00-~NOBODY~";

impl<C: Clock> Patient<'_, C> {
    /// The questions that the company offers.
    pub(super) async fn questions(
        &self,
        subject: &Subject,
        served: &AgentCapabilities,
        company: &Company,
    ) -> Vec<Probe> {
        let Some(here) = served.companies.iter().find(|one| one.code == *company) else {
            return Vec::new();
        };
        if here.reads.is_empty() && here.writes.is_empty() {
            let why = format!(
                "The agent keeps contract {}, which has no orders.",
                served.contract_version
            );
            return vec![subject.skipped("orders", &why)];
        }
        let mut probes = vec![
            subject
                .probe("what it offers", async { Ok(offers(here)) })
                .await,
        ];
        if here.reads.contains("orders") {
            for column in self.columns {
                let work = async { Ok(reference_column(here, column)) };
                probes.push(subject.probe("reference column", work).await);
            }
        }
        let offered = |what: &str| here.reads.contains(what);
        let column = self
            .columns
            .first()
            .map_or(super::USUAL_COLUMN, String::as_str);
        if offered("orders") {
            let work = async {
                let query = OrderQuery::Number(NO_NUMBER.into());
                let found = self.agent.orders(company, &query, column).await?;
                Ok(empty(found.value.is_empty(), "an order that nobody has"))
            };
            probes.push(subject.probe("orders by number", work).await);
        }
        let codes = [NO_ITEM.to_owned()];
        if offered("items") {
            let work = async {
                let items = self.agent.items(company, &codes).await?;
                Ok(empty(
                    items.iter().all(Option::is_none),
                    "an item that nobody has",
                ))
            };
            probes.push(subject.probe("items", work).await);
        }
        if offered("stock") {
            let work = async {
                let stock = self.agent.stock(company, &codes).await?;
                Ok(empty(
                    stock.value.is_empty(),
                    "stock of an item that nobody has",
                ))
            };
            probes.push(subject.probe("stock", work).await);
        }
        if offered("credit") {
            let work = self.credit(company);
            probes.push(subject.probe("credit", work).await);
        }
        if offered("price") {
            let work = async {
                let nobody = nobody(company)?;
                let price = self
                    .agent
                    .price(&nobody, NO_ITEM, rust_decimal::Decimal::ONE)
                    .await?;
                Ok(empty(price.is_none(), "a price for nobody"))
            };
            probes.push(subject.probe("price", work).await);
        }
        probes
    }

    /// Nobody has none, and whoever is there has one.
    async fn credit(&self, company: &Company) -> Result<Found, Fault> {
        if self.agent.credit(&nobody(company)?).await?.is_some() {
            return Ok(empty(false, "the credit of nobody"));
        }
        let keys = self
            .agent
            .keys(company, Entity::CUSTOMER, 1, None)
            .await?
            .keys;
        let Some(first) = keys.first() else {
            return Ok(Found::Well(
                "nobody has none; there are no customers yet".into(),
            ));
        };
        Ok(match self.agent.credit(first).await? {
            Some(_) => Found::Well(format!("nobody has none, {first} has one")),
            None => Found::Wrong(
                "E_AGENT_CREDIT",
                format!("{first} is in the list of keys, but has no credit"),
                "Every customer has one; only who is not there is E_NOT_FOUND.".into(),
            ),
        })
    }

    /// The writes of the contract, each promise once.
    pub(super) async fn writes(
        &self,
        subject: &Subject,
        company: &Company,
        trial: &Trial,
    ) -> Vec<Probe> {
        let numbers = async {
            let first = self.agent.next_order_number(company).await?;
            let second = self.agent.next_order_number(company).await?;
            Ok(if first == second {
                Found::Wrong(
                    "E_AGENT_NUMBERS",
                    format!("the number {first} was given twice"),
                    "The counter has to move before the number is given.".into(),
                )
            } else {
                Found::Well(format!("{first}, then {second}"))
            })
        };
        let now = self.clock.now();
        let mark = round_trip(self.agent, self.agent, company, trial, now);
        vec![
            subject.probe("numbers are given once", numbers).await,
            subject.probe("round trip of the mark", mark).await,
            subject
                .probe("a key answers once", self.repeated(company, trial))
                .await,
        ]
    }

    /// The same key and request is answered again, another request under it refused, and so is a number that is in use.
    async fn repeated(&self, company: &Company, trial: &Trial) -> Result<Found, Fault> {
        let agent = self.agent;
        let customer = trial.key(company)?;
        let number = agent.next_order_number(company).await?;
        let now = self.clock.now();
        let order = order(company, &customer, trial, &number, now)?;
        let mut other = order.clone();
        for line in &mut other.lines {
            line.quantity += rust_decimal::Decimal::ONE;
        }
        let keys = ["first", "second", "third"]
            .map(|step| format!("doctor/{number}/{}/{step}", now.as_millisecond()));
        let [first, second, third] = keys.each_ref().map(|key| WriteContext {
            idempotency_key: key,
            reference_column: &trial.column,
            parent: None,
        });
        agent
            .create_order(&number, &customer, &order, first)
            .await?;
        let again = agent.create_order(&number, &customer, &order, first).await;
        let reused = agent.create_order(&number, &customer, &other, first).await;
        let taken = agent.create_order(&number, &customer, &other, second).await;
        agent.cancel_order(company, &number, third).await?;
        let code = |answer: &Result<(), Fault>| match answer {
            Ok(()) => "taken".to_owned(),
            Err(fault) => fault.code.to_string(),
        };
        let seen = [code(&again), code(&reused), code(&taken)];
        Ok(
            if seen == ["taken", "E_SAGE_KEY_REUSED", "E_SAGE_ALREADY_EXISTS"] {
                Found::Well("the same again is answered again, another body is refused, so is a number in use".into())
            } else {
                Found::Wrong(
                "E_AGENT_IDEMPOTENCY",
                format!("the same again: {}; another body under the key: {}; the number under another key: {}", seen[0], seen[1], seen[2]),
                "The contract wants the first answer again, E_IDEMPOTENCY_KEY_REUSED and E_ALREADY_EXISTS.".into(),
            )
            },
        )
    }
}

fn nobody(company: &Company) -> Result<SageKey, Fault> {
    SageKey::new(company, Entity::CUSTOMER, NO_CUSTOMER).map_err(|error| {
        Fault::new(
            counterpart_domain::Class::Bug,
            "E_BUG",
            "A key cannot be made.",
        )
        .with_detail(error)
    })
}

fn empty(so: bool, what: &str) -> Found {
    if so {
        return Found::Well(format!("{what} is not there, and says so"));
    }
    Found::Wrong(
        "E_AGENT_INVENTED",
        format!("{what} is there all the same"),
        "What is not there has to be missing, not made up.".into(),
    )
}

fn offers(here: &AgentCompany) -> Found {
    let list = |set: &std::collections::BTreeSet<String>| match set.len() {
        0 => "nothing".to_owned(),
        _ => set.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let said = format!(
        "reads {}; writes {}, {} at a time",
        list(&here.reads),
        list(&here.writes),
        here.writers.max(1)
    );
    let header = here.orders.as_ref().map(|orders| &orders.header.fields);
    match header {
        None if here.reads.contains("orders") => Found::Wrong(
            "E_AGENT_ORDERS",
            format!("{said}; the columns of orders are not listed"),
            "The capabilities have to list header and lines.".into(),
        ),
        _ => Found::Well(said),
    }
}

/// Whether the column can hold the mark, by what the agent says of it.
fn reference_column(here: &AgentCompany, column: &str) -> Found {
    let mut fields = here.orders.iter().flat_map(|orders| &orders.header.fields);
    let longest = u32::try_from(Reference::LONGEST).unwrap_or(u32::MAX);
    match fields.find(|field| field.name == column) {
        None => Found::Doubtful(
            format!("orders have no column {column}"),
            "Name the column that holds the mark in `reference_column` (or --reference-column), or add it to the sales order header in Sage 100, and let the agent read it.".into(),
        ),
        Some(field) if field.kind != "text" => Found::Wrong(
            "E_REFERENCE_COLUMN",
            format!("{column} is of type {}", field.kind),
            "The mark is a text: choose a text column.".into(),
        ),
        Some(field) if field.read_only => Found::Wrong(
            "E_REFERENCE_COLUMN",
            format!("{column} is computed by Sage 100, and cannot be written"),
            "Choose a column that can be written.".into(),
        ),
        Some(field) if field.length.is_some_and(|length| length < longest) => Found::Wrong(
            "E_REFERENCE_COLUMN",
            format!("{column} takes {} characters, the mark has {longest}", field.length.unwrap_or_default()),
            "A mark that is cut is found by nobody: make the column longer, or choose another.".into(),
        ),
        Some(_) => Found::Well(format!(
            "orders have {column}; --write --customer --item tries it with an order"
        )),
    }
}
