// The simulated organisation of a test: its announcement, its control door, and Zoho's Node.js SDK, initialised for it.

import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.env.COUNTERPART_ZOHO_NODE_MODULES;
if (!modules) {
  throw new Error('set COUNTERPART_ZOHO_NODE_MODULES to the folder in which `npm ci` has run');
}
const require = createRequire(path.join(modules, 'package.json'));

/** The SDK, as published. */
export const sdk = await import(pathToFileURL(require.resolve('@zohocrm/nodejs-sdk-8.0')));

/** What the simulators printed about Zoho. */
export const announced = JSON.parse(process.env.COUNTERPART_ZOHO);

/** Records of a module as they are stored: a GET of the control door. */
export async function stored(module, which) {
  const query = new URLSearchParams(which);
  const response = await fetch(`${announced.url}/_sim/records/${module}?${query}`);
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(`${module}: ${JSON.stringify(answer)}`);
  }
  return answer.records;
}

/** Initialises the SDK, which keeps what it is told for the whole process. */
export async function initialized() {
  const folder = mkdtempSync(path.join(tmpdir(), 'zoho-node-'));
  const builder = await new sdk.InitializeBuilder();
  await builder
    .environment(sdk.DataCenter.setEnvironment(announced.url, announced.accounts_url, announced.url))
    .token(
      new sdk.OAuthBuilder()
        .clientId(announced.client_id)
        .clientSecret(announced.client_secret)
        .refreshToken(announced.refresh_token)
        .findUser(false)
        .build(),
    )
    .store(new sdk.FileStore(path.join(folder, 'tokens.txt')))
    .SDKConfig(new sdk.SDKConfigBuilder().autoRefreshFields(false).pickListValidation(false).build())
    .resourcePath(folder)
    .logger(new sdk.LogBuilder().level(sdk.Levels.OFF).filePath(path.join(folder, 'sdk.log')).build())
    .initialize();
}
