"""The simulated agent keeps the contract that it is a stand-in for."""

import unittest
from urllib.parse import quote

from contract import Contract
from simulated import REPOSITORY, Simulators, call

BASE = "/v1/companies/{company}/{entity}"
ENTITIES = ("customers", "contacts", "ship_to_addresses", "salespersons")


class AgentContract(unittest.TestCase):
    """Each answer is judged by `shared/sage100/agent.openapi.yaml`."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.contract = Contract(REPOSITORY / "shared" / "sage100" / "agent.openapi.yaml")
        cls.simulators = Simulators("--customers", "300", "--seed", "3")
        cls.addClassCleanup(cls.simulators.stop)

    def get(self, template: str, status: int = 200, query: str = "", token: str | None = None, **path: str) -> dict:
        path = {"company": "ABC", "entity": "customers"} | path
        url = template
        for name, value in path.items():
            url = url.replace("{" + name + "}", quote(value, safe=""))
        token = self.simulators.agent["token"] if token is None else token
        answered, body = call(self.simulators.agent["url"] + url + query, headers={"Authorization": f"Bearer {token}"})
        self.assertEqual(answered, status, body)
        self.contract.check(template, answered, body)
        return body

    def pages(self, template: str, query: str, **path: str):
        after = ""
        while True:
            page = self.get(template, query=query + after, **path)
            yield page
            if page["next"] is None:
                return
            after = f"&after={quote(page['next'])}"

    def door(self, path: str, body: object) -> dict:
        status, answer = call(self.simulators.agent["url"] + path, body)
        self.assertEqual(status, 200, answer)
        return answer

    def test_the_examples_of_the_contract_fit_its_schemas(self) -> None:
        checked = 0
        for where, schema, value in self.contract.examples():
            self.contract.check_schema(schema, value, where)
            checked += 1
        self.assertGreater(checked, 15)

    def test_health_and_capabilities(self) -> None:
        self.get("/v1/health")
        capabilities = self.get("/v1/capabilities")
        self.assertEqual([company["code"] for company in capabilities["companies"]], self.simulators.agent["companies"])

    def test_every_page_of_changes_of_every_entity(self) -> None:
        for company in self.simulators.agent["companies"]:
            for entity in ENTITIES:
                seen, places, sequences = [], [], []
                for page in self.pages(BASE + "/changes", "?from_date=20190101&limit=37", company=company, entity=entity):
                    self.assertLessEqual(len(page["records"]), 37)
                    sequences.append(page["as_of"]["sequence"])
                    for record in page["records"]:
                        seen.append(record["key"])
                        places.append((record["date_updated"], float(record["time_updated"]), record["key"].encode()))
                self.assertEqual(places, sorted(places))
                self.assertEqual(sequences, sorted(set(sequences)))
                keys = [key for page in self.pages(BASE + "/keys", "?limit=50", company=company, entity=entity) for key in page["keys"]]
                self.assertEqual(sorted(seen), sorted(keys))
                self.assertEqual(keys, sorted(keys, key=str.encode))

    def test_every_field_that_is_sent_was_announced_and_fits_its_length(self) -> None:
        (abc, _) = self.get("/v1/capabilities")["companies"]
        for entity in ENTITIES:
            fields = {field["name"]: field for field in abc["entities"][entity]["fields"]}
            for page in self.pages(BASE + "/changes", "?from_date=20190101&limit=1000", entity=entity):
                for record in page["records"]:
                    for name, value in record["fields"].items():
                        self.assertIn(name, fields)
                        self.assertLessEqual(len(value), fields[name].get("length", 10_000), (record["key"], name, value))

    def test_records_by_key_and_one_record(self) -> None:
        body = self.get(BASE + "/records", query="?key=01-ABF&key=01-NOBODY&key=01-AVNET")
        self.assertEqual([record["key"] for record in body["records"]], ["01-ABF", "01-AVNET"])
        self.assertEqual(body["missing"], ["01-NOBODY"])
        one = self.get(BASE + "/records/{key}", entity="contacts", key="01-ABF/ARTIE JOHN")
        self.assertEqual(one["record"]["fields"]["ContactName"], "Artie Johnson")

    def test_digests_cover_all_keys(self) -> None:
        ranges = [part for page in self.pages(BASE + "/digests", "?size=40&limit=2") for part in page["ranges"]]
        keys = [key for page in self.pages(BASE + "/keys", "?limit=1000") for key in page["keys"]]
        self.assertEqual(sum(part["count"] for part in ranges), len(keys))
        self.assertEqual((ranges[0]["first"], ranges[-1]["last"]), (keys[0], keys[-1]))

    SEARCH = "/v1/companies/{company}/customer-search"

    def test_customers_are_found_by_name_by_digits_and_by_place(self) -> None:
        self.door("/_sim/edit", {"action": "create", "key": "01-NINE", "fields": {"CustomerName": "Ninepins Ltd", "TelephoneNo": "(262) 555-0119", "City": "Racine", "ZipCode": "53403-1234"}})
        self.addCleanup(self.door, "/_sim/edit", {"action": "delete", "key": "01-NINE"})

        def found(query: str) -> list:
            answer = self.get(self.SEARCH, query=query)
            self.assertFalse(answer["more"])
            return [(customer["key"], customer["by"]) for customer in answer["customers"]]

        self.assertEqual(found("?name=%20ninepins%20LTD"), [("01-NINE", ["name"])])
        self.assertEqual(found("?phone=12625550119"), [("01-NINE", ["phone"])])
        self.assertEqual(found("?name=NINEPINS%20Limited&postal_code=53403"), [("01-NINE", ["postal_code"])])
        self.assertEqual(found("?name=Ninepins"), [])
        self.assertEqual(found("?name=Nobody%20of%20this%20name&phone=0000000"), [])

    def test_a_search_is_bounded_and_says_so(self) -> None:
        for n in range(3):
            self.door("/_sim/edit", {"action": "create", "key": f"01-CASH{n}", "fields": {"CustomerName": "Cash Sale"}})
            self.addCleanup(self.door, "/_sim/edit", {"action": "delete", "key": f"01-CASH{n}"})
        answer = self.get(self.SEARCH, query="?name=cash%20sale&limit=2")
        self.assertEqual(([customer["key"] for customer in answer["customers"]], answer["more"]), (["01-CASH0", "01-CASH1"], True))
        self.get(self.SEARCH, 400)
        for query in ("?postal_code=53403", "?phone=555", "?phone=(414)%20555-4787", "?name=A&postal_code=53403-1", "?name=A&limit=26", "?name=%20", "?name=A&city=B"):
            self.get(self.SEARCH, 400, query=query)
        self.get(self.SEARCH, 404, query="?name=A", company="ABD")
        self.get(self.SEARCH, 401, query="?name=A", token="wrong")

    def test_an_older_agent_and_one_that_offers_less_say_nothing_of_what_they_do_not_know(self) -> None:
        capabilities = self.get("/v1/capabilities")
        self.assertIn("customer_search", capabilities["companies"][0]["reads"])
        self.assertEqual((capabilities["code_page"], capabilities["time_zone"], capabilities["companies"][0]["order_history"]), ("windows-1252", "America/Chicago", True))
        self.addCleanup(self.door, "/_sim/faults", {"site": {"contract": "1.3", "customer_search": True, "tells_of_itself": True}})
        for site, code in [({"contract": "1.1"}, "E_NOT_FOUND"), ({"contract": "1.2", "customer_search": False, "tells_of_itself": False}, "E_NOT_OFFERED")]:
            self.door("/_sim/faults", {"site": site})
            self.assertEqual(self.get("/v1/health")["contract_version"], site["contract"])
            capabilities = self.get("/v1/capabilities")
            self.assertNotIn("customer_search", capabilities["companies"][0]["reads"])
            self.assertFalse({"code_page", "time_zone"} & capabilities.keys())
            self.assertNotIn("order_history", capabilities["companies"][0])
            self.assertEqual(self.get(self.SEARCH, 404, query="?name=A")["code"], code)

    def test_refusals(self) -> None:
        self.get("/v1/capabilities", 401, token="wrong")
        self.get(BASE + "/changes", 400)
        self.get(BASE + "/changes", 400, query="?from_date=2026-01-01")
        self.get(BASE + "/changes", 400, query="?from_date=20260101&limit=1001")
        self.get(BASE + "/changes", 400, query="?from_date=20260101&after=00")
        self.get(BASE + "/changes", 404, query="?from_date=20260101", company="ABD")
        self.get(BASE + "/changes", 404, query="?from_date=20260101", entity="invoices")
        self.get(BASE + "/records", 400, query="?" + "&".join(f"key=01-{n}" for n in range(101)))
        self.get(BASE + "/records", 400)
        self.get(BASE + "/records/{key}", 404, key="01-NOBODY")
        position = self.get(BASE + "/keys", query="?limit=1")["next"]
        self.door("/_sim/faults", {"expire_positions": True})
        self.get(BASE + "/keys", 410, query=f"?limit=1&after={position}")

    def test_injected_errors_are_those_of_the_contract(self) -> None:
        self.addCleanup(self.door, "/_sim/faults", {"clear": True})
        for code, status in [("E_FORBIDDEN", 403), ("E_LOCKED", 423), ("E_RATE_LIMITED", 429), ("E_INTERNAL", 500), ("E_SAGE_DOWN", 503)]:
            self.door("/_sim/faults", {"rules": [{"operation": "customers.changes", "code": code, "times": 1}]})
            body = self.get(BASE + "/changes", status, query="?from_date=20260101")
            self.assertEqual(body["code"], code)


if __name__ == "__main__":
    unittest.main()
