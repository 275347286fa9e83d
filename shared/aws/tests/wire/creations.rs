//! What counts for an hour is forgotten when that hour is too long ago to be counted in: each creation leaves a row.

use counterpart_delivery::ports::{BELATED, CREATION_COUNTS, Creations as _};
use counterpart_domain::Company;
use jiff::Timestamp;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{body_of, operation, run, store_at};

/// The part of the template that makes the table.
const TABLES: &str = include_str!("../../../../infra/template.yaml");

#[test]
fn the_row_of_an_hour_has_an_end_that_the_table_knows() {
    run(async {
        let server = MockServer::start().await;
        let done = ResponseTemplate::new(200).set_body_json(json!({}));
        Mock::given(any()).respond_with(done).mount(&server).await;
        let (store, _) = store_at(&server.uri());
        let (company, hour) = (Company::new("ABC").unwrap(), Timestamp::UNIX_EPOCH);
        let counted = store.count_of_hour(&company, hour, 2, "a").await;
        assert!(counted.unwrap());
        let requests = server.received_requests().await.unwrap();
        let update = requests.iter().find(|one| operation(one) == "UpdateItem");
        let body = body_of(update.unwrap());
        let sets = body["UpdateExpression"].as_str().unwrap();
        assert!(sets.contains("expires_at = :end"), "{sets}");
        let end = (CREATION_COUNTS + BELATED).as_secs().to_string();
        assert_eq!(body["ExpressionAttributeValues"][":end"], json!({"N": end}));
    });
    let table = TABLES.split("\n  CursorsTable:").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    assert!(
        table.contains("TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }"),
        "{table}"
    );
}
