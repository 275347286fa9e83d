use super::*;

fn hosts(allow_loopback: bool) -> Hosts {
    Hosts::new(
        DataCenter::Us,
        Environment::Production,
        None,
        None,
        allow_loopback,
    )
    .unwrap()
}

#[test]
fn every_data_centre_has_its_addresses() {
    let table: String = DataCenter::ALL
        .iter()
        .map(|center| {
            format!(
                "{center} {} {} {}\n",
                center.token_url(),
                center.api_url(Environment::Production),
                center.api_url(Environment::Sandbox)
            )
        })
        .collect();
    insta::assert_snapshot!(table);
}

#[test]
fn an_api_domain_of_zoho_is_followed_whatever_was_configured() {
    for (named, base) in [
        ("https://www.zohoapis.eu", "https://www.zohoapis.eu"),
        (
            "https://www.zohoapis.com.au/",
            "https://www.zohoapis.com.au",
        ),
        (
            "https://sandbox.zohoapis.in:443",
            "https://sandbox.zohoapis.in",
        ),
        ("https://WWW.ZOHOAPIS.CA", "https://www.zohoapis.ca"),
    ] {
        assert_eq!(hosts(false).follow(named).unwrap(), base);
    }
}

#[test]
fn an_api_domain_of_anybody_else_is_refused() {
    for named in [
        "http://www.zohoapis.com",
        "https://www.zohoapis.com.evil.example",
        "https://evilzohoapis.com",
        "https://www.evilzohoapis.com",
        "https://zohoapis.com",
        "https://a.www.zohoapis.com",
        "https://www.zohoapis.com:8443",
        "https://user@www.zohoapis.com",
        "https://www.zohoapis.com@evil.example",
        "https://www.zohoapis.com/elsewhere",
        "https://www.zohoapis.com?x=1",
        "https://www.zohoapis.example",
        "http://127.0.0.1:8104",
        "https://10.0.0.1",
        "www.zohoapis.com",
        "",
    ] {
        let fault = hosts(false).follow(named).unwrap_err();
        assert_eq!(fault.code, "E_CRM_API_DOMAIN", "{named}");
        assert_eq!(fault.class, Class::Configuration, "{named}");
    }
}

#[test]
fn loopback_is_followed_only_where_it_is_allowed() {
    for named in [
        "http://127.0.0.1:8104",
        "http://localhost:1",
        "http://[::1]:9",
    ] {
        assert_eq!(hosts(true).follow(named).unwrap(), named);
        assert!(hosts(false).follow(named).is_err());
    }
    assert!(hosts(true).follow("http://10.0.0.1").is_err());
    assert!(hosts(true).follow("http://127.0.0.1.evil.example").is_err());
}

#[test]
fn overrides_are_for_loopback_only() {
    let with = |url: &str, allow| {
        Hosts::new(
            DataCenter::Us,
            Environment::Production,
            Some(url),
            None,
            allow,
        )
    };
    assert!(with("http://127.0.0.1:8104/oauth/v2/token", true).is_ok());
    for (url, allow) in [
        ("http://127.0.0.1:8104/oauth/v2/token", false),
        ("https://accounts.example/oauth/v2/token", true),
        ("nonsense", true),
    ] {
        assert_eq!(with(url, allow).unwrap_err().code, "E_CRM_ADDRESS", "{url}");
    }
}
