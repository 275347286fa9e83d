// Rows, one by one and by the hundred.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { calls, connected, door, named } from './salesforce.mjs';

beforeEach(() => door('reset', {}));

test('a record is created, read, changed and deleted', async () => {
  const account = (await connected()).sobject('Account');
  const created = await account.create({ Name: ' American Business Futures ', Phone: '(414) 555-4787', Credit_Limit__c: 5000 });
  assert.match(created.id, /^001[0-9A-Za-z]{15}$/);
  assert.equal(created.success, true);
  let read = await account.retrieve(created.id);
  assert.equal(read.Name, 'American Business Futures');
  assert.equal(read.Credit_Limit__c, 5000);
  assert.equal(read.BillingAddress, null);
  assert.equal(read.attributes.url, `/services/data/v67.0/sobjects/Account/${created.id}`);
  await account.update({ Id: created.id, BillingCity: 'Milwaukee', Phone: '' });
  read = await account.retrieve(created.id.slice(0, 15));
  assert.deepEqual([read.Phone, read.BillingCity, read.BillingAddress.city], [null, 'Milwaukee', 'Milwaukee']);
  await account.destroy(created.id);
  await assert.rejects(account.retrieve(created.id), named('ENTITY_IS_DELETED'));
  await assert.rejects(account.retrieve('0015e0000000000'), named('NOT_FOUND'));
});

test('a row is upserted by its key: created, then changed', async () => {
  const account = (await connected()).sobject('Account');
  const first = await account.upsert({ Sage_Key__c: 'ABC:01-A B&C', Name: 'One' }, 'Sage_Key__c');
  const second = await account.upsert({ Sage_Key__c: 'abc:01-a b&c', Name: 'Two' }, 'Sage_Key__c');
  assert.deepEqual([first.created, second.created, first.id === second.id], [true, false, true]);
  assert.equal((await account.retrieve(first.id)).Sage_Key__c, 'ABC:01-A B&C');
});

test('a key that several records have is a choice for somebody else', async () => {
  const account = (await connected()).sobject('Account');
  for (const Name of ['One', 'Two']) {
    await account.create({ Name, Legacy_Id__c: 'L-1' });
  }
  await assert.rejects(account.upsert({ Legacy_Id__c: 'L-1', Name: 'Three' }, 'Legacy_Id__c'), (error) => {
    assert.equal(error.name, 'MULTIPLE_CHOICES');
    assert.equal(error.data.length, 2);
    assert.match(error.data[0], /^\/services\/data\/v67\.0\/sobjects\/Account\/001/);
    return true;
  });
  await assert.rejects(account.upsert({ Phone: '1', Name: 'x' }, 'Phone'), named('NOT_FOUND', /^Provided external ID field does not exist or is not accessible: Phone$/));
});

test('each row of a collection has its own verdict, in order', async () => {
  const connection = await connected();
  await connection.sobject('Account').upsert({ Sage_Key__c: 'ABC:01-ABF', Name: 'ABF' }, 'Sage_Key__c');
  const results = await connection.sobject('Contact').upsert(
    [
      { Sage_Key__c: '1', LastName: 'John', Account: { Sage_Key__c: 'abc:01-abf' } },
      { Sage_Key__c: '2', FirstName: 'Nobody' },
      { Sage_Key__c: '3', LastName: 'Quinn', Account: { Sage_Key__c: 'ABC:01-NONE' } },
      { Sage_Key__c: '4', LastName: 'Long', Phone: '5'.repeat(41) },
      { Sage_Key__c: '5', LastName: 'Mail', Email: 'no mail' },
      { Sage_Key__c: '6', LastName: 'Field', Nope__c: 1 },
      { Sage_Key__c: '1', LastName: 'Twice' },
      { Sage_Key__c: '8', LastName: 'Role', Contact_Role__c: 'Nonsense' },
    ],
    'Sage_Key__c',
    { allOrNone: false },
  );
  assert.deepEqual(results[0].created, true);
  assert.deepEqual(results.map((result) => result.errors[0]?.statusCode ?? 'OK'), [
    'OK', 'REQUIRED_FIELD_MISSING', 'INVALID_FIELD', 'STRING_TOO_LONG', 'INVALID_EMAIL_ADDRESS', 'INVALID_FIELD',
    'DUPLICATE_VALUE', 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  ]);
  assert.deepEqual(results[1].errors[0], {
    statusCode: 'REQUIRED_FIELD_MISSING', message: 'Required fields are missing: [LastName]', fields: ['LastName'],
  });
  assert.match(results[2].errors[0].message, /^Foreign key external ID: ABC:01-NONE not found for field Sage_Key__c in entity Account$/);
  assert.match(results[3].errors[0].message, /^Business Phone: data value too large: 5+ \(max length=40\)$/);
  assert.equal('id' in results[1], false);
});

test('all or none means none', async () => {
  const account = (await connected()).sobject('Account');
  const rows = [{ Sage_Key__c: '1', Name: 'One' }, { Sage_Key__c: '2' }];
  const results = await account.upsert(rows, 'Sage_Key__c', { allOrNone: true });
  assert.deepEqual(results.map((result) => result.errors[0].statusCode), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING']);
  assert.equal((await door('records/Account')).count, 0);
});

test('hundreds of rows are cut into calls of two hundred', async () => {
  const account = (await connected()).sobject('Account');
  const rows = Array.from({ length: 450 }, (_, n) => ({ Sage_Key__c: `K${n}`, Name: `Name ${n}` }));
  await assert.rejects(account.upsert(rows, 'Sage_Key__c'), named('EXCEEDED_ID_LIMIT', /more than 200 records/));
  const results = await account.upsert(rows, 'Sage_Key__c', { allowRecursive: true });
  assert.equal(results.filter((result) => result.created).length, 450);
  assert.equal(await calls('Account.collections.upsert'), 4);
});

test('several records are created, changed, read and deleted in one call each', async () => {
  const account = (await connected()).sobject('Account');
  const created = await account.create([{ Name: 'One' }, { Name: 'Two' }, {}]);
  assert.deepEqual(created.map((result) => result.success), [true, true, false]);
  const ids = created.slice(0, 2).map((result) => result.id);
  const updated = await account.update(ids.map((Id) => ({ Id, Site: 'HQ' })));
  assert.ok(updated.every((result) => result.success));
  const read = await account.retrieve(ids);
  assert.deepEqual(read.map((record) => record.Site), ['HQ', 'HQ']);
  const gone = await account.destroy([...ids, '001000000000000']);
  assert.deepEqual(gone.map((result) => result.success), [true, true, false]);
});

test('errors are named after their codes', async () => {
  const connection = await connected();
  const account = connection.sobject('Account');
  const inactive = (await door('records/User')).records.find((user) => !user.IsActive);
  for (const [row, name, message] of [
    [{}, 'REQUIRED_FIELD_MISSING', /\[Name\]/],
    [{ Name: 'x', Nope: 1 }, 'INVALID_FIELD', /^No such column 'Nope' on sobject of type Account$/],
    [{ Name: 'x', Scoring_Result__c: 'A' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', /Unable to create\/update fields: Scoring_Result__c/],
    [{ Name: 'x', OwnerId: inactive.Id }, 'INACTIVE_OWNER_OR_USER', /inactive user/],
    [{ Name: 'x', ParentId: 'garbage' }, 'MALFORMED_ID', /id value of incorrect type: garbage/],
    [{ Name: 'x', ParentId: '001000000000000AAA' }, 'INVALID_CROSS_REFERENCE_KEY', /invalid cross reference id/],
    [{ Name: 5 }, 'JSON_PARSER_ERROR', /Cannot deserialize instance of string from VALUE_NUMBER_INT value 5/],
    [{ Name: 'x', Credit_Limit__c: 1e17 }, 'NUMBER_OUTSIDE_VALID_RANGE', /outside of valid range/],
  ]) {
    await assert.rejects(account.create(row), named(name, message));
  }
});

test('rules of the administrator refuse rows', async () => {
  const account = (await connected()).sobject('Account');
  await account.create({ Name: 'Acme' });
  await door('faults', {
    duplicate_rules: [{ object: 'Account', fields: ['Name'] }],
    validation_rules: [{ object: 'Account', field: 'Phone', equals: '0', message: 'A phone is no zero', error_field: 'Phone' }],
  });
  await assert.rejects(account.create({ Name: 'ACME' }), (error) => {
    assert.equal(error.name, 'DUPLICATES_DETECTED');
    assert.equal(error.data.duplicateResut.allowSave, true);
    assert.equal(error.data.duplicateResut.matchResults[0].matchRecords.length, 1);
    return true;
  });
  const saved = await account.create({ Name: 'acme' }, { headers: { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } });
  assert.ok(saved.success);
  await assert.rejects(account.create({ Name: 'y', Phone: '0' }), named('FIELD_CUSTOM_VALIDATION_EXCEPTION', /^A phone is no zero$/));
});

test('a composite call refers to what it has just made', async () => {
  const connection = await connected();
  const body = {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url: '/services/data/v67.0/sobjects/Account', referenceId: 'a', body: { Name: 'Parent' } },
      { method: 'POST', url: '/services/data/v67.0/sobjects/Contact', referenceId: 'c', body: { LastName: 'Child', AccountId: '@{a.id}' } },
    ],
  };
  const done = await connection.requestPost('/composite', body);
  assert.deepEqual(done.compositeResponse.map((part) => part.httpStatusCode), [201, 201]);
  body.compositeRequest[1].body = { AccountId: '@{a.id}' };
  const undone = await connection.requestPost('/composite', body);
  assert.deepEqual(undone.compositeResponse.map((part) => part.body[0].errorCode), ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']);
  assert.equal((await door('records/Account')).count, 1);
});

test('a locked row fails alone, and is written the next time', async () => {
  const account = (await connected()).sobject('Account');
  const rows = ['1', '2'].map((key) => ({ Sage_Key__c: key, Name: `Name ${key}` }));
  await account.upsert(rows, 'Sage_Key__c');
  await door('faults', { row_locks: [{ key: '1', times: 2 }] });
  const results = await account.upsert(rows, 'Sage_Key__c', { allOrNone: false });
  assert.deepEqual(results.map((result) => result.success), [false, true]);
  assert.equal(results[0].errors[0].statusCode, 'UNABLE_TO_LOCK_ROW');
  await assert.rejects(
    account.upsert(rows[0], 'Sage_Key__c'),
    named('UNABLE_TO_LOCK_ROW', /^unable to obtain exclusive access to this record/),
  );
  assert.equal((await account.upsert(rows[0], 'Sage_Key__c')).created, false);
});

test('with picklists of states and countries only known places are taken', async () => {
  const account = (await connected()).sobject('Account');
  await door('faults', { state_country_picklists: true });
  const row = (key, address) => ({ Sage_Key__c: key, Name: key, ...address });
  const results = await account.upsert(
    [
      row('1', { BillingStateCode: 'WI', BillingCountryCode: 'US' }),
      row('2', { BillingState: 'Wisconsin', BillingCountry: 'United States' }),
      row('3', { BillingState: 'WI', BillingCountry: 'United States' }),
      row('4', { BillingState: 'Wisconsin' }),
    ],
    'Sage_Key__c',
  );
  assert.deepEqual(results.map((result) => result.errors[0]?.statusCode ?? 'OK'), [
    'OK', 'OK', 'FIELD_INTEGRITY_EXCEPTION', 'FIELD_INTEGRITY_EXCEPTION',
  ]);
  assert.match(results[2].errors[0].message, /There's a problem with this state/);
  const read = await account.retrieve(results[0].id);
  assert.deepEqual([read.BillingState, read.BillingCountry], ['Wisconsin', 'United States']);
});
