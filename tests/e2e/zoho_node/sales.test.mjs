// Sales through Zoho's own Node.js SDK: documents with lines, made, changed, read and deleted.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { initialized, sdk, stored } from './zoho.mjs';

const { Record } = sdk;

before(initialized);

async function product(code) {
  const [found] = await stored('Products', { Product_Code: code });
  return BigInt(found.id);
}

/** A line of a document; the SDK has a class of its own for the product of a sales order's. */
async function line(kind, code, quantity, price) {
  const of = new kind();
  of.setId(await product(code));
  const made = new Record.Record();
  made.addKeyValue('Product_Name', of);
  made.addKeyValue('Quantity', quantity);
  made.addKeyValue('List_Price', price);
  return made;
}

function named(id, change) {
  const made = new Record.Record();
  made.setId(BigInt(id));
  change(made);
  return made;
}

function body(record) {
  const wrapper = new Record.BodyWrapper();
  wrapper.setData([record]);
  return wrapper;
}

/** The id of what was written. */
function written(response) {
  const answer = response.getObject();
  assert.ok(answer instanceof Record.ActionWrapper, JSON.stringify(answer));
  const [row] = answer.getData();
  assert.ok(row instanceof Record.SuccessResponse, row.getMessage?.().getValue?.() ?? JSON.stringify(row));
  return BigInt(row.getDetails().get('id'));
}

async function read(operations, id) {
  const response = await operations.getRecord(id, new sdk.ParameterMap(), new sdk.HeaderMap());
  const [found] = response.getObject().getData();
  return found;
}

const MODULES = [
  {
    module: 'Deals',
    lines: 'Sale_Items',
    kind: Record.Record,
    fill: (record) => {
      record.addFieldValue(Record.Field.Deals.DEAL_NAME, 'Through the SDK');
      record.addFieldValue(Record.Field.Deals.STAGE, new sdk.Choice('Closed Won'));
    },
  },
  {
    module: 'Sales_Orders',
    lines: 'Ordered_Items',
    kind: Record.LineItemProduct,
    fill: (record) => record.addFieldValue(Record.Field.Sales_Orders.SUBJECT, 'Through the SDK'),
  },
];

for (const { module, lines, kind, fill } of MODULES) {
  test(`${module}: a document is made, a line added, changed and taken away, all read back, and the document deleted`, async () => {
    const operations = new Record.RecordOperations(module);
    const made = new Record.Record();
    fill(made);
    made.addKeyValue(lines, [await line(kind, '6655', 2.0, 179.0), await line(kind, '8983', 1.0, 41.59)]);
    const id = written(await operations.createRecords(body(made), new sdk.HeaderMap()));

    const [first, second] = (await read(operations, id)).getKeyValue(lines);
    const edited = new Record.Record();
    edited.addKeyValue(lines, [
      await line(kind, '1001-HON-H252', 3.0, 84.0),
      named(first.getId(), (row) => row.addKeyValue('Quantity', 5.0)),
      named(second.getId(), (row) => row.addKeyValue('_delete', null)),
    ]);
    written(await operations.updateRecord(id, body(edited), new sdk.HeaderMap()));

    const found = await read(operations, id);
    const quantities = found.getKeyValue(lines).map((row) => Number(row.getKeyValue('Quantity')));
    assert.deepEqual(quantities, [5, 3]);
    const [kept] = await stored(module, { id: String(id) });
    assert.deepEqual(kept[lines].map((row) => row.Quantity), [5, 3]);
    assert.equal(kept[lines][0].id, String(first.getId()));

    written(await operations.deleteRecord(id, new sdk.ParameterMap(), new sdk.HeaderMap()));
    assert.deepEqual(await stored(module, { id: String(id) }), []);
  });
}
