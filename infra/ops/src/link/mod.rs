//! `counterpart link`: which record of a CRM belongs to which record of Sage, shown, moved and taken away by a person.

mod render;

use counterpart_config::TargetConfig;
use counterpart_delivery::ports::Links as _;
use counterpart_delivery::{Context, Ports, Relink};
use counterpart_domain::{Company, CrmId, Entity, Fault, SageKey, TargetName};

use crate::cli::LinkCommand;
use crate::output::{Answer, Refusal, Style, printable};
use crate::who;

/// The deployment, with one target.
pub struct Desk<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The target's name.
    pub target: &'a TargetName,
    /// What is configured of it.
    pub settings: &'a TargetConfig,
    /// Its client.
    pub crm: &'a P::Crm,
}

/// What the command line names.
pub struct Named {
    /// The Sage key.
    pub key: SageKey,
    /// The CRM's record, where that was named.
    pub id: Option<CrmId>,
}

impl<P: Ports> Desk<'_, P> {
    /// The key, and the record, that a command names.
    ///
    /// # Errors
    /// When it names none, or several; when the store cannot be read.
    pub async fn find(&self, command: &LinkCommand) -> Result<Named, Refusal> {
        match command {
            LinkCommand::Show { record, entity, .. }
            | LinkCommand::Release { record, entity, .. } => {
                if record.contains(':') {
                    let key = self.key(record, *entity).await?;
                    return Ok(Named { key, id: None });
                }
                let id = self.id(record)?;
                let key = self.context.store.key_of(self.target, &id).await?;
                let Some(key) = key else {
                    return Err(Refusal::new(
                        "E_LINK_NONE",
                        format!("Record {id} of {} is linked to nothing.", self.target),
                        "`counterpart link move TARGET ID COMPANY:KEY` links it.",
                    ));
                };
                Ok(Named { key, id: Some(id) })
            }
            LinkCommand::Move {
                id, key, entity, ..
            } => Ok(Named {
                id: Some(self.id(id)?),
                key: self.key(key, *entity).await?,
            }),
        }
    }

    fn id(&self, text: &str) -> Result<CrmId, Refusal> {
        let profile = self.settings.crm.profile();
        (profile.ids.record)(text.trim()).map(CrmId).ok_or_else(|| {
            Refusal::new(
                "E_ID_INVALID",
                format!(
                    "{} is no id of a record of {}.",
                    printable(text),
                    profile.title
                ),
                "It stands in the address of the record's page, and in `counterpart link show`.",
            )
        })
    }

    /// A key, whatever the case of its letters is meant to be: Sage's own are capitals.
    async fn key(&self, text: &str, entity: Option<Entity>) -> Result<SageKey, Refusal> {
        let mut keys: Vec<SageKey> = Vec::new();
        for spelt in [text.trim().to_owned(), text.trim().to_uppercase()] {
            let Some((company, local)) = spelt.split_once(':') else {
                continue;
            };
            let Ok(company) = Company::new(company) else {
                continue;
            };
            let entities = self.settings.entities.keys().copied();
            let wanted = entities.filter(|one| entity.is_none_or(|wanted| wanted == *one));
            for key in wanted.filter_map(|one| SageKey::new(&company, one, local).ok()) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        let links = self.context.store.links(self.target, &keys).await?;
        let known: Vec<&SageKey> = keys
            .iter()
            .zip(&links)
            .filter(|(_, link)| link.is_some())
            .map(|(key, _)| key)
            .collect();
        let first = keys.first().map(|key| key.entity);
        match known.as_slice() {
            [one] => return Ok((*one).clone()),
            [] if first.is_some_and(|first| keys.iter().all(|key| key.entity == first)) => {
                return Ok(keys.swap_remove(0));
            }
            _ => {}
        }
        if keys.is_empty() {
            return Err(Refusal::new(
                "E_KEY_INVALID",
                format!(
                    "{} is no key of a record that goes to {}.",
                    printable(text),
                    self.target
                ),
                "A key has the company, the division and the number, such as ABC:01-ABF; that of a contact its code as well: ABC:01-ABF/MAIN.",
            ));
        }
        let mut of: Vec<&str> = keys.iter().map(|key| key.entity.name()).collect();
        of.sort_unstable();
        of.dedup();
        Err(Refusal::new(
            "E_KEY_AMBIGUOUS",
            format!("{} may be a key of: {}.", printable(text), of.join(", ")),
            "Say which with --entity.",
        ))
    }

    /// Does what the command asks, or says what it would do.
    ///
    /// # Errors
    /// When it cannot be done.
    pub async fn answer(
        &self,
        command: &LinkCommand,
        named: Named,
        agent: &P::Agent,
        style: Style,
    ) -> Result<Answer, Refusal> {
        let over = Relink {
            context: self.context,
            target: self.target,
            settings: self.settings,
            crm: self.crm,
            agent,
        };
        let Named { key, id } = named;
        match command {
            LinkCommand::Show { .. } => {
                let view = over.view(&key, id.as_ref()).await?;
                Ok(render::view(self.target, &view, style))
            }
            LinkCommand::Move { doing, .. } => {
                let Some(id) = id else {
                    return Err(Refusal::new("E_ID_INVALID", "No record is named.", ""));
                };
                let plan = over.plan_move(&id, &key).await?;
                if doing.yes {
                    let by = who::named(doing.by.as_deref())?;
                    over.carry_out(&plan, &by).await.map_err(busy)?;
                }
                Ok(render::moved(self.target, &plan, doing.yes))
            }
            LinkCommand::Release { doing, .. } => {
                let plan = over.plan_release(&key).await?;
                if doing.yes {
                    let by = who::named(doing.by.as_deref())?;
                    over.release(&plan, &by).await.map_err(busy)?;
                }
                Ok(render::released(self.target, &plan, doing.yes))
            }
        }
    }
}

/// What was done stays done.
fn busy(fault: Fault) -> Refusal {
    let remedy = "Run the command again: what is done already is not done twice.";
    Refusal::new(&fault.code.clone(), fault.message, remedy)
}

#[cfg(test)]
mod tests;
