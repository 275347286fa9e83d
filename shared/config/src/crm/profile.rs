//! The parts of a profile.

use super::setting::Setting;

/// What every org of a product has, takes and wants. Two profiles are the same when their names are.
#[derive(Debug)]
pub struct CrmProfile {
    /// As it stands in `crm = "…"`, and in the addresses of the webhooks.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The same within a sentence.
    pub short: &'static str,
    /// The version of its API that is spoken where `sync.toml` names none, as it stands in addresses.
    pub api_version: &'static str,
    /// The most records of one bulk call; a full pack has as many.
    pub bulk_size: usize,
    /// What only a target of this product has in `[targets.NAME]`.
    pub settings: &'static [Setting],
    /// The setting that tells people where an org is.
    pub place: Option<&'static str>,
    /// When two targets are one org.
    pub one_org: OneOrg,
    /// How many access tokens it gives to whoever asks for them himself, in words; none: enough.
    pub token_limit: Option<&'static str>,
    /// The members of a target's secret; each list is enough.
    pub secrets: &'static [&'static [&'static str]],
    /// The right without which nobody sees which org it is.
    pub org_right: &'static str,
    /// What holds Sage's entities, one entry each.
    pub entities: &'static [EntityProfile],
    /// What a rep's user is called on a record.
    pub owner_field: &'static str,
    /// A record's own id.
    pub id_field: &'static str,
    /// The forms of ids.
    pub ids: IdForms,
    /// What makes a field fit for the Sage key.
    pub key: KeyAdvice,
    /// What is peculiar to its fields.
    pub fields: FieldForms,
    /// The modules whose records can be merged, and then say into which.
    pub mergeable: &'static [&'static str],
    /// The modules whose records become orders.
    pub sources: &'static [SourceProfile],
    /// The fields of a sale's line.
    pub lines: LineProfile,
    /// How it tells of changes.
    pub ways_in: WaysIn,
    /// Modules that every org has: what is offered where a name is not known.
    pub modules: &'static [&'static str],
}

/// One entity of Sage in a product.
#[derive(Debug)]
pub struct EntityProfile {
    /// The entity's name: `customer`.
    pub entity: &'static str,
    /// The module or object that usually holds it.
    pub module: &'static str,
    /// The usual field for the Sage key.
    pub key_field: &'static str,
    /// The usual field that points to the parent record.
    pub parent_field: Option<&'static str>,
    /// The fields without which the module takes no record.
    pub mandatory: &'static [&'static str],
    /// Fields that the product makes out of others, in this module only.
    pub composed: &'static [Composed],
    /// The field for the town, which nearly everybody maps.
    pub city_field: Option<&'static str>,
}

/// A field that the product makes out of others.
#[derive(Debug)]
pub struct Composed {
    /// The field.
    pub field: &'static str,
    /// The same in a sentence, where its name does not say it.
    pub what: Option<&'static str>,
    /// Which fields to map in its place, as a sentence.
    pub remedy: &'static str,
}

/// When two targets are one org, as far as a file tells.
#[derive(Debug)]
pub enum OneOrg {
    /// When they share this setting.
    Setting(&'static str),
    /// When they share the secret and all settings: what is in the secret belongs to one org.
    SecretAndSettings,
}

/// The forms of a product's ids.
#[derive(Debug)]
pub struct IdForms {
    /// A record's id as the product's API writes it; none: it is no id.
    pub record: fn(&str) -> Option<String>,
    /// The same for a user's id.
    pub user: fn(&str) -> Option<String>,
    /// The same for an organisation's id, where events name one.
    pub organization: fn(&str) -> Option<String>,
    /// The form of a user's id, in words.
    pub user_words: &'static str,
    /// The same with what else is wanted, in a sentence without its end.
    pub user_wanted: &'static str,
    /// Whether a text of the configuration may be a record's id that is written into a reference; none: no text is.
    pub fixed: Option<fn(&str) -> bool>,
}

/// What makes a field fit for the Sage key.
#[derive(Debug)]
pub struct KeyAdvice {
    /// The marks of a unique field, as the set-up shows them.
    pub unique: &'static str,
    /// The mark of a field that records can be matched by, where it has one of its own.
    pub matched: Option<&'static str>,
    /// How to make one, where no standard field will do.
    pub custom_only: Option<&'static str>,
}

/// A field that points to a record, and what leads on from there.
#[derive(Debug)]
pub struct Lookup {
    /// How the field's name ends.
    pub field: &'static str,
    /// What stands there instead in the name of the relation.
    pub relation: &'static str,
}

/// What is peculiar to a product's fields.
#[derive(Debug)]
pub struct FieldForms {
    /// How the names of custom fields end; none: nothing tells them from others.
    pub custom: Option<&'static str>,
    /// How fields that point to records are called; empty: nothing tells them from others, and their own names lead on.
    pub lookups: &'static [Lookup],
    /// The fields that the product fills by itself.
    pub own: &'static [&'static str],
    /// The fields that it makes out of others, in every module.
    pub composed: &'static [Composed],
    /// The field for the kind of a record, which wants the id of a record type.
    pub record_type: Option<&'static str>,
    /// Whether a field for several values of a picklist takes them as one text.
    pub multi_picklist_takes_text: bool,
    /// Whether fields for telephone numbers and web addresses refuse texts of another form.
    pub checks_forms: bool,
    /// Whether the lines of a sale are a field of its module.
    pub lines_are_a_field: bool,
}

/// A module whose records become orders.
#[derive(Debug)]
pub struct SourceProfile {
    /// The module.
    pub module: &'static str,
    /// The field of the account.
    pub account: &'static str,
    /// The field of the sale that a record belongs to.
    pub root: Option<&'static str>,
    /// The field of its total.
    pub total: Option<&'static str>,
    /// The field of its tax.
    pub tax: Option<&'static str>,
    /// The field of what is taken off the whole sale.
    pub discount: Option<&'static str>,
    /// The field of what is put on the whole sale, or, below zero, taken off.
    pub adjustment: Option<&'static str>,
    /// The field of its day.
    pub day: Option<&'static str>,
    /// The field of its price book.
    pub price_book: Option<&'static str>,
    /// The relation or subform that holds its lines; none: each org has one of its own.
    pub relation: Option<&'static str>,
    /// The module of the lines, where it is not called as the relation is.
    pub line_module: Option<&'static str>,
    /// The field by which a line leads to its record, where lines are records of their own: they are changed without it.
    pub line_parent: Option<&'static str>,
    /// A line's tax.
    pub line_tax: Option<&'static str>,
    /// A line's price book.
    pub line_price_book: Option<&'static str>,
    /// A line's discount in percent.
    pub line_discount_percent: Option<&'static str>,
}

/// The fields of a sale's line, in every module.
#[derive(Debug)]
pub struct LineProfile {
    /// The product's code.
    pub code: &'static str,
    /// The product.
    pub product: &'static str,
    /// What the product is counted in.
    pub product_unit: &'static str,
    /// The quantity.
    pub quantity: &'static str,
    /// The price of one.
    pub unit_price: &'static str,
    /// The discount of the whole line, as an amount.
    pub discount_amount: Option<&'static str>,
}

/// How a product tells of changes.
#[derive(Debug)]
pub struct WaysIn {
    /// Whether by watch channels, which somebody has to renew: `notify_url` and `watch`.
    pub channels: bool,
    /// Whether by events on a bus: `organizations` and `platform_events`.
    pub bus: bool,
    /// Whether every way tells of what we wrote ourselves, too.
    pub tells_of_our_writes: bool,
    /// Whether what was deleted stands in a list of its own; otherwise it stands among the changes.
    pub lists_deletions: bool,
    /// Its webhooks, as people enter them.
    pub webhooks: &'static [Webhook],
}

/// An address that the product calls: `/{product}/{target}/{path}/{secret}`.
#[derive(Debug)]
pub struct Webhook {
    /// What is called, as the route names it.
    pub path: &'static str,
    /// The address's name for programs.
    pub name: &'static str,
    /// Where in the CRM it is entered.
    pub place: &'static str,
    /// The header that is entered beside it, with a token.
    pub token: Option<WebhookToken>,
}

/// A header with a token.
#[derive(Debug)]
pub struct WebhookToken {
    /// The token's name for programs.
    pub name: &'static str,
    /// Where in the CRM it is entered.
    pub place: &'static str,
}

impl PartialEq for CrmProfile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for CrmProfile {}

impl CrmProfile {
    /// The profile of a name as it stands in `crm = "…"`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        super::CRM_PROFILES
            .into_iter()
            .find(|profile| profile.name == name)
    }

    /// The entry of an entity, by its name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&'static EntityProfile> {
        self.entities.iter().find(|entry| entry.entity == name)
    }

    /// What a module takes no record without.
    #[must_use]
    pub fn mandatory(&self, module: &str) -> &'static [&'static str] {
        let entry = self.entities.iter().find(|entry| entry.module == module);
        entry.map_or(&[], |entry| entry.mandatory)
    }

    /// What is usual for the sales of a module.
    #[must_use]
    pub fn source(&self, module: &str) -> Option<&'static SourceProfile> {
        self.sources.iter().find(|source| source.module == module)
    }

    /// The module of a sale's lines, by the relation that holds them.
    #[must_use]
    pub fn line_module<'a>(&self, relation: &'a str) -> &'a str {
        let source = self
            .sources
            .iter()
            .find(|source| source.relation == Some(relation));
        source
            .and_then(|source| source.line_module)
            .unwrap_or(relation)
    }

    /// The source whose lines are the records of a module.
    #[must_use]
    pub fn source_of_lines(&self, module: &str) -> Option<&'static SourceProfile> {
        let mut sources = self.sources.iter();
        sources.find(|source| source.line_parent.is_some() && source.line_module == Some(module))
    }

    /// The name by which a path leads on from a lookup: `Account` for `AccountId`. None: such a field leads nowhere.
    #[must_use]
    pub fn relation_of(&self, field: &str) -> Option<String> {
        if self.fields.lookups.is_empty() {
            return Some(field.to_owned()).filter(|field| !field.is_empty());
        }
        self.fields.lookups.iter().find_map(|lookup| {
            let stem = field.strip_suffix(lookup.field)?;
            Some(format!("{stem}{}", lookup.relation)).filter(|relation| !relation.is_empty())
        })
    }

    /// Whether a field is a custom one, where names tell.
    #[must_use]
    pub fn is_custom(&self, field: &str) -> bool {
        let ends = |ending: &str| field.to_ascii_lowercase().ends_with(ending);
        self.fields.custom.is_some_and(ends)
    }

    /// Whether a field may point to a record, as far as its name tells.
    #[must_use]
    pub fn may_point(&self, field: &str) -> bool {
        let mut lookups = self.fields.lookups.iter();
        self.fields.lookups.is_empty()
            || self.is_custom(field)
            || lookups.any(|lookup| field.ends_with(lookup.field))
    }

    /// Whether it has this webhook.
    #[must_use]
    pub fn has_webhook(&self, path: &str) -> bool {
        self.ways_in.webhooks.iter().any(|hook| hook.path == path)
    }
}
