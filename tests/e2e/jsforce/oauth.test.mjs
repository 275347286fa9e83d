// Tokens, sessions and limits.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { announced, app, assertion, calls, connected, door, jsforce, named } from './salesforce.mjs';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

beforeEach(() => door('reset', {}));

test('client credentials bring a session of the integration user', async () => {
  const connection = new jsforce.Connection({ oauth2: app(), version: '67.0' });
  const user = await connection.authorize({ grant_type: 'client_credentials' });
  assert.equal(user.id, announced.users[0].id);
  assert.equal(user.organizationId, announced.org_id);
  assert.equal(connection.instanceUrl, announced.url);
});

test('a wrong secret is an invalid client, a wrong grant an unsupported one', async () => {
  const wrong = new jsforce.OAuth2({ loginUrl: announced.login_url, clientId: announced.client_id, clientSecret: 'x' });
  await assert.rejects(wrong.requestToken({ grant_type: 'client_credentials' }), named('invalid_client'));
  await assert.rejects(app().requestToken({ grant_type: 'password' }), named('unsupported_grant_type'));
});

test('a signed assertion brings a session, and its claims are looked at', async () => {
  const bearer = (claims) => app().requestToken({ grant_type: JWT_BEARER, assertion: assertion(claims) });
  const reply = await bearer({ exp: String(Math.floor(Date.now() / 1000) + 60) });
  assert.equal(reply.token_type, 'Bearer');
  assert.equal('expires_in' in reply, false);
  for (const aud of ['https://login.salesforce.com', 'https://test.salesforce.com']) {
    assert.ok((await bearer({ aud })).access_token);
  }
  const now = Math.floor(Date.now() / 1000);
  await assert.rejects(bearer({ aud: 'https://example.com' }), named('invalid_grant', /audience is invalid/));
  await assert.rejects(bearer({ exp: now + 900 }), named('invalid_grant', /invalid assertion/));
  await assert.rejects(bearer({ exp: now - 5 }), named('invalid_grant', /invalid assertion/));
  await assert.rejects(bearer({ exp: Date.now() + 60_000 }), named('invalid_grant', /invalid assertion/));
  await assert.rejects(bearer({ sub: 'nobody@example.com' }), named('invalid_grant', /approved/));
  await assert.rejects(bearer({ iss: 'other' }), named('invalid_client_id'));
  const forged = `${assertion().split('.').slice(0, 2).join('.')}.${Buffer.alloc(256, 1).toString('base64url')}`;
  await assert.rejects(app().requestToken({ grant_type: JWT_BEARER, assertion: forged }), named('invalid_grant'));
});

test('an expired session is refreshed once through refreshFn, and the call is done', async () => {
  const connection = await connected({
    refreshFn: async (_, done) => {
      const reply = await app().requestToken({ grant_type: 'client_credentials' });
      done(null, reply.access_token);
    },
  });
  const refreshed = [];
  connection.on('refresh', (token) => refreshed.push(token));
  await connection.query('SELECT Id FROM User LIMIT 1');
  await door('faults', { revoke: 'access' });
  const found = await connection.query('SELECT Id FROM User LIMIT 1');
  assert.equal(found.totalSize, 1);
  assert.equal(refreshed.length, 1);
  await door('faults', { clock: { advance_seconds: 7_201 } });
  await connection.query('SELECT Id FROM User LIMIT 1');
  assert.equal(refreshed.length, 2);
});

test('a refresh token works through the OAuth2 client that the connection knows', async () => {
  const connection = await connected({ oauth2: app(), refreshToken: announced.refresh_token });
  await door('faults', { revoke: 'access' });
  assert.ok((await connection.identity()).user_id);
  await door('faults', { revoke: 'refresh' });
  await assert.rejects(connection.query('SELECT Id FROM User'), /Unable to refresh session due to: expired access\/refresh token/);
});

test('a session that is not for this API is no reason to refresh', async () => {
  let refreshes = 0;
  const connection = await connected({ refreshFn: (_, done) => { refreshes += 1; done(null, 'x'); } });
  await door('faults', { rules: [{ operation: 'query', code: 'INVALID_SESSION_ID/rest' }] });
  await assert.rejects(connection.query('SELECT Id FROM User'), named('INVALID_SESSION_ID', /not valid for use/));
  assert.equal(refreshes, 0);
});

test('without a session there is none', async () => {
  const connection = new jsforce.Connection({ instanceUrl: announced.url, accessToken: 'nonsense', version: '67.0' });
  await assert.rejects(connection.query('SELECT Id FROM User'), named('INVALID_SESSION_ID', /Session expired or invalid/));
});

test('a revoked token ends', async () => {
  const connection = await connected({ oauth2: app() });
  await connection.logout();
  assert.equal(await calls('token.revoke'), 1);
  assert.equal((await door('stats')).tokens_live, 0);
});

test('each answer tells the usage, and beyond the limit there is no answer', async () => {
  const connection = await connected();
  await connection.query('SELECT Id FROM User');
  const { used, limit } = connection.limitInfo.apiUsage;
  assert.deepEqual([used, limit], [1, 115_000]);
  const limits = await connection.limits();
  assert.equal(limits.DailyApiRequests.Remaining, 115_000 - 2);
  await door('faults', { api_limit: 3 });
  await connection.query('SELECT Id FROM User');
  await assert.rejects(connection.query('SELECT Id FROM User'), named('REQUEST_LIMIT_EXCEEDED', /TotalRequests/));
});

test('a 503 in HTML is tried again by the client', async () => {
  const connection = await connected();
  await door('faults', { rules: [{ operation: 'query', status: 503, body: '<html>down</html>', times: 1 }] });
  assert.equal((await connection.query('SELECT Id FROM User LIMIT 1')).totalSize, 1);
  assert.equal(await calls('query'), 2);
});

test('identity and the list of versions are told', async () => {
  const connection = await connected();
  const identity = await connection.identity();
  assert.equal(identity.user_id, announced.users[0].id);
  assert.equal(identity.organization_id, announced.org_id);
  const versions = await connection.request('/services/data');
  assert.equal(versions.at(-1).version, '67.0');
});
