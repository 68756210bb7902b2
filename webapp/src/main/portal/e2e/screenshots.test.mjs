// The pictures of the README, taken from the running stack; only with SCREENSHOTS=1, so that a test run leaves the
// tree as it was.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call, launch, NARROW, open, PILOT, signIn, token } from './stack.mjs';

const IMAGES = join(dirname(fileURLToPath(import.meta.url)), '../../../../../docs/images');
const wanted = process.env.SCREENSHOTS === '1';

const twin = (id, search) => `/p/${PILOT}/twins/${id}?${search}`;
// The twins are the demo's; the engine is of C-MAPSS, imported as the guide says.
const PUMP = twin('pump-01', 'tab=charts&range=15m&property=speed_rpm&property=power_kw');
// The minutes since the demo told of the past: in one hour with them they would be flat.
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const OVERVIEW = `/p/${PILOT}/overview?from=${ago(6)}&to=${ago(-1)}`;
// Its 192 cycles are 32 hours.
const LIFE = ago(33 * 60);
const ENGINE = twin('engine-001', `tab=charts&from=${LIFE}&property=T50&property=Ps30`);
const PICTURES = [
  {
    name: 'overview',
    path: OVERVIEW,
    role: 'pilot-admin',
    schemes: ['light', 'dark'],
  },
  { name: 'live', path: `/p/${PILOT}/live`, role: 'pilot-admin', schemes: ['light', 'dark'] },
  { name: 'devices', path: `/p/${PILOT}/devices`, role: 'pilot-admin', schemes: ['light'] },
  { name: 'audit', path: '/admin/audit', role: 'platform-admin', schemes: ['light'] },
  { name: 'engines', path: '/admin/engines', role: 'platform-admin', schemes: ['dark'] },
  { name: 'twins', path: `/p/${PILOT}/twins?place=works`, role: 'pilot-admin', schemes: ['light'] },
  { name: 'twin-live', path: twin('pump-01', ''), role: 'pilot-admin', schemes: ['dark'] },
  { name: 'twin-charts', path: PUMP, role: 'pilot-admin', schemes: ['light', 'dark'] },
  { name: 'twin-charts-phone', path: PUMP, role: 'pilot-admin', schemes: ['light'], viewport: NARROW },
  { name: 'engine-charts', path: ENGINE, role: 'pilot-admin', schemes: ['light'] },
  { name: 'twin-graph', path: twin('line-a', 'tab=graph&depth=1'), role: 'pilot-admin', schemes: ['dark'] },
  { name: 'days', path: `/p/${PILOT}/days`, role: 'pilot-admin', schemes: ['light'] },
  { name: 'day', path: `/p/${PILOT}/days/CORRECTED`, role: 'pilot-admin', schemes: ['dark'] },
  { name: 'jobs', path: `/p/${PILOT}/jobs`, role: 'pilot-admin', schemes: ['dark'] },
  {
    name: 'export',
    path: `/p/${PILOT}/jobs/new?from=FIRST&to=CORRECTED&model=demo-pump&every=PT1M&format=csv`,
    role: 'pilot-admin',
    schemes: ['light'],
  },
  {
    name: 'overview-phone',
    path: OVERVIEW,
    role: 'pilot-admin',
    schemes: ['light'],
    viewport: NARROW,
  },
];

/** So that the pump's chart has something to mark; each waits until the one before has come to its end. */
async function commandPump() {
  const admin = await token('pilot-admin');
  for (const [name, input] of [
    ['inspect', null],
    ['limit_load', { percent: 40 }],
    ['release_load', null],
    ['limit_load', { percent: 60 }],
  ]) {
    const sent = await call(admin, 'POST', '/twins/pump-01/commands', {
      body: { name, input, timeout_s: 30 },
    });
    const { command_id } = await sent.json();
    for (let look = 0; look < 60; look++) {
      const command = await (await call(admin, 'GET', `/twins/pump-01/commands/${command_id}`)).json();
      if (command.ended_at) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await new Promise((resolve) => setTimeout(resolve, 12_000));
  }
}

/** The newest day with a correction and something that waits for the next, or whatever is nearest to that. */
async function correctedDay() {
  const admin = await token('pilot-admin');
  const { items } = await (await call(admin, 'GET', '/dumps')).json();
  const done = items.filter(({ state }) => state === 'complete' || state === 'incomplete').reverse();
  const corrected = done.filter(({ revision }) => revision > 1);
  return (corrected.find(({ late_waiting: late }) => late > 0) ?? corrected[0] ?? done[0])?.date ?? 'none';
}

/** The oldest day that can be read. */
async function firstDay() {
  const admin = await token('pilot-admin');
  const { items } = await (await call(admin, 'GET', '/dumps')).json();
  return items.find(({ state }) => state === 'complete' || state === 'incomplete')?.date ?? 'none';
}

/** So that some jobs are there to be seen; the last of them while it runs. */
async function exportDays() {
  const admin = await token('pilot-admin');
  for (const [name, format] of [
    ['Pumps for the maintenance team', 'xlsx'],
    ['Pumps of last week', 'parquet'],
    ['All of the closed days', 'csv'],
    ['Temperatures for the audit', 'csv'],
  ]) {
    await call(admin, 'POST', '/jobs', {
      body: {
        type: 'export',
        name,
        parameters: { source: { closed_days: { last: 7 } }, model: 'demo-pump', format, name },
      },
    });
  }
}

describe('the pictures of the README', { skip: !wanted, timeout: 180_000 }, () => {
  let browser;
  let corrected;
  let first;
  before(async () => {
    await mkdir(IMAGES, { recursive: true });
    browser = await launch();
    await commandPump();
    corrected = await correctedDay();
    first = await firstDay();
    await exportDays();
  });
  after(async () => {
    await browser?.close();
  });

  for (const { name, path, role, schemes, viewport } of PICTURES) {
    for (const colorScheme of schemes) {
      const file = schemes.length > 1 ? `${name}-${colorScheme}.png` : `${name}.png`;
      it(file, async () => {
        const { context, page } = await open(browser, { viewport, colorScheme });
        await signIn(page, role, path.replace('CORRECTED', corrected).replace('FIRST', first));
        await page.waitForFunction(
          () =>
            document.querySelector('.ph-main h1') &&
            !/Loading…|Gathering…|Connecting…|connecting/.test(document.body.textContent ?? ''),
        );
        if (path.includes('overview')) await page.locator('.ph-chart-place canvas').waitFor();
        if (path.includes('overview')) await page.locator('.ph-tail li').nth(12).waitFor();
        if (path.endsWith('/live')) await page.locator('tbody tr[data-index="20"]').waitFor();
        if (path.includes('tab=charts')) {
          await page.locator('.ph-chart-place canvas').waitFor();
        }
        if (path.includes('/twins?')) await page.getByText('State of charge').first().waitFor();
        if (path.includes('tab=graph')) await page.locator('.ph-graph-node').first().waitFor();
        if (path.includes('/days')) await page.locator('[data-date], .ph-partition').first().waitFor();
        if (path.endsWith('/jobs')) await page.locator('.ph-job-card').first().waitFor();
        if (path.includes('/jobs/new'))
          await page.locator('.ph-job-preview:not([data-stale]) td').first().waitFor();
        if (path.includes('/pump-01?')) await page.getByText('reporting').first().waitFor();
        // nothing is pointed at
        await page.mouse.move(0, 0);
        await page.evaluate(() => document.fonts.ready);
        await page.screenshot({ path: join(IMAGES, file), animations: 'disabled' });
        await context.close();
      });
    }
  }
});
