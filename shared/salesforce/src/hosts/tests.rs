use super::*;

fn hosts(allow_loopback: bool) -> Hosts {
    Hosts::new("acme.my.salesforce.com", None, None, allow_loopback).unwrap()
}

#[test]
fn an_org_has_its_token_endpoint_its_base_and_its_login_service() {
    for (my_domain, base, audience) in [
        (
            "acme.my.salesforce.com",
            "https://acme.my.salesforce.com",
            "login",
        ),
        (
            "https://Acme.my.salesforce.com/",
            "https://acme.my.salesforce.com",
            "login",
        ),
        (
            "acme--dev.sandbox.my.salesforce.com",
            "https://acme--dev.sandbox.my.salesforce.com",
            "test",
        ),
        (
            "acme-1.scratch.my.salesforce.com",
            "https://acme-1.scratch.my.salesforce.com",
            "test",
        ),
        (
            "acme-dev-ed.develop.my.salesforce.com",
            "https://acme-dev-ed.develop.my.salesforce.com",
            "login",
        ),
        (
            "sandbox.my.salesforce.com",
            "https://sandbox.my.salesforce.com",
            "login",
        ),
    ] {
        let hosts = Hosts::new(my_domain, None, None, false).unwrap();
        assert_eq!(hosts.api_base(), base);
        assert_eq!(
            hosts.token_url().as_str(),
            format!("{base}/services/oauth2/token")
        );
        assert_eq!(
            hosts.audience(),
            format!("https://{audience}.salesforce.com")
        );
    }
}

#[test]
fn an_instance_of_salesforce_is_followed() {
    for (named, base) in [
        (
            "https://acme.my.salesforce.com",
            "https://acme.my.salesforce.com",
        ),
        (
            "https://ACME.my.salesforce.com:443/",
            "https://acme.my.salesforce.com",
        ),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (
            "https://acme--qa.sandbox.my.salesforce.com",
            "https://acme--qa.sandbox.my.salesforce.com",
        ),
        (
            "https://acme-dev-ed.trailblaze.my.salesforce.com",
            "https://acme-dev-ed.trailblaze.my.salesforce.com",
        ),
        (
            "https://na139.salesforce.com",
            "https://na139.salesforce.com",
        ),
    ] {
        assert_eq!(hosts(false).follow(named).unwrap(), base);
    }
}

#[test]
fn an_instance_of_anybody_else_is_refused() {
    for named in [
        "https://evil.com",
        "http://acme.my.salesforce.com",
        "https://salesforce.com",
        "https://evilsalesforce.com",
        "https://acme.my.salesforce.com.evil.com",
        "https://salesforce.com.evil.com",
        "https://x.my.salesforce.com@evil.com",
        "https://user@acme.my.salesforce.com",
        "https://evil.com/acme.my.salesforce.com",
        "https://evil.com#.my.salesforce.com",
        "https://evil.com?.my.salesforce.com",
        "https://evil.com\\.my.salesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com/elsewhere",
        "https://acme.my.salesforce.com?x=1",
        "https://acme.my.salesforce.com#x",
        "https://https://acme.my.salesforce.com",
        "https://acme.my.salesforce.com.",
        "https://..salesforce.com",
        "https://*.my.salesforce.com",
        "https://acme.my.sfcrmproducts.cn",
        "https://acme.my.salesforce.mil",
        "https://acme.force.com",
        "http://127.0.0.1:8103",
        "https://10.0.0.1",
        "javascript://acme.my.salesforce.com",
        "",
    ] {
        let fault = hosts(false).follow(named).unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_API_DOMAIN", Class::Configuration),
            "{named}"
        );
    }
}

#[test]
fn loopback_is_followed_only_where_it_is_allowed_and_an_override_goes_before_the_reply() {
    for named in [
        "http://127.0.0.1:8103",
        "http://localhost:1",
        "http://[::1]:9",
    ] {
        assert_eq!(hosts(true).follow(named).unwrap(), named);
        assert!(hosts(false).follow(named).is_err());
    }
    assert!(hosts(true).follow("http://127.0.0.1.evil.example").is_err());
    let here = "http://127.0.0.1:8103";
    let fixed = Hosts::new("acme.my.salesforce.com", Some(here), Some(here), true).unwrap();
    assert_eq!(
        fixed.follow("https://acme.my.salesforce.com").unwrap(),
        here
    );
    assert_eq!(
        fixed.token_url().as_str(),
        "http://127.0.0.1:8103/services/oauth2/token"
    );
    for (login, instance, allow) in [
        (Some(here), None, false),
        (None, Some(here), false),
        (Some("https://login.example"), None, true),
        (None, Some("nonsense"), true),
    ] {
        let fault = Hosts::new("acme.my.salesforce.com", login, instance, allow).unwrap_err();
        assert_eq!(fault.code, "E_CRM_ADDRESS");
    }
}

#[test]
fn what_is_no_my_domain_is_refused() {
    for my_domain in [
        "",
        "acme",
        "acme.salesforce.com",
        "acme.my.salesforce.com.evil.com",
        "acme.my.salesforce.com/x",
        "127.0.0.1",
    ] {
        let fault = Hosts::new(my_domain, None, None, true).unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_ADDRESS", Class::Configuration),
            "{my_domain}"
        );
    }
}
