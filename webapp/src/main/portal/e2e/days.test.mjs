// Closed days as a person closes, reads and corrects them, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  base,
  call,
  check,
  fresh,
  launch,
  line,
  NARROW,
  open,
  PILOT,
  shows,
  signIn,
  thingModel,
  token,
  WIDE,
} from './stack.mjs';

const LIMIT = { timeout: 1_800_000 };
/** A run shares the machine, and the nodes, with everything else. */
const LONG = { timeout: 400_000 };
const ZONE = 'Europe/Rome';
const pilot = fresh('days');
const LIST = `/p/${pilot}/days`;
let browser;
let bearer;

const DAY_MS = 86_400_000;
const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(new Date());
const back = (days) =>
  new Date(Date.parse(`${today()}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
/** Days are named once: a test that runs over midnight still speaks of the same ones. */
const FIRST = back(4);
const SECOND = back(3);
const CLOSED = back(2);
const MONTHS = `from=${FIRST.slice(0, 7)}&to=${today().slice(0, 7)}`;

/** `28 November 2026` */
const nameOf = (date) =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(Date.parse(`${date}T12:00:00Z`));

async function tell(lines) {
  const answer = await fetch(`${base}/api/v1/pilots/${pilot}/telemetry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/x-ndjson' },
    body: lines.map((each) => JSON.stringify(each)).join('\n'),
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(answer.status, 202, await answer.clone().text());
  assert.deepEqual((await answer.json()).rejected, []);
}

const noon = (date, minute = 0) => Date.parse(`${date}T11:00:00Z`) + minute * 60_000;

before(async () => {
  browser = await launch();
  bearer = await token('platform-admin');
  const made = await fetch(`${base}/api/v1/pilots`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pilot_id: pilot, name: 'Days', time_zone: ZONE }),
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(made.status, 201, await made.clone().text());
  await call(bearer, 'PUT', '/models/days-pump', { pilot, body: thingModel() });
  await call(bearer, 'PUT', '/twins/pump-1', {
    pilot,
    body: { model: 'days-pump' },
    headers: { 'if-none-match': '*' },
  });
  await tell([
    ...Array.from({ length: 40 }, (_, at) => line('pump-1', { temperature: 60 + at }, noon(CLOSED, at))),
    ...Array.from({ length: 10 }, (_, at) => line('loose-1', { level: at }, noon(CLOSED, at))),
    line('pump-1', { temperature: 'hot' }, noon(CLOSED, 50)),
    line('pump-1', { temperature: 61 }, noon(FIRST)),
    line('pump-1', { temperature: 62 }, noon(SECOND)),
  ]);
}, LIMIT);

after(async () => {
  await browser?.close();
  // a range that a failed test has left would keep the runs of others waiting
  const { items } = await (await call(bearer, 'GET', '/dumps/backfills', { pilot })).json();
  for (const { id, state } of items) {
    if (state !== 'running') continue;
    await call(bearer, 'POST', `/dumps/backfills/${id}/cancel`, { pilot, expect: [202, 409] });
  }
});

async function inWindow(options, act) {
  const window = await open(browser, options);
  try {
    await act(window);
    assert.deepEqual(window.complaints, []);
  } finally {
    await window.context.close();
  }
}

const day = async (date) => (await call(bearer, 'GET', `/dumps/${date}`, { pilot })).json();

async function eventually(what, holds) {
  for (let look = 0; look < 800; look++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`not in time: ${what}`);
}

const closed = (date, revision = 1) =>
  eventually(`revision ${revision} of ${date} is complete`, async () => {
    const [newest] = (await day(date)).revisions;
    assert.notEqual(newest?.state, 'failed', JSON.stringify(newest?.failure));
    return newest?.revision === revision && newest.state === 'complete';
  });

describe('closed days', LIMIT, () => {
  it('begin with a page that teaches what they are', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', LIST);
      await page.getByText('No day of this time is closed yet').waitFor();
      await page.getByText(`./pilothouse ctl dumps run ${pilot}`).waitFor();
      await check(page);
      await page.getByRole('button', { name: 'How closed days work' }).click();
      const guide = page.getByRole('dialog', { name: 'How closed days work' });
      await guide.getByText('What comes late').waitFor();
      await check(page);
    });
  });

  it('are closed by hand, after a word about what that means, and show what was written', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/${CLOSED}`);
      await page.getByRole('button', { name: 'Close this day now…' }).click();
      const dialog = page.getByRole('dialog', { name: `Close ${nameOf(CLOSED)} now?` });
      await dialog.getByText(/goes into a correction/).waitFor();
      await dialog.getByRole('button', { name: 'Close the day' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Make a correction…' }).waitFor(LONG);
      await page.getByText('complete', { exact: true }).first().waitFor();
      const [newest] = (await day(CLOSED)).revisions;
      assert.equal(newest.rejected, 1);
      await shows(page.getByRole('progressbar'), (await day(CLOSED)).partitions.length);
      await check(page);

      await page.getByRole('tab', { name: 'Files' }).click();
      await page.getByText('model=days-pump', { exact: true }).waitFor();
      await page.getByText('twins without a model').first().waitFor();
      const sql = page.getByRole('region', { name: 'DuckDB', exact: true });
      await sql.getByText(`day-${CLOSED}/revision-1/`).waitFor();
      await page.locator('summary', { hasText: 'model=days-pump' }).click();
      await page
        .getByRole('cell', { name: /^part-\d+\.parquet$/ })
        .first()
        .waitFor();
      await check(page);

      await page.getByRole('tab', { name: 'Rejects' }).click();
      await page.getByRole('button', { name: /^wrong_type/ }).waitFor();
      await page.locator('summary', { hasText: 'pump-1' }).click();
      await page.getByLabel('What was sent').getByText('"hot"').waitFor();
      await check(page);

      await page.getByRole('tab', { name: 'Manifest' }).click();
      await page.getByLabel('Manifest', { exact: true }).getByText(`"date": "${CLOSED}"`).waitFor();
      await page.getByRole('tab', { name: 'Log' }).click();
      await page.getByRole('list', { name: 'Log' }).getByRole('listitem').first().waitFor();
      await check(page);
      assert.equal(new URL(page.url()).searchParams.get('tab'), 'log');
    });
  });

  it('lead to their dataset, which leads back', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/${CLOSED}?tab=files`);
      await page.getByRole('link', { name: 'its dataset in the catalogue' }).click();
      await page.getByRole('heading', { name: `days/${CLOSED}`, level: 1 }).waitFor();
      await page.getByRole('link', { name: `${CLOSED}, revision 1` }).click();
      await page.waitForURL((url) => url.pathname.endsWith(`/days/${CLOSED}`));
      await page.getByRole('tab', { name: 'Partitions' }).waitFor();
    });
  });

  it('are closed as a range, which says how many it will be, and how far it is', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}?${MONTHS}`);
      await page.getByRole('button', { name: 'Close a range…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Close a range of days' });
      await dialog.getByLabel('First day').fill(CLOSED);
      await dialog.getByLabel('Last day').fill(FIRST);
      await dialog.getByText('The first day lies after the last.').waitFor();
      assert.ok(await dialog.getByRole('button', { name: 'Close the days' }).isDisabled());
      await dialog.getByLabel('First day').fill(FIRST);
      await dialog.getByLabel('Last day').fill(CLOSED);
      await dialog.getByText('1 day is closed already').waitFor();
      await check(page);
      await dialog.getByRole('button', { name: 'Close 2 days' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByText(/^Last range: .*, done/).waitFor(LONG);
      await closed(FIRST);
      await closed(SECOND);
      for (const date of [FIRST, SECOND, CLOSED]) {
        await page.getByRole('link', { name: new RegExp(`^${nameOf(date)}, complete`) }).waitFor(LONG);
      }
      await page.getByText(/^Last range/).click();
      await page.getByText('2 done, 0 failed, 0 left, 1 closed before').waitFor();
      await check(page);
    });
  });

  it('are gone through with the keys alone', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}?${MONTHS}`);
      const cell = (date) => page.locator(`[data-date="${date}"]`);
      await cell(CLOSED).waitFor();
      // one stop for Tab, whatever the number of days
      await shows(page.locator('[data-date][tabindex="0"]'), 1);
      await cell(SECOND).focus();
      await page.keyboard.press('ArrowLeft');
      await cell(FIRST).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('ArrowLeft');
      await cell(FIRST).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await cell(CLOSED).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.pathname.endsWith(`/days/${CLOSED}`));
      await page.goBack();
      await cell(CLOSED).waitFor();
    });
  });

  it('are narrowed to what matters, in the address too, and listed', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}?${MONTHS}`);
      await page.locator(`[data-date="${CLOSED}"]`).waitFor();
      const complete = page.getByRole('button', { name: /^complete \d/ });
      await complete.click();
      await complete.and(page.locator('[aria-pressed="true"]')).waitFor();
      await page.waitForURL((url) => url.searchParams.get('show') === 'complete');
      await page.getByText('List', { exact: true }).click();
      await page.waitForURL((url) => url.searchParams.get('view') === 'list');
      await shows(page.locator('tbody tr[data-index]'), 3);
      await check(page);
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download what is listed as CSV' }).click();
      assert.equal((await download).suggestedFilename(), `${pilot}-days.csv`);
      await page.getByRole('button', { name: FIRST }).click();
      await page.waitForURL((url) => url.pathname.endsWith(`/days/${FIRST}`));
    });
  });

  it('are corrected when something has come late, and stay readable as they were', async () => {
    await tell([line('pump-1', { temperature: 99 }, noon(CLOSED, 55))]);
    await eventually('the late event is counted', async () => {
      const [newest] = (await day(CLOSED)).revisions;
      return newest.late_waiting === 1;
    });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/${CLOSED}`);
      const timeline = page.getByRole('navigation', { name: 'Revisions of the day' });
      await timeline.getByText('1 late, 1 reject').waitFor();
      await page.getByRole('button', { name: 'Make a correction…' }).click();
      const dialog = page.getByRole('dialog', { name: `Make correction 1 of ${nameOf(CLOSED)}?` });
      await dialog.getByText('1 record has come late so far').waitFor();
      await check(page);
      await dialog.getByRole('button', { name: 'Make the correction' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await timeline.getByRole('link', { name: /^Correction 1\s*\+1 row/ }).waitFor(LONG);
      await page.getByText('complete, corrected').waitFor();
      await page.getByText(/of 51 of the day/).waitFor();
      await check(page);
      await page.getByRole('tab', { name: 'Files' }).click();
      await page.getByText('Read the day: 2 revisions together').waitFor();
      await timeline.getByRole('link', { name: /^The day/ }).click();
      await page.waitForURL((url) => url.searchParams.get('revision') === '1');
      await page.getByText('Read it', { exact: true }).waitFor();
      await page.goto(`${LIST}?${MONTHS}`);
      await page
        .getByRole('link', { name: new RegExp(`^${nameOf(CLOSED)}, complete with 1 correction, 51 rows`) })
        .waitFor();
    });
  });

  it('take rejects in when their twin has another model', async () => {
    // without a model its values are rows of the tidy table, whatever their type
    const before = await call(bearer, 'GET', '/twins/pump-1', { pilot });
    await call(bearer, 'PUT', '/twins/pump-1', {
      pilot,
      body: {},
      headers: { 'if-match': before.headers.get('etag') },
    });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/${CLOSED}`);
      await page.getByRole('button', { name: 'Redrive 1 reject…' }).click();
      const dialog = page.getByRole('dialog', { name: /^Make correction 2/ });
      assert.ok(await dialog.getByRole('checkbox', { name: 'Read the 1 reject again' }).isChecked());
      await dialog.getByText('1 rejected record is read again').waitFor();
      await dialog.getByRole('button', { name: 'Make the correction' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('link', { name: /^Correction 2/ }).waitFor(LONG);
      await eventually('the correction has ended', async () => {
        const [newest] = (await day(CLOSED)).revisions;
        assert.notEqual(newest.state, 'failed', JSON.stringify(newest.failure));
        return newest.revision === 3 && newest.state === 'complete';
      });
      const [newest] = (await day(CLOSED)).revisions;
      assert.deepEqual([newest.redriven, newest.rejects_waiting], [1, 0]);
      await page.getByText('Redriven', { exact: true }).waitFor();
      await page.getByText('complete, corrected').waitFor();
    });
  });

  it('say when late events become a correction', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', LIST);
      await page.getByRole('button', { name: 'Corrections every night…' }).click();
      const dialog = page.getByRole('dialog', { name: 'When late events become a correction' });
      await dialog.getByRole('radio', { name: /^When enough has come/ }).check();
      await dialog.getByLabel('Late events of a day that are enough').fill('250');
      await check(page);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Corrections at 250 late events…' }).waitFor();
    });
    const policy = await (await call(bearer, 'GET', '/dumps/policy', { pilot })).json();
    assert.deepEqual([policy.corrections, policy.threshold], ['threshold', 250]);
  });

  it('are cancelled in the middle of a range, after a word about what that means', async () => {
    await inWindow({ viewport: NARROW, colorScheme: 'dark' }, async ({ page }) => {
      await signIn(page, 'platform-admin', LIST);
      await page.getByRole('button', { name: 'Close a range…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Close a range of days' });
      await dialog.getByLabel('First day').fill(back(364));
      await dialog.getByLabel('Last day').fill(back(5));
      await dialog.getByRole('button', { name: 'Close 360 days' }).click();
      await dialog.waitFor({ state: 'hidden' });
      const running = page.getByRole('region', { name: 'Range being closed' });
      await running.getByRole('progressbar').waitFor(LONG);
      await check(page);
      await running.getByRole('button', { name: 'Cancel…' }).click();
      const asked = page.getByRole('dialog', { name: 'Close no more of them?' });
      await asked.getByText(/left as/).waitFor();
      await asked.getByRole('button', { name: 'Cancel the range' }).click();
      await asked.waitFor({ state: 'hidden' });
      await page.getByText(/^Last range: .*, cancelled/).waitFor(LONG);
    });
    const { items } = await (await call(bearer, 'GET', '/dumps/backfills', { pilot })).json();
    assert.equal(items[0].state, 'cancelled');
    assert.ok(items[0].days.waiting > 0, JSON.stringify(items[0].days));
  });

  for (const [width, viewport, colorScheme] of [
    [1440, WIDE, 'dark'],
    [390, NARROW, 'light'],
  ]) {
    it(`are whole at ${width} px, ${colorScheme}`, async () => {
      await inWindow({ viewport, colorScheme }, async ({ page }) => {
        await signIn(page, 'platform-admin', `${LIST}?${MONTHS}`);
        await page.locator(`[data-date="${CLOSED}"]`).waitFor();
        await check(page);
        for (const tab of ['', '?tab=files', '?tab=rejects&revision=1', '?tab=manifest', '?tab=log']) {
          await page.goto(`${LIST}/${CLOSED}${tab}`);
          await page.getByRole('tab', { name: 'Log' }).waitFor();
          await page.waitForFunction(() => !/Loading…/.test(document.body.textContent ?? ''));
          await check(page);
        }
      });
    });
  }

  it('are days that there are', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${LIST}/yesterday`);
      await page.getByText('That is no day').waitFor();
      await page.goto(`${LIST}/2900-01-01`);
      await page.getByText('There is nothing of that day').waitFor();
      await page.goto(`${LIST}/${CLOSED}?revision=99`);
      await page.getByText('There is no revision 99 of this day').waitFor();
      await check(page);
    });
  });

  it('are seen by an operator, who closes none, and stand on the overview', async () => {
    const operator = await token('pilot-operator');
    const refused = await call(operator, 'POST', '/dumps', { body: { date: back(1) }, expect: [403] });
    assert.equal((await refused.json()).code, 'forbidden');
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `/p/${PILOT}/days`);
      await page.locator(`[data-date="${today()}"]`).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Close a range…' }).count(), 0);
      await page.goto(`/p/${PILOT}/overview`);
      await page.getByRole('link', { name: 'Closed days' }).last().click();
      await page.waitForURL((url) => url.pathname === `/p/${PILOT}/days`);
      await page.keyboard.press('Control+k');
      await page.getByRole('textbox', { name: /Go to an area/ }).fill(today());
      await page.getByText(today(), { exact: true }).last().waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.pathname === `/p/${PILOT}/days/${today()}`);
      await page.getByText('The day is not over').waitFor();
    });
  });
});
