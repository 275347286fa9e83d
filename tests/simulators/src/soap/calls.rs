//! What each operation does, once logon, company and rights are known to be good.

use super::{
    answer::Answer,
    binding::Binding,
    contract::{Argument, Arguments, Data},
    entities::{Record, members, simple},
    faults::{self, Fault},
    operations::{Operation, Task},
    orders::Orders,
    records::{self, Nulls},
    system::{USERS, User},
    types::{Member, Type},
};
use crate::sage::{ContactWrite, CustomerWrite, Desk, Reason, Refusal, World};

/// Does an operation.
///
/// # Errors
/// The fault that it ends with.
pub fn call(
    world: &mut World,
    operation: &Operation,
    arguments: &Arguments,
    binding: &Binding,
) -> Result<Answer, Fault> {
    if operation.task == Task::Open {
        return open(world, operation, binding);
    }
    let user = user(arguments, binding)?;
    let company = text(arguments, "companyCode").trim().to_owned();
    let known = world.companies.contains_key(&company);
    if !known || world.settings.site.web_services_off.contains(&company) {
        let message = format!(
            "The company code {company} is not on file or is not enabled for web services."
        );
        return Err(Fault::mas(&binding.codes.validation, message));
    }
    if operation.task == Task::Write && !user.writes {
        return Err(Fault::mas(&binding.codes.no_access, faults::NO_ACCESS));
    }
    let Some(mut desk) = world.desk(&company) else {
        return Err(Fault::unexpected(binding));
    };
    let data = data(arguments);
    let key = customer_key(arguments);
    let mut orders = Orders {
        desk: &mut desk,
        binding,
    };
    match operation.name {
        "GetSalesOrder" => orders.get(text(arguments, "salesOrderNo")),
        "GetSalesOrderTemplate" => orders.template(&key),
        "PreviewSalesOrder" => orders.preview(&data),
        "CreateSalesOrder" => orders.create(&data),
        "UpdateSalesOrder" => orders.update(&data),
        "DeleteSalesOrder" => orders.delete(text(arguments, "salesOrderNo")),
        "GetNextSalesOrderNo" => Ok(Answer::Text(desk.next_order_number())),
        "GetNextCustomerNo" => Ok(Answer::Text(desk.next_customer_number())),
        "AddCreditCardToVault" | "PreAuthorizeCreditCard" => Err(Fault::mas(
            &binding.codes.validation,
            "Credit card processing is not set up for this company.",
        )),
        name => records_call(&mut desk, name, arguments, &data, &key)
            .map(|record| match record {
                None => Answer::Void,
                Some((values, kind)) => {
                    Answer::Members(members(&Record::plain(&values), kind, binding))
                }
            })
            .map_err(|refusal| Fault::of(&refusal, binding, &desk.settings.site.lock_code)),
    }
}

type Shown = Option<(crate::data::Values, Type)>;

/// The operations of customers and contacts.
fn records_call(
    desk: &mut Desk<'_>,
    name: &str,
    arguments: &Arguments,
    data: &Data,
    key: &str,
) -> Result<Shown, Refusal> {
    let sent = format!(
        "{}-{}",
        division(data.text("ARDivisionNo")),
        data.text("CustomerNo").trim()
    );
    let code = text(arguments, "contactCode").trim().to_uppercase();
    let contact = format!("{key}/{code}");
    let sent_contact = format!("{sent}/{}", data.text("ContactCode").trim()).to_uppercase();
    match name {
        "GetCustomer" => {
            let row = desk
                .customer(key)
                .ok_or_else(|| missing("AR_Customer_bus", "Customer", key))?;
            return Ok(Some((row.fields.clone(), Type::Customer)));
        }
        "GetCustomerContact" => {
            let row = desk
                .contact(&contact)
                .ok_or_else(|| missing("AR_CustomerContact_bus", "Contact", &contact))?;
            return Ok(Some((row.fields.clone(), Type::CustomerContact)));
        }
        "CreateCustomer" => {
            desk.create_customer(&CustomerWrite {
                division: data.text("ARDivisionNo").trim().to_owned(),
                number: data.text("CustomerNo").trim().to_owned(),
                values: records::customer(data, Nulls::Default),
            })?;
        }
        "UpdateCustomer" => {
            desk.update_customer(&sent.to_uppercase(), &records::customer(data, Nulls::Blank))?;
        }
        "DeleteCustomer" => desk.delete_customer(key)?,
        "CreateCustomerContact" => {
            desk.create_contact(&ContactWrite {
                customer: sent.to_uppercase(),
                code: data.text("ContactCode").trim().to_owned(),
                values: records::contact(data, Nulls::Default),
            })?;
        }
        "UpdateCustomerContact" => {
            desk.update_contact(&sent_contact, &records::contact(data, Nulls::Blank))?;
        }
        _ => desk.delete_contact(&contact)?,
    }
    Ok(None)
}

fn missing(object: &'static str, what: &str, key: &str) -> Refusal {
    Refusal::record(
        Reason::NoRecord,
        object,
        format!("{what} {key} does not exist."),
    )
}

/// GetContractInformation and GetDiagnosticInformation take neither logon nor company.
fn open(world: &World, operation: &Operation, binding: &Binding) -> Result<Answer, Fault> {
    let version = format!("{}.0.0", world.settings.site.sage_version);
    let member = |name: &str, text: &str| simple(name, &Some(text.to_owned()), Member::Text);
    if operation.name == "GetContractInformation" {
        return Ok(Answer::Members(
            member("AssemblyVersion", &version)
                + &member("ContractVersion", "5")
                + &member("NullDateTime", &binding.null_date_time),
        ));
    }
    if !world.settings.site.allow_remote_diagnostics {
        return Err(Fault::mas(&binding.codes.no_access, faults::DIAGNOSTICS));
    }
    let now = world.stamp_now();
    let time = super::values::stamp(&now.date, &now.time).unwrap_or_default();
    Ok(Answer::Members(
        member("AssemblyVersion", &version)
            + &member("ServerName", "SAGE-SIM")
            + &member("ServerTime", &time),
    ))
}

fn user(arguments: &Arguments, binding: &Binding) -> Result<&'static User, Fault> {
    let logon = match arguments.get("logon") {
        Some(Argument::Data(logon)) => logon.clone(),
        _ => Data::default(),
    };
    USERS
        .iter()
        .find(|user| {
            user.web
                && user
                    .name
                    .eq_ignore_ascii_case(logon.text("Username").trim())
                && user.password == logon.text("Password")
        })
        .ok_or_else(|| Fault::mas(&binding.codes.logon, faults::LOGON))
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> &'a str {
    match arguments.get(name) {
        Some(Argument::Text(text)) => text,
        _ => "",
    }
}

fn data(arguments: &Arguments) -> Data {
    arguments
        .iter()
        .filter(|(name, _)| **name != "logon")
        .find_map(|(_, argument)| match argument {
            Argument::Data(data) => Some(data.clone()),
            Argument::Text(_) => None,
        })
        .unwrap_or_default()
}

fn customer_key(arguments: &Arguments) -> String {
    let number = text(arguments, "customerNo").trim();
    format!("{}-{number}", division(text(arguments, "arDivisionNo"))).to_uppercase()
}

/// Divisions that are off are `00`.
fn division(text: &str) -> &str {
    match text.trim() {
        "" => "00",
        division => division,
    }
}
