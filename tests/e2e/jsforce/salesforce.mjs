// The simulated organisation of a test: its announcement, its control door, connections of jsforce.

import { createSign } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';

const modules = process.env.COUNTERPART_NODE_MODULES;
if (!modules) {
  throw new Error('set COUNTERPART_NODE_MODULES to the folder in which `npm ci` has run');
}
const require = createRequire(path.join(modules, 'package.json'));

/** jsforce, as published. */
export const jsforce = require('jsforce');

/** What the simulators printed about Salesforce. */
export const announced = JSON.parse(process.env.COUNTERPART_SALESFORCE);

/** A call of the control door: GET without a body. */
export async function door(name, body) {
  const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${announced.url}/_sim/${name}`, options);
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(`${name}: ${JSON.stringify(answer)}`);
  }
  return answer;
}

/** How often an operation was called. */
export async function calls(operation) {
  const stats = await door('stats');
  return stats.calls.filter((row) => row.operation === operation).reduce((sum, row) => sum + row.count, 0);
}

/** The OAuth2 client of the organisation's External Client App. */
export function app() {
  return new jsforce.OAuth2({
    loginUrl: announced.login_url,
    clientId: announced.client_id,
    clientSecret: announced.client_secret,
  });
}

/** A connection with an access token of its own. */
export async function connected(options = {}) {
  const reply = await app().requestToken({ grant_type: 'client_credentials' });
  return new jsforce.Connection({
    instanceUrl: reply.instance_url,
    accessToken: reply.access_token,
    version: '67.0',
    callOptions: { client: 'counterpart' },
    ...options,
  });
}

/** A signed assertion of the integration user; claims can be replaced. */
export function assertion(claims = {}) {
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = {
    iss: announced.client_id,
    sub: announced.username,
    aud: announced.login_url,
    exp: Math.floor(Date.now() / 1000) + 180,
    ...claims,
  };
  const signed = `${encoded({ alg: 'RS256' })}.${encoded(all)}`;
  const signature = createSign('RSA-SHA256').update(signed).sign(announced.private_key, 'base64url');
  return `${signed}.${signature}`;
}

/** A test for assert.rejects: the name of the error, which jsforce takes from its code. */
export function named(name, message = /.*/s) {
  return (error) => {
    if (error.name !== name || !message.test(error.message)) {
      throw error;
    }
    return true;
  };
}
