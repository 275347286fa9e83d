"""Starts MiniStack, has it know the condition key dynamodb:LeadingKeys, describe tables with flags that are flags, and take
composite alarms from a template.

MiniStack checks the policies of roles with their conditions, but takes this one key for absent. The template keeps writers
to their own rows by it. Here each call to DynamoDB is given the partition keys that it names: those of one table where a
batch reads from several, and of its own item for each item of a transaction, which is how DynamoDB authorises both.
Everything else is MiniStack's own, and so are the arguments.
"""

import json
import re
import sys

from ministack.core import iam_actions, iam_evaluator
from ministack.services import cloudwatch, dynamodb
from ministack.services.cloudformation import provisioners

KEY = "dynamodb:LeadingKeys"
# Partition keys of the template's tables, and of the one index.
PARTITION_KEYS = ("pk", "rep_pk")
EQUALS = re.compile(r"([#\w]+)\s*=\s*(:\w+)")


class Resource(str):
    """An ARN that knows which partition keys the call names in it."""

    leading_keys = None


def with_keys(arn, keys):
    resource = Resource(arn)
    resource.leading_keys = sorted(set(keys)) or None
    return resource


def text(attribute):
    return [value for value in (attribute or {}).values() if isinstance(value, str)]


def of_item(item):
    """The partition key of an item or a key."""
    return text((item or {}).get("pk"))


def of_condition(call):
    """The partition key that a query asks for."""
    names = call.get("ExpressionAttributeNames") or {}
    values = call.get("ExpressionAttributeValues") or {}
    for name, value in EQUALS.findall(call.get("KeyConditionExpression") or ""):
        if names.get(name, name) in PARTITION_KEYS:
            return text(values.get(value))
    return []


def of_call(call, table):
    """The partition keys that a call which is no transaction names in a table."""
    if not isinstance(call.get("RequestItems"), dict):
        return of_item(call.get("Key") or call.get("Item")) + of_condition(call)
    keys = []
    wanted = call["RequestItems"].get(table)
    if isinstance(wanted, dict):
        for key in wanted.get("Keys", []):
            keys += of_item(key)
    for write in wanted if isinstance(wanted, list) else []:
        for member in write.values():
            keys += of_item(member.get("Item") or member.get("Key"))
    return keys


def read(body):
    try:
        call = json.loads(body or b"{}")
    except ValueError:
        return {}
    return call if isinstance(call, dict) else {}


def composite_put(name, properties):
    """MiniStack has composite alarms, but its CloudFormation does not know them."""
    wanted = {**properties, "AlarmName": name}
    status, _, body = cloudwatch._put_composite_alarm({}, wanted, False, is_json=True)
    if status != 200:
        raise ValueError(body.decode())
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def composite_create(logical_id, properties, stack):
    return composite_put(
        properties.get("AlarmName") or f"{stack}-{logical_id}", properties
    )


def composite_update(name, _old, properties, _stack):
    return composite_put(name, properties)


def composite_delete(name, _properties):
    cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, is_json=True)


def install():
    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = {
        "create": composite_create,
        "update": composite_update,
        "delete": composite_delete,
    }
    of_resources = iam_actions.dynamodb_resource_arns
    of_transaction = iam_actions.dynamodb_transaction_checks
    enforce = iam_evaluator.enforce

    def resources(body, region, account):
        call = read(body)
        found = of_resources(body, region, account)
        return [with_keys(arn, of_call(call, arn.split("/")[1])) for arn in found]

    def transaction(action, body, region, account):
        checks = of_transaction(action, body, region, account)
        if not checks:
            return checks
        items = [
            detail for item in read(body)["TransactItems"] for detail in item.values()
        ]
        if len(items) != len(checks):
            raise ValueError("a transaction whose items are not one action each")
        return [
            (of, with_keys(arn, of_item(item.get("Item") or item.get("Key"))))
            for (of, arn), item in zip(checks, items)
        ]

    def with_leading_keys(*given, resource_arn="*", service_context=None, **named):
        keys = getattr(resource_arn, "leading_keys", None)
        if keys:
            service_context = {**(service_context or {}), KEY: keys}
        return enforce(
            *given,
            resource_arn=resource_arn,
            service_context=service_context,
            **named,
        )

    describe = dynamodb._table_description

    def described(name):
        # CloudFormation's parameters are texts; DescribeTable answers with a flag.
        table = describe(name)
        protected = table["DeletionProtectionEnabled"]
        table["DeletionProtectionEnabled"] = str(protected).lower() == "true"
        return table

    dynamodb._table_description = described
    iam_actions.dynamodb_resource_arns = resources
    iam_actions.dynamodb_transaction_checks = transaction
    iam_evaluator.enforce = with_leading_keys


if __name__ == "__main__":
    install()
    from ministack.app import main

    sys.exit(main())
