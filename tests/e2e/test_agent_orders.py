"""Orders, items, stock, credit, prices and writes of the simulated agent, judged by its contract."""

import json
import unittest
import urllib.error
import urllib.request
from decimal import Decimal
from urllib.parse import quote

from contract import Contract
from simulated import REPOSITORY, Simulators, call

COMPANY = "/v1/companies/{company}"
ORDERS = COMPANY + "/orders"
ORDER = ORDERS + "/{number}"
RECORDS = COMPANY + "/{entity}/records"
RECORD = RECORDS + "/{key}"
COLUMN = "reference_column=UDF_CRM_REFERENCE"


class AgentOrders(unittest.TestCase):
    """Each request and each answer is judged by `shared/sage100/agent.openapi.yaml`."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.contract = Contract(REPOSITORY / "shared" / "sage100" / "agent.openapi.yaml")

    def setUp(self) -> None:
        self.simulators = Simulators("--customers", "50", "--seed", "3")
        self.addCleanup(self.simulators.stop)

    def ask(self, method: str, template: str, status: int, body: object = None, query: str = "", once: str | None = None, **path: str):
        """An answer that the contract allows; `replayed` tells whether it was given before."""
        url = template
        for name, value in ({"company": "ABC"} | path).items():
            url = url.replace("{" + name + "}", quote(value, safe=""))
        if body is not None and status < 400:
            content = self.contract.document["paths"][template][method]["requestBody"]["content"]
            self.contract.check_schema(content["application/json"]["schema"], body, f"{method} {template}")
        headers = {"Authorization": f"Bearer {self.simulators.agent['token']}"}
        if once is not None:
            headers["Idempotency-Key"] = once
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.simulators.agent["url"] + url + query, data, headers, method=method.upper())
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answered, text, sent = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            with error:
                answered, text, sent = error.code, error.read(), error.headers
        answer = json.loads(text)
        self.assertEqual(answered, status, answer)
        self.contract.check(template, answered, answer, method)
        self.replayed = sent.get("Idempotency-Replayed") == "true"
        return answer

    def door(self, path: str, body: object = None) -> dict:
        status, answer = call(self.simulators.agent["url"] + path, body)
        self.assertEqual(status, 200, answer)
        return answer

    def number(self) -> str:
        return self.ask("post", COMPANY + "/order-numbers", 200)["number"]

    @staticmethod
    def new(number: str, reference: str, *lines: dict, **fields: str) -> dict:
        lines = lines or ({"ItemCode": "6655", "QuantityOrdered": "2"},)
        return {
            "number": number,
            "customer": "01-ABF",
            "reference": {"column": "UDF_CRM_REFERENCE", "value": reference},
            "fields": fields,
            "lines": [{"fields": line} for line in lines],
        }

    def find(self, query: str) -> list[dict]:
        return self.ask("get", ORDERS, 200, query=f"?{COLUMN}&{query}")["orders"]

    def credit(self, customer: str = "01-ABF") -> dict:
        return self.ask("get", COMPANY + "/credit", 200, query=f"?customer={customer}")["fields"]

    def test_the_demo_orders_are_all_there(self) -> None:
        numbers = [115, 171, *range(272, 279), *range(294, 304), 307, 310, 331, 304, 332, 333, 336, 337, 338, 340, 341]
        orders = [self.find(f"number={number:07}")[0] for number in numbers]
        self.assertEqual({order["customer"] for order in orders}, {"01-ABF"})
        totals = {"S": Decimal(0), "Q": Decimal(0)}
        for order in orders:
            fields = order["fields"]
            amount = lambda name: Decimal(fields[name])
            total = amount("TaxableAmt") + amount("NonTaxableAmt") + amount("SalesTaxAmt") - amount("DiscountAmt")
            totals[fields["OrderType"]] += total
            self.assertEqual(sum(Decimal(line["fields"]["ExtensionAmt"]) for line in order["lines"]), total - amount("SalesTaxAmt") + amount("DiscountAmt"))
        self.assertEqual(totals, {"S": Decimal("18659.34"), "Q": Decimal("5413.45")})
        (invoiced,) = self.find("number=0000181")
        self.assertEqual((invoiced["file"], invoiced["fields"]["LastInvoiceNo"]), ("history", "0100058"))

    def test_an_order_is_created_found_changed_invoiced(self) -> None:
        before = self.credit()
        number = self.number()
        self.assertNotEqual(number, self.number())
        order = self.new(number, "CP-ONE", {"ItemCode": "6655", "QuantityOrdered": "2"}, {"ItemCode": "8983", "QuantityOrdered": "1.5", "UnitPrice": "40"})
        self.ask("post", ORDERS, 201, order, once="one")
        (found,) = self.find("reference=CP-ONE")
        self.assertEqual((found["number"], found["status"], found["fields"]["NonTaxableAmt"]), (number, "new", "418.00"))
        self.assertEqual(Decimal(self.credit()["OpenOrderAmt"]) - Decimal(before["OpenOrderAmt"]), Decimal("418.00"))
        changed = {name: order[name] for name in ("customer", "reference")} | {"fields": {"Comment": "soon"}}
        changed["lines"] = [{"fields": {"ItemCode": "8983", "QuantityOrdered": "3"}}, {"fields": {"ItemCode": "/C", "QuantityOrdered": "0", "CommentText": "as agreed"}}]
        self.ask("put", ORDER, 200, changed, once="two", number=number)
        (found,) = self.find(f"number={number}")
        lines = [(line["line_key"], line["fields"]["ItemCode"], line["fields"]["UnitPrice"]) for line in found["lines"]]
        self.assertEqual(lines, [("000002", "8983", "40.000000"), ("000003", "/C", "0.000000")])
        self.door("/_sim/edit", {"entity": "sales_orders", "action": "invoice", "key": number})
        (found,) = self.find("reference=CP-ONE")
        self.assertEqual((found["file"], found["status"]), ("history", "closed"))
        self.assertRegex(found["fields"]["LastInvoiceNo"], r"^\d{7}$")
        after = self.credit()
        self.assertEqual(after["OpenOrderAmt"], before["OpenOrderAmt"])
        self.assertEqual(Decimal(after["CurrentBalance"]) - Decimal(before["CurrentBalance"]), Decimal("120.00"))
        self.ask("put", ORDER, 404, changed, once="three", number=number)
        self.ask("post", ORDERS, 409, order, once="four")

    def test_a_key_answers_again_and_is_for_one_request_only(self) -> None:
        order = self.new(self.number(), "CP-KEY")
        self.ask("post", ORDERS, 201, order, once="same")
        self.assertFalse(self.replayed)
        self.ask("post", ORDERS, 201, order, once="same")
        self.assertTrue(self.replayed)
        self.assertEqual(self.door("/_sim/records/sales_orders?reference=CP-KEY")["count"], 1)
        other = self.ask("post", ORDERS, 422, order | {"customer": "01-AVNET"}, once="same")
        self.assertEqual(other["code"], "E_IDEMPOTENCY_KEY_REUSED")
        self.ask("post", ORDERS, 400, order)
        refused = self.new(self.number(), "CP-FREE", ShipToZipCode="99999")
        self.assertEqual(self.ask("post", ORDERS, 422, refused, once="free")["column"], "ShipToZipCode")
        self.ask("post", ORDERS, 201, refused | {"fields": {}}, once="free")

    def test_refusals_name_column_and_line_and_write_nothing(self) -> None:
        number, good = self.number(), {"ItemCode": "6655", "QuantityOrdered": "1"}
        for code, column, line, order in [
            ("E_VALUE_REFUSED", "ItemCode", 2, self.new(number, "CP-NO", good, good | {"ItemCode": "NO-SUCH"})),
            ("E_VALUE_REFUSED", "ItemCode", 1, self.new(number, "CP-NO", good | {"ItemCode": "INV-OLD-CHAIR"})),
            ("E_VALUE_REFUSED", "CustomerNo", None, self.new(number, "CP-NO") | {"customer": "01-NOBODY"}),
            ("E_VALUE_TOO_LONG", "Comment", None, self.new(number, "CP-NO", Comment="x" * 31)),
            ("E_READ_ONLY_COLUMN", "TaxableAmt", None, self.new(number, "CP-NO", TaxableAmt="1.00")),
            ("E_UNKNOWN_COLUMN", "UDF_COLOUR", None, self.new(number, "CP-NO", UDF_COLOUR="red")),
            ("E_UNKNOWN_COLUMN", "UDF_MARK", None, self.new(number, "CP-NO") | {"reference": {"column": "UDF_MARK", "value": "CP-NO"}}),
        ]:
            refusal = self.ask("post", ORDERS, 422, order, once="refused")
            self.assertEqual((refusal["code"], refusal.get("column"), refusal.get("line")), (code, column, line), refusal)
        self.assertEqual(self.find("reference=CP-NO"), [])
        self.assertEqual(self.find(f"number={number}"), [])

    def test_an_order_is_deleted_and_stays_in_the_history(self) -> None:
        before, number = self.credit(), self.number()
        self.ask("post", ORDERS, 201, self.new(number, "CP-GONE"), once="create")
        self.ask("delete", ORDER, 200, once="delete", number=number)
        self.ask("delete", ORDER, 200, once="delete", number=number)
        self.assertTrue(self.replayed)
        self.ask("delete", ORDER, 404, once="again", number=number)
        (kept,) = self.find("reference=CP-GONE")
        self.assertEqual((kept["file"], kept["status"]), ("history", "cancelled"))
        self.assertEqual(self.credit(), before)

    def test_items_stock_credit_and_prices(self) -> None:
        items = self.ask("get", COMPANY + "/items", 200, query="?code=inv-old-chair&code=NO-SUCH&code=6655")
        self.assertEqual([item["code"] for item in items["items"]], ["inv-old-chair", "6655"])
        self.assertEqual((items["missing"], items["items"][0]["fields"]["InactiveItem"]), (["NO-SUCH"], "Y"))
        stock = self.ask("get", COMPANY + "/stock", 200, query="?code=1001-HON-H252&code=/C&code=NO-SUCH")
        self.assertEqual([level["warehouse"] for level in stock["stock"]], ["000", "EST"])
        self.assertEqual(stock["missing"], ["NO-SUCH"])
        credit = {name: Decimal(value) for name, value in self.credit().items() if name not in ("CreditHold", "CustomerStatus")}
        due = credit["CurrentBalance"] + sum(credit[f"AgingCategory{at}"] for at in range(1, 5))
        self.assertEqual((due, credit["CreditLimit"] - due - credit["OpenOrderAmt"]), (Decimal("5732.36"), Decimal("95123.24")))
        self.ask("get", COMPANY + "/credit", 404, query="?customer=01-NOBODY")
        for customer, item, quantity, price, basis in [
            ("01-ABF", "1001-HON-H252", "2", "84", "standard price"),
            ("01-BRESLIX", "8983", "1", "39.95", "customer price"),
            ("01-BRESLIX", "6655", "9", "170.05", "price level 2"),
            ("01-BRESLIX", "6655", "10", "161.1", "price level 2"),
            ("01-BRESLIX", "1001-HON-H254", "1", "108.675", "price code STD, level 2"),
            ("01-ABF", "INV-LAMP", "1", "49.9", "sale price"),
            ("01-ABF", "INV-TIES", "1", "150", "standard price"),
        ]:
            told = self.ask("get", COMPANY + "/price", 200, query=f"?customer={customer}&item={item}&quantity={quantity}")
            self.assertEqual((Decimal(told["unit_price"]), told["basis"]), (Decimal(price), basis), told)
        self.ask("get", COMPANY + "/price", 404, query="?customer=01-ABF&item=NO-SUCH&quantity=1")
        self.ask("get", COMPANY + "/price", 400, query="?customer=01-ABF&item=6655&quantity=two")

    def test_stock_follows_orders_in_standard_units(self) -> None:
        def on_order() -> Decimal:
            (level,) = self.ask("get", COMPANY + "/stock", 200, query="?code=INV-TIES")["stock"]
            return Decimal(level["fields"]["QuantityOnSalesOrder"])

        before, number = on_order(), self.number()
        self.ask("post", ORDERS, 201, self.new(number, "CP-TIES", {"ItemCode": "INV-TIES", "QuantityOrdered": "2"}), once="ties")
        self.assertEqual(on_order() - before, 24)
        self.ask("delete", ORDER, 200, once="no", number=number)
        self.assertEqual(on_order(), before)
        quote_no = self.number()
        self.ask("post", ORDERS, 201, self.new(quote_no, "CP-QUOTE", {"ItemCode": "INV-TIES", "QuantityOrdered": "2"}, OrderType="Q"), once="quote")
        self.assertEqual(on_order(), before)

    def test_customers_and_contacts_are_written(self) -> None:
        number = self.ask("post", COMPANY + "/customer-numbers", 200)["number"]
        key = f"01-{number}"
        fields = {"CustomerName": "Northwind", "SalespersonDivisionNo": "01", "SalespersonNo": "0100", "UDF_REGION": "WEST"}
        self.ask("post", RECORDS, 201, {"key": key, "fields": fields}, once="new", entity="customers")
        self.ask("post", RECORDS, 409, {"key": key, "fields": fields}, once="newer", entity="customers")
        changed = self.change("customers", key, {"City": "Racine", "UDF_REGION": ""}, "city")
        self.assertEqual((changed["City"], changed["UDF_REGION"], changed["CustomerName"]), ("Racine", "", "Northwind"))
        self.ask("post", RECORDS, 201, {"key": f"{key}/KIM", "fields": {"ContactName": "Kim Lee"}}, once="kim", entity="contacts")
        self.assertEqual(self.change("contacts", f"{key}/KIM", {"ContactTitle": "Buyer"}, "title")["ContactTitle"], "Buyer")
        self.ask("post", RECORDS, 404, {"key": "01-NOBODY/KIM", "fields": {"ContactName": "Kim"}}, once="orphan", entity="contacts")
        refusal = self.ask("post", RECORDS, 422, {"key": "01-NEW", "fields": {"CustomerName": "New"}}, once="rep", entity="customers")
        self.assertEqual(refusal["column"], "SalespersonNo")

    def change(self, entity: str, key: str, fields: dict, idempotency: str) -> dict:
        self.ask("patch", RECORD, 200, {"fields": fields}, once=idempotency, entity=entity, key=key)
        return self.ask("get", RECORD, 200, entity=entity, key=key)["record"]["fields"]

    def test_locks_busy_and_lost_answers(self) -> None:
        number = self.number()
        order = self.new(number, "CP-LOCK")
        self.door("/_sim/faults", {"locks": [{"entity": "customers", "key": "01-ABF", "times": 2}]})
        for _ in range(2):
            self.assertEqual(self.ask("post", ORDERS, 423, order, once="lock")["code"], "E_LOCKED")
        self.door("/_sim/faults", {"rules": [{"operation": "orders.create", "after": True, "code": "E_OUTCOME_UNKNOWN", "times": 1}]})
        self.ask("post", ORDERS, 500, order, once="lock")
        self.assertEqual(len(self.find("reference=CP-LOCK")), 1)
        self.ask("post", ORDERS, 201, order, once="lock")
        self.assertTrue(self.replayed)
        self.door("/_sim/faults", {"drop": [{"column": "UDF_CRM_REFERENCE", "times": 1}], "take_numbers": {"ABC": 1}})
        self.ask("post", ORDERS, 409, self.new(self.number(), "CP-TAKEN"), once="taken")
        number = self.number()
        self.ask("post", ORDERS, 201, self.new(number, "CP-DROPPED"), once="dropped")
        self.assertEqual(self.find("reference=CP-DROPPED"), [])
        self.assertEqual(self.find(f"number={number}")[0]["fields"]["UDF_CRM_REFERENCE"], "")


if __name__ == "__main__":
    unittest.main()
