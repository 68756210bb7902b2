// Copies of a federated pilot's datasets to the centre, as a person makes them, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  base,
  call,
  check,
  fresh,
  launch,
  NARROW,
  open,
  PILOT,
  PILOT_BUCKET,
  putObject,
  s3,
  signIn,
  token,
  WIDE,
} from './stack.mjs';

const LIMIT = { timeout: 600_000 };
/** Enough that somebody can cancel before the last has begun. */
const MANY = 60;
const pilot = fresh('copies');
const LIST = `/p/${pilot}/datasets`;
let browser;
let bearer;
const ids = {};

before(async () => {
  browser = await launch();
  bearer = await token('platform-admin');
  const made = await fetch(`${base}/api/v1/pilots`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      pilot_id: pilot,
      name: 'Copies',
      time_zone: 'Europe/Rome',
      storage: { model: 'federated', endpoint: s3.endpoint },
    }),
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(made.status, 201, await made.clone().text());
  await call(bearer, 'PUT', '/storage/site', {
    pilot,
    body: {
      endpoint: s3.endpoint,
      bucket: PILOT_BUCKET,
      region: s3.region,
      access_key: s3.access_key,
      secret_key: s3.secret_key,
    },
  });
  await call(bearer, 'POST', '/storage/site/probe', { pilot });
}, LIMIT);

after(async () => {
  await browser?.close();
});

/** An object in the pilot's bucket that the platform knows and has verified. */
async function registered(name, tags = {}) {
  const bytes = Buffer.from(`time,rpm\n2026-01-01T00:00:00Z,${name.length}\n`);
  const key = `${pilot}/${name}`;
  await putObject(PILOT_BUCKET, key, bytes);
  const answer = await call(bearer, 'POST', '/datasets', {
    pilot,
    body: {
      name,
      media_type: 'text/csv',
      size_bytes: bytes.length,
      object_uri: `s3://${PILOT_BUCKET}/${key}`,
      tags,
    },
    expect: [201],
  });
  return (await answer.json()).dataset_id;
}

const stateOf = async (id) => (await (await call(bearer, 'GET', `/datasets/${id}`, { pilot })).json()).state;

async function eventually(what, holds) {
  for (let look = 0; look < 240; look++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`not in time: ${what}`);
}

async function inWindow(options, act) {
  const window = await open(browser, options);
  try {
    await act(window);
    assert.deepEqual(window.complaints, []);
  } finally {
    await window.context.close();
  }
}

describe('copies to the centre', LIMIT, () => {
  it('begin with a page that teaches what they are', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/copies`);
      await page.getByText('Nothing was copied to the centre yet').waitFor();
      await check(page);
      await page.getByRole('link', { name: 'New copy' }).first().click();
      await page.getByText('Nothing is chosen yet').waitFor();
      await page.getByText('One by one', { exact: true }).click();
      await page.getByText('There is nothing to copy yet').waitFor();
      await check(page);
    });
  });

  it('are no matter of a pilot whose data is at the centre', async () => {
    await call(bearer, 'DELETE', '/storage/site', { expect: [204, 404] });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', `/p/${PILOT}/datasets/copies/new`);
      await page.getByText('This pilot has no endpoint of its own').waitFor();
      await page.goto(`/p/${PILOT}/datasets`);
      await page.getByRole('button', { name: 'Upload', exact: true }).waitFor();
      assert.equal(await page.getByRole('link', { name: 'Copy…' }).count(), 0);
    });
  });

  for (const [width, viewport] of [
    [1440, WIDE],
    [390, NARROW],
  ]) {
    it(`are chosen one by one with the keyboard alone, looked at first, and made, at ${width} px`, async () => {
      const name = `press-${width}.csv`;
      ids[width] = await registered(name, { purpose: 'training' });
      await eventually(`${name} is available`, async () => (await stateOf(ids[width])) === 'available');
      await inWindow({ viewport }, async ({ page }) => {
        await signIn(page, 'platform-admin', `${LIST}/copies/new?q=${name}`);
        const box = page.getByRole('checkbox', { name: new RegExp(name) });
        await box.waitFor();
        await box.focus();
        await page.keyboard.press('Space');
        const plan = page.getByRole('region', { name: 'What it would do' });
        const begin = plan.getByRole('button', { name: 'Copy 1 dataset' });
        await begin.waitFor();
        await plan.getByText('Room in the quota').waitFor();
        assert.ok(new URL(page.url()).searchParams.getAll('dataset').includes(ids[width]));
        await check(page);
        await begin.focus();
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/copies\/[0-9a-f-]{36}$/);
        await page.getByRole('heading', { name: 'Copy of 1 dataset' }).waitFor();
        await page.getByText('1 available').waitFor({ timeout: 120_000 });
        await check(page);
        const row = page.getByRole('row').filter({ hasText: name });
        const copy = await row.getByRole('link').last().getAttribute('href');
        await page.goto(copy);
        await page.getByRole('heading', { name }).waitFor();
        await page.getByText('version 2').waitFor();
        const id = new URL(copy, base).pathname.split('/').at(-1);
        const made = await (await call(bearer, 'GET', `/datasets/${id}`, { pilot })).json();
        assert.deepEqual(made.lineage.inputs, [ids[width]]);
        assert.equal(made.replayability, null);
        await page.goto(`${LIST}/copies`);
        await page.getByRole('row').filter({ hasText: '1 available' }).first().waitFor();
        await check(page);
      });
    });
  }

  it('take over what the catalogue shows, and say what cannot be read', async () => {
    const gone = await registered('gone.csv', { purpose: 'gone' });
    await eventually('gone.csv is available', async () => (await stateOf(gone)) === 'available');
    await putObject(PILOT_BUCKET, `${pilot}/gone.csv`, Buffer.from('other bytes'));
    await call(bearer, 'POST', '/storage/site/probe', { pilot });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}?tag=purpose:gone`);
      await page.getByRole('link', { name: 'Copy…' }).click();
      await page.waitForURL(/copies\/new\?tag=purpose/);
      const plan = page.getByRole('region', { name: 'What it would do' });
      await plan.getByRole('button', { name: 'Copy 1 dataset' }).waitFor();
      await plan.getByRole('link', { name: 'gone.csv' }).waitFor();
      await plan.getByText('object changed').waitFor();
      await check(page);
      await page.getByRole('combobox', { name: 'Tag' }).fill('purpose:nothing-has-it');
      await page.getByRole('button', { name: 'Look what fits' }).click();
      await plan.getByText('No available dataset at the pilot’s endpoint fits.').waitFor();
      assert.ok(await plan.getByRole('button', { name: 'Copy', exact: true }).isDisabled());
    });
  });

  it('are cancelled in the middle, after a word about what that means', async () => {
    const many = [];
    for (let at = 0; at < MANY; at++) many.push(await registered(`many-${at}.csv`, { purpose: 'many' }));
    for (const id of many)
      await eventually('all are available', async () => (await stateOf(id)) === 'available');
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/copies/new?tag=purpose:many`);
      await page.getByRole('button', { name: `Copy ${MANY} datasets` }).click();
      await page.getByRole('button', { name: 'Cancel…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(/not begun/).waitFor();
      await dialog.getByRole('button', { name: 'Cancel the copy' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Cancel…' }).waitFor({ state: 'hidden' });
      const id = new URL(page.url()).pathname.split('/').at(-1);
      let now;
      await eventually('it has ended', async () => {
        now = await (await call(bearer, 'GET', `/datasets/curations/${id}`, { pilot })).json();
        return now.done;
      });
      assert.ok(now.states.cancelled > 0, JSON.stringify(now.states));
      assert.ok(now.cancelled_at);
      await page.getByText(`${now.states.cancelled} cancelled`).first().waitFor();
      await check(page);
      await page.goto(`${LIST}/copies`);
      await page.getByRole('row').filter({ hasText: 'cancelled' }).first().waitFor();
    });
  });

  it('are seen by an operator, who begins none', async () => {
    const operator = await token('pilot-operator');
    const refused = await call(operator, 'POST', '/datasets/curations', {
      body: { tag: 'purpose:training' },
      expect: [403],
    });
    assert.equal((await refused.json()).code, 'forbidden');
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `/p/${PILOT}/datasets/copies`);
      await page.getByText('A data steward or an admin of the pilot begins one.').waitFor();
      assert.equal(await page.getByRole('link', { name: 'New copy' }).count(), 0);
    });
  });
});
