"""Zoho's own Node.js SDK, unchanged, sells with the simulated Zoho CRM."""

import json
import os
import subprocess
import unittest
from pathlib import Path

from simulated import Simulators

TESTS = Path(__file__).resolve().parent / "zoho_node"


class ZohoNode(unittest.TestCase):
    """The tests run in Node.js, against an organisation of their own."""

    def test_sales(self) -> None:
        simulators = Simulators()
        self.addCleanup(simulators.stop)
        environment = os.environ | {"COUNTERPART_ZOHO": json.dumps(simulators.zoho)}
        done = subprocess.run(
            ["node", "--no-deprecation", "--test", "--test-reporter=spec", "sales.test.mjs"],
            cwd=TESTS,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # A file without tests passes, too.
        self.assertRegex(done.stdout, r"pass [1-9]")


if __name__ == "__main__":
    unittest.main()
