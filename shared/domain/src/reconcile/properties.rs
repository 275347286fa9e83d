//! The laws of the decision, over random edits, policies and lossy normalisers.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

const CRM_LENGTH: u32 = 6;
const SAGE_LENGTH: u32 = 8;

/// How a side stores what it is given.
#[derive(Debug, Clone, Copy)]
enum Normaliser {
    Exact,
    Cut(u32),
    UpperCut(u32),
    Trim,
    Round,
}

impl Normaliser {
    fn store(self, value: &Value) -> Value {
        match (self, value) {
            (Self::Cut(n), Value::Text(text)) => {
                Value::text(text.chars().take(n as usize).collect::<String>())
            }
            (Self::UpperCut(n), Value::Text(text)) => Value::text(
                text.to_uppercase()
                    .chars()
                    .take(n as usize)
                    .collect::<String>()
                    .trim_end(),
            ),
            (Self::Trim, Value::Text(text)) => Value::text(text.trim()),
            (Self::Round, Value::Number(number)) => Value::Number(number.round_dp(1)),
            _ => value.clone(),
        }
    }

    fn store_all(self, fields: &Fields) -> Fields {
        fields
            .iter()
            .map(|(name, value)| (name.clone(), self.store(value)))
            .collect()
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Blank),
        "[ a-cA-C]{0,12}".prop_map(|text| if text.trim().is_empty() {
            Value::Blank
        } else {
            Value::text(text)
        }),
        (0i64..100_000).prop_map(|n| Value::Number(Decimal::new(n, 3))),
    ]
}

fn any_fields() -> impl Strategy<Value = Fields> {
    prop::collection::vec(any_value(), 3).prop_map(|values| {
        values
            .into_iter()
            .enumerate()
            .map(|(n, value)| (format!("F{n}"), value))
            .collect()
    })
}

fn any_rule() -> impl Strategy<Value = FieldRule> {
    (
        prop_oneof![
            Just(FieldOwner::Sage),
            Just(FieldOwner::Crm),
            Just(FieldOwner::Both)
        ],
        prop_oneof![
            Just(OnConflict::Sage),
            Just(OnConflict::Crm),
            Just(OnConflict::Latest),
            Just(OnConflict::Park)
        ],
        prop_oneof![Just(ForeignEdit::Revert), Just(ForeignEdit::Report)],
    )
        .prop_map(|(owner, on_conflict, foreign_edit)| FieldRule {
            owner,
            on_conflict,
            foreign_edit,
            crm_length: Some(CRM_LENGTH),
            sage_length: Some(SAGE_LENGTH),
        })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    prop::collection::vec(any_rule(), 3).prop_map(|rules| Policy {
        fields: rules
            .into_iter()
            .enumerate()
            .map(|(n, rule)| (format!("F{n}"), rule))
            .collect(),
        ..Policy::default()
    })
}

/// `Some(value)`: that side edits field n to it.
fn any_edits() -> impl Strategy<Value = Vec<(bool, usize, Value)>> {
    prop::collection::vec((any::<bool>(), 0usize..3, any_value()), 0..6)
}

fn sage_normaliser() -> impl Strategy<Value = Normaliser> {
    prop_oneof![
        Just(Normaliser::Exact),
        Just(Normaliser::UpperCut(SAGE_LENGTH)),
        Just(Normaliser::Round)
    ]
}

fn crm_normaliser() -> impl Strategy<Value = Normaliser> {
    prop_oneof![
        Just(Normaliser::Exact),
        Just(Normaliser::Cut(CRM_LENGTH)),
        Just(Normaliser::Trim),
        Just(Normaliser::Round)
    ]
}

/// Two systems that are kept in step.
struct World {
    sage: Fields,
    crm: Fields,
    shadow: Shadow,
    sage_stores: Normaliser,
    crm_stores: Normaliser,
}

impl World {
    fn created(
        sage: &Fields,
        policy: &Policy,
        sage_stores: Normaliser,
        crm_stores: Normaliser,
    ) -> Self {
        let sage = sage_stores.store_all(sage);
        let decision = reconcile(Base::None, Side::of(&sage), Crm::Absent, policy);
        let crm = crm_stores.store_all(&decision.to_crm);
        Self {
            sage,
            crm,
            shadow: decision.shadow,
            sage_stores,
            crm_stores,
        }
    }

    fn decide(&self, policy: &Policy) -> Decision {
        let sage = Side::of(&self.sage);
        let crm = Crm::Read(Side::of(&self.crm));
        reconcile(Base::Agreed(&self.shadow), sage, crm, policy)
    }

    fn apply(&mut self, decision: Decision) {
        self.crm.extend(self.crm_stores.store_all(&decision.to_crm));
        self.sage
            .extend(self.sage_stores.store_all(&decision.to_sage));
        self.shadow = decision.shadow;
    }

    fn edit(&mut self, edits: &[(bool, usize, Value)]) {
        for (in_sage, field, value) in edits {
            let name = format!("F{field}");
            if *in_sage {
                self.sage.insert(name, self.sage_stores.store(value));
            } else {
                self.crm.insert(name, self.crm_stores.store(value));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn applying_a_decision_twice_changes_nothing(
        start in any_fields(), policy in any_policy(), edits in any_edits(),
    ) {
        let mut world = World::created(&start, &policy, Normaliser::Exact, Normaliser::Exact);
        world.edit(&edits);
        let decision = world.decide(&policy);
        prop_assert_eq!(&decision, &world.decide(&policy), "same inputs, same answer");
        world.apply(decision.clone());
        let (sage, crm) = (world.sage.clone(), world.crm.clone());
        world.apply(decision);
        prop_assert_eq!((&sage, &crm), (&world.sage, &world.crm));
        prop_assert!(world.decide(&policy).is_quiet());
    }

    #[test]
    fn once_edits_stop_there_is_no_echo_also_through_lossy_normalisers(
        start in any_fields(), policy in any_policy(),
        rounds in prop::collection::vec(any_edits(), 1..4),
        sage_stores in sage_normaliser(), crm_stores in crm_normaliser(),
    ) {
        let mut world = World::created(&start, &policy, sage_stores, crm_stores);
        // The first look at what the CRM made of a creation is no edit.
        let first = world.decide(&policy);
        for (name, value) in &first.to_sage {
            prop_assert_eq!(policy.rule(name).owner, FieldOwner::Crm, "echo of {} {:?}", name, value);
        }
        world.apply(first);
        for edits in &rounds {
            world.edit(edits);
            let decision = world.decide(&policy);
            world.apply(decision);
        }
        let quiet = world.decide(&policy);
        prop_assert!(quiet.is_quiet(), "echo: {:?}", quiet);
    }

    #[test]
    fn only_the_owners_value_ever_wins(
        start in any_fields(), policy in any_policy(), edits in any_edits(),
    ) {
        let mut world = World::created(&start, &policy, Normaliser::Exact, Normaliser::Exact);
        world.edit(&edits);
        let decision = world.decide(&policy);
        for (name, value) in &decision.to_crm {
            prop_assert_ne!(policy.rule(name).owner, FieldOwner::Crm);
            prop_assert_eq!(Some(value), world.sage.get(name));
        }
        for (name, value) in &decision.to_sage {
            prop_assert_ne!(policy.rule(name).owner, FieldOwner::Sage);
            prop_assert_eq!(value, world.crm.get(name).unwrap_or(&Value::Blank));
        }
        // No field is written on both sides.
        prop_assert!(decision.to_crm.keys().all(|name| !decision.to_sage.contains_key(name)));
    }

    #[test]
    fn a_conflict_of_a_shared_field_goes_where_the_policy_says(
        start in any_fields(), on_conflict in prop_oneof![Just(OnConflict::Sage), Just(OnConflict::Crm), Just(OnConflict::Park)],
        ours in "[d-f]{1,5}", theirs in "[g-i]{1,5}",
    ) {
        let rule = FieldRule { owner: FieldOwner::Both, on_conflict, ..FieldRule::default() };
        let policy = Policy { fields: [("F0".to_owned(), rule)].into(), ..Policy::default() };
        let mut world = World::created(&start, &policy, Normaliser::Exact, Normaliser::Exact);
        world.edit(&[(true, 0, Value::text(ours.as_str())), (false, 0, Value::text(theirs.as_str()))]);
        let decision = world.decide(&policy);
        world.apply(decision);
        let held = (world.sage["F0"].to_string(), world.crm["F0"].to_string());
        prop_assert_eq!(held, match on_conflict {
            OnConflict::Sage | OnConflict::Latest => (ours.clone(), ours),
            OnConflict::Crm => (theirs.clone(), theirs),
            OnConflict::Park => (ours, theirs),
        });
    }

    #[test]
    fn a_stale_base_always_ends_with_sages_values_in_the_crm(
        start in any_fields(), policy in any_policy(), older in any_fields(),
    ) {
        let mut world = World::created(&start, &policy, Normaliser::Exact, Normaliser::Exact);
        world.crm = older;
        let sage = Side::of(&world.sage);
        let decision = reconcile(Base::Stale(&world.shadow), sage, Crm::Unread, &policy);
        prop_assert!(decision.to_sage.is_empty());
        world.apply(decision);
        for (name, value) in &world.sage {
            if policy.rule(name).owner != FieldOwner::Crm {
                prop_assert_eq!(world.crm.get(name), Some(value));
            }
        }
    }
}
