// A sale from the product to the activated order, through jsforce.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connected, door, named } from './salesforce.mjs';

/** The id of the standard price book. */
async function standardBook(connection) {
  const found = await connection.query('SELECT Id FROM Pricebook2 WHERE IsStandard = true');
  return found.records[0].Id;
}

/** A product with a standard price: ids of product and entry. */
async function product(connection, code, price) {
  const made = await connection
    .sobject('Product2')
    .create({ Name: `Product ${code}`, ProductCode: code, IsActive: true });
  const entry = await connection.sobject('PricebookEntry').create({
    Pricebook2Id: await standardBook(connection),
    Product2Id: made.id,
    UnitPrice: price,
    IsActive: true,
  });
  return { product: made.id, entry: entry.id };
}

test('an opportunity with lines is won', async () => {
  const connection = await connected();
  const { entry } = await product(connection, 'E2E-1', 84);
  const account = await connection.sobject('Account').create({ Name: 'Buyer', Sage_Key__c: 'ABC:01-E2E' });
  const opportunity = await connection.sobject('Opportunity').create({
    Name: 'Files',
    AccountId: account.id,
    StageName: 'Prospecting',
    CloseDate: '2026-12-01',
    Pricebook2Id: await standardBook(connection),
  });
  const lines = await connection.sobject('OpportunityLineItem').create([
    { OpportunityId: opportunity.id, PricebookEntryId: entry, Quantity: 2, UnitPrice: 84 },
    { OpportunityId: opportunity.id, PricebookEntryId: entry, Quantity: 1, TotalPrice: 80 },
  ]);
  assert.deepEqual(lines.map((line) => line.success), [true, true]);
  await connection.sobject('Opportunity').update({ Id: opportunity.id, StageName: 'Closed Won' });
  const found = await connection.query(
    `SELECT Id, Amount, IsWon, Account.Sage_Key__c,
       (SELECT Quantity, UnitPrice, Product2.ProductCode FROM OpportunityLineItems ORDER BY TotalPrice DESC)
     FROM Opportunity WHERE Id = '${opportunity.id}' ORDER BY SystemModstamp, Id`,
  );
  const [won] = found.records;
  assert.equal(won.Amount, 248);
  assert.equal(won.IsWon, true);
  assert.equal(won.Account.Sage_Key__c, 'ABC:01-E2E');
  assert.equal(won.OpportunityLineItems.totalSize, 2);
  assert.equal(won.OpportunityLineItems.records[0].Product2.ProductCode, 'E2E-1');
  assert.equal(won.OpportunityLineItems.records[1].UnitPrice, 80);
});

test('what is told of Sage is written by id, for several records in one call', async () => {
  const connection = await connected();
  const made = await connection.sobject('Opportunity').create([
    { Name: 'a', StageName: 'Prospecting', CloseDate: '2026-12-01' },
    { Name: 'b', StageName: 'Prospecting', CloseDate: '2026-12-01' },
  ]);
  const rows = made.map(({ id }) => ({ Id: id, Sage_Order_No__c: '0000190', Sage_Total__c: 248 }));
  const updated = await connection.sobject('Opportunity').update(rows);
  assert.deepEqual(updated.map((row) => row.success), [true, true]);
  const back = await connection.sobject('Opportunity').retrieve(made[0].id);
  assert.equal(back.Sage_Order_No__c, '0000190');
});

test('an order is a draft, gets lines, is activated, and is locked then', async () => {
  const connection = await connected();
  const { entry } = await product(connection, 'E2E-2', 10);
  const account = await connection.sobject('Account').create({ Name: 'Other buyer' });
  const header = {
    AccountId: account.id,
    EffectiveDate: '2026-11-22',
    Pricebook2Id: await standardBook(connection),
  };
  const orders = connection.sobject('Order');
  await assert.rejects(orders.create({ ...header, Status: 'Activated' }), named('INVALID_STATUS'));
  const order = await orders.create({ ...header, Status: 'Draft' });
  await assert.rejects(
    orders.update({ Id: order.id, Status: 'Activated' }),
    named('FAILED_ACTIVATION', /at least one product/),
  );
  const line = { OrderId: order.id, PricebookEntryId: entry, Quantity: 3, UnitPrice: 10 };
  const made = await connection.sobject('OrderItem').create(line);
  await assert.rejects(
    orders.update({ Id: order.id, Status: 'Activated', PoNumber: '7' }),
    named('FAILED_ACTIVATION'),
  );
  await orders.update({ Id: order.id, Status: 'Activated' });
  const locked = named('ENTITY_IS_LOCKED', /Unable to modify activated or superseded Order/);
  await assert.rejects(connection.sobject('OrderItem').create(line), locked);
  await assert.rejects(connection.sobject('OrderItem').destroy(made.id), locked);
  await assert.rejects(orders.destroy(order.id), locked);
  const shown = await orders.retrieve(order.id);
  assert.deepEqual([shown.StatusCode, shown.TotalAmount], ['Activated', 30]);
  const described = await orders.describe();
  const status = described.fields.find((field) => field.name === 'Status');
  assert.ok(status.picklistValues.some((value) => value.value === 'Activated'));
});

test('prices have their rules', async () => {
  const connection = await connected();
  const custom = await connection.query('SELECT Id FROM Pricebook2 WHERE IsStandard = false');
  const made = await connection.sobject('Product2').create({ Name: 'Bare', ProductCode: 'E2E-3' });
  await assert.rejects(
    connection.sobject('PricebookEntry').create({
      Pricebook2Id: custom.records[0].Id,
      Product2Id: made.id,
      UnitPrice: 1,
      IsActive: true,
    }),
    named('STANDARD_PRICE_NOT_DEFINED'),
  );
  const { entry } = await product(connection, 'E2E-4', 5);
  const opportunity = await connection.sobject('Opportunity').create({
    Name: 'Other book',
    StageName: 'Prospecting',
    CloseDate: '2026-12-01',
    Pricebook2Id: custom.records[0].Id,
  });
  await assert.rejects(
    connection
      .sobject('OpportunityLineItem')
      .create({ OpportunityId: opportunity.id, PricebookEntryId: entry, Quantity: 1, UnitPrice: 5 }),
    named('FIELD_INTEGRITY_EXCEPTION', /different pricebook than the one assigned to the opportunity/),
  );
});

test('changes are told with the client that made them, and found again by their time', async () => {
  const connection = await connected();
  await door('change_events', { objects: ['Opportunity'] });
  const start = new Date(Date.now() - 120_000);
  const made = await connection
    .sobject('Opportunity')
    .create({ Name: 'Told', StageName: 'Prospecting', CloseDate: '2026-12-01' });
  const { events } = await door('change_events');
  const header = events.at(-1).detail.payload.ChangeEventHeader;
  assert.deepEqual([header.changeType, header.recordIds], ['CREATE', [made.id]]);
  assert.match(header.changeOrigin, /;client=counterpart$/);
  const updated = await connection.sobject('Opportunity').updated(start, new Date(Date.now() + 60_000));
  assert.ok(updated.ids.includes(made.id));
});
