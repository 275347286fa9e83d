"""The CRM writer as the libraries' own guides lead to it: Powertools takes the batch apart, boto3's resource keeps the
tables, simple-salesforce makes the calls, one record after the other."""

import functools
import os
import time
from urllib.parse import quote

import boto3
import requests
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from boto3.dynamodb.conditions import Attr
from simple_salesforce import Salesforce

import mapping

logger = Logger(service="crm-writer", level="WARNING")
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
dynamodb = boto3.resource("dynamodb")
links = dynamodb.Table(os.environ["LINKS_TABLE"])
ledger = dynamodb.Table(os.environ["LEDGER_TABLE"])
# Salesforce's assignment rules would give the account to another owner.
HEADERS = {"Sforce-Auto-Assign": "FALSE"}
LEDGER_SECONDS = 90 * 86_400


@functools.cache
def accounts():
    """The object Account of the org, with a session by client credentials."""
    url = os.environ["SALESFORCE_URL"]
    secret = parameters.get_secret(os.environ["SALESFORCE_SECRET"], transform="json")
    answer = requests.post(
        f"{url}/services/oauth2/token",
        data={"grant_type": "client_credentials", **secret},
        timeout=30,
    )
    answer.raise_for_status()
    session = answer.json()["access_token"]
    salesforce = Salesforce(session_id=session, instance_url=url, version=mapping.API.rsplit("v")[-1])
    account = salesforce.Account
    # The library knows https only; the simulated org speaks plain http.
    account.base_url = f"{url}{mapping.API}/sobjects/Account/"
    return account


def upsert(key, sent):
    answer = accounts().upsert(
        f"{mapping.KEY_FIELD}/{quote(key, safe='')}", sent, raw_response=True, headers=HEADERS
    )
    return answer.json()["id"]


def put_outcome(entry, key, verdict):
    ledger.put_item(
        Item={
            "pk": f"run#{entry['run']}#{mapping.TARGET}",
            "sk": f"o#customer#{key}",
            "verdict": verdict,
            "key_pk": f"customer#{key}",
            "key_sk": f"{time.time_ns()}#{entry['run']}#{mapping.TARGET}",
            "expires_at": int(time.time()) + LEDGER_SECONDS,
        }
    )


def put_link(entry, key, crm_id, wanted, link, verdict):
    epoch, sequence = mapping.as_of(entry)
    rev = int(link["rev"]) if link else 0
    links.put_item(
        Item={
            "pk": mapping.link_key(key),
            "sk": "link",
            "rev": rev + 1,
            "crm_id": crm_id,
            "epoch": epoch,
            "sequence": sequence,
            "run": entry["run"],
            "hash": entry["h"],
            "mapping": mapping.VERSION,
            "shadow": wanted,
            "verdict": verdict,
        },
        ConditionExpression=Attr("rev").eq(rev) if link else Attr("pk").not_exists(),
    )


def apply(pack, entry):
    key = mapping.sage_key(pack, entry)
    found = links.get_item(Key={"pk": mapping.link_key(key), "sk": "link"}, ConsistentRead=True)
    link = found.get("Item")
    if link:
        seen, last = mapping.as_of(entry), (int(link["epoch"]), int(link["sequence"]))
        if seen < last:
            return put_outcome(entry, key, "superseded")
        if link["hash"] == entry["h"] and link["mapping"] == mapping.VERSION:
            # On a second delivery nobody knows whether the outcome was stored: it is stored again.
            again = seen == last and link["run"] == entry["run"]
            return put_outcome(entry, key, link["verdict"] if again else "unchanged")
    wanted = mapping.fields(entry["r"])
    sent = mapping.difference(wanted, link["shadow"] if link else {})
    crm_id = upsert(key, sent)
    verdict = "updated" if link else "created"
    put_link(entry, key, crm_id, wanted, link, verdict)
    if not link:
        links.put_item(Item={"pk": mapping.reverse_key(crm_id), "sk": "key", "sage_key": f"customer#{key}"})
    return put_outcome(entry, key, verdict)


def record_handler(record):
    pack = record.json_body
    for entry in pack["entries"]:
        apply(pack, entry)


def handler(event, context):
    return process_partial_response(event, record_handler, processor, context)
