// An object of one's own, from its making to its rows, through jsforce.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connected } from './salesforce.mjs';

const OBJECT = {
  fullName: 'Ship_To__c',
  label: 'Ship-To',
  pluralLabel: 'Ship-Tos',
  nameField: { label: 'Ship-To Name', type: 'Text' },
  deploymentStatus: 'Deployed',
  sharingModel: 'ControlledByParent',
  fields: [
    { fullName: 'Account__c', label: 'Account', type: 'MasterDetail', referenceTo: 'Account', relationshipName: 'Ship_Tos' },
    { fullName: 'Sage_Key__c', label: 'Sage Key', type: 'Text', length: 255, externalId: true, unique: true },
  ],
};

/** Gives the integration user the right to see and write a field. */
async function granted(connection, field) {
  const set = await connection.query("SELECT Id FROM PermissionSet WHERE Name = 'Sage_Integration'");
  const row = { ParentId: set.records[0].Id, SobjectType: field.split('.')[0], Field: field, PermissionsRead: true, PermissionsEdit: true };
  const made = await connection.sobject('FieldPermissions').create(row);
  assert.equal(made.success, true);
}

test('an object is made, granted, described, written and queried', async () => {
  const connection = await connected();
  const made = await connection.metadata.create('CustomObject', OBJECT);
  assert.deepEqual(made, { fullName: 'Ship_To__c', success: true, errors: [] });
  const again = await connection.metadata.create('CustomObject', OBJECT);
  assert.equal(again.success, false);
  await granted(connection, 'Ship_To__c.Sage_Key__c');

  const described = await connection.sobject('Ship_To__c').describe();
  assert.equal(described.custom, true);
  assert.equal(described.fields.find((field) => field.name === 'Account__c').relationshipName, 'Account__r');

  await connection.sobject('Account').create({ Name: 'Buyer', Sage_Key__c: 'ABC:01-ABF' });
  const rows = [
    { Name: 'Racine', Sage_Key__c: 'ABC:01-ABF/2', Account__r: { Sage_Key__c: 'ABC:01-ABF' } },
    { Name: 'Kenosha', Sage_Key__c: 'ABC:01-ABF/3', Account__r: { Sage_Key__c: 'ABC:01-ABF' } },
  ];
  for (const created of [true, false]) {
    const sent = created ? rows : rows.map(({ Account__r, ...row }) => row);
    const results = await connection.sobject('Ship_To__c').upsert(sent, 'Sage_Key__c', { allOrNone: false });
    assert.deepEqual(results.map((result) => [result.success, result.created]), [[true, created], [true, created]]);
  }
  const found = await connection.query('SELECT Name, Account__r.Name FROM Ship_To__c ORDER BY Name');
  assert.deepEqual(found.records.map((row) => [row.Name, row.Account__r.Name]), [['Kenosha', 'Buyer'], ['Racine', 'Buyer']]);
});

test('a field is made by the Tooling API', async () => {
  const connection = await connected();
  const field = { FullName: 'Account.Dock__c', Metadata: { type: 'Text', label: 'Dock', length: 40 } };
  const made = await connection.tooling.sobject('CustomField').create(field);
  assert.equal(made.success, true);
  await granted(connection, 'Account.Dock__c');
  const described = await connection.sobject('Account').describe();
  assert.equal(described.fields.find((one) => one.name === 'Dock__c').length, 40);
});
