//! The rep mapping of the demo: salespersons and CRM users are the same people if their e-mail addresses are equal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::demo::sides::{self, User};
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;

/// Salesperson (`ABC:01-0100`) to user.
pub type Mapping = BTreeMap<String, User>;

/// Maps everybody who is a user of the CRM, and says who is not.
///
/// # Errors
/// When not exactly one salesperson is left over.
pub fn by_email(stack: &Stack) -> Result<(Mapping, String)> {
    let users = sides::users(stack)?;
    let mut mapping = Mapping::new();
    let mut left_over = Vec::new();
    for salesperson in sides::salespersons(&stack.sage)? {
        let rep = format!("{}:{}", salesperson.company, salesperson.key);
        match users.iter().find(|user| user.email == salesperson.email) {
            Some(user) => {
                mapping.insert(rep, user.clone());
            }
            None => left_over.push(rep),
        }
    }
    match <[String; 1]>::try_from(left_over) {
        Ok([one]) => Ok((mapping, one)),
        Err(several) => Err(Failure::new(format!(
            "one salesperson without a CRM user is expected, found {}: {}",
            several.len(),
            several.join(", ")
        ))),
    }
}

/// Imports a mapping with the command, as an operator does.
///
/// # Errors
/// When the command refuses it.
pub fn import(stack: &Stack, file: &str, mapping: &Mapping) -> Result<()> {
    ensure(!mapping.is_empty(), || "there is nobody to map".to_owned())?;
    let path = stack.path(file);
    std::fs::write(&path, csv(mapping))?;
    stack
        .counterpart(&["reps", "import", &path.to_string_lossy()])
        .map(drop)
}

fn csv(mapping: &Mapping) -> String {
    let mut lines = String::from("company,salesperson,target,user_id,user_name\n");
    for (rep, user) in mapping {
        let (company, salesperson) = rep.split_once(':').unwrap_or_default();
        let name = user.name.replace('"', "\"\"");
        // Writing into a String cannot fail.
        let _infallible = writeln!(lines, "{company},{salesperson},zoho,{},\"{name}\"", user.id);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_stay_one_column() {
        let user = User {
            id: "17".to_owned(),
            name: "Stubbs, Harvey \"Jr.\"".to_owned(),
            email: String::new(),
        };
        let mapping = Mapping::from([("ABC:01-0160".to_owned(), user)]);
        assert_eq!(
            csv(&mapping).lines().nth(1),
            Some(r#"ABC,01-0160,zoho,17,"Stubbs, Harvey ""Jr.""""#)
        );
    }
}
