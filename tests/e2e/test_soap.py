"""zeep, unchanged, drives the simulated SOAP service from nothing but its WSDL."""

import unittest
from datetime import datetime
from decimal import Decimal

from zeep import Client
from zeep.exceptions import Fault

from simulated import Simulators, call


class Binding:
    """The round trips; each class below runs them against another WSDL."""

    arguments: tuple[str, ...] = ()
    description = "?wsdl"

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulators = Simulators(*cls.arguments)
        cls.addClassCleanup(cls.simulators.stop)
        cls.client = Client(cls.simulators.soap["url"] + cls.description)
        cls.service = cls.client.service
        cls.logon = {name.capitalize(): cls.simulators.soap[name] for name in ("username", "password")}

    def door(self, path: str, body: object = None) -> dict:
        status, answer = call(self.simulators.soap["door"] + path, body)
        self.assertEqual(status, 200, answer)
        return answer

    def fault(self, code: str | None, operation: str, *arguments: object) -> str:
        """The text of a fault; its code stands in the faultcode and in the detail."""
        with self.assertRaises(Fault) as raised:
            getattr(self.service, operation)(*arguments)
        fault = raised.exception
        if code is not None:
            self.assertEqual(fault.code.split(":")[-1], code)
            detail = [element.text for element in fault.detail[0]]
            self.assertEqual(detail, [code, fault.message])
        return fault.message

    def test_all_operations_are_described(self) -> None:
        self.assertEqual(len(self.service._binding._operations), 20)

    def test_the_contract_is_told_without_a_logon(self) -> None:
        contract = self.service.GetContractInformation()
        self.assertIsInstance(contract.ContractVersion, int)
        self.assertIsInstance(contract.NullDateTime, datetime)
        self.assertIn("AllowRemoteDiagnostics", self.fault(None, "GetDiagnosticInformation"))

    def test_a_wrong_logon_or_company_is_a_fault(self) -> None:
        wrong = self.logon | {"Password": "guess"}
        self.assertTrue(self.fault(None, "GetCustomer", wrong, "ABC", "01", "ABF").startswith("Logon failure: "))
        off = {name.capitalize(): value for name, value in self.simulators.soap["not_enabled"].items()}
        self.assertTrue(self.fault(None, "GetNextCustomerNo", off, "ABC").startswith("Logon failure: "))
        viewer = {name.capitalize(): value for name, value in self.simulators.soap["viewer"].items()}
        self.assertEqual(self.service.GetCustomer(viewer, "ABC", "01", "ABF").CustomerName, "American Business Futures")
        message = self.fault(None, "DeleteCustomer", viewer, "ABC", "01", "ABF")
        self.assertEqual(message, "No Access - you are not authorized to perform this action")
        self.assertIn("ABD", self.fault(None, "GetCustomer", self.logon, "ABD", "01", "ABF"))

    def test_a_customer_and_a_contact_go_round(self) -> None:
        number = self.service.GetNextCustomerNo(self.logon, "ABC")
        self.assertNotEqual(number, self.service.GetNextCustomerNo(self.logon, "ABC"))
        customer = {"ARDivisionNo": "01", "CustomerNo": number, "CustomerName": "Büro & Söhne <KG>", "SalespersonNo": "0100"}
        customer |= {"ZipCode": "53402", "CreditLimit": Decimal("1500.5"), "OtherFields": self.udfs(UDF_REGION="NORTH")}
        self.service.CreateCustomer(self.logon, "ABC", customer)
        self.assertIn(number, self.fault("WS_AlreadyExists", "CreateCustomer", self.logon, "ABC", customer))
        read = self.service.GetCustomer(self.logon, "ABC", "01", number)
        self.assertEqual((read.CustomerName, read.CreditLimit), ("Büro & Söhne <KG>", Decimal("1500.50")))
        self.assertEqual((read.TermsCode, read.SalespersonDivisionNo, read.CustomerStatus), ("00", "01", "A"))
        self.assertEqual(self.udf(read, "UDF_REGION"), "NORTH")
        read.City = "Racine"
        self.service.UpdateCustomer(self.logon, "ABC", read)
        again = self.service.GetCustomer(self.logon, "ABC", "01", number)
        self.assertEqual((again.City, again.CustomerName), ("Racine", "Büro & Söhne <KG>"))
        contact = {"ARDivisionNo": "01", "CustomerNo": number, "ContactCode": "KIM", "ContactName": "Kim Lee"}
        self.service.CreateCustomerContact(self.logon, "ABC", contact)
        read = self.service.GetCustomerContact(self.logon, "ABC", "01", number, "KIM")
        read.ContactTitle = "Buyer"
        self.service.UpdateCustomerContact(self.logon, "ABC", read)
        self.assertEqual(self.service.GetCustomerContact(self.logon, "ABC", "01", number, "KIM").ContactTitle, "Buyer")
        self.service.DeleteCustomerContact(self.logon, "ABC", "01", number, "KIM")
        self.fault("CI_NoKey", "GetCustomerContact", self.logon, "ABC", "01", number, "KIM")
        self.service.DeleteCustomer(self.logon, "ABC", "01", number)
        self.fault("CI_NoKey", "GetCustomer", self.logon, "ABC", "01", number)

    def test_an_order_goes_round(self) -> None:
        number = self.service.GetNextSalesOrderNo(self.logon, "ABC")
        order = self.order(number, "CP-ROUND")
        preview = self.service.PreviewSalesOrder(self.logon, "ABC", order)
        self.fault("CI_NoKey", "GetSalesOrder", self.logon, "ABC", number)
        self.service.CreateSalesOrder(self.logon, "ABC", order)
        read = self.service.GetSalesOrder(self.logon, "ABC", number)
        for amount in ("TaxableAmt", "NonTaxableAmt", "SalesTaxAmt", "DiscountAmt"):
            self.assertEqual(read[amount], preview[amount])
        self.assertEqual((read.NonTaxableAmt, read.OrderType, read.OrderStatus), (Decimal("358.00"), "S", "N"))
        self.assertEqual(self.udf(read, "UDF_CRM_REFERENCE"), "CP-ROUND")
        self.assertEqual(read.OrderDate, datetime(2026, 11, 20))
        template = self.service.GetSalesOrderTemplate(self.logon, "ABC", "01", "ABF")
        self.assertEqual((template.ShipToCity, template.TermsCode, template.Lines), ("Racine", read.TermsCode, None))
        read.Comment = "Call first"
        read.Lines.SalesOrderLine[0].QuantityOrdered = 5
        read.Lines.SalesOrderLine.append({"ItemCode": "8983", "QuantityOrdered": 1})
        self.service.UpdateSalesOrder(self.logon, "ABC", read)
        again = self.service.GetSalesOrder(self.logon, "ABC", number)
        self.assertEqual([line.LineKey for line in again.Lines.SalesOrderLine], ["000001", "000002"])
        self.assertEqual((again.Comment, again.NonTaxableAmt), ("Call first", Decimal("936.59")))
        self.assertEqual(self.door("/_sim/records/sales_orders?reference=CP-ROUND")["count"], 1)
        self.fault("WS_AlreadyExists", "CreateSalesOrder", self.logon, "ABC", order)
        self.service.DeleteSalesOrder(self.logon, "ABC", number)
        self.fault("CI_NoKey", "UpdateSalesOrder", self.logon, "ABC", again)

    def test_an_invoiced_order_is_not_found_any_more(self) -> None:
        number = self.service.GetNextSalesOrderNo(self.logon, "ABC")
        self.service.CreateSalesOrder(self.logon, "ABC", self.order(number, "CP-INVOICED"))
        self.door("/_sim/edit", {"entity": "sales_orders", "action": "invoice", "key": number})
        self.fault("CI_NoKey", "GetSalesOrder", self.logon, "ABC", number)
        (kept,) = self.door("/_sim/records/sales_orders?reference=CP-INVOICED")["records"]
        self.assertEqual((kept["file"], kept["status"], kept["key"]), ("history", "closed", number))

    def test_the_demo_order_is_there_with_its_lines(self) -> None:
        order = self.service.GetSalesOrder(self.logon, "ABC", "0000184")
        lines = [(line.ItemCode, line.QuantityOrdered, line.UnitPrice) for line in order.Lines.SalesOrderLine]
        self.assertEqual(lines, [("1001-HON-H252", 2, 84), ("1001-HON-H254", 3, 131)])
        self.assertEqual((order.CustomerPONo, order.ShipToZipCode), ("101255", "53402"))

    def test_what_sage_refuses_has_its_code_and_text(self) -> None:
        refused = lambda code, **more: self.fault(code, "CreateSalesOrder", self.logon, "ABC", self.order("0009001", "CP-NO") | more)
        self.assertTrue(refused("CI_NOF", ShipToZipCode="99999").startswith("Could not set SO_SalesOrder_Bus column ShipToZipCode"))
        refused("CI_NOF", CustomerNo="NOBODY")
        refused("CI_NOF", Lines={"SalesOrderLine": [{"ItemCode": "NO-SUCH-ITEM", "QuantityOrdered": 1}]})
        self.assertEqual(refused("CI_CharLength", ShipToState="WISCONSIN"), "The Ship To State is greater than 2 character(s)")
        self.assertIn("Bill To Customer Reporting is No", refused(None, BillToDivisionNo="01"))
        self.assertIn("inactive", refused(None, Lines={"SalesOrderLine": [{"ItemCode": "INV-OLD-CHAIR", "QuantityOrdered": 1}]}))
        customer = {"ARDivisionNo": "01", "CustomerNo": "NEW", "CustomerName": "New"}
        self.assertIn("Salesperson No is required", self.fault(None, "CreateCustomer", self.logon, "ABC", customer))
        customer |= {"SalespersonNo": "0100", "DefaultPaymentType": "CHEQUES"}
        message = self.fault("CI_CharLength", "CreateCustomer", self.logon, "ABC", customer)
        self.assertEqual(message, "The Default Payment Type is greater than 5 character(s)")
        self.assertEqual(self.door("/_sim/records/sales_orders?key=0009001")["count"], 0)

    def test_done_but_an_exception_is_told(self) -> None:
        self.addCleanup(self.door, "/_sim/faults", {"clear": False})
        rule = {"operation": "CreateSalesOrder", "code": "exception", "after": True, "times": 1, "match": {"key": "0009002"}}
        self.door("/_sim/faults", {"rules": [rule]})
        self.assertEqual(
            self.fault(None, "CreateSalesOrder", self.logon, "ABC", self.order("0009002", "CP-DONE")), "An exception occurred."
        )
        self.assertEqual(self.service.GetSalesOrder(self.logon, "ABC", "0009002").CustomerNo, "ABF")

    def order(self, number: str, reference: str) -> dict:
        lines = {"SalesOrderLine": [{"ItemCode": "6655", "QuantityOrdered": 2}]}
        order = {"SalesOrderNo": number, "ARDivisionNo": "01", "CustomerNo": "ABF", "Lines": lines}
        return order | {"OrderDate": datetime(2026, 11, 20), "OtherFields": self.udfs(UDF_CRM_REFERENCE=reference)}

    @staticmethod
    def udfs(**values: str) -> dict:
        return {"Field": [{"MasFieldName": name, "Value": value} for name, value in values.items()]}

    @staticmethod
    def udf(entity: object, name: str) -> str | None:
        return {field.MasFieldName: field.Value for field in entity.OtherFields.Field}[name]


class Reference(Binding, unittest.TestCase):
    """One namespace, OtherFields in a base type."""


class Split(Binding, unittest.TestCase):
    """A WSDL in two parts, data in a namespace of their own, user name first."""

    arguments = ("--soap-binding", "split")


class Late(Binding, unittest.TestCase):
    """OtherFields behind everything, another contract, one WSDL document."""

    arguments = ("--soap-binding", "late")
    description = "?singleWsdl"


if __name__ == "__main__":
    unittest.main()
