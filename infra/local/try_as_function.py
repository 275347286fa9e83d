"""Tries calls with the rights of deployed functions, for a check that what is forbidden is refused.

usage: try_as_function.py ATTEMPTS

ATTEMPTS is a file with a JSON list of {"function", "service", "call", "with"}: a function's name, a client of boto3, its
method and the method's arguments. Printed is a JSON list of outcomes: "allowed", "refused", or what else AWS said. No call
leaves a trace: the conditions of those that would are given so that they cannot hold.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError

REFUSED = {"AccessDenied", "AccessDeniedException"}
# Past the policies: the condition did not hold, or there is nothing of that name.
ALLOWED = {
    "ConditionalCheckFailedException",
    "ResourceNotFoundException",
    "TransactionCanceledException",
}


def session(function):
    """With the credentials that Lambda would give to the function."""
    role = boto3.client("lambda").get_function_configuration(FunctionName=function)[
        "Role"
    ]
    assumed = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="try")
    credentials = assumed["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def outcome(client, attempt):
    try:
        getattr(client, attempt["call"])(**attempt["with"])
        return "allowed"
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in REFUSED:
            return "refused"
        return "allowed" if code in ALLOWED else f"{code}: {error}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        attempts = json.load(file)
    sessions = {name: session(name) for name in {one["function"] for one in attempts}}
    outcomes = [
        outcome(sessions[one["function"]].client(one["service"]), one)
        for one in attempts
    ]
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
