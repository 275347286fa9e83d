//! Which record an upsert's row means. This is where careless integrations merge customers.

use serde_json::Value;

use super::{
    errors::Failure,
    requests::unsupported,
    rows::Row,
    schema::Module,
    store::{Record, Store},
};

/// The fields that are really checked, in order.
///
/// | `duplicate_check_fields` | checked |
/// |---|---|
/// | absent | the system field, then every unique field |
/// | given | those fields, then every *other* unique field; the system field only if it is listed |
///
/// # Errors
/// A listed field is neither the system field nor unique.
pub fn check_order(
    module: &Module,
    listed: Option<&[String]>,
) -> Result<Vec<&'static str>, Failure> {
    let uniques: Vec<&'static str> = module.uniques().map(|field| field.name).collect();
    let mut order: Vec<&'static str> = Vec::new();
    match listed {
        None | Some([]) => order.push(module.check),
        Some(listed) => {
            for (index, name) in listed.iter().enumerate() {
                let allowed: Vec<&'static str> = [module.check]
                    .into_iter()
                    .chain(uniques.iter().copied())
                    .collect();
                let path = format!("$.duplicate_check_fields[{index}]");
                let field = allowed.iter().find(|allowed| *allowed == name);
                order.push(
                    field.ok_or_else(|| unsupported("duplicate_check_fields", &path, &allowed))?,
                );
            }
        }
    }
    for name in uniques {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    Ok(order)
}

/// The record that a row means, and the field by which it was found. Case does not count.
/// Where several records carry a name, the oldest is taken.
pub fn find<'a>(
    store: &'a Store,
    order: &[&'static str],
    row: &Row,
) -> Option<(&'static str, &'a Record)> {
    order.iter().find_map(|name| {
        let value = row
            .values
            .get(name)
            .filter(|value| !Value::is_null(value))?;
        store.find(name, value).next().map(|record| (*name, record))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoho::accounts::MODULE as ACCOUNTS;

    fn order(listed: Option<&[&str]>) -> Vec<&'static str> {
        let listed: Option<Vec<String>> =
            listed.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        check_order(&ACCOUNTS, listed.as_deref()).unwrap()
    }

    #[test]
    fn without_check_fields_the_name_is_checked_first_and_then_every_unique_field() {
        assert_eq!(order(None), ["Account_Name", "Sage_Key", "Legacy_Id"]);
    }

    #[test]
    fn listed_fields_come_first_and_the_other_unique_fields_are_still_checked() {
        assert_eq!(order(Some(&["Sage_Key"])), ["Sage_Key", "Legacy_Id"]);
        assert_eq!(order(Some(&["Legacy_Id"])), ["Legacy_Id", "Sage_Key"]);
        assert_eq!(
            order(Some(&["Account_Name"])),
            ["Account_Name", "Sage_Key", "Legacy_Id"]
        );
    }

    #[test]
    fn a_plain_field_cannot_be_a_check_field() {
        assert!(check_order(&ACCOUNTS, Some(&["Phone".to_owned()])).is_err());
    }
}
