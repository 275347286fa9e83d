"""What both peers share: from a pack's record to Salesforce's fields, as tests/bench/sync.toml says it, and the keys.

The rules are those of `shared/config`: address lines under each other, telephone numbers with their extension, web
addresses that have the shape of one, blanks left out.
"""

import re

VERSION = "1"  # Rises when FIELDS change: then every record is written again, though its content is the same.
TARGET = "salesforce"
KEY_FIELD = "Sage_Key__c"
API = "/services/data/v67.0"

DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]*)\.)+[^\W\d_]{2,}\Z")


def text(column):
    return lambda record: record.get(column, "")


def lines(*columns):
    return lambda record: "\n".join(
        line for column in columns if (line := record.get(column, "").strip())
    )


def phone(number, extension=None):
    def make(record):
        plain = " ".join(record.get(number, "").replace("/", "-").split()).strip(" -.,;")
        after = record.get(extension, "").strip().lstrip("xX#. ") if extension else ""
        return " ".join(part for part in (plain, after and f"ext. {after}") if part)

    return make


def website(column):
    def make(record):
        address = record.get(column, "").strip()
        host = re.split(r"[/?#:]", address.split("://", 1)[-1], maxsplit=1)[0]
        return address if DOMAIN.match(host) and not re.search(r'[\s<>"]', address) else ""

    return make


FIELDS = {
    "Name": text("CustomerName"),
    "BillingStreet": lines("AddressLine1", "AddressLine2", "AddressLine3"),
    "BillingCity": text("City"),
    "BillingState": text("State"),
    "BillingPostalCode": text("ZipCode"),
    "BillingCountry": text("CountryCode"),
    "Phone": phone("TelephoneNo", "TelephoneExt"),
    "Fax": phone("FaxNo"),
    "Website": website("URLAddress"),
    "Description": text("Comment"),
    "Sage_Customer_No__c": text("CustomerNo"),
}


def fields(record):
    """The fields of one customer that are not blank."""
    customer = record["customer"]
    made = ((name, make(customer)) for name, make in FIELDS.items())
    return {name: value for name, value in made if value}


def difference(wanted, shadow):
    """What has to be sent so that the CRM holds `wanted`: what both sides agreed on last is not sent again."""
    sent = {name: value for name, value in wanted.items() if shadow.get(name) != value}
    sent.update((name, None) for name in shadow if name not in wanted)
    return sent


def sage_key(pack, entry):
    return f"{pack['company']}:{entry['k']}"


def link_key(key):
    return f"{TARGET}#customer#{key}"


def reverse_key(crm_id):
    return f"{TARGET}#crm#{crm_id}"


def as_of(entry):
    return (entry["a"]["epoch"], entry["a"]["sequence"])
