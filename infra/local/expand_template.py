"""Writes infra/template.yaml with its loops unrolled, for tools that cannot look into them.

usage: expand_template.py TEMPLATE OUT PARAMETER=VALUE...

The SAM command's own code unrolls. A reference whose name was put together in a loop becomes the plain name here, as
CloudFormation makes it; everything else stays as it is written.
"""

import json
import sys

from samcli.lib.cfn_language_extensions.models import TemplateProcessingContext
from samcli.lib.cfn_language_extensions.processors.foreach import ForEachProcessor
from samcli.yamlhelper import yaml_parse

EXTENSIONS = "AWS::LanguageExtensions"
LOOP = "Fn::ForEach"


class Lists:
    """What a loop runs over: a list parameter by its name."""

    def __init__(self, parameters):
        self.parameters = parameters

    def resolve_value(self, collection):
        return [item.strip() for item in self.parameters[collection["Ref"]].split(",")]


def plain(node):
    """Without an Fn::Sub that has nothing to put in."""
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    text = node.get("Fn::Sub")
    if len(node) == 1 and isinstance(text, str) and "${" not in text:
        return text
    return {name: plain(value) for name, value in node.items()}


def loops(node, path=""):
    """Where loops are left."""
    if isinstance(node, list):
        for place, item in enumerate(node):
            yield from loops(item, f"{path}/{place}")
    elif isinstance(node, dict):
        for name, value in node.items():
            if name.startswith(LOOP):
                yield f"{path}/{name}"
            yield from loops(value, f"{path}/{name}")


def main():
    source, out, *given = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    parameters = dict(item.split("=", 1) for item in given)
    unknown = set(parameters) - set(template["Parameters"])
    if unknown:
        sys.exit(f"no such parameter: {', '.join(sorted(unknown))}")
    context = TemplateProcessingContext(fragment=template)
    ForEachProcessor(Lists(parameters)).process_template(context)
    done = plain(context.fragment)
    done["Transform"] = [name for name in done["Transform"] if name != EXTENSIONS]
    left = list(loops(done))
    if left:
        sys.exit(f"loops are left: {', '.join(left)}")
    with open(out, "w", encoding="utf-8") as file:
        json.dump(done, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
