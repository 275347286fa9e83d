//! The rep mapping, both directions, and what its changes set off.

use counterpart_delivery::ports::{Remap, RepMapping, Reps, SalespersonRow};
use counterpart_domain::{Class, Company, CrmId, Fault, RepKey, TargetName};

use super::DynamoStore;
use super::call::Expression;
use super::item::{Item, Read as _, attributes, key, s, unreadable};
use super::query::Query;
use super::step::Step;
use super::transaction::Together;
use crate::fault::Service;

const REP: &str = "rep#";
/// How often a mapping that somebody else changes at the same moment is read again.
const TRIES: usize = 5;

fn partition(target: &TargetName, company: &Company) -> String {
    format!("{target}#{company}")
}

fn remap_key(target: &TargetName, rep: &RepKey) -> Item {
    let pk = remap_partition(&rep.company);
    key(&pk, &format!("{target}#{}", rep.rep))
}

fn remap_partition(company: &Company) -> String {
    format!("{company}#remap")
}

fn salesperson_partition(company: &Company) -> String {
    format!("{company}#salesperson")
}

fn user_key(target: &TargetName, rep: &RepKey, user: &str) -> Item {
    let pk = partition(target, &rep.company);
    key(&pk, &format!("user#{user}#{}", rep.rep))
}

impl DynamoStore {
    /// A text that an item of the table has to have.
    fn rep_text(&self, item: &Item, name: &str) -> Result<String, Fault> {
        let text = item.text(name).map(str::to_owned);
        text.ok_or_else(|| unreadable(&self.tables.reps, item, format!("no {name}")))
    }

    async fn put_rep_once(
        &self,
        target: &TargetName,
        rep: &RepKey,
        user: Option<&RepMapping>,
        token: &str,
    ) -> Result<Together, Fault> {
        let table = &self.tables.reps;
        let pk = partition(target, &rep.company);
        let at = key(&pk, &format!("{REP}{}", rep.rep));
        let before = self.get(table, at.clone()).await?;
        let old_user = before.as_ref().and_then(|item| item.text("user_id"));
        let unchanged = match old_user {
            None => Expression::new("attribute_not_exists(pk)", Item::new()),
            Some(id) => Expression::new("user_id = :old", attributes([(":old", s(id))])),
        };
        let mut steps = Vec::new();
        match user {
            Some(user) => {
                let mut item = at;
                item.insert("rep".to_owned(), s(&rep.rep));
                item.insert("user_id".to_owned(), s(&user.user_id.0));
                item.insert("user_name".to_owned(), s(&user.user_name));
                steps.push(Step::put(table, item, Some(unchanged)));
                let mut reverse = user_key(target, rep, &user.user_id.0);
                reverse.insert("rep".to_owned(), s(&rep.rep));
                reverse.insert("user_id".to_owned(), s(&user.user_id.0));
                steps.push(Step::put(table, reverse, None));
            }
            None => steps.push(Step::delete(table, at, Some(unchanged))),
        }
        if let Some(old) = old_user.filter(|old| user.is_none_or(|user| user.user_id.0 != *old)) {
            steps.push(Step::delete(table, user_key(target, rep, old), None));
        }
        let mut remap = remap_key(target, rep);
        remap.insert("target".to_owned(), s(target.as_str()));
        remap.insert("rep".to_owned(), s(&rep.rep));
        remap.insert("remap_token".to_owned(), s(token));
        steps.push(Step::put(table, remap, None));
        self.transact(&steps.iter().collect::<Vec<_>>()).await
    }
}

impl Reps for DynamoStore {
    async fn reps(&self, target: &TargetName, company: &Company) -> Result<Vec<RepMapping>, Fault> {
        let query = Query::of(&self.tables.reps, partition(target, company)).prefix(REP);
        let (items, _) = self.query(query).await?;
        let read = |item: &Item| {
            Ok(RepMapping {
                rep: RepKey {
                    company: company.clone(),
                    rep: self.rep_text(item, "rep")?,
                },
                user_id: CrmId(self.rep_text(item, "user_id")?),
                user_name: self.rep_text(item, "user_name")?,
            })
        };
        items.iter().map(read).collect()
    }

    async fn reps_of_user(
        &self,
        target: &TargetName,
        company: &Company,
        user: &CrmId,
    ) -> Result<Vec<RepKey>, Fault> {
        let query = Query::of(&self.tables.reps, partition(target, company));
        let (items, _) = self.query(query.prefix(format!("user#{user}#"))).await?;
        // An id with a # in it would have others' items under its prefix.
        let own = items
            .iter()
            .filter(|item| item.text("user_id") == Some(&user.0));
        own.map(|item| {
            Ok(RepKey {
                company: company.clone(),
                rep: self.rep_text(item, "rep")?,
            })
        })
        .collect()
    }

    async fn put_rep(
        &self,
        target: &TargetName,
        rep: &RepKey,
        user: Option<&RepMapping>,
        token: &str,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            if let Together::Done = self.put_rep_once(target, rep, user, token).await? {
                return Ok(());
            }
        }
        let text = format!("The mapping of rep {rep} in {target} is being changed by another.");
        Err(Service::Store.fault(Class::Transient, "CONFLICT", text))
    }

    async fn remaps(&self, company: &Company) -> Result<Vec<Remap>, Fault> {
        let table = &self.tables.reps;
        let (items, _) = self
            .query(Query::of(table, remap_partition(company)))
            .await?;
        let read = |item: &Item| {
            let target = TargetName::new(&self.rep_text(item, "target")?);
            Ok(Remap {
                target: target.ok_or_else(|| unreadable(table, item, "no target name"))?,
                rep: RepKey {
                    company: company.clone(),
                    rep: self.rep_text(item, "rep")?,
                },
                after: item.text("after_key").map(str::to_owned),
                token: self.rep_text(item, "remap_token")?,
            })
        };
        items.iter().map(read).collect()
    }

    async fn keep_remap(&self, remap: &Remap) -> Result<(), Fault> {
        let mut values = attributes([(":token", s(&remap.token))]);
        let text = match &remap.after {
            Some(after) => {
                values.insert(":after".to_owned(), s(after));
                "SET after_key = :after"
            }
            None => "REMOVE after_key",
        };
        let update = Expression::new(text, values);
        let at = remap_key(&remap.target, &remap.rep);
        self.update(&self.tables.reps, at, update, Some("remap_token = :token"))
            .await?;
        Ok(())
    }

    async fn finish_remap(&self, remap: &Remap) -> Result<(), Fault> {
        let same = attributes([(":token", s(&remap.token))]);
        let same = Expression::new("remap_token = :token", same);
        let at = remap_key(&remap.target, &remap.rep);
        self.delete(&self.tables.reps, at, Some(same)).await
    }

    async fn put_salesperson(&self, row: &SalespersonRow) -> Result<(), Fault> {
        let mut item = key(&salesperson_partition(&row.rep.company), &row.rep.rep);
        item.insert("salesperson_name".to_owned(), s(&row.name));
        item.insert("email".to_owned(), s(&row.email));
        self.put(&self.tables.reps, item, None).await?;
        Ok(())
    }

    async fn salespersons(&self, company: &Company) -> Result<Vec<SalespersonRow>, Fault> {
        let query = Query::of(&self.tables.reps, salesperson_partition(company));
        let (items, _) = self.query(query).await?;
        let read = |item: &Item| {
            Ok(SalespersonRow {
                rep: RepKey {
                    company: company.clone(),
                    rep: self.rep_text(item, "sk")?,
                },
                name: self.rep_text(item, "salesperson_name")?,
                email: self.rep_text(item, "email")?,
            })
        };
        items.iter().map(read).collect()
    }
}
