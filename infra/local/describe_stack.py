"""Says whether a stack is there, and with which parameters.

usage: describe_stack.py STACK [REGION] [PROFILE]

Prints {"status": text or null, "parameters": {name: value}}. Without a region or profile (empty texts), those of the
environment count.
"""

import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def main():
    stack, region, profile = (sys.argv[1:] + ["", ""])[:3]
    found = {"status": None, "parameters": {}}
    try:
        session = boto3.Session(
            region_name=region or None, profile_name=profile or None
        )
        answer = session.client("cloudformation").describe_stacks(StackName=stack)
    except ClientError as error:
        # The one way in which CloudFormation says that there is none.
        if "does not exist" not in str(error):
            sys.exit(str(error))
    except BotoCoreError as error:
        sys.exit(str(error))
    else:
        described = answer["Stacks"][0]
        found["status"] = described["StackStatus"]
        found["parameters"] = {
            one["ParameterKey"]: one["ParameterValue"]
            for one in described.get("Parameters", [])
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
