"""jsforce, unchanged, uses the simulated Salesforce."""

import json
import os
import subprocess
import unittest
from pathlib import Path

from simulated import Simulators

TESTS = Path(__file__).resolve().parent / "jsforce"


class Jsforce(unittest.TestCase):
    """Each file of tests runs in Node.js, against an organisation of its own."""

    def run_tests(self, name: str) -> None:
        simulators = Simulators()
        self.addCleanup(simulators.stop)
        environment = os.environ | {"COUNTERPART_SALESFORCE": json.dumps(simulators.salesforce)}
        done = subprocess.run(
            ["node", "--test", "--test-reporter=spec", name],
            cwd=TESTS,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # A file without tests passes, too.
        self.assertRegex(done.stdout, r"pass [1-9]")

    def test_tokens_sessions_and_limits(self) -> None:
        self.run_tests("oauth.test.mjs")

    def test_rows(self) -> None:
        self.run_tests("rows.test.mjs")

    def test_queries_and_descriptions(self) -> None:
        self.run_tests("reads.test.mjs")

    def test_sales(self) -> None:
        self.run_tests("sales.test.mjs")

    def test_objects_and_fields_of_ones_own(self) -> None:
        self.run_tests("metadata.test.mjs")
