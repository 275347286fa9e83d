//! What a post may look like, and what it may not.

use super::read::post;

const ROW: &str = "<Notification><Id>04l9000001olR84AAE</Id><sObject xsi:type=\"sf:Account\" \
    xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\"><sf:Id>0019000001KwyWtAAJ</sf:Id></sObject></Notification>";

fn around(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body><notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\">\
         <OrganizationId>00D000000000001</OrganizationId>{rows}</notifications></soapenv:Body></soapenv:Envelope>"
    )
}

fn ids(text: &str) -> Vec<(String, String, String)> {
    let post = post(text).unwrap_or_else(|why| panic!("{why}: {text}"));
    assert_eq!(post.organization, "00D000000000001EAA");
    let rows = post.notifications.into_iter();
    rows.map(|row| (row.id, row.object, row.record.0)).collect()
}

fn expected() -> Vec<(String, String, String)> {
    let row = ["04l9000001olR84AAE", "Account", "0019000001KwyWtAAJ"];
    vec![row.map(str::to_owned).into()]
}

#[test]
fn prefixes_attribute_order_and_forms_of_text_do_not_matter() {
    let reordered = ROW.replace(" xsi:type=\"sf:Account\"", "").replace(
        "soap.sforce.com\"><sf:Id>",
        "soap.sforce.com\" xsi:type='sf:Account'><sf:Id>",
    );
    let other_prefixes = around(ROW)
        .replace("soapenv", "S")
        .replace("sf:", "x:")
        .replace("xmlns:sf", "xmlns:x")
        .replace("xsi", "i");
    let explicit = around(ROW)
        .replace(
            "xmlns=\"http://soap.sforce.com/2005/09/outbound\"",
            "xmlns:o=\"http://soap.sforce.com/2005/09/outbound\"",
        )
        .replace("<notifications", "<o:notifications")
        .replace("</notifications", "</o:notifications")
        .replace("Notification>", "o:Notification>")
        .replace("</o:o:", "</o:")
        .replace("<OrganizationId>", "<o:OrganizationId>")
        .replace("</OrganizationId>", "</o:OrganizationId>")
        .replace("<Id>", "<o:Id>")
        .replace("</Id>", "</o:Id>")
        .replace("<sObject", "<o:sObject")
        .replace("</sObject", "</o:sObject");
    for text in [
        around(ROW),
        around(&reordered),
        other_prefixes,
        explicit,
        around(&ROW.replace("0019000001KwyWtAAJ", "<![CDATA[0019000001KwyWtAAJ]]>")),
        around(&ROW.replace("0019000001KwyWtAAJ", " &#48;019000001KwyWt ")),
        around(&format!("<SessionId xsi:nil=\"true\"/><!-- a note -->{ROW}{ROW}")),
        around(&ROW.replace("</sf:Id>", "</sf:Id><sf:Parent><sf:Id>001000000000009</sf:Id></sf:Parent><sf:Name>A &lt; B &amp; C</sf:Name>")),
        around(ROW).replace("<soapenv:Body>", "<soapenv:Header><a>b</a></soapenv:Header><soapenv:Body>"),
    ] {
        assert_eq!(ids(&text), expected(), "{text}");
    }
}

#[test]
fn what_is_dangerous_or_incomplete_is_refused_in_words_that_repeat_nothing() {
    let good = around(ROW);
    let nested = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    for (text, why) in [
        (String::new(), "no notification"),
        ("hush".into(), "text outside of the envelope"),
        (
            good.replace(
                "<soapenv:Envelope",
                "<!DOCTYPE a [<!ENTITY hush \"x\">]><soapenv:Envelope",
            ),
            "a document type",
        ),
        (
            good.replace("<soapenv:Envelope", "<?hush x?><soapenv:Envelope"),
            "a processing instruction",
        ),
        (
            good.replace("0019000001KwyWtAAJ", "&hush;"),
            "an entity that XML does not have of its own",
        ),
        (
            good.replace("0019000001KwyWtAAJ", "&#xD800;"),
            "an entity that XML does not have of its own",
        ),
        (
            good.replace("UTF-8", "UTF-16"),
            "another encoding than UTF-8",
        ),
        (around(&nested), "too many elements, or too deep"),
        (
            around(&"<a/>".repeat(100_001)),
            "too many elements, or too deep",
        ),
        (
            around(&format!("<a {}/>", "b=\"\" ".repeat(200_000))),
            "too many attributes",
        ),
        (around(&ROW.repeat(101)), "more than 100 notifications"),
        (
            around(&ROW.replace("0019000001KwyWtAAJ", &"0".repeat(65))),
            "an id is too long",
        ),
        (
            around(&ROW.replace("0019000001KwyWtAAJ", "001")),
            "a notification without its id, object or record",
        ),
        (
            around(&ROW.replace("<sf:Id>0019000001KwyWtAAJ</sf:Id>", "")),
            "a notification without its id, object or record",
        ),
        (
            around(&ROW.replace("sf:Account", "sf:Acc-ount")),
            "an object's name is none",
        ),
        (
            good.replace("00D000000000001", "00D"),
            "the organisation's id is none",
        ),
        (
            good.replace(
                "</OrganizationId>",
                "</OrganizationId><OrganizationId>00D000000000002</OrganizationId>",
            ),
            "two organisations",
        ),
        (
            around(&ROW.replace("xmlns:sf", "xmlns:other")),
            "a prefix without a namespace",
        ),
        (
            good.replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:other"),
            "no SOAP envelope",
        ),
        (
            good.replace("http://soap.sforce.com/2005/09/outbound", "urn:other"),
            "no notification",
        ),
        (good.replace("</notifications>", ""), "not well-formed XML"),
        (format!("{good}{good}"), "no SOAP envelope"),
        (good.replace("</soapenv:Envelope>", ""), "it ends too early"),
    ] {
        assert_eq!(
            post(&text).err(),
            Some(why),
            "{}",
            text.get(..300).unwrap_or(&text)
        );
    }
}
