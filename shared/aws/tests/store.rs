//! The store test-suite over DynamoDB, and what is special about it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod support;

use counterpart_aws::DynamoStore;

/// Runs a check over a store of its own.
fn with_store(check: impl AsyncFnOnce(DynamoStore)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (store, _) = support::empty_store().await;
        check(store).await;
    });
}

counterpart_simulation::store_tests!(with_store);
counterpart_simulation::sale_store_tests!(with_store);
