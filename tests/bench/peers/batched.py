"""The CRM writer in the fewest requests that its durable steps allow, written by hand: boto3's client, transactions of link,
reverse item and outcome for 33 records a call, sObject Collections of 200 rows, orjson."""

import logging
import os
import time

import boto3
import orjson
import urllib3
from botocore.config import Config

import mapping

logger = logging.getLogger(__name__)
# What is sent is put together here alone: boto3 need not look whether it is well-formed.
AWS = Config(parameter_validation=False, retries={"mode": "standard", "max_attempts": 3})
dynamodb = boto3.client("dynamodb", config=AWS)
http = urllib3.PoolManager(timeout=30, retries=False)
LINKS, LEDGER = os.environ["LINKS_TABLE"], os.environ["LEDGER_TABLE"]
SALESFORCE = os.environ["SALESFORCE_URL"]
UPSERT = f"{SALESFORCE}{mapping.API}/composite/sobjects/Account/{mapping.KEY_FIELD}"
READ, WRITE, TRANSACTION, ROWS = 100, 25, 100, 200  # What one call takes.
LEDGER_SECONDS = 90 * 86_400
session = None


def handler(event, _context):
    failed = []
    for message in event["Records"]:
        try:
            take(orjson.loads(message["body"]))
        except Exception:  # One bad pack never takes its neighbours along; the queue shows it again.
            logger.exception("pack of message %s failed", message["messageId"])
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def take(pack):
    links = read_links([mapping.sage_key(pack, entry) for entry in pack["entries"]])
    outcomes, rows = [], []
    for entry in pack["entries"]:
        key = mapping.sage_key(pack, entry)
        link = links.get(mapping.link_key(key))
        if link:
            seen, last = mapping.as_of(entry), (int(link["epoch"]["N"]), int(link["sequence"]["N"]))
            if seen == last and link["run"]["S"] == entry["run"]:
                continue  # Delivered before. Link and outcome were written together: both are there.
            if seen < last:
                outcomes.append(outcome(entry, key, "superseded"))
                continue
            if link["hash"]["S"] == entry["h"] and link["mapping"]["S"] == mapping.VERSION:
                outcomes.append(outcome(entry, key, "unchanged"))
                continue
        rows.append((entry, key, link, mapping.fields(entry["r"])))
    writes = []
    for at in range(0, len(rows), ROWS):
        part = rows[at : at + ROWS]
        for (entry, key, link, wanted), answer in zip(part, upsert(part), strict=True):
            if answer["success"]:
                writes.append(items(entry, key, link, wanted, answer["id"]))
            else:
                logger.error("Salesforce refused %s: %s", key, answer["errors"])
                outcomes.append(outcome(entry, key, "refused"))
    commit(writes)
    write_outcomes(outcomes)


def read_links(keys):
    found = {}
    for at in range(0, len(keys), READ):
        wanted = [{"pk": {"S": mapping.link_key(key)}, "sk": {"S": "link"}} for key in keys[at : at + READ]]
        request = {LINKS: {"Keys": wanted, "ConsistentRead": True}}
        for pause in pauses():
            answer = dynamodb.batch_get_item(RequestItems=request)
            found.update((item["pk"]["S"], item) for item in answer["Responses"].get(LINKS, []))
            request = answer.get("UnprocessedKeys")
            if not request:
                break
            time.sleep(pause)
    return found


def upsert(rows):
    records = []
    for _entry, key, link, wanted in rows:
        shadow = orjson.loads(link["shadow"]["S"]) if link else {}
        sent = mapping.difference(wanted, shadow)
        records.append({"attributes": {"type": "Account"}, mapping.KEY_FIELD: key, **sent})
    body = orjson.dumps({"allOrNone": False, "records": records})
    answer = call(body)
    if answer.status == 401:  # The session ended: once more with another one.
        sign_in()
        answer = call(body)
    if answer.status != 200:
        raise RuntimeError(f"Salesforce answered {answer.status}: {answer.data[:500]}")
    return orjson.loads(answer.data)


def call(body):
    headers = {
        "Authorization": f"Bearer {session or sign_in()}",
        "Content-Type": "application/json",
        "Sforce-Auto-Assign": "FALSE",
    }
    return http.request("PATCH", UPSERT, body=body, headers=headers)


def sign_in():
    global session
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SALESFORCE_SECRET"])
    form = {"grant_type": "client_credentials", **orjson.loads(secret["SecretString"])}
    answer = http.request_encode_body("POST", f"{SALESFORCE}/services/oauth2/token", form, encode_multipart=False)
    session = orjson.loads(answer.data)["access_token"]
    return session


def items(entry, key, link, wanted, crm_id):
    """What one applied record leaves behind; it goes into one transaction."""
    epoch, sequence = mapping.as_of(entry)
    rev = int(link["rev"]["N"]) if link else 0
    put = {
        "TableName": LINKS,
        "Item": {
            "pk": {"S": mapping.link_key(key)},
            "sk": {"S": "link"},
            "rev": {"N": str(rev + 1)},
            "crm_id": {"S": crm_id},
            "epoch": {"N": str(epoch)},
            "sequence": {"N": str(sequence)},
            "run": {"S": entry["run"]},
            "hash": {"S": entry["h"]},
            "mapping": {"S": mapping.VERSION},
            "shadow": {"S": orjson.dumps(wanted).decode()},
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    writes = [{"Put": put}]
    if link:
        put["ConditionExpression"] = "rev = :rev"
        put["ExpressionAttributeValues"] = {":rev": {"N": str(rev)}}
    else:
        reverse = {"pk": {"S": mapping.reverse_key(crm_id)}, "sk": {"S": "key"}, "sage_key": {"S": f"customer#{key}"}}
        writes.append({"Put": {"TableName": LINKS, "Item": reverse}})
    writes.append({"Put": {"TableName": LEDGER, "Item": outcome(entry, key, "updated" if link else "created")}})
    return writes


def outcome(entry, key, verdict):
    return {
        "pk": {"S": f"run#{entry['run']}#{mapping.TARGET}"},
        "sk": {"S": f"o#customer#{key}"},
        "verdict": {"S": verdict},
        "key_pk": {"S": f"customer#{key}"},
        "key_sk": {"S": f"{time.time_ns()}#{entry['run']}#{mapping.TARGET}"},
        "expires_at": {"N": str(int(time.time()) + LEDGER_SECONDS)},
    }


def commit(records):
    """As many records a transaction as fit; what belongs to one record stays together."""
    group = []
    for writes in records:
        if len(group) + len(writes) > TRANSACTION:
            dynamodb.transact_write_items(TransactItems=group)
            group = []
        group.extend(writes)
    if group:
        dynamodb.transact_write_items(TransactItems=group)


def write_outcomes(outcomes):
    for at in range(0, len(outcomes), WRITE):
        request = {LEDGER: [{"PutRequest": {"Item": item}} for item in outcomes[at : at + WRITE]]}
        for pause in pauses():
            request = dynamodb.batch_write_item(RequestItems=request).get("UnprocessedItems")
            if not request:
                break
            time.sleep(pause)


def pauses():
    """How long to wait before what DynamoDB did not take is sent again; in the end it is a failure."""
    yield from (0.05, 0.1, 0.2, 0.4, 0.8)
    raise TimeoutError("DynamoDB is too busy")
