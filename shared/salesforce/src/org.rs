//! Who we are in an org. Pages: "Resources by Version", "Identity URLs".

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{Clock, CrmOrg, Ids, Tokens};
use counterpart_domain::{Class, CrmId, Fault, bounded};
use counterpart_http::{Purpose, text};
use serde_json::Value as Json;

use crate::client::SalesforceClient;
use crate::codes::sentence;
use crate::faults::{refused, unreadable};
use crate::query::plain;
use crate::soql::quoted;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// The list of an API version's resources is open to whoever may use the API at all, and names the identity: the org
    /// and the user. Their names are asked for, and left empty where they are withheld.
    pub(crate) async fn own_org(&self) -> Result<CrmOrg, Fault> {
        let reply = self.get(self.root().to_owned()).await?;
        match reply.status {
            200 => {}
            404 => {
                let code = "E_CRM_API_VERSION";
                return Err(Fault::new(Class::Configuration, code, sentence(code))
                    .with_detail(format!("HTTP 404 for {}", self.root())));
            }
            _ => return Err(refused(&reply, self.moment())),
        }
        let identity = serde_json::from_str::<Json>(&reply.body)
            .ok()
            .and_then(|body| text(&body, "identity").and_then(identity));
        let Some((org, user)) = identity else {
            return Err(unreadable(
                Purpose::Metadata,
                "no identity among the resources",
            ));
        };
        let name = self.name("Organization", &org).await?;
        let user_name = self.name("User", &user).await?;
        Ok(CrmOrg {
            id: org,
            name,
            user_id: CrmId(user),
            user_name,
            server_time: reply.date(),
            budget: self.limit().map(|limit| limit.org),
        })
    }

    async fn name(&self, object: &str, id: &str) -> Result<String, Fault> {
        let query = format!("SELECT Name FROM {object} WHERE Id = {}", quoted(id));
        match self.query(Purpose::Metadata, &query).await {
            Ok(rows) => {
                let name = rows.first().and_then(|row| plain(row, "Name"));
                Ok(bounded(name.unwrap_or_default(), 255))
            }
            // The connection works, but not for this question.
            Err(fault)
                if fault.class == Class::Configuration && fault.code != "E_CRM_UNAUTHORIZED" =>
            {
                Ok(String::new())
            }
            Err(fault) => Err(fault),
        }
    }
}

/// `https://login.salesforce.com/id/00D…/005…`: org and user.
fn identity(url: &str) -> Option<(String, String)> {
    let (_, ids) = url.rsplit_once("/id/")?;
    let (org, user) = ids.trim_end_matches('/').split_once('/')?;
    Some((salesforce_id(org)?, salesforce_id(user)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn org_and_user_are_read_from_the_identity() {
        let (org, user) =
            identity("https://login.salesforce.com/id/00D000000000001/005000000000001AAA").unwrap();
        assert_eq!((org.len(), user.as_str()), (18, "005000000000001AAA"));
        for url in [
            "",
            "https://login.salesforce.com/id/00D000000000001",
            "/id/x/y",
        ] {
            assert_eq!(identity(url), None, "{url}");
        }
    }
}
