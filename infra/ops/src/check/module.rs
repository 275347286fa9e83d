//! One entity of one target: its module, and the fields that Counterpart fills by itself.

use counterpart_config::{CrmProfile, EntityConfig, TargetConfig, UnmappedRep};
use counterpart_delivery::ports::{CrmField, CrmFieldKind, CrmModule};
use counterpart_domain::reconcile::{CreateInCrm, FieldOwner, UpdateInCrm};
use counterpart_domain::{Entity, TargetName};

use super::field::{FieldCheck, find, same_id, writable};
use super::made::made;
use super::problem::{Report, Severity};
use super::world::{TargetWorld, World};
use super::{nearest, system};

/// The entity of a target that is looked at.
pub(super) struct ModuleCheck<'a> {
    pub(super) name: &'a TargetName,
    pub(super) target: &'a TargetConfig,
    pub(super) entity: Entity,
    pub(super) config: &'a EntityConfig,
    pub(super) world: &'a World,
    pub(super) here: &'a TargetWorld,
}

impl ModuleCheck<'_> {
    fn path(&self, rest: &str) -> String {
        format!("targets.{}.{}.{rest}", self.name, self.entity)
    }

    fn crm(&self) -> &'static CrmProfile {
        self.target.crm.profile()
    }

    /// Everything that is wrong.
    pub(super) fn run(&self, report: &mut Report<'_>) {
        self.admin(report);
        let Some(module) = self.module(report) else {
            return;
        };
        let creates = self.config.policy.create == CreateInCrm::Always;
        let updates = self.config.policy.update != UpdateInCrm::Never;
        for (wanted, allowed, doing) in [
            (creates, module.createable, "create"),
            (updates, module.updateable, "change"),
        ] {
            if wanted && !allowed {
                report.mistake(
                    "E_CHECK_MODULE_RIGHTS",
                    &self.path("module"),
                    format!("We may not {doing} records of {}.", module.name),
                    format!(
                        "Give the integration user that right, or set {}.",
                        match doing {
                            "create" => "create = \"never\"",
                            _ => "update = \"never\"",
                        }
                    ),
                );
            }
        }
        self.key(module, report);
        self.parent(module, creates, updates, report);
        self.owner(module, creates, updates, report);
        self.fields(module, creates, report);
        if creates {
            self.required(module, report);
        }
    }

    fn module(&self, report: &mut Report<'_>) -> Option<&CrmModule> {
        // What the file leaves out is a mistake of the file; here nothing can be said of it.
        if self.config.module.is_empty() {
            return None;
        }
        let path = self.path("module");
        match self.here.modules.get(&self.config.module) {
            Some(Ok(Some(module))) => {
                // A CRM may find a module in any case, but everything else that is compared has its own.
                if module.name != self.config.module {
                    report.mistake(
                        "E_CHECK_MODULE_UNKNOWN",
                        &path,
                        format!(
                            "{} writes the name of {} in another way.",
                            self.name, self.config.module
                        ),
                        format!("Write `{}`.", module.name),
                    );
                }
                Some(module)
            }
            Some(Ok(None)) => {
                let known = self.crm().modules.iter().copied();
                report.mistake(
                    "E_CHECK_MODULE_UNKNOWN",
                    &path,
                    format!(
                        "{} has no module {} that we can see.",
                        self.name, self.config.module
                    ),
                    nearest::remedy(
                        &self.config.module,
                        known,
                        "Use the API name of a module, and let the integration user see it.",
                    ),
                );
                None
            }
            Some(Err(fault)) => {
                system::unchecked(
                    "E_CHECK_MODULE_UNREAD",
                    &path,
                    &format!("Module {} of {}", self.config.module, self.name),
                    fault,
                    report,
                );
                None
            }
            // The org itself did not answer; that is said once, for the target.
            None => None,
        }
    }

    /// The longest key, in the form that the CRM holds: `ABC:01-ABF/ARTIE JOHN`.
    fn longest_key(&self) -> u32 {
        let of = |entity: Entity, name: &str, usual: u32| {
            let told = self.target.companies.iter().filter_map(|company| {
                let agent = self.world.entity(company, entity.plural())?;
                agent.fields.iter().find(|field| field.name == name)?.length
            });
            told.max().unwrap_or(usual)
        };
        let customer = |entity| of(entity, "ARDivisionNo", 2) + 1 + of(entity, "CustomerNo", 20);
        let local = match self.entity {
            Entity::Customer => customer(Entity::Customer),
            Entity::Contact => {
                customer(Entity::Contact) + 1 + of(Entity::Contact, "ContactCode", 10)
            }
            Entity::Salesperson => 2 + 1 + of(Entity::Salesperson, "SalespersonNo", 4),
        };
        let ruled = self.config.key_rule.as_ref().and_then(|rule| rule.length);
        // The company and its colon.
        4 + ruled.map_or(local, |ruled| local.min(ruled))
    }

    fn key(&self, module: &CrmModule, report: &mut Report<'_>) {
        if self.config.key_field.is_empty() {
            return;
        }
        let path = self.path("key_field");
        let Some(field) = find(module, &self.config.key_field, &path, report) else {
            return;
        };
        let place = format!("{}.{}", module.name, field.name);
        if field.kind != CrmFieldKind::Text {
            report.mistake(
                "E_CHECK_KEY_TYPE",
                &path,
                format!(
                    "{place} is of type {}; Sage keys are text.",
                    field.native_type
                ),
                "Use a text field for the key.",
            );
            return;
        }
        if !field.unique {
            report.mistake(
                "E_CHECK_KEY_NOT_UNIQUE",
                &path,
                format!("{place} is not unique, so one customer could become two records."),
                format!("Mark it {} in {}.", self.crm().key.unique, self.crm().short),
            );
        } else if !field.upsert_key {
            let (product, mark) = (self.crm().short, self.crm().key.matched);
            let (is, how) = match mark {
                Some(mark) => (
                    format!("is no {mark}"),
                    format!("Mark it \"{mark}\" in {product}."),
                ),
                None => (
                    format!("is no key to {product}"),
                    "Name another unique text field.".to_owned(),
                ),
            };
            report.mistake(
                "E_CHECK_KEY_NOT_EXTERNAL",
                &path,
                format!("{place} {is}, so nothing can be matched by it."),
                how,
            );
        }
        let longest = self.longest_key();
        if let Some(most) = field.length.filter(|most| *most < longest) {
            report.mistake(
                "E_CHECK_KEY_LENGTH",
                &path,
                format!("{place} takes {most} characters; a key can have {longest}."),
                format!("Give the field {longest} characters or more, or keep longer keys out with `key_rule`."),
            );
        }
        writable(module, field, &path, true, false, report);
    }

    fn parent(&self, module: &CrmModule, creates: bool, updates: bool, report: &mut Report<'_>) {
        let Some(name) = &self.config.parent_field else {
            return;
        };
        let path = self.path("parent_field");
        let Some(field) = find(module, name, &path, report) else {
            return;
        };
        let parents = self
            .entity
            .parent()
            .and_then(|entity| self.target.entities.get(&entity));
        let wanted = parents
            .map(|parent| parent.module.as_str())
            .filter(|module| !module.is_empty());
        let wrong = match (field.kind, wanted) {
            (CrmFieldKind::Reference, Some(wanted)) => {
                let fits = field
                    .references
                    .iter()
                    .any(|module| module.eq_ignore_ascii_case(wanted));
                (!fits)
                    .then(|| format!("points to {}, not to {wanted}", field.references.join(", ")))
            }
            (CrmFieldKind::Reference, None) => None,
            _ => Some(format!(
                "is of type {} and points to nothing",
                field.native_type
            )),
        };
        if let Some(wrong) = wrong {
            let candidates = module.fields.iter().filter(|field| {
                wanted.is_some_and(|wanted| field.references.iter().any(|module| module == wanted))
            });
            let names: Vec<&str> = candidates.map(|field| field.name.as_str()).collect();
            report.mistake(
                "E_CHECK_PARENT",
                &path,
                format!("{}.{} {wrong}.", module.name, field.name),
                format!(
                    "Name the field that points to the parent{}.",
                    if names.is_empty() {
                        String::new()
                    } else {
                        format!(", such as {}", names.join(", "))
                    }
                ),
            );
            return;
        }
        writable(module, field, &path, creates, updates, report);
    }

    fn owner(&self, module: &CrmModule, creates: bool, updates: bool, report: &mut Report<'_>) {
        let Some(owner) = &self.config.owner else {
            return;
        };
        let path = self.path("owner.field");
        let Some(field) = find(module, &owner.field, &path, report) else {
            return;
        };
        let users =
            |name: &String| name.eq_ignore_ascii_case("user") || name.eq_ignore_ascii_case("users");
        if field.kind != CrmFieldKind::Reference || !field.references.iter().any(users) {
            let usual = self.crm().owner_field;
            report.mistake(
                "E_CHECK_OWNER",
                &path,
                format!("{}.{} does not point to users.", module.name, field.name),
                format!("Use {usual}, or another field that points to users."),
            );
            return;
        }
        writable(module, field, &path, creates, updates, report);
    }

    fn admin(&self, report: &mut Report<'_>) {
        let Some(UnmappedRep::Admin(admin)) =
            self.config.owner.as_ref().map(|owner| &owner.unmapped)
        else {
            return;
        };
        let path = self.path("owner.unmapped");
        match &self.here.users {
            Some(Ok(users)) if users.iter().any(|user| same_id(&user.id.0, &admin.0)) => {}
            Some(Ok(_)) => report.mistake(
                "E_CHECK_ADMIN_USER",
                &path,
                format!("{} has no active user {admin}.", self.name),
                "Use the id of an active user; `counterpart reps match` shows them.",
            ),
            Some(Err(fault)) => system::unchecked(
                "E_CHECK_USERS_UNREAD",
                &path,
                &format!("The users of {}", self.name),
                fault,
                report,
            ),
            None => {}
        }
    }

    fn fields(&self, module: &CrmModule, creates: bool, report: &mut Report<'_>) {
        for map in &self.config.fields {
            let policy = &self.config.policy;
            let ours = policy
                .fields
                .get(&map.field)
                .is_none_or(|rule| rule.owner != FieldOwner::Crm);
            let updates = ours
                && match &policy.update {
                    UpdateInCrm::All => true,
                    UpdateInCrm::Never => false,
                    UpdateInCrm::Listed(listed) => listed.contains(&map.field),
                };
            let of_company = self.target.companies.iter().map(|company| {
                let agent = self.world.entity(company, self.entity.plural());
                (company.to_string(), made(map, self.entity, agent))
            });
            FieldCheck {
                crm: self.crm(),
                module,
                map,
                made: &of_company.collect::<Vec<_>>(),
                path: &self.path(&format!("fields.{}", map.field)),
                creates,
                updates,
            }
            .run(report);
        }
    }

    fn required(&self, module: &CrmModule, report: &mut Report<'_>) {
        let written = self.config.crm_fields();
        let missing = |field: &&CrmField| field.required && !written.contains(&field.name.as_str());
        for field in module.fields.iter().filter(missing) {
            report.add(
                Severity::Mistake,
                "E_CHECK_REQUIRED",
                &self.path("fields"),
                format!("{} takes no record without {}, and nothing fills it.", module.name, field.name),
                format!("Map {} (a constant will do), make it optional in the CRM, or set create = \"never\".", field.name),
            );
        }
    }
}
