//! Everything that is tried, declared once: the help and the page of operations say this list, and a test holds what is
//! tried against it.

/// One thing that is promised to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// `aws`, `sage`, `crm`.
    pub area: &'static str,
    /// The check's name; a star stands for a name of the configuration.
    pub check: &'static str,
    /// What is tried.
    pub what: &'static str,
    /// Where it is not tried always: when.
    pub only: &'static str,
}

const fn always(area: &'static str, check: &'static str, what: &'static str) -> Promise {
    only(area, check, what, "")
}

const fn only(
    area: &'static str,
    check: &'static str,
    what: &'static str,
    only: &'static str,
) -> Promise {
    Promise {
        area,
        check,
        what,
        only,
    }
}

const SOAP: &str = "where the company is written by it";
const WRITE: &str = "with `--write --customer --item`";
const AGENT: &str = "by `agent check` with `--write`";

/// All of them, in the order in which they are told of.
pub const PROMISES: &[Promise] = &[
    always(
        "aws",
        "table",
        "each of the seven tables is there and active",
    ),
    always(
        "aws",
        "queue",
        "each queue is there, how much waits, and that it has a dead-letter queue: of each target, and `crm-events`, `sage-writes`, `salesforce-events`",
    ),
    always(
        "aws",
        "secret",
        "each secret that `sync.toml` names can be read and has its form: of agents, hints, SOAP services, CRMs, and of what CRMs call (`TARGET-hook`)",
    ),
    always(
        "aws",
        "concurrency",
        "the account admits as many functions at once as the deployment may need",
    ),
    always(
        "aws",
        "subscriptions",
        "somebody has confirmed to hear the alarms",
    ),
    always(
        "sage",
        "health",
        "the agent's address, certificate and contract",
    ),
    always(
        "sage",
        "capabilities",
        "its token; Sage's version, the company, its records",
    ),
    always(
        "sage",
        "a wrong token is refused",
        "a token that nobody has",
    ),
    always(
        "sage",
        "an unknown company is refused",
        "a company that it does not serve",
    ),
    always(
        "sage",
        "* in order",
        "per kind of record: pages in order and resumable, the as-of rising, the clocks at most 30 seconds apart",
    ),
    always(
        "sage",
        "* digests",
        "digests count what the list of keys holds",
    ),
    always(
        "sage",
        "what it offers",
        "which questions and writes it offers, and that orders list their columns",
    ),
    always(
        "sage",
        "reference column",
        "`reference_column` is a column of orders that can be read, is a text, and is long enough for the mark",
    ),
    always(
        "sage",
        "orders by number",
        "an order that nobody has is not there",
    ),
    always("sage", "items", "an item that nobody has is not there"),
    always("sage", "stock", "neither is its stock"),
    always("sage", "credit", "nobody has none, a customer has one"),
    always("sage", "price", "there is no price for nobody"),
    always(
        "sage",
        "customer search",
        "a customer is found by its name, nobody is not",
    ),
    always("sage", "site", "order history, code page and time zone"),
    only(
        "sage",
        "web services: description",
        "its description, what was learned of it, and where columns go that it has no element for",
        SOAP,
    ),
    only(
        "sage",
        "web services: reference column",
        "orders have a place for `reference_column`",
        SOAP,
    ),
    only(
        "sage",
        "web services: version",
        "which contract it keeps",
        SOAP,
    ),
    only("sage", "web services: logon", "the user is let in", SOAP),
    only(
        "sage",
        "round trip of the mark",
        "**writes**: an order is created with its mark in `reference_column`, found by number and by mark, and deleted; it costs a number",
        WRITE,
    ),
    only(
        "sage",
        "numbers are given once",
        "**writes**: two numbers are two",
        AGENT,
    ),
    only(
        "sage",
        "a key answers once",
        "**writes**: a repeated create is answered again, another under the same key is refused",
        AGENT,
    ),
    always("crm", "connection", "token, org and user"),
    only(
        "crm",
        "integration user",
        "`integration_user` is the user that we are; without it our own writes are read again one by one",
        "where the CRM tells of changes",
    ),
    only(
        "crm",
        "clock",
        "the clocks are at most 30 seconds apart",
        "where the CRM tells the time",
    ),
    only(
        "crm",
        "budget",
        "what is left of calls or credits",
        "where the CRM tells",
    ),
    always("crm", "users", "who may own a record"),
    always(
        "crm",
        "* rights",
        "per mapped module: that it is there, what we may do in it, and that the key field is unique and can be written",
    ),
    always("crm", "* query", "records are found by key"),
    only(
        "crm",
        "orders from *",
        "per source of orders: the module, and every field that its conditions, look-ups, lines and columns name is there; the fields of `write_back` can be written and are long enough",
        "where the target has `orders`",
    ),
    only(
        "crm",
        "stock on *",
        "the fields that stock is shown in can be written",
        "where the target has `orders.stock`",
    ),
    only(
        "crm",
        "* create_in_sage",
        "the fields that its conditions and columns name are there, those of its `write_back` can be written",
        "where the entity has `create_in_sage`",
    ),
    only(
        "crm",
        "event relay*",
        "each relay of the org: state, last event, where it recovers from",
        "where `organizations` are named",
    ),
    only(
        "crm",
        "change events of lines",
        "the lines of the sources of orders are selected for change events",
        "where `organizations` are named and the CRM shows what is selected",
    ),
];

impl Promise {
    /// Whether this is the name of what was tried.
    #[must_use]
    pub fn names(&self, check: &str) -> bool {
        match self.check.split_once('*') {
            Some((before, after)) => {
                let rest = check.strip_prefix(before);
                rest.is_some_and(|rest| rest.ends_with(after))
            }
            None => check == self.check,
        }
    }
}

/// The list for the help of the command: a line per area.
#[must_use]
pub fn in_help() -> String {
    let areas = [("aws", "aws  "), ("sage", "sage "), ("crm", "crm  ")];
    let lines = areas.map(|(area, title)| {
        let of = PROMISES.iter().filter(|promise| promise.area == area);
        let checks: Vec<String> = of
            .map(|promise| match promise.only {
                "" => promise.check.to_owned(),
                only => format!("{} ({only})", promise.check),
            })
            .collect();
        wrapped(title, &checks.join(", "))
    });
    lines.join("\n")
}

/// A paragraph of at most 120 characters a line, after a title.
fn wrapped(title: &str, text: &str) -> String {
    let mut lines = vec![format!("  {title}")];
    for word in text.split(' ') {
        let is_full = lines
            .last()
            .is_some_and(|line| line.len() + word.len() > 118);
        if is_full {
            lines.push(" ".repeat(title.len() + 2));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../../docs/operations.md");

    /// The page says this list, no more and no less.
    #[test]
    fn the_page_of_operations_promises_what_is_tried() {
        let rows: Vec<String> = PROMISES
            .iter()
            .map(|promise| {
                let only = match promise.only {
                    "" => String::new(),
                    only => format!(" ({only})"),
                };
                format!(
                    "| {} | {} | {}{only} |",
                    promise.area,
                    promise.check.replace('*', "…"),
                    promise.what
                )
            })
            .collect();
        let (_, table) = PAGE
            .split_once("| area | check | what is tried |\n|---|---|---|\n")
            .unwrap();
        let told: Vec<&str> = table
            .lines()
            .take_while(|line| line.starts_with('|'))
            .collect();
        assert_eq!(
            told,
            rows,
            "docs/operations.md, `A connection is in doubt`:\n{}",
            rows.join("\n")
        );
    }

    #[test]
    fn no_two_promises_are_about_one_thing() {
        for (at, promise) in PROMISES.iter().enumerate() {
            let same = |other: &Promise| other.area == promise.area && other.check == promise.check;
            assert!(!PROMISES.iter().skip(at + 1).any(same), "{}", promise.check);
        }
        assert!(in_help().lines().all(|line| line.len() <= 125));
    }
}
