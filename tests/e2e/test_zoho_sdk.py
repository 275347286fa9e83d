"""Zoho's own Python SDK, unchanged, uses the simulated Zoho CRM."""

import logging
import tempfile
import unittest
from pathlib import Path

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as CoqlBody, CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.currencies import CurrenciesOperations
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.fields import BodyWrapper as FieldsBody
from zohocrmsdk.src.com.zoho.crm.api.fields import CreateFieldParam, Fields, FieldsOperations, GetFieldsParam, Unique
from zohocrmsdk.src.com.zoho.crm.api.modules import BodyWrapper as ModulesBody
from zohocrmsdk.src.com.zoho.crm.api.modules import Modules, ModulesOperations
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.profiles import MinifiedProfile
from zohocrmsdk.src.com.zoho.crm.api.record import (
    APIException,
    BodyWrapper,
    DeleteRecordsParam,
    Field,
    GetRecordsParam,
    Record,
    RecordOperations,
    SuccessResponse,
)
from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, MinifiedUser, UsersOperations

from simulated import Simulators, call


class ZohoSdk(unittest.TestCase):
    """One simulated organisation and one initialised SDK for all tests."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulators = Simulators()
        cls.addClassCleanup(cls.simulators.stop)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.initialise(cls.simulators.zoho["refresh_token"], "first")
        logging.disable(logging.CRITICAL)

    @classmethod
    def initialise(cls, refresh_token: str, name: str) -> None:
        zoho = cls.simulators.zoho
        folder = Path(cls.folder.name) / name
        folder.mkdir()
        Initializer.initialize(
            environment=DataCenter.Environment(zoho["url"], zoho["accounts_url"], zoho["url"]),
            token=OAuthToken(
                client_id=zoho["client_id"],
                client_secret=zoho["client_secret"],
                refresh_token=refresh_token,
                find_user=False,
            ),
            store=FileStore(file_path=str(folder / "tokens.txt")),
            sdk_config=SDKConfig(auto_refresh_fields=False, pick_list_validation=False),
            resource_path=str(folder),
            logger=Logger.get_instance(level=Logger.Levels.ERROR, file_path=str(folder / "sdk.log")),
        )

    def door(self, path: str, body: object = None) -> object:
        status, answer = call(self.simulators.zoho["url"] + path, body)
        self.assertEqual(status, 200, answer)
        return answer

    @staticmethod
    def account(name: str | None, key: str, **more: object) -> Record:
        record = Record()
        if name is not None:
            record.add_field_value(Field.Accounts.account_name(), name)
        record.add_key_value("Sage_Key", key)
        for field, value in more.items():
            record.add_key_value(field, value)
        return record

    @staticmethod
    def upsert(module: str, records: list[Record], check: list[str] | None = None):
        body = BodyWrapper()
        body.set_data(records)
        body.set_trigger([])
        if check:
            body.set_duplicate_check_fields(check)
        return RecordOperations(module).upsert_records(body, HeaderMap())

    def query(self, text: str):
        body = CoqlBody()
        body.set_select_query(text)
        return CoqlOperations().get_records(body)

    def test_an_upsert_of_mixed_rows_is_207_with_a_verdict_for_each_row(self) -> None:
        rows = [
            self.account("Mixed Rows Inc.", "ABC:01-MIXED1"),
            self.account("Second Row LLC", "ABC:01-MIXED2", Phone="call/me"),
            self.account("Third Row Ltd.", "ABC:01-MIXED1"),
        ]
        response = self.upsert("Accounts", rows, ["Sage_Key"])
        self.assertEqual(response.get_status_code(), 207)
        first, second, third = response.get_object().get_data()
        self.assertIsInstance(first, SuccessResponse)
        self.assertEqual(first.get_action().get_value(), "insert")
        self.assertIsNone(first.get_duplicate_field())
        self.assertIsInstance(second, APIException)
        self.assertEqual(second.get_code().get_value(), "INVALID_DATA")
        self.assertEqual(second.get_details()["api_name"], "Phone")
        self.assertEqual(second.get_details()["json_path"], "$.data[1].Phone")
        self.assertIsInstance(third, SuccessResponse)
        self.assertEqual(third.get_action().get_value(), "update")
        self.assertEqual(third.get_duplicate_field(), "Sage_Key")
        self.assertEqual(str(third.get_details()["id"]), str(first.get_details()["id"]))

    def test_a_write_whose_rows_all_fail_is_400_with_data(self) -> None:
        response = self.upsert("Contacts", [self.with_bad_email()], ["Sage_Key"])
        self.assertEqual(response.get_status_code(), 400)
        (row,) = response.get_object().get_data()
        self.assertEqual(row.get_code().get_value(), "INVALID_DATA")
        self.assertEqual(row.get_details()["api_name"], "Email")

    @staticmethod
    def with_bad_email() -> Record:
        record = Record()
        record.add_field_value(Field.Contacts.last_name(), "Quinn")
        record.add_field_value(Field.Contacts.email(), "no address")
        record.add_key_value("Sage_Key", "ABC:01-ABF/BAD MAIL")
        return record

    def test_an_owner_is_taken_by_id_and_an_unknown_owner_is_refused(self) -> None:
        owner = next(user for user in self.simulators.zoho["users"] if user["full_name"] == "Jim Kentley")
        record = self.account("Owned by Jim", "ABC:01-OWNED")
        user = MinifiedUser()
        user.set_id(int(owner["id"]))
        record.add_field_value(Field.Accounts.owner(), user)
        response = self.upsert("Accounts", [record], ["Sage_Key"])
        self.assertEqual(response.get_status_code(), 200)
        (stored,) = self.door("/_sim/records/Accounts?key=ABC:01-OWNED")["records"]
        self.assertEqual(stored["Owner"]["id"], owner["id"])
        user.set_id(1234567890123456789)
        response = self.upsert("Accounts", [record], ["Sage_Key"])
        self.assertEqual(response.get_status_code(), 400)

    def test_coql_finds_what_was_written(self) -> None:
        self.upsert("Accounts", [self.account("O'Malley & Daughters", "ABC:01-COQL")], ["Sage_Key"])
        response = self.query("select Account_Name, Sage_Key, Modified_Time from Accounts where Sage_Key in ('ABC:01-COQL') limit 10")
        self.assertEqual(response.get_status_code(), 200)
        (record,) = response.get_object().get_data()
        self.assertEqual(record.get_key_value("Account_Name"), "O'Malley & Daughters")
        nothing = self.query("select id from Accounts where Sage_Key = 'ABC:01-NOWHERE' limit 10")
        self.assertEqual(nothing.get_status_code(), 204)
        wrong = self.query("select Nonsense from Accounts where Sage_Key is not null limit 10")
        self.assertEqual(wrong.get_status_code(), 400)
        self.assertEqual(wrong.get_object().get_code().get_value(), "INVALID_QUERY")

    def test_records_are_listed_read_and_deleted(self) -> None:
        response = self.upsert("Accounts", [self.account("To Be Deleted", "ABC:01-DELETE")], ["Sage_Key"])
        record_id = int(response.get_object().get_data()[0].get_details()["id"])
        params = ParameterMap()
        params.add(GetRecordsParam.fields, "Account_Name,Sage_Key,Modified_Time,Modified_By")
        listed = RecordOperations("Accounts").get_records(params, HeaderMap())
        self.assertEqual(listed.get_status_code(), 200)
        self.assertIn(record_id, [record.get_id() for record in listed.get_object().get_data()])
        self.assertFalse(listed.get_object().get_info().get_more_records())
        one = RecordOperations("Accounts").get_record(record_id, ParameterMap(), HeaderMap())
        self.assertEqual(one.get_object().get_data()[0].get_key_value("Account_Name"), "To Be Deleted")
        params = ParameterMap()
        params.add(DeleteRecordsParam.ids, str(record_id))
        deleted = RecordOperations("Accounts").delete_records(params, HeaderMap())
        self.assertIsInstance(deleted.get_object().get_data()[0], SuccessResponse)
        gone = RecordOperations("Accounts").get_record(record_id, ParameterMap(), HeaderMap())
        self.assertEqual(gone.get_status_code(), 204)

    def test_fields_tell_what_a_preflight_needs(self) -> None:
        params = ParameterMap()
        params.add(GetFieldsParam.module, "Accounts")
        fields = {field.get_api_name(): field for field in FieldsOperations().get_fields(params).get_object().get_fields()}
        key = fields["Sage_Key"]
        self.assertEqual((key.get_data_type(), key.get_length(), key.get_custom_field()), ("text", 255, True))
        # That it is there makes the field unique. What it says (`case_sensitive`) the SDK expects under another name.
        self.assertIsNotNone(key.get_unique())
        self.assertTrue(fields["Account_Name"].get_system_mandatory())
        self.assertFalse(fields["Modified_Time"].get_operation_type().get_api_update())
        owner = fields["Owner"]
        self.assertEqual((owner.get_field_read_only(), owner.get_operation_type().get_api_update()), (True, True))
        self.assertEqual(fields["Parent_Account"].get_lookup().get_module().get_api_name(), "Accounts")
        values = [value.get_actual_value() for value in fields["Customer_Status"].get_pick_list_values()]
        self.assertIn("Inactive", values)

    def test_a_module_of_ones_own_is_made_and_written(self) -> None:
        scopes = self.simulators.zoho["scopes"] + ["ZohoCRM.settings.ALL"]
        self.door("/_sim/faults", {"scopes": scopes})
        self.addCleanup(self.door, "/_sim/faults", {"scopes": self.simulators.zoho["scopes"]})
        module, profile, body = Modules(), MinifiedProfile(), ModulesBody()
        profile.set_id(5725767000000015972)
        module.set_plural_label("Parcels")
        module.set_singular_label("Parcel")
        module.set_profiles([profile])
        body.set_modules([module])
        made = ModulesOperations().create_custom_modules(body)
        self.assertEqual(made.get_object().get_modules()[0].get_code().get_value(), "SUCCESS")
        field, unique, body, params = Fields(), Unique(), FieldsBody(), ParameterMap()
        unique.set_casesensitive("false")
        field.set_field_label("Sage Key")
        field.set_data_type("text")
        field.set_length(255)
        field.set_unique(unique)
        body.set_fields([field])
        params.add(CreateFieldParam.module, "Parcels")
        made = FieldsOperations().create_field(body, params)
        self.assertEqual(made.get_object().get_fields()[0].get_code().get_value(), "SUCCESS")
        record = Record()
        record.add_key_value("Name", "Racine")
        record.add_key_value("Sage_Key", "ABC:1")
        for action in ["insert", "update"]:
            row = self.upsert("Parcels", [record], ["Sage_Key"]).get_object().get_data()[0]
            self.assertEqual(row.get_action().get_value(), action)

    def test_users_modules_organisation_and_currencies_are_readable(self) -> None:
        params = ParameterMap()
        params.add(GetUsersParam.type, "ActiveUsers")
        users = UsersOperations().get_users(params, HeaderMap()).get_object().get_users()
        active = [user for user in self.simulators.zoho["users"] if user["status"] == "active"]
        self.assertEqual([user.get_email() for user in users], [user["email"] for user in active])
        modules = ModulesOperations().get_modules(ParameterMap(), HeaderMap()).get_object().get_modules()
        self.assertEqual([module.get_api_name() for module in modules if module.get_generated_type().get_value() != "custom"], ["Accounts", "Contacts", "Vendors", "Deals", "Products", "Sales_Orders", "Price_Books", "Ordered_Items", "Sale_Items"])
        (organisation,) = OrgOperations().get_organization().get_object().get_org()
        self.assertTrue(organisation.get_zgid())
        currencies = CurrenciesOperations().get_currencies().get_object().get_currencies()
        self.assertEqual([currency.get_exchange_rate() for currency in currencies][0], "1.000000000")

    def test_an_unknown_module_is_told_as_such(self) -> None:
        with self.assertRaises(SDKException) as raised:
            self.upsert("Nonsenses", [self.account("No Module", "ABC:01-X")])
        self.assertIn("INVALID_MODULE", str(raised.exception.details))

    def test_one_token_serves_all_calls_and_a_revoked_refresh_token_is_an_error(self) -> None:
        self.query("select id from Accounts where Sage_Key = 'ABC:01-TOKEN' limit 1")
        before = self.door("/_sim/stats")["tokens_issued"]
        self.query("select id from Accounts where Sage_Key = 'ABC:01-TOKEN' limit 1")
        self.assertEqual(self.door("/_sim/stats")["tokens_issued"], before)
        self.addCleanup(self.initialise, self.simulators.zoho["refresh_token"], "third")
        with self.assertRaises(SDKException) as raised:
            self.initialise("1000.wrong.token", "second")
        self.assertIn("invalid_code", str(raised.exception))

    def test_an_empty_trigger_list_sets_off_no_automation(self) -> None:
        before = self.door("/_sim/stats")["triggers_fired"]
        self.upsert("Accounts", [self.account("Quiet", "ABC:01-QUIET")], ["Sage_Key"])
        self.assertEqual(self.door("/_sim/stats")["triggers_fired"], before)
        body = BodyWrapper()
        body.set_data([self.account("Loud", "ABC:01-LOUD")])
        RecordOperations("Accounts").upsert_records(body, HeaderMap())
        self.assertGreater(self.door("/_sim/stats")["triggers_fired"], before)


if __name__ == "__main__":
    unittest.main()
