"""Checks answers against an OpenAPI 3.1 document."""

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = "urn:contract"
METHODS = {"get", "post", "put", "patch", "delete"}


class Contract:
    """An OpenAPI document, ready to judge answers."""

    def __init__(self, path: Path) -> None:
        self.document = yaml.safe_load(path.read_text(encoding="utf-8"))
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(ROOT, resource)

    def resolve(self, node: dict) -> tuple[dict, str | None]:
        """A node, with the pointer under which it stands if it is a reference."""
        reference = node.get("$ref")
        if reference is None:
            return node, None
        target = self.document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        return target, reference

    def response(self, template: str, status: int, method: str = "get") -> dict:
        """What the document says of a status of an operation; undocumented ones are errors."""
        responses = self.document["paths"][template][method]["responses"]
        if str(status) not in responses:
            raise AssertionError(f"{method} {template} may not answer {status}")
        return self.resolve(responses[str(status)])[0]

    def check(self, template: str, status: int, body: object, method: str = "get") -> None:
        """Raises unless the body is what the document promises for the status."""
        schema = self.response(template, status, method)["content"]["application/json"]["schema"]
        self.check_schema(schema, body, f"{method} {template} {status}")

    def check_schema(self, schema: dict, body: object, where: str) -> None:
        """Raises unless a value fits a schema of the document."""
        # References inside of the document are resolved against its root.
        absolute = {"$ref": ROOT + schema["$ref"]} if "$ref" in schema else schema
        validator = Draft202012Validator(absolute, registry=self.registry, format_checker=FormatChecker())
        faults = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(body)]
        if faults:
            raise AssertionError(f"{where}: {faults[:5]}")

    def examples(self):
        """All examples of requests and answers: where they stand, their schema, their value."""
        for template, item in self.document["paths"].items():
            for method in METHODS & item.keys():
                operation = item[method]
                bodies = {str(status): self.resolve(response)[0] for status, response in operation["responses"].items()}
                if "requestBody" in operation:
                    bodies["request"] = operation["requestBody"]
                for what, body in bodies.items():
                    content = body["content"]["application/json"]
                    values = [content["example"]] if "example" in content else []
                    values += [example["value"] for example in content.get("examples", {}).values()]
                    for value in values:
                        yield f"{method} {template} {what}", content["schema"], value
