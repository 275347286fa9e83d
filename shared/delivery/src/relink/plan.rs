//! What would be done, said before anything is.

use counterpart_domain::{Company, CrmId, Entity, Fault, SageKey, Value};

use super::{Move, MovePlan, ReleasePlan, Relink, Sales, refused};
use crate::ports::DocumentQuery;
use crate::ports::prelude::*;
use crate::{Entry, Link, Stage};

/// Keys of one question to the agent.
const AT_ONCE: usize = 100;

/// A record below another one.
struct Child {
    id: CrmId,
    /// The parent's id.
    of: String,
    /// Its link, where it is this record's; or the one that a move has taken away, and did not get to give anew.
    link: Option<Link>,
}

impl Child {
    fn is_linked(&self) -> bool {
        let owner = self.link.as_ref().and_then(|link| link.crm_id.as_ref());
        owner == Some(&self.id)
    }
}

impl<P: Ports> Relink<'_, P> {
    /// What it takes to make a record of the CRM the record of a key, with everything below it.
    ///
    /// # Errors
    /// `E_CRM_RECORD_GONE` (class data) when there is no such record; when the store, the CRM or Sage cannot be read.
    pub async fn plan_move(&self, id: &CrmId, key: &SageKey) -> Result<MovePlan, Fault> {
        let entity = self.entity(key)?;
        let query = DocumentQuery {
            module: entity.module.clone(),
            fields: vec![entity.key_field.clone()],
            lines: None,
        };
        let Some(document) = self.crm.document(&query, id).await? else {
            return Err(refused(
                "E_CRM_RECORD_GONE",
                format!(
                    "{} has no record {id} in {}, or none that we may see.",
                    self.target, entity.module
                ),
            ));
        };
        let id = document.id;
        let (keys, ids) = ([key.clone()], [id]);
        let mut moves = self.moves(&ids, &keys).await?;
        let Some(root) = moves.pop() else {
            return Err(refused("E_KEY_INVALID", format!("{key} is no key.")));
        };
        let mut plan = MovePlan {
            sales: self.sales(&root).await?,
            moves: vec![root],
            follow: Vec::new(),
            stay: Vec::new(),
            unlinked: 0,
        };
        let children = self.settings.entities.keys();
        for child in children.filter(|child| child.parent() == Some(key.entity)) {
            self.plan_children(*child, &mut plan).await?;
        }
        Ok(plan)
    }

    /// Each record with its key, as both stand now.
    async fn moves(&self, ids: &[CrmId], keys: &[SageKey]) -> Result<Vec<Move>, Fault> {
        let Some(entity) = keys.first().map(|key| self.entity(key)).transpose()? else {
            return Ok(Vec::new());
        };
        let to = self.store.links(self.target, keys).await?;
        let fields: [String; 0] = [];
        let holders = self
            .crm
            .read(&entity.module, &entity.key_field, keys, &fields)
            .await?;
        let mut entries = self.entries(keys).await?;
        let mut moves = Vec::with_capacity(keys.len());
        for ((id, key), to) in ids.iter().zip(keys).zip(to) {
            let from = match self.store.key_of(self.target, id).await? {
                Some(old) => self.store.link(self.target, &old).await?,
                None => None,
            };
            let text = key.text();
            let holds = holders
                .iter()
                .filter(|one| one.key.as_deref() == Some(&text));
            let linked = to.as_ref().and_then(|link| link.crm_id.as_ref());
            let mut twins: Vec<CrmId> = linked
                .into_iter()
                .chain(holds.map(|one| &one.id))
                .filter(|one| *one != id)
                .cloned()
                .collect();
            twins.sort();
            twins.dedup();
            let place = entries
                .iter()
                .position(|entry| entry.local_key == key.local);
            moves.push(Move {
                id: id.clone(),
                key: key.clone(),
                from,
                to,
                twins,
                entry: place.map(|place| entries.swap_remove(place)),
            });
        }
        Ok(moves)
    }

    /// What Sage holds of these keys now.
    async fn entries(&self, keys: &[SageKey]) -> Result<Vec<Entry>, Fault> {
        let run = self.clock.new_id();
        let mut entries = Vec::with_capacity(keys.len());
        for keys in keys.chunks(AT_ONCE) {
            let answer = self.agent.records(keys).await?;
            for one in answer.records {
                let record = one.record?;
                entries.push(Entry {
                    local_key: one.key.local,
                    as_of: answer.as_of,
                    hash: record.content_hash(),
                    record,
                    run: run.clone(),
                    first_sent: self.clock.now(),
                    attempts: 0,
                    answers: Vec::new(),
                });
            }
        }
        Ok(entries)
    }

    async fn plan_children(&self, entity: Entity, plan: &mut MovePlan) -> Result<(), Fault> {
        let Some(root) = plan.moves.first() else {
            return Ok(());
        };
        let (id, key) = (root.id.clone(), root.key.clone());
        let parents: Vec<CrmId> = [id.clone()].into_iter().chain(root.twins.clone()).collect();
        let children = self.children(entity, &parents).await?;
        let (own, of_twins): (Vec<Child>, Vec<Child>) =
            children.into_iter().partition(|child| child.of == id.0);
        let (mut ids, mut keys, mut olds) = (Vec::new(), Vec::new(), Vec::new());
        for child in own {
            let Some(link) = child.link else {
                plan.unlinked += 1;
                continue;
            };
            let new = match self.parent_of(&link.key).await? {
                // Of the new key's own already, and perhaps not written yet since it came there.
                Some(below) if below == key && !link.key_unwritten => continue,
                Some(below) if below == key => Some(link.key.clone()),
                Some(below) if self.is_left(&below, &id).await? => link.key.moved(&below, &key),
                _ => None,
            };
            match new {
                Some(new) => {
                    ids.push(child.id);
                    keys.push(new);
                    olds.push(link.key);
                }
                None => plan.stay.push(link.key),
            }
        }
        for (moved, old) in self.moves(&ids, &keys).await?.into_iter().zip(olds) {
            if moved.entry.is_some() {
                plan.moves.push(moved);
            } else {
                plan.stay.push(old);
            }
        }
        let freed = |id: &CrmId| plan.moves.iter().any(|one| one.twins.contains(id));
        let follow = of_twins.into_iter();
        let follow = follow.filter(|child| child.is_linked() && !freed(&child.id));
        let follow: Vec<Link> = follow.filter_map(|child| child.link).collect();
        plan.follow.extend(follow);
        Ok(())
    }

    /// The link of the key that a record holds, where a person took it away.
    async fn released(&self, entity: Entity, held: Option<&Value>) -> Result<Option<Link>, Fault> {
        let held = held.map(Value::to_string).unwrap_or_default();
        let key = held.split_once(':').and_then(|(company, local)| {
            let company = Company::new(company).ok()?;
            SageKey::new(&company, entity, local).ok()
        });
        let Some(key) = key else {
            return Ok(None);
        };
        let link = self.store.link(self.target, &key).await?;
        Ok(link.filter(|link| link.stage == Stage::Released))
    }

    /// The key that a child's parent has: of those that it may have, one that is linked, otherwise the shortest.
    async fn parent_of(&self, child: &SageKey) -> Result<Option<SageKey>, Fault> {
        let mut parents = child.possible_parents();
        if parents.len() > 1 {
            let links = self.store.links(self.target, &parents).await?;
            let linked = links.iter().position(Option::is_some);
            parents.truncate(linked.map_or(1, |at| at + 1));
            if let Some(at) = linked {
                parents.drain(..at);
            }
        }
        Ok(parents.into_iter().next())
    }

    /// Whether a key has no record, or is about to lose this one. It may have lost it when the same was said before.
    async fn is_left(&self, key: &SageKey, id: &CrmId) -> Result<bool, Fault> {
        let link = self.store.link(self.target, key).await?;
        let owner = link.and_then(|link| link.crm_id);
        Ok(owner.is_none_or(|owner| owner == *id))
    }

    /// The records below these, by the CRM.
    async fn children(&self, entity: Entity, parents: &[CrmId]) -> Result<Vec<Child>, Fault> {
        let config = self.settings.entities.get(&entity);
        let Some((config, field)) =
            config.and_then(|config| Some((config, config.parent_field.as_ref()?)))
        else {
            return Ok(Vec::new());
        };
        let parents: Vec<String> = parents.iter().map(|id| id.0.clone()).collect();
        let asked = [field.clone(), config.key_field.clone()];
        let found = self
            .crm
            .find_by(&config.module, field, &parents, None, &asked, None)
            .await?;
        let mut children = Vec::with_capacity(found.len());
        for record in found {
            let key = self.store.key_of(self.target, &record.id).await?;
            let link = match key {
                Some(key) => {
                    let link = self.store.link(self.target, &key).await?;
                    link.filter(|link| link.crm_id.as_ref() == Some(&record.id))
                }
                None => {
                    let held = record.fields.get(&config.key_field);
                    self.released(entity, held).await?
                }
            };
            let of = record.fields.get(field).map(Value::to_string);
            children.push(Child {
                link,
                id: record.id,
                of: of.unwrap_or_default(),
            });
        }
        Ok(children)
    }

    async fn sales(&self, root: &Move) -> Result<Sales, Fault> {
        if root.key.entity != Entity::CUSTOMER {
            return Ok(Sales::default());
        }
        Ok(Sales {
            of_record: self.count_sales(std::slice::from_ref(&root.id)).await?,
            of_twins: self.count_sales(&root.twins).await?,
        })
    }

    /// How many sales name these accounts.
    pub(super) async fn count_sales(&self, accounts: &[CrmId]) -> Result<usize, Fault> {
        let Some(orders) = self
            .settings
            .orders
            .as_ref()
            .filter(|_| !accounts.is_empty())
        else {
            return Ok(0);
        };
        let accounts: Vec<String> = accounts.iter().map(|id| id.0.clone()).collect();
        let mut sales = 0;
        for source in &orders.sources {
            let found =
                self.crm
                    .find_by(&source.module, &source.account, &accounts, None, &[], None);
            sales += found.await?.len();
        }
        Ok(sales)
    }

    /// How many linked records are below one.
    pub(super) async fn count_children(&self, key: &SageKey, id: &CrmId) -> Result<usize, Fault> {
        let mut count = 0;
        for entity in self.settings.entities.keys() {
            if entity.parent() == Some(key.entity) {
                let children = self.children(*entity, std::slice::from_ref(id)).await?;
                count += children.iter().filter(|child| child.is_linked()).count();
            }
        }
        Ok(count)
    }

    /// What it takes to take a link away.
    ///
    /// # Errors
    /// `E_LINK_NONE` (class data) when the key is linked to nothing; when the store or the CRM cannot be read.
    pub async fn plan_release(&self, key: &SageKey) -> Result<ReleasePlan, Fault> {
        self.entity(key)?;
        let link = self.store.link(self.target, key).await?;
        let link = link.filter(|link| link.crm_id.is_some() && link.stage != Stage::Released);
        let Some((link, id)) = link.and_then(|link| Some((link.clone(), link.crm_id?))) else {
            return Err(refused(
                "E_LINK_NONE",
                format!("{key} is linked to no record of {}.", self.target),
            ));
        };
        let is_account = key.entity == Entity::CUSTOMER;
        let accounts: &[CrmId] = if is_account {
            std::slice::from_ref(&id)
        } else {
            &[]
        };
        Ok(ReleasePlan {
            children: self.count_children(key, &id).await?,
            sales: self.count_sales(accounts).await?,
            link,
        })
    }
}
