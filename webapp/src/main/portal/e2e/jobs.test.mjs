// Jobs as a person asks for, watches, cancels and retries them, and exports as they are put together, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
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
/** Workers share the machine with everything else. */
const LONG = { timeout: 400_000 };
const ZONE = 'Europe/Rome';
const pilot = fresh('jobs');
const JOBS = `/p/${pilot}/jobs`;
const MODEL = 'jobs-pump';
const ROWS = 40;
let browser;
let bearer;
/** There only where the settings say so; a job that fails as often as it is asked to. */
let noop = false;

const DAY_MS = 86_400_000;
const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(new Date());
/** The day is named once: a test that runs over midnight still speaks of the same one. */
const CLOSED = new Date(Date.parse(`${today()}T00:00:00Z`) - 2 * DAY_MS).toISOString().slice(0, 10);
const noon = (minute) => Date.parse(`${CLOSED}T11:00:00Z`) + minute * 60_000;

const get = async (path) => (await call(bearer, 'GET', path, { pilot })).json();
const submit = async (body) => (await call(bearer, 'POST', '/jobs', { pilot, body, expect: [201] })).json();
const rest = (name, parameters) => submit({ type: 'noop', name, parameters });

async function eventually(what, holds) {
  for (let look = 0; look < 800; look++) {
    const found = await holds();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`not in time: ${what}`);
}

const inState = (job, state) =>
  eventually(`${job} is ${state}`, async () => {
    const found = await get(`/jobs/${job}`);
    return found.state === state && found;
  });

before(async () => {
  browser = await launch();
  bearer = await token('platform-admin');
  const made = await fetch(`${base}/api/v1/pilots`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pilot_id: pilot, name: 'Jobs', time_zone: ZONE }),
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(made.status, 201, await made.clone().text());
  noop = (await get('/job-types')).items.some(({ name }) => name === 'noop');
  await call(bearer, 'PUT', `/models/${MODEL}`, { pilot, body: thingModel() });
  await call(bearer, 'PUT', '/twins/pump-01', {
    pilot,
    body: { model: MODEL },
    headers: { 'if-none-match': '*' },
  });
  const told = await fetch(`${base}/api/v1/pilots/${pilot}/telemetry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/x-ndjson' },
    body: Array.from({ length: ROWS }, (_, at) =>
      JSON.stringify(line('pump-01', { temperature: 40 + at, speed: 1_450 }, noon(at))),
    ).join('\n'),
    signal: AbortSignal.timeout(30_000),
  });
  assert.equal(told.status, 202, await told.clone().text());
  await call(bearer, 'POST', '/dumps', { pilot, body: { date: CLOSED }, expect: [200, 202] });
  await eventually('the day is closed', async () =>
    (await get(`/dumps/${CLOSED}`)).revisions.some(({ state }) => state === 'complete'),
  );
}, LIMIT);

after(async () => {
  await browser?.close();
  // a job that a failed test has left would keep a worker
  for (const state of ['running', 'queued']) {
    for (const { job_id: id } of (await get(`/jobs?state=${state}`)).items) {
      await call(bearer, 'POST', `/jobs/${id}/cancel`, { pilot, expect: [200, 409] });
    }
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

/** Chooses an option of a select by its label. */
async function choose(page, place, label, option) {
  await place.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('jobs', LIMIT, () => {
  it('begin with a page that teaches what they are', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', JOBS);
      await page.getByText('There is no job yet').waitFor();
      await page.getByText(`./pilothouse ctl jobs submit ${pilot}`).waitFor();
      await page.getByText('Nothing runs now.').waitFor();
      await check(page);
      await page.getByRole('button', { name: 'how it works' }).click();
      await page.getByRole('dialog', { name: 'How jobs work' }).getByText('No result twice').waitFor();
      await check(page);
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'Build an export' }).click();
      await page.waitForURL((url) => url.pathname === `${JOBS}/new`);
      await page.getByText('Choose the days to export.').waitFor();
      assert.ok(await page.getByRole('button', { name: 'Export', exact: true }).isDisabled());
    });
  });

  let exported;

  it('export a closed day: real columns, first rows, a condition, a file that opens', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `/p/${pilot}/days/${CLOSED}`);
      await page.getByRole('link', { name: 'Export this day…' }).click();
      await page.waitForURL((url) => url.searchParams.get('from') === CLOSED);
      await page.getByText(/^1 of 1 day is closed/).waitFor(LONG);
      const columns = page.getByRole('list', { name: 'Columns' });
      await columns.getByRole('checkbox', { name: /^temperature/ }).waitFor(LONG);
      const rows = page.getByRole('group', { name: 'First rows' });
      await rows
        .getByRole('cell', { name: /^pump-/ })
        .first()
        .waitFor(LONG);
      await check(page);

      await choose(page, page, 'Model', MODEL);
      await page.waitForURL((url) => url.searchParams.get('model') === MODEL);
      await page.getByRole('button', { name: /^Only / }).click();
      await columns.getByRole('checkbox', { name: /^temperature/ }).check();
      await page.waitForURL((url) => url.searchParams.getAll('column').includes('temperature'));

      await page.getByRole('button', { name: 'Add a condition' }).click();
      const conditions = page.getByRole('region', { name: 'Which rows' });
      await choose(page, conditions, 'Column', 'temperature');
      await choose(page, conditions, 'How', 'is above');
      const value = conditions.getByRole('textbox', { name: 'Value of temperature' });
      await value.fill('warm');
      await conditions.getByText('A number', { exact: true }).waitFor();
      assert.ok(await page.getByRole('button', { name: 'Export', exact: true }).isDisabled());
      await value.fill('50');
      await page.waitForURL((url) => url.searchParams.get('filter') === 'temperature:gt:50');
      await page.getByText('CSV', { exact: true }).click();
      await page.getByLabel('Name of the dataset').fill('e2e/warm-pumps');
      await page.waitForURL((url) => url.searchParams.get('name') === 'e2e/warm-pumps');
      await page.getByText('temperature is above 50').waitFor();
      await rows.and(page.locator('[aria-busy="false"]:not([data-stale])')).waitFor(LONG);
      await check(page);

      // a link shows somebody else the same
      await page.reload();
      await value.and(page.locator('[value="50"]')).waitFor(LONG);
      await page.getByRole('button', { name: 'Export', exact: true }).click(LONG);
      await page.waitForURL((url) => /\/jobs\/[0-9a-f-]{36}$/.test(url.pathname));
      exported = page.url().replace(/^.*\//, '');
      await page.getByText('succeeded', { exact: true }).first().waitFor(LONG);
      await page.getByRole('tab', { name: 'Result' }).click();
      await page.getByRole('link', { name: 'e2e/warm-pumps' }).waitFor();
      await page.getByRole('link', { name: 'Download' }).waitFor();
      await check(page);
    });
    const job = await get(`/jobs/${exported}`);
    assert.deepEqual(job.parameters.filter, [{ field: 'temperature', op: 'gt', value: 50 }]);
    const content = await fetch(`${base}/api/v1/pilots/${pilot}/datasets/${job.result.dataset_id}/content`, {
      headers: { authorization: `Bearer ${bearer}` },
      signal: AbortSignal.timeout(60_000),
    });
    assert.equal(content.status, 200);
    const lines = gunzipSync(Buffer.from(await content.arrayBuffer()))
      .toString()
      .trim()
      .split(/\r?\n/);
    assert.match(lines[0], /temperature/);
    assert.doesNotMatch(lines[0], /speed/);
    // 40 to 79, of which those above 50
    assert.equal(lines.length - 1, ROWS - 11, lines.slice(0, 3).join(' | '));
  });

  it('lead to their dataset, which leads back; and to an export like them', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}/${exported}?tab=parameters`);
      await page.getByText('temperature is above 50').waitFor();
      await page.getByText('As JSON').click();
      await page.getByLabel('Parameters as JSON').getByText('"temperature"').first().waitFor();
      await check(page);
      await page.getByRole('tab', { name: 'Attempts' }).click();
      const attempts = page.getByRole('list', { name: 'Attempts' });
      await attempts.getByText('Attempt 1').waitFor();
      await check(page);
      await page.getByRole('tab', { name: 'Log' }).click();
      await page.getByRole('combobox', { name: 'Attempt' }).waitFor();
      await page.getByRole('list', { name: 'Log' }).getByRole('listitem').first().waitFor();
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download' }).click();
      assert.equal((await download).suggestedFilename(), `${exported}-attempt-1.log`);
      await check(page);
      await page.getByRole('tab', { name: 'Result' }).click();
      await page.getByRole('link', { name: 'e2e/warm-pumps' }).click();
      await page.getByRole('heading', { name: 'e2e/warm-pumps', level: 1 }).waitFor();
      await page.getByRole('link', { name: `the job ${exported.slice(0, 8)}` }).click();
      await page.waitForURL((url) => url.pathname === `${JOBS}/${exported}`);
      await page.getByRole('link', { name: 'Clone…' }).click();
      await page.waitForURL((url) => url.searchParams.get('filter') === 'temperature:gt:50');
      await page.getByRole('textbox', { name: 'Value of temperature' }).waitFor(LONG);
    });
  });

  it('take a query of a data steward, and say at its place what is wrong with it', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}/new?from=${CLOSED}&to=${CLOSED}`);
      await page.getByText('By SQL', { exact: true }).click(LONG);
      const query = page.getByRole('textbox', { name: 'Query' });
      const rows = page.getByRole('group', { name: 'First rows' });
      await rows.and(page.locator('[aria-busy="false"]:not([data-stale])')).waitFor(LONG);
      await query.fill('DROP TABLE readings');
      await query.and(page.locator('[aria-invalid="true"]')).waitFor(LONG);
      await page.getByText('It cannot be exported like this').waitFor();
      await check(page);
      await query.fill('SELECT twin, ');
      await page
        .getByRole('list', { name: /^Columns/ })
        .getByRole('button', { name: /^temperature/ })
        .click();
      await query.pressSequentially(' FROM readings');
      await query.and(page.locator(':not([aria-invalid="true"])')).waitFor(LONG);
      await rows.and(page.locator('[aria-busy="false"]:not([data-stale])')).waitFor(LONG);
      await page.waitForURL(
        (url) => url.searchParams.get('sql') === 'SELECT twin, temperature FROM readings',
      );
      await check(page);
    });
  });

  it('are found by name and state, and gone through with the keys alone', async () => {
    const names = ['night shift one', 'night shift two'];
    for (const name of names) {
      await submit({
        type: 'export',
        name,
        parameters: {
          source: { closed_days: { from: CLOSED, to: CLOSED } },
          format: 'parquet',
          name: `e2e/${name}`,
        },
      });
    }
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', JOBS);
      const rows = page.locator('tbody tr[data-index]');
      await shows(rows, 3);
      await page.getByRole('textbox', { name: 'Name, or how the id begins' }).fill('night');
      await page.waitForURL((url) => url.searchParams.get('q') === 'night');
      await shows(rows, 2);
      await check(page);
      await page.locator('tbody').getByRole('button').first().focus();
      await page.keyboard.press('j');
      await page.locator('tr[data-index="1"] .ph-row-open:focus').waitFor();
      await page.keyboard.press('k');
      await page.locator('tr[data-index="0"] .ph-row-open:focus').waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: names[1], level: 1 }).waitFor();
      await page.getByText('succeeded', { exact: true }).first().waitFor(LONG);
      await page.goBack();
      await shows(rows, 2);
      await page.getByRole('button', { name: /^cancelled \d/ }).click();
      await page.waitForURL((url) => url.searchParams.get('state') === 'cancelled');
      await page.getByText('No job fits the filter').waitFor();
      await page.getByRole('button', { name: 'Show all jobs' }).click();
      await shows(rows, 3);
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download what is listed as CSV' }).click();
      assert.equal((await download).suggestedFilename(), `${pilot}-jobs.csv`);
      await page.keyboard.press('Control+k');
      await page.getByRole('textbox', { name: /Go to an area/ }).fill('night shift one');
      await page.locator('.mantine-Spotlight-action', { hasText: 'night shift one' }).last().click();
      await page.getByRole('heading', { name: names[0], level: 1 }).waitFor();
    });
  });

  it('are watched while they run, and cancelled after a word about what that means', async (test) => {
    if (!noop) return test.skip('pilothouse.jobs.noop is not set');
    const { job_id: id } = await rest('a long rest', { millis: 600_000, log_lines: 30 });
    await inState(id, 'running');
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', JOBS);
      const board = page.getByRole('region', { name: 'Running now' });
      await board.getByRole('progressbar', { name: 'How far a long rest is' }).waitFor(LONG);
      await board.getByText(/left$/).waitFor(LONG);
      await check(page);
      await page.goto(`/p/${pilot}/overview`);
      await page
        .getByRole('region', { name: /^Jobs running/ })
        .getByText('a long rest')
        .waitFor(LONG);
      await check(page);
      await page.goto(JOBS);
      await board.getByRole('link', { name: /^a long rest/ }).click();
      await page.getByRole('progressbar', { name: 'How far a long rest is' }).waitFor();
      await page.getByText(/followed while it runs/).waitFor(LONG);
      await check(page);
      await page.getByRole('button', { name: 'Cancel…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Cancel the job?' });
      await dialog.getByText(/stops within two seconds/).waitFor();
      await check(page);
      await dialog.getByRole('button', { name: 'Cancel the job' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByText('It was cancelled', { exact: true }).waitFor(LONG);
      await check(page);
    });
    assert.equal((await get(`/jobs/${id}`)).state, 'cancelled');
  });

  it('that are dead are looked at, changed, done again and dropped, one or many', async (test) => {
    if (!noop) return test.skip('pilothouse.jobs.noop is not set');
    const dead = [];
    for (const name of ['stuck one', 'stuck two', 'stuck three', 'stuck four']) {
      dead.push((await rest(name, { fail_attempts: 1_000 })).job_id);
    }
    await Promise.all(dead.map((id) => inState(id, 'dead')));
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}?state=dead`);
      const rows = page.locator('tbody tr[data-index]');
      await shows(rows, 4);
      await check(page);
      await page.getByRole('button', { name: 'stuck one' }).click();
      await page.waitForURL((url) => url.searchParams.get('open') === dead[0]);
      const look = page.getByRole('dialog', { name: 'stuck one' });
      await look.getByLabel('Parameters').getByText('fail_attempts').waitFor();
      await check(page);
      await look.getByRole('button', { name: 'Change and retry…' }).click();
      const change = page.getByRole('dialog', { name: 'Change the parameters and retry' });
      const text = change.getByLabel('Parameters');
      await text.fill('{ "fail_attempts": }');
      await change.getByRole('button', { name: 'Retry with these' }).and(page.locator(':disabled')).waitFor();
      await text.fill('{ "fail_attempts": -1 }');
      await change.getByRole('button', { name: 'Retry with these' }).click();
      await change.getByText(/fail_attempts: /).waitFor();
      await check(page);
      await text.fill('{ "fail_attempts": 0 }');
      await change.getByRole('button', { name: 'Retry with these' }).click();
      await change.waitFor({ state: 'hidden' });
      await inState(dead[0], 'succeeded');
      await shows(rows, 3);

      await page.getByRole('checkbox', { name: 'Choose stuck two' }).check();
      await page.getByText('1 job chosen').waitFor();
      await page.getByRole('button', { name: 'Drop…' }).click();
      const drop = page.getByRole('dialog', { name: 'Drop the job?' });
      assert.ok(await drop.getByRole('button', { name: 'Drop it' }).isDisabled());
      await drop.getByLabel('Reason').fill('asked for by mistake');
      await check(page);
      await drop.getByRole('button', { name: 'Drop it' }).click();
      await drop.waitFor({ state: 'hidden' });
      await shows(rows, 2);

      await page.getByRole('checkbox', { name: 'All 2' }).check();
      await page.getByRole('button', { name: 'Retry…' }).click();
      const again = page.getByRole('dialog', { name: 'Retry 2 jobs?' });
      await again.getByRole('button', { name: 'Retry 2 jobs' }).click();
      await again.waitFor({ state: 'hidden' });
      await page.getByText('No job is dead').waitFor(LONG);
      await page.goto(`${JOBS}/${dead[1]}`);
      await page.getByText('It was dropped', { exact: true }).waitFor();
      await page.getByText('asked for by mistake').waitFor();
      await check(page);
    });
    const dropped = await get(`/jobs/${dead[1]}`);
    assert.deepEqual([dropped.state, dropped.error?.detail], ['cancelled', 'asked for by mistake']);
  });

  it('are cancelled while they wait, and retried', async () => {
    await call(bearer, 'PUT', '/jobs/limits', { pilot, body: { queued_most: 100, running_most: 0 } });
    const { job_id: id } = await submit({
      type: 'export',
      name: 'held up',
      parameters: {
        source: { closed_days: { from: CLOSED, to: CLOSED } },
        format: 'csv',
        name: 'e2e/held-up',
      },
    });
    await inWindow({ viewport: NARROW, colorScheme: 'dark' }, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}/${id}`);
      await page.getByText('It waits for a worker.').waitFor();
      await page.getByRole('button', { name: 'Cancel…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Cancel the job?' });
      await dialog.getByText(/cancelled at once/).waitFor();
      await dialog.getByRole('button', { name: 'Cancel the job' }).click();
      await page.getByText('It was cancelled', { exact: true }).waitFor(LONG);
      await call(bearer, 'PUT', '/jobs/limits', { pilot, body: { queued_most: 100, running_most: 8 } });
      await page.getByRole('button', { name: 'Retry…' }).click();
      const again = page.getByRole('dialog', { name: 'Do it again?' });
      await check(page);
      await again.getByRole('button', { name: 'Retry', exact: true }).click();
      await again.waitFor({ state: 'hidden' });
      await page.getByText('succeeded', { exact: true }).first().waitFor(LONG);
    });
  });

  it('are asked for again and again, paused, changed, removed and brought back', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}/schedules`);
      await page.getByText('Nothing is scheduled').waitFor();
      await check(page);
      await page.getByRole('link', { name: 'Build an export' }).click();
      await page.waitForURL((url) => url.searchParams.get('last') === '7');
      await page.getByRole('button', { name: 'Schedule…' }).click(LONG);
      const dialog = page.getByRole('dialog', { name: 'Export again and again' });
      await dialog.getByLabel('Name', { exact: true }).fill('Pumps, weekly');
      await dialog.getByRole('checkbox', { name: 'Friday' }).check();
      await dialog.getByText(`Export every Monday and Friday 06:00 ${ZONE}.`).waitFor();
      await check(page);
      await dialog.getByRole('button', { name: 'Make the schedule' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.goto(`${JOBS}/schedules`);
      const row = page.getByRole('listitem').filter({ hasText: 'Pumps, weekly' });
      await row.getByText(`every Monday and Friday 06:00 ${ZONE}`).waitFor();
      await row.getByText(/next (Monday|Friday) \d{4}-\d\d-\d\d 06:00/).waitFor();
      await check(page);
      await row.getByRole('switch').press('Space');
      await row.getByText('paused: nothing is asked for').waitFor();
      await row.getByRole('button', { name: 'Change…' }).click();
      const change = page.getByRole('dialog', { name: 'Change the schedule' });
      await change.getByRole('checkbox', { name: 'Friday' }).uncheck();
      await change.getByRole('button', { name: 'Save' }).click();
      await change.waitFor({ state: 'hidden' });
      await row.getByText(`every Monday 06:00 ${ZONE}`).waitFor();
      await row.getByRole('button', { name: 'More about Pumps, weekly' }).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByText('Pumps, weekly is removed.').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Pumps, weekly is there again.').waitFor();
      await row.getByText(`every Monday 06:00 ${ZONE}`).waitFor();
    });
    const { items } = await get('/job-schedules');
    assert.deepEqual(
      items.map(({ name, days, time, enabled, type }) => [name, days, time, enabled, type]),
      [['Pumps, weekly', ['mon'], '06:00', false, 'export']],
    );
  });

  it('verify what is stored', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}`);
      await page.getByRole('button', { name: 'Other jobs' }).click();
      await page.getByRole('menuitem', { name: 'Verify stored datasets…' }).click();
      await page.waitForURL((url) => url.pathname === `${JOBS}/verify`);
      await page.getByText('One by one', { exact: true }).click();
      await page.getByRole('checkbox', { name: /^e2e\/warm-pumps/ }).check();
      await page.getByText('1 chosen').waitFor();
      await check(page);
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
      await page.waitForURL((url) => /\/jobs\/[0-9a-f-]{36}$/.test(url.pathname));
      await page.getByText('succeeded', { exact: true }).first().waitFor(LONG);
      await page.getByRole('tab', { name: 'Result' }).click();
      await page.getByRole('region', { name: 'Summary' }).waitFor();
      await check(page);
    });
  });

  for (const [width, viewport, colorScheme] of [
    [1440, WIDE, 'dark'],
    [390, NARROW, 'light'],
  ]) {
    it(`are whole at ${width} px, ${colorScheme}`, async () => {
      await inWindow({ viewport, colorScheme }, async ({ page }) => {
        await signIn(page, 'platform-admin', JOBS);
        for (const path of [
          JOBS,
          `${JOBS}?state=dead`,
          ...['result', 'parameters', 'attempts', 'log'].map((tab) => `${JOBS}/${exported}?tab=${tab}`),
          `${JOBS}/new`,
          `${JOBS}/new?from=${CLOSED}&to=${CLOSED}&filter=temperature:gt:50&every=PT1M&format=csv`,
          `${JOBS}/new?source=datasets`,
          `${JOBS}/new?source=history`,
          `${JOBS}/new?from=${CLOSED}&to=${CLOSED}&sql=SELECT+1`,
          `${JOBS}/schedules`,
          `${JOBS}/verify?sample=10&unit=percent`,
        ]) {
          await page.goto(path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForFunction(
            () =>
              !/Loading…|Looking into the files…|Reading the files…/.test(document.body.textContent ?? ''),
          );
          await check(page);
        }
      });
    });
  }

  it('are those that there are', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', `${JOBS}/01937777-7777-7777-8777-777777777777`);
      await page.getByText('There is no job of that id').waitFor();
      await check(page);
    });
  });

  it('are an operator’s too, but no query of one’s own', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `/p/${PILOT}/jobs`);
      await page.getByRole('link', { name: 'New export' }).click();
      await page.getByRole('button', { name: 'Last 7 days' }).click();
      await page.waitForURL((url) => url.searchParams.get('last') === '7');
      await page.getByText(/ of 7 days (is|are) closed/).waitFor(LONG);
      await shows(page.getByText('By SQL', { exact: true }), 0);
    });
  });
});
