//! Deals and sales orders with their lines.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::World;

/// The id of the product with a code.
async fn product(world: &World, code: &str) -> String {
    let found = world
        .door(
            "zoho",
            &format!("records/Products?Product_Code={code}"),
            Value::Null,
        )
        .await;
    found["records"][0]["id"].as_str().unwrap().to_owned()
}

async fn create(world: &World, module: &str, row: Value) -> String {
    let done = world
        .api(Method::POST, module, json!({"data": [row]}))
        .await;
    assert_eq!(done.status, 201, "{}", done.body);
    done.body["data"][0]["details"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn read(world: &World, module: &str, id: &str) -> Value {
    let found = world
        .api(Method::GET, &format!("{module}/{id}"), Value::Null)
        .await;
    found.body["data"][0].clone()
}

async fn put(world: &World, module: &str, id: &str, row: Value) -> Value {
    let path = format!("{module}/{id}");
    let done = world
        .api(Method::PUT, &path, json!({"data": [row], "trigger": []}))
        .await;
    done.body["data"][0].clone()
}

#[tokio::test]
async fn an_orders_lines_are_appended_unless_they_are_named() {
    let world = World::zoho().await;
    let stand = product(&world, "6655").await;
    let line = json!({"Product_Name": {"id": stand}, "Quantity": 2, "Discount": 8, "Line_Tax": [{"name": "Sales Tax", "percentage": 10}]});
    let id = create(
        &world,
        "Sales_Orders",
        json!({"Subject": "Stands", "Adjustment": 5, "Ordered_Items": [line]}),
    )
    .await;
    let order = read(&world, "Sales_Orders", &id).await;
    let first = &order["Ordered_Items"][0];
    assert_eq!(
        (
            &first["List_Price"],
            &first["Total"],
            &first["Total_After_Discount"],
            &first["Tax"],
            &first["Net_Total"]
        ),
        (
            &json!(179.0),
            &json!(358),
            &json!(350),
            &json!(35),
            &json!(385)
        )
    );
    assert_eq!(
        first["Product_Name"],
        json!({"name": "PRINTER STAND W/ BASKET", "id": stand, "Product_Code": "6655"})
    );
    assert_eq!(
        (&order["Sub_Total"], &order["Grand_Total"]),
        (&json!(385), &json!(390))
    );
    // Sent again without its id, the same line is there twice.
    put(
        &world,
        "Sales_Orders",
        &id,
        json!({"Ordered_Items": [line]}),
    )
    .await;
    let twice = read(&world, "Sales_Orders", &id).await;
    assert_eq!(twice["Ordered_Items"].as_array().unwrap().len(), 2);
    let second = twice["Ordered_Items"][1]["id"].clone();
    let changed = json!({"Ordered_Items": [{"id": first["id"], "Quantity": 1}, {"id": second, "_delete": null}]});
    put(&world, "Sales_Orders", &id, changed).await;
    let once = read(&world, "Sales_Orders", &id).await;
    assert_eq!(once["Ordered_Items"].as_array().unwrap().len(), 1);
    assert_eq!(once["Ordered_Items"][0]["Total"], 179);
    let unknown = put(
        &world,
        "Sales_Orders",
        &id,
        json!({"Ordered_Items": [{"id": second, "Quantity": 1}]}),
    )
    .await;
    assert_eq!(unknown["code"], "INVALID_DATA");
    put(&world, "Sales_Orders", &id, json!({"Ordered_Items": []})).await;
    let none = read(&world, "Sales_Orders", &id).await;
    assert_eq!(none["Ordered_Items"], json!([]));
}

#[tokio::test]
async fn an_upsert_that_becomes_an_update_appends_too() {
    let world = World::zoho().await;
    let stand = product(&world, "6655").await;
    let row = json!({"Subject": "Once", "Ordered_Items": [{"Product_Name": {"id": stand}, "Quantity": 1}]});
    let body = json!({"data": [row]});
    for _ in 0..2 {
        world
            .api(Method::POST, "Sales_Orders/upsert", body.clone())
            .await;
    }
    let orders = world
        .door("zoho", "records/Sales_Orders", Value::Null)
        .await;
    assert_eq!(orders["count"], 1);
    assert_eq!(
        orders["records"][0]["Ordered_Items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn prices_keep_the_decimals_that_screens_do_not_show_and_totals_are_cents() {
    let world = World::zoho().await;
    let file = product(&world, "1001-HON-H252").await;
    let row = json!({"Subject": "x", "Ordered_Items": [{"Product_Name": {"id": file}, "Quantity": 3, "List_Price": 33.333_333_33}]});
    let id = create(&world, "Sales_Orders", row).await;
    let order = read(&world, "Sales_Orders", &id).await;
    let line = &order["Ordered_Items"][0];
    assert_eq!(
        (&line["List_Price"], &line["Total"], &order["Grand_Total"]),
        (&json!(33.333_333_33), &json!(100), &json!(100))
    );
}

#[tokio::test]
async fn an_order_needs_lines_and_lines_need_products() {
    let world = World::zoho().await;
    for (row, name, path) in [
        (
            json!({"Subject": "x"}),
            "Ordered_Items",
            "$.data[0].Ordered_Items",
        ),
        (
            json!({"Subject": "x", "Ordered_Items": []}),
            "Ordered_Items",
            "$.data[0].Ordered_Items",
        ),
        (
            json!({"Subject": "x", "Ordered_Items": [{"Quantity": 1}]}),
            "Product_Name",
            "$.data[0].Ordered_Items[0].Product_Name",
        ),
    ] {
        let refused = world
            .api(Method::POST, "Sales_Orders", json!({"data": [row]}))
            .await;
        assert_eq!(
            (refused.status, &refused.body["data"][0]["code"]),
            (400, &json!("MANDATORY_NOT_FOUND"))
        );
        let details = &refused.body["data"][0]["details"];
        assert_eq!(
            *details,
            json!({"api_name": name, "json_path": path}),
            "{details}"
        );
    }
}

#[tokio::test]
async fn a_deal_has_lines_in_its_subform_and_a_probability_from_its_stage() {
    let world = World::zoho().await;
    let file = product(&world, "1001-HON-H252").await;
    let account = create(
        &world,
        "Accounts",
        json!({"Account_Name": "Buyer", "Sage_Key": "ABC:01-ABF"}),
    )
    .await;
    let id = create(
        &world,
        "Deals",
        json!({"Deal_Name": "Files", "Stage": "Qualification", "Amount": 168, "Account_Name": {"id": account},
               "Sale_Items": [{"Product_Name": {"id": file}, "Quantity": 2, "List_Price": 84}]}),
    )
    .await;
    put(&world, "Deals", &id, json!({"Stage": "Closed Won"})).await;
    let deal = read(&world, "Deals", &id).await;
    assert_eq!(
        (
            &deal["Probability"],
            &deal["Expected_Revenue"],
            &deal["Currency"],
            &deal["Exchange_Rate"]
        ),
        (&json!(100), &json!(168), &json!("USD"), &json!(1.0))
    );
    assert_eq!(deal["Sale_Items"][0]["Product_Name"]["id"], file);
    // Lists and queries know no rows of subforms.
    let list = world
        .api(
            Method::GET,
            "Deals?fields=Deal_Name,Sale_Items",
            Value::Null,
        )
        .await;
    assert!(list.body["data"][0].get("Sale_Items").is_none());
    let query = "select Deal_Name, Account_Name.Sage_Key from Deals where Stage = 'Closed Won' order by Modified_Time asc, id asc limit 10";
    let found = world
        .api(Method::POST, "coql", json!({"select_query": query}))
        .await;
    assert_eq!(found.body["data"][0]["Account_Name.Sage_Key"], "ABC:01-ABF");
    let rows = json!({"select_query": "select Sale_Items from Deals where Stage = 'Closed Won'"});
    let refused = world.api(Method::POST, "coql", rows).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (400, &json!("INVALID_QUERY"))
    );
}

#[tokio::test]
async fn the_metadata_tells_of_subforms_and_of_currencies() {
    let world = World::zoho().await;
    let fields = |module: &str| format!("settings/fields?module={module}");
    let orders = world
        .api(Method::GET, &fields("Sales_Orders"), Value::Null)
        .await;
    let field = |body: &Value, name: &str| {
        body["fields"]
            .as_array()
            .unwrap()
            .iter()
            .find(|field| field["api_name"] == name)
            .cloned()
    };
    let lines = field(&orders.body, "Ordered_Items").unwrap();
    assert_eq!(
        (
            &lines["data_type"],
            &lines["json_type"],
            &lines["associated_module"]["module"]
        ),
        (
            &json!("subform"),
            &json!("jsonarray"),
            &json!("Ordered_Items")
        )
    );
    assert!(field(&orders.body, "Currency").is_some());
    let rows = world
        .api(Method::GET, &fields("Ordered_Items"), Value::Null)
        .await;
    assert_eq!(
        field(&rows.body, "List_Price").unwrap()["data_type"],
        "currency"
    );
    world
        .door("zoho", "faults", json!({"multi_currency": false}))
        .await;
    let orders = world
        .api(Method::GET, &fields("Sales_Orders"), Value::Null)
        .await;
    assert!(field(&orders.body, "Currency").is_none());
    let currencies = world.api(Method::GET, "org/currencies", Value::Null).await;
    assert_eq!(currencies.status, 400);
}
