//! The CRMs describe themselves as real ones do, where that was once a surprise.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Failure, Result, ensure};
use crate::http::Http;
use crate::stack::Stack;
use crate::stack::simulators::text;

/// What the step shows.
pub const TITLE: &str =
    "an owner with field_read_only and a contact without relationshipName pass `config check`";

/// Asks the CRMs as any client does, and has the command check the configuration that is in force.
///
/// # Errors
/// When a CRM describes itself otherwise, or the configuration does not pass.
pub fn as_real_ones_do(stack: &Stack) -> Result<()> {
    owner_of_zoho(stack)?;
    contact_of_salesforce(stack)?;
    let file = stack.path("sync.toml");
    // It ends with another code than 0 when something is wrong, or could not be asked.
    let words = ["config", "check", &file.to_string_lossy()];
    stack.counterpart(&words).map(drop)
}

/// The owner is written by everybody, although a flag says otherwise.
fn owner_of_zoho(stack: &Stack) -> Result<()> {
    let of = |member: &str| text(&stack.said, &format!("/zoho/{member}"));
    let token = token(
        &of("accounts_url")?,
        &format!(
            "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
            of("client_id")?,
            of("client_secret")?,
            of("refresh_token")?
        ),
    )?;
    for module in ["Accounts", "Deals"] {
        let url = format!("{}/crm/v8/settings/fields?module={module}", of("url")?);
        let said = get(&url, &format!("Zoho-oauthtoken {token}"))?;
        let owner = field(&said, "api_name", "Owner")?;
        let flags = json!([
            owner["field_read_only"],
            owner["read_only"],
            owner["operation_type"]["api_update"]
        ]);
        ensure(flags == json!([true, false, true]), || {
            format!("{module}.Owner is described as {owner}")
        })?;
    }
    Ok(())
}

/// The contact of an Opportunity is an id and leads nowhere.
fn contact_of_salesforce(stack: &Stack) -> Result<()> {
    let of = |member: &str| text(&stack.said, &format!("/salesforce/{member}"));
    let token = token(
        &format!("{}/services/oauth2/token", of("login_url")?),
        &format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            of("client_id")?,
            of("client_secret")?
        ),
    )?;
    let path = "/services/data/v67.0/sobjects/Opportunity/describe";
    let said = get(&format!("{}{path}", of("url")?), &format!("Bearer {token}"))?;
    let contact = field(&said, "name", "ContactId")?;
    ensure(
        contact.get("relationshipName") == Some(&Value::Null),
        || format!("Opportunity.ContactId is described as {contact}"),
    )
}

fn field<'a>(said: &'a Value, name: &str, wanted: &str) -> Result<&'a Value> {
    let fields = said.get("fields").and_then(Value::as_array);
    fields
        .into_iter()
        .flatten()
        .find(|field| field.get(name).and_then(Value::as_str) == Some(wanted))
        .ok_or_else(|| Failure::new(format!("{wanted} is not described")))
}

fn token(url: &str, form: &str) -> Result<String> {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let said = http().post(url, &headers, form)?.json()?;
    text(&said, "/access_token")
}

fn get(url: &str, authorization: &str) -> Result<Value> {
    http().get(url, &[("authorization", authorization)])?.json()
}

fn http() -> Http {
    Http::new(Duration::from_secs(60))
}
