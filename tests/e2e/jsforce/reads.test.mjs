// Queries and descriptions.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { calls, connected, door, named } from './salesforce.mjs';

let connection;

beforeEach(async () => {
  await door('reset', {});
  connection = await connected();
});

async function filled(count) {
  const rows = Array.from({ length: count }, (_, n) => ({ Sage_Key__c: `K${String(n).padStart(4, '0')}`, Name: `Name ${n}` }));
  await connection.sobject('Account').upsert(rows, 'Sage_Key__c', { allowRecursive: true });
}

test('a long result comes in pages, to a client that asks and to one that fetches all', async () => {
  await filled(450);
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const soql = 'SELECT Sage_Key__c FROM Account ORDER BY Sage_Key__c';
  const first = await connection.query(soql, { headers });
  assert.deepEqual([first.totalSize, first.done, first.records.length], [450, false, 200]);
  assert.match(new URL(first.nextRecordsUrl).pathname, /^\/services\/data\/v67\.0\/query\/01g[0-9A-Za-z]{15}-200$/);
  const second = await connection.queryMore(first.nextRecordsUrl, { headers });
  assert.equal(second.records[0].Sage_Key__c, 'K0200');
  const all = await connection.query(soql, { headers, autoFetch: true, maxFetch: 10_000 });
  assert.deepEqual([all.records.length, all.done], [450, true]);
  assert.equal(await calls('query.more'), 3);
  await door('faults', { expire_locators: true });
  await assert.rejects(connection.queryMore(first.nextRecordsUrl), named('INVALID_QUERY_LOCATOR'));
});

test('conditions, parents, children and groups are understood', async () => {
  await filled(3);
  const key = (n) => ({ Sage_Key__c: `K000${n}` });
  await connection.sobject('Contact').upsert(
    [
      { Sage_Key__c: '1', LastName: "O'Malley", FirstName: 'Pat', Account: key(1) },
      { Sage_Key__c: '2', LastName: 'Quinn', Email: 'q@example.com', Account: key(1) },
      { Sage_Key__c: '3', LastName: 'Zhang', Account: key(2) },
    ],
    'Sage_Key__c',
  );
  const names = async (where) => (await connection.query(`SELECT Name FROM Contact WHERE ${where} ORDER BY LastName`)).records.map((r) => r.Name);
  assert.deepEqual(await names("LastName = 'o\\'malley'"), ["Pat O'Malley"]);
  assert.deepEqual(await names("Account.Sage_Key__c = 'k0001' AND (Email = null OR Email LIKE 'q@%')"), ["Pat O'Malley", 'Quinn']);
  assert.deepEqual(await names("NOT Account.Name IN ('Name 1')"), ['Zhang']);
  assert.deepEqual(await names("Email != 'q@example.com' AND LastModifiedDate = TODAY AND CreatedDate > 2020-01-01T00:00:00Z"), ["Pat O'Malley", 'Zhang']);
  const joined = await connection.query('SELECT Name, Owner.Email, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account WHERE Id IN (SELECT AccountId FROM Contact) ORDER BY Name');
  assert.deepEqual(joined.records[0].Contacts.records.map((r) => r.LastName), ['Quinn', "O'Malley"]);
  assert.equal(joined.records[0].Owner.attributes.type, 'User');
  const grouped = await connection.query('SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId');
  assert.deepEqual(grouped.records.map((r) => r.n), [2, 1]);
  assert.equal((await connection.query('SELECT COUNT() FROM Contact')).totalSize, 3);
});

test('the query builder of the client works', async () => {
  await filled(12);
  const found = await connection.sobject('Account').find({ Name: { $like: 'Name 1%' } }, ['Id', 'Name']).sort('-Name').limit(2).execute();
  assert.deepEqual(found.map((record) => record.Name), ['Name 11', 'Name 10']);
  assert.equal(await connection.sobject('Account').count({ Name: 'name 3' }), 1);
  const gone = await connection.sobject('Account').find({ Name: { $like: 'Name%' } }).destroy();
  assert.equal(gone.filter((result) => result.success).length, 12);
  assert.equal((await connection.query('SELECT Id FROM Account')).totalSize, 0);
  assert.equal((await connection.query('SELECT Id FROM Account WHERE IsDeleted = true', { scanAll: true })).totalSize, 12);
});

test('what is wrong with a query is told with its place', async () => {
  await assert.rejects(connection.query('SELECT Id, Foo FROM Account'), named('INVALID_FIELD', /ERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Account'/));
  await assert.rejects(connection.query('SELECT Id FROM Foo'), named('INVALID_TYPE', /sObject type 'Foo' is not supported/));
  await assert.rejects(connection.query('SELECT Id FROM Account WHERE'), named('MALFORMED_QUERY', /unexpected token/));
  await assert.rejects(connection.query("SELECT Id FROM Account WHERE Credit_Limit__c > '5'"), named('INVALID_FIELD', /should not be enclosed in quotes/));
  await assert.rejects(connection.query('SELECT FIELDS(ALL) FROM Account'), named('MALFORMED_QUERY', /LIMIT of at most 200/));
});

test('objects describe themselves', async () => {
  const objects = await connection.describeGlobal();
  assert.ok(objects.sobjects.some((object) => object.name === 'Contact' && object.keyPrefix === '003'));
  const account = await connection.sobject('Account').describe();
  const field = (name) => account.fields.find((known) => known.name === name);
  assert.deepEqual([field('Sage_Key__c').externalId, field('Sage_Key__c').unique, field('Legacy_Id__c').unique], [true, true, false]);
  assert.deepEqual([field('Name').length, field('Name').nillable], [255, false]);
  assert.deepEqual([field('Credit_Limit__c').type, field('Credit_Limit__c').precision, field('Credit_Limit__c').scale], ['currency', 16, 2]);
  assert.equal(field('Customer_Status__c').restrictedPicklist, true);
  assert.deepEqual([field('Credit_Available__c').calculated, field('Credit_Available__c').updateable], [true, false]);
  assert.equal(field('BillingCountryCode'), undefined);
  assert.deepEqual(account.recordTypeInfos.map((info) => info.available), [true, false, true]);
  await door('faults', { state_country_picklists: true });
  const changed = (await connection.sobject('Account').describe()).fields.find((known) => known.name === 'BillingStateCode');
  assert.ok(changed.picklistValues.some((entry) => entry.value === 'WI' && entry.label === 'Wisconsin'));
  await assert.rejects(connection.sobject('Nope').describe(), named('NOT_FOUND'));
});

test('what was changed and deleted lately is listed', async () => {
  const account = connection.sobject('Account');
  const [kept, gone] = await account.create([{ Name: 'Kept' }, { Name: 'Gone' }]);
  await account.destroy(gone.id);
  await door('faults', { clock: { advance_seconds: 120 } });
  const [start, end] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 110_000)];
  assert.deepEqual((await account.updated(start, end)).ids, [kept.id]);
  assert.deepEqual((await account.deleted(start, end)).deletedRecords.map((record) => record.id), [gone.id]);
});
