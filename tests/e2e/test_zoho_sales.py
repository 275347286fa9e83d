"""Zoho's own Python SDK, unchanged, sells with the simulated Zoho CRM and watches it."""

import datetime
import logging
import tempfile
import unittest
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.notifications import (
    APIException as WatchException,
    BodyWrapper as WatchBody,
    DeleteNotificationParam,
    GetNotificationsParam,
    Notification,
    NotificationsOperations,
    SuccessResponse as Watched,
)
from zohocrmsdk.src.com.zoho.crm.api.record import (
    BodyWrapper,
    Field,
    LineItemProduct,
    Record,
    RecordOperations,
    SuccessResponse,
)
from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.util import Choice

from simulated import Simulators, call

CHANNEL = "1000000068001"


class ZohoSales(unittest.TestCase):
    """One simulated organisation and one initialised SDK for all tests."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulators = Simulators()
        cls.addClassCleanup(cls.simulators.stop)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        zoho = cls.simulators.zoho
        Initializer.initialize(
            environment=DataCenter.Environment(zoho["url"], zoho["accounts_url"], zoho["url"]),
            token=OAuthToken(
                client_id=zoho["client_id"],
                client_secret=zoho["client_secret"],
                refresh_token=zoho["refresh_token"],
                find_user=False,
            ),
            store=FileStore(file_path=str(Path(folder.name) / "tokens.txt")),
            sdk_config=SDKConfig(auto_refresh_fields=False, pick_list_validation=False),
            resource_path=folder.name,
            logger=Logger.get_instance(level=Logger.Levels.ERROR, file_path=str(Path(folder.name) / "sdk.log")),
        )
        logging.disable(logging.CRITICAL)

    def door(self, path: str, body: object = None) -> dict:
        status, answer = call(self.simulators.zoho["url"] + path, body)
        self.assertEqual(status, 200, answer)
        return answer

    def product(self, kind: type, code: str) -> Record | LineItemProduct:
        (found,) = self.door(f"/_sim/records/Products?Product_Code={code}")["records"]
        product = kind()
        product.set_id(int(found["id"]))
        return product

    def line(self, code: str, quantity: float, price: float, kind: type = LineItemProduct) -> Record:
        line = Record()
        line.add_key_value("Product_Name", self.product(kind, code))
        line.add_key_value("Quantity", quantity)
        line.add_key_value("List_Price", price)
        return line

    def written(self, response) -> int:
        (row,) = response.get_object().get_data()
        self.assertIsInstance(row, SuccessResponse, getattr(row, "get_details", lambda: row)())
        return int(row.get_details()["id"])

    @staticmethod
    def body(record: Record) -> BodyWrapper:
        body = BodyWrapper()
        body.set_data([record])
        return body

    def read(self, module: str, record: int) -> Record:
        response = RecordOperations(module).get_record(record, ParameterMap(), HeaderMap())
        (found,) = response.get_object().get_data()
        return found

    def test_a_sales_order_has_lines_and_totals(self) -> None:
        order = Record()
        order.add_field_value(Field.Sales_Orders.subject(), "Through the SDK")
        order.add_key_value("Ordered_Items", [self.line("6655", 2.0, 179.0), self.line("8983", 1.0, 41.59)])
        operations = RecordOperations("Sales_Orders")
        created = self.written(operations.create_records(self.body(order), HeaderMap()))
        found = self.read("Sales_Orders", created)
        self.assertEqual(len(found.get_key_value("Ordered_Items")), 2)
        self.assertAlmostEqual(float(found.get_key_value("Grand_Total")), 399.59)
        # Lines without ids are appended.
        again = Record()
        again.add_key_value("Ordered_Items", [self.line("6655", 2.0, 179.0)])
        self.written(operations.update_record(created, self.body(again), HeaderMap()))
        self.assertEqual(len(self.read("Sales_Orders", created).get_key_value("Ordered_Items")), 3)

    def test_a_deal_is_won_with_the_rows_of_its_subform(self) -> None:
        deal = Record()
        deal.add_field_value(Field.Deals.deal_name(), "Files")
        deal.add_field_value(Field.Deals.stage(), Choice("Qualification"))
        deal.add_key_value("Sale_Items", [self.line("1001-HON-H252", 3.0, 84.0, Record)])
        operations = RecordOperations("Deals")
        created = self.written(operations.create_records(self.body(deal), HeaderMap()))
        won = Record()
        won.add_field_value(Field.Deals.stage(), Choice("Closed Won"))
        self.written(operations.update_record(created, self.body(won), HeaderMap()))
        found = self.read("Deals", created)
        (row,) = found.get_key_value("Sale_Items")
        self.assertEqual(float(row.get_key_value("Quantity")), 3.0)
        (stored,) = self.door(f"/_sim/records/Deals?id={created}")["records"]
        self.assertEqual((stored["Stage"], stored["Probability"]), ("Closed Won", 100))

    def notification(self, **more: object) -> WatchBody:
        notification = Notification()
        notification.set_channel_id(CHANNEL)
        for name, value in more.items():
            getattr(notification, f"set_{name}")(value)
        body = WatchBody()
        body.set_watch([notification])
        return body

    def test_a_channel_is_enabled_renewed_read_and_disabled(self) -> None:
        operations = NotificationsOperations()
        enabled = operations.enable_notifications(
            self.notification(
                events=["Accounts.edit", "Deals.all"],
                notify_url="http://127.0.0.1:9/zoho",
                token="proof",
                notify_on_related_action=False,
                return_affected_field_values=True,
            )
        )
        self.assertEqual(enabled.get_status_code(), 201)
        (row,) = enabled.get_object().get_watch()
        self.assertIsInstance(row, Watched)
        events = row.get_details()["events"]
        self.assertEqual({event.get_resource_name() for event in events}, {"Accounts", "Deals"})
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        # An hour, since it asked for nothing.
        left = events[0].get_channel_expiry() - now
        self.assertAlmostEqual(left.total_seconds(), 3_600, delta=60)
        renewal = self.notification(channel_expiry=now + datetime.timedelta(days=3))
        renewed = operations.update_notification(renewal).get_object().get_watch()[0]
        self.assertIsInstance(renewed, Watched)
        left = renewed.get_details()["events"][0].get_channel_expiry() - now
        self.assertAlmostEqual(left.total_seconds(), 3 * 86_400, delta=60)
        params = ParameterMap()
        params.add(GetNotificationsParam.module, "Deals")
        (shown,) = operations.get_notifications(params).get_object().get_watch()
        self.assertEqual((shown.get_channel_id(), shown.get_token()), (CHANNEL, "proof"))
        params = ParameterMap()
        params.add(DeleteNotificationParam.channel_ids, CHANNEL)
        gone = operations.delete_notification(params).get_object().get_watch()
        self.assertEqual([type(row) for row in gone], [Watched, Watched], "one for each module")
        refused = operations.update_notification(renewal)
        self.assertEqual(refused.get_status_code(), 400)
        (row,) = refused.get_object().get_watch()
        self.assertIsInstance(row, WatchException)
        self.assertEqual(row.get_code().get_value(), "NOT_SUBSCRIBED")


if __name__ == "__main__":
    unittest.main()
