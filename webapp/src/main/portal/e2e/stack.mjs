// The running stack that the browser tests are pointed at, and a browser to look at it with.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const home = process.env.PILOTHOUSE_HOME;
assert.ok(home, 'PILOTHOUSE_HOME names the home of a running stack (see ./pilothouse up)');

const read = (name) => JSON.parse(readFileSync(join(home, name), 'utf8'));
const credentials = read('credentials.json');
const endpoints = existsSync(join(home, 'endpoints.json')) ? read('endpoints.json') : {};

export const base = String(endpoints.http ?? credentials.base_url).replace(/\/$/, '');
/** Where the bytes of datasets go, straight from the browser. */
export const storage = endpoints.s3?.endpoint ? new URL(endpoints.s3.endpoint).origin : null;
/** How that storage is reached; a pilot's own bucket is on the same server. */
export const s3 = endpoints.s3 ?? null;
export const PILOT_BUCKET = 'pilothouse-pilot';
export const PILOT = 'aurora';

/** The sign-in of the role; the local stack makes one a role. */
export function user(role) {
  const found = credentials.users.find((each) => [each.roles].flat().includes(role));
  assert.ok(found, `credentials.json has no user with the role ${role}`);
  return found;
}

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

/**
 * A window of its own, in which a page error, a violated content policy or a request to any other origin than the
 * platform's and its object storage's is noted in `complaints`.
 */
export async function open(browser, { viewport = WIDE, colorScheme = 'light', storageState } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    storageState,
    baseURL: base,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && /content security policy|uncaught/i.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(base).origin && origin !== storage) {
      complaints.push(`a request to ${origin}`);
    }
  });
  return { context, page, complaints };
}

export async function signIn(page, role, path = '/') {
  const { username, password } = user(role);
  await page.goto(path);
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

export async function token(role) {
  const { username, password } = user(role);
  const answer = await fetch(`${base}/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
    signal: AbortSignal.timeout(15_000),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).token;
}

/** Reports lines as any device or person would, through the public API. */
export async function report(bearer, lines) {
  const answer = await fetch(`${base}/api/v1/pilots/${PILOT}/telemetry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(answer.status, 202, await answer.clone().text());
  const result = await answer.json();
  assert.deepEqual(result.rejected, []);
  assert.equal(result.accepted, lines.length);
}

export function line(twin, values, at = Date.now()) {
  return { twin, time: new Date(at).toISOString(), values };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Nothing serious for axe, nothing wider than the window. */
export async function check(page) {
  // the policy of the page forbids scripts in the markup, not what the browser's own protocol evaluates
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`,
      );
  });
  assert.deepEqual(found, []);
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(wider <= 0, `the page is ${wider} px wider than the window`);
}

/** Waits until a place shows so many: what is drawn in two steps is not counted between them. */
export async function shows(locator, wanted, why = '') {
  const until = Date.now() + 15_000;
  let found = await locator.count();
  while (found !== wanted && Date.now() < until) {
    await locator.page().waitForTimeout(50);
    found = await locator.count();
  }
  assert.equal(found, wanted, why || `${locator} shows ${found}, not ${wanted}`);
}

/** An id that no other run has used. */
export function fresh(prefix) {
  return `${prefix}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
}

/** A call of the public API below the pilot; the answer's status is one of those expected. */
export async function call(
  bearer,
  method,
  path,
  { body, headers = {}, expect = [200, 201, 204], pilot = PILOT } = {},
) {
  const answer = await fetch(`${base}/api/v1/pilots/${pilot}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  assert.ok(
    expect.includes(answer.status),
    `${method} ${path}: ${answer.status} ${await answer.clone().text()}`,
  );
  return answer;
}

/** A small Thing Model with two figures and an action. */
export function thingModel(title = 'Test pump') {
  return {
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    '@type': 'tm:ThingModel',
    title,
    properties: {
      temperature: { title: 'Temperature', type: 'number', unit: 'Cel', minimum: 0, maximum: 100 },
      speed: { title: 'Speed', type: 'number', unit: '1/min', minimum: 0, maximum: 3600 },
    },
    actions: {
      set_speed: {
        title: 'Set the speed',
        input: {
          type: 'object',
          required: ['speed'],
          properties: { speed: { title: 'Speed', type: 'number', minimum: 0, maximum: 3600 } },
        },
      },
    },
  };
}

/** Uploads a dataset as a client of the API does: declare, put the parts, complete. */
export async function uploadDataset(bearer, name, bytes, { tags = {}, complete = true, inputs = [] } = {}) {
  const declared = await call(bearer, 'POST', '/datasets', {
    body: {
      name,
      media_type: 'text/csv',
      size_bytes: bytes.length,
      checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      tags,
      lineage: { inputs },
    },
    expect: [201],
  });
  const { dataset_id: id, upload } = await declared.json();
  const parts = [];
  for (const { number, url } of upload.parts) {
    const at = (number - 1) * upload.part_size;
    const answer = await fetch(url, {
      method: 'PUT',
      body: bytes.subarray(at, at + upload.part_size),
      signal: AbortSignal.timeout(30_000),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    parts.push({ number, etag: answer.headers.get('etag') });
    // one part is enough for an upload that somebody else goes on with
    if (!complete) return id;
  }
  await call(bearer, 'POST', `/datasets/${id}/complete`, { body: { parts }, expect: [200, 202] });
  for (let look = 0; look < 60; look++) {
    const { state } = await (await call(bearer, 'GET', `/datasets/${id}`)).json();
    if (state === 'available') return id;
    assert.equal(state, 'verifying');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`${name} was not verified in time`);
}

/** Closes a day that is over, and waits until it can be read. */
export async function closeDay(bearer, date) {
  await call(bearer, 'POST', '/dumps', { body: { date }, expect: [200, 202] });
  for (let look = 0; look < 240; look++) {
    const { revisions } = await (await call(bearer, 'GET', `/dumps/${date}`)).json();
    if (revisions.some(({ state }) => state === 'complete' || state === 'incomplete')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`${date} was not closed in time`);
}

/** Puts an object into a pilot's own bucket as the pilot would: signed with AWS Signature Version 4. */
export async function putObject(bucket, key, bytes) {
  const { host, origin } = new URL(s3.endpoint);
  const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${stamp.slice(0, 8)}/${s3.region}/s3/aws4_request`;
  const hex = (text) => createHash('sha256').update(text).digest('hex');
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const signed = 'host;x-amz-content-sha256;x-amz-date';
  const digest = hex(bytes);
  const request = `PUT\n${path}\n\nhost:${host}\nx-amz-content-sha256:${digest}\nx-amz-date:${stamp}\n\n${signed}\n${digest}`;
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${hex(request)}`;
  const secret = scope
    .split('/')
    .reduce((key, part) => createHmac('sha256', key).update(part).digest(), `AWS4${s3.secret_key}`);
  const signature = createHmac('sha256', secret).update(toSign).digest('hex');
  const answer = await fetch(`${origin}${path}`, {
    method: 'PUT',
    body: bytes,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${s3.access_key}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
      'x-amz-content-sha256': digest,
      'x-amz-date': stamp,
    },
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
}
