use crate::SyncConfig;

#[test]
fn the_default_is_clean() {
    SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
}
