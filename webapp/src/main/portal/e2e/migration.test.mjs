// A pilot's data is moved to its own endpoint and back by a person on the page Storage.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { base, launch, open, PILOT_BUCKET, s3, signIn, token } from './stack.mjs';

const LIMIT = { timeout: 600_000 };
const LARGE = 96 * 1024 * 1024;
const MOVED = { timeout: 120_000 };
const pilot = `e2e-mig-${Date.now().toString(36)}`;
let browser;
let bearer;
let dataset;

async function call(method, path, body, expect = [200, 201, 202]) {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  assert.ok(
    expect.includes(answer.status),
    `${method} ${path}: ${answer.status} ${await answer.clone().text()}`,
  );
  return answer.json();
}

async function uploaded(name, bytes = Buffer.from(`time,rpm\n2026-01-01T00:00:00Z,${name}\n`)) {
  const declared = await call('POST', `/pilots/${pilot}/datasets`, {
    name,
    media_type: 'text/csv',
    size_bytes: bytes.length,
    checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  });
  const { dataset_id: id, upload } = declared;
  const parts = [];
  for (const { number, url } of upload.parts) {
    const at = (number - 1) * upload.part_size;
    const put = await fetch(url, { method: 'PUT', body: bytes.subarray(at, at + upload.part_size) });
    assert.equal(put.status, 200);
    parts.push({ number, etag: put.headers.get('etag') });
  }
  await call('POST', `/pilots/${pilot}/datasets/${id}/complete`, { parts });
  for (let look = 0; look < 240; look++) {
    if ((await uriOf(id)).state === 'available') return id;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail('it did not become available');
}

const uriOf = (id) => call('GET', `/pilots/${pilot}/datasets/${id}`);

before(async () => {
  browser = await launch();
  bearer = await token('platform-admin');
  await call('POST', '/pilots', { pilot_id: pilot, name: 'Moving', time_zone: 'Europe/Rome' });
  dataset = await uploaded('run-7');
});

after(async () => {
  await browser?.close();
});

describe('the storage model of a pilot', LIMIT, () => {
  it('says what is in the way, is changed both ways, and pointers follow', async () => {
    const window = await open(browser);
    const { page } = window;
    try {
      await signIn(page, 'platform-admin', `/p/${pilot}/datasets/storage`);
      const panel = page.getByRole('region', { name: 'Storage model' });
      const dialog = page.getByRole('dialog');
      await panel.getByRole('button', { name: 'Move all to the pilot’s endpoint…' }).click();
      await dialog
        .getByRole('alert')
        .getByText(/no endpoint of its own/)
        .waitFor();
      assert.ok(await dialog.getByRole('button', { name: 'Begin' }).isDisabled());
      await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });

      const site = page.getByRole('region', { name: 'The pilot’s own endpoint' });
      await site.getByRole('button', { name: 'Set an endpoint…' }).click();
      await dialog.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
      await dialog.getByLabel('Bucket').fill(PILOT_BUCKET);
      await dialog.getByLabel('Region').fill(s3.region);
      await dialog.getByLabel('Access key').fill(s3.access_key);
      await dialog.getByLabel('Secret key', { exact: true }).fill(s3.secret_key);
      await dialog.getByRole('switch', { name: /^Take uploads/ }).check();
      await dialog.getByRole('button', { name: 'Set', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
      await site.getByRole('button', { name: 'Look now' }).click();
      await site.getByText('writable', { exact: true }).waitFor();

      await panel.getByRole('button', { name: 'Move all to the pilot’s endpoint…' }).click();
      await dialog.getByText(/1 dataset is copied and read back/).waitFor();
      const go = dialog.getByRole('button', { name: 'Begin' });
      assert.ok(await go.isDisabled(), 'it has to be typed');
      await dialog.getByRole('textbox').fill(pilot);
      await go.click();
      await dialog.waitFor({ state: 'detached' });
      await panel.getByText('moved', { exact: true }).waitFor(MOVED);
      await page.getByText('Federated: in the pilot’s own bucket').waitFor();
      const there = await uriOf(dataset);
      assert.ok(there.object_uri.startsWith(`s3://${PILOT_BUCKET}/pilothouse/${pilot}/`), there.object_uri);

      await panel.getByRole('button', { name: 'Move all to the centre…' }).click();
      await dialog.getByRole('textbox').fill(pilot);
      await dialog.getByRole('button', { name: 'Begin' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('Centralized: in the consortium’s bucket').waitFor(MOVED);
      await panel.getByText('moved', { exact: true }).waitFor(MOVED);
      assert.ok(!(await uriOf(dataset)).object_uri.includes(PILOT_BUCKET));
      assert.deepEqual(window.complaints, []);
    } finally {
      await window.context.close();
    }
  });

  it('stays what it was where a migration is paused and cancelled', async () => {
    const before = await uriOf(dataset);
    // large enough to be still under way when it is paused
    await uploaded('large', Buffer.alloc(LARGE, '0,1,2,3\n'));
    const begun = await call('POST', `/pilots/${pilot}/storage/migrations`, { target: 'federated' });
    await call('POST', `/pilots/${pilot}/storage/migrations/${begun.migration_id}/pause`);
    const window = await open(browser);
    const { page } = window;
    try {
      await signIn(page, 'platform-admin', `/p/${pilot}/datasets/storage`);
      const panel = page.getByRole('region', { name: 'Storage model' });
      await panel.getByText('paused', { exact: true }).waitFor();
      await panel.getByRole('button', { name: 'Cancel it…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the migration' }).click();
      await panel.getByText('cancelled', { exact: true }).waitFor(MOVED);
      assert.equal((await uriOf(dataset)).object_uri, before.object_uri);
      assert.deepEqual(window.complaints, []);
    } finally {
      await window.context.close();
    }
  });
});
