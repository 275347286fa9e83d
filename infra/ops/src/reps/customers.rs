//! How many customers a salesperson stands for.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{CompanyConfig, EntityConfig, Verdict};
use counterpart_delivery::ports::{Links, Sage, Window};
use counterpart_delivery::{Link, Stage};
use counterpart_domain::{Class, Company, Entity, Fault, RepKey, Stamp, TargetName};

/// Keys of one rep that are read at once.
const PAGE: usize = 500;
/// The most customers of one rep that are counted.
const MOST: usize = 10_000;
/// The most pages of a company's customers.
const MOST_PAGES: usize = 2_000;

/// The records of one rep in one target, by the links table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touched {
    /// In the CRM: a change of the mapping gives them another owner.
    pub linked: usize,
    /// Parked: they follow once the rep is mapped, if that is what they wait for.
    pub parked: usize,
    /// There are more than were counted.
    pub more: bool,
}

/// Counts the records of a rep. The index behind it may be a second behind.
///
/// # Errors
/// When the store cannot be read.
pub async fn touched(
    store: &impl Links,
    target: &TargetName,
    rep: &RepKey,
) -> Result<Touched, Fault> {
    let mut touched = Touched::default();
    let mut after: Option<String> = None;
    let mut seen = 0;
    loop {
        let (keys, next) = store
            .keys_of_rep(target, rep, after.as_deref(), PAGE)
            .await?;
        seen += keys.len();
        for link in store.links(target, &keys).await?.into_iter().flatten() {
            match place(&link) {
                Some(Place::Linked) => touched.linked += 1,
                Some(Place::Parked) => touched.parked += 1,
                None => {}
            }
        }
        match next {
            None => return Ok(touched),
            Some(_) if seen >= MOST => {
                touched.more = true;
                return Ok(touched);
            }
            Some(next) => after = Some(next),
        }
    }
}

enum Place {
    Linked,
    Parked,
}

/// None for what does not go to the CRM.
const fn place(link: &Link) -> Option<Place> {
    match (link.stage, link.parked) {
        (Stage::Excluded | Stage::Tombstoned | Stage::Released, _) => None,
        (_, Some(_)) | (Stage::Unwritten | Stage::Conflict, None) => Some(Place::Parked),
        (Stage::Linked | Stage::Creating, None) => Some(Place::Linked),
    }
}

/// The customers that go to a target, by their reps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customers {
    /// By the rep as the records name it.
    pub by_rep: BTreeMap<String, usize>,
    /// Those that name none.
    pub without_rep: usize,
    /// Records that could not be read or judged.
    pub unreadable: usize,
}

impl Customers {
    /// All that name a rep.
    #[must_use]
    pub fn with_rep(&self) -> usize {
        self.by_rep.values().sum()
    }
}

/// Reads all customers of a company once, and counts for each target those that its filters let through.
///
/// # Errors
/// When the agent does not answer.
pub async fn of_agent(
    sage: &impl Sage,
    company: &Company,
    rules: &CompanyConfig,
    targets: &BTreeMap<&TargetName, &EntityConfig>,
) -> Result<BTreeMap<TargetName, Customers>, Fault> {
    let mut counts: BTreeMap<TargetName, Customers> = targets
        .keys()
        .map(|name| ((*name).clone(), Customers::default()))
        .collect();
    let mut seen = BTreeSet::new();
    let mut window = Window {
        from: Stamp::BEGINNING,
        to: None,
        after: None,
        limit: rules.page_size,
    };
    for _ in 0..MOST_PAGES {
        let page = sage.changes(company, Entity::CUSTOMER, &window).await?;
        for customers in counts.values_mut() {
            customers.unreadable += page.unreadable.len();
        }
        for changed in page.records {
            // One that was edited meanwhile comes again.
            if !seen.insert(changed.key.local.clone()) {
                continue;
            }
            for (name, config) in targets {
                let Some(customers) = counts.get_mut(*name) else {
                    continue;
                };
                let Ok(record) = &changed.record else {
                    customers.unreadable += 1;
                    continue;
                };
                match config.include(&changed.key, record) {
                    Ok(Verdict::Include) => {}
                    Ok(Verdict::Exclude { .. }) => continue,
                    Err(_) => {
                        customers.unreadable += 1;
                        continue;
                    }
                }
                let column = config.owner.as_ref().map(|owner| owner.column.as_str());
                match column.and_then(|column| record.rep(company, column)) {
                    Some(rep) => *customers.by_rep.entry(rep.rep).or_default() += 1,
                    None => customers.without_rep += 1,
                }
            }
        }
        window.to.get_or_insert(page.server_time.wall);
        match page.next {
            None => return Ok(counts),
            next => window.after = next,
        }
    }
    Err(Fault::new(
        Class::Configuration,
        "E_SAGE_ENDLESS",
        format!("The list of the customers of company {company} does not end; check the agent."),
    ))
}
