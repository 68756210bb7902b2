// Twins and models as a person uses them, in a real browser, against a running stack.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  call,
  fresh,
  launch,
  line,
  NARROW,
  open,
  PILOT,
  report,
  shows,
  signIn,
  thingModel,
  token,
} from './stack.mjs';

const LIMIT = { timeout: 600_000 };
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
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

const url = (page) => new URL(page.url());

/** A twin of its own for each test, with a device that may report for it. */
async function newTwin({ model = null, attributes = {} } = {}) {
  const admin = await token('pilot-admin');
  const twin = fresh('twin');
  await call(admin, 'PUT', `/twins/${twin}`, {
    body: { model, attributes },
    headers: { 'if-none-match': '*' },
    expect: [201],
  });
  const device = await call(admin, 'POST', '/devices', { body: { device_id: twin, twins: [twin] } });
  return { twin, admin, device: (await device.json()).token };
}

/** Tells the twin something; its device, which bears its id, answers at once where a result is given. */
async function tell({ twin, admin, device }, name, result, seconds = 60) {
  const sent = await call(admin, 'POST', `/twins/${twin}/commands`, {
    body: { name, timeout_s: seconds },
    expect: [201],
  });
  const { command_id } = await sent.json();
  if (result) {
    await call(device, 'POST', `/devices/${twin}/commands/${command_id}/result`, {
      body: result,
      expect: [204],
    });
  }
  return command_id;
}

async function newModel() {
  const model = fresh('model');
  await call(await token('pilot-admin'), 'PUT', `/models/${model}`, { body: thingModel(), expect: [201] });
  return model;
}

/** Readings of the last minutes, one every five seconds. */
const minutes = (twin, howMany) =>
  Array.from({ length: howMany * 12 }, (_, index) =>
    line(
      twin,
      { temperature: 60 + Math.sin(index / 20), pressure: 4 + (index % 3) },
      Date.now() - (howMany * 12 - index) * 5_000,
    ),
  );

/** What a page has drawn of the past it asks for again only after a while, so the history must have it first. */
async function remembered(page, bearer, twin, property) {
  for (let look = 0; look < 120; look++) {
    const found = await (await call(bearer, 'GET', `/twins/${twin}/history?property=${property}`)).json();
    if (found.series[0].points.length > 0) return;
    await page.waitForTimeout(500);
  }
  assert.fail(`no history of ${property} after a minute`);
}

describe('the list of twins', LIMIT, () => {
  it('finds a twin by its text, opens it by keyboard, and comes back', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin({
        attributes: { name: 'North feed', place: 'e2e/site/area/line' },
      });
      await report(admin, [line(twin, { temperature: 61.25 })]);
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins`);
      await page.getByRole('textbox', { name: 'Id, name or place' }).fill(twin);
      await page.getByRole('button', { name: twin }).waitFor();
      await page.waitForURL((now) => now.searchParams.get('q') === twin);
      const row = page.locator('tbody tr[data-index="0"]');
      assert.match(await row.textContent(), /North feed/);
      await row.getByText('61.25').waitFor();
      await page.locator('.ph-scroll').focus();
      await page.keyboard.press('j');
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.dataset.index === '0');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: twin, level: 1 }).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'Twins', level: 1 }).waitFor();
      assert.equal(url(page).searchParams.get('q'), twin);
    });
  });

  it('brings what is reported into the row by itself', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins?q=${twin}`);
      const row = page.locator('tbody tr[data-index="0"]');
      await row.getByText('never').waitFor();
      await report(admin, [line(twin, { temperature: 42.5 })]);
      await row.getByText('42.5').waitFor();
    });
  });

  it('narrows to a place of the tree, and takes the chip away again', async () => {
    await inWindow({}, async ({ page }) => {
      const site = fresh('site');
      const { twin } = await newTwin({ attributes: { place: `${site}/hall/line` } });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins`);
      await page.getByRole('tree', { name: 'Places' }).getByText(site).click();
      await page.waitForURL((now) => now.searchParams.get('place') === site);
      await page.getByRole('button', { name: twin }).waitFor();
      await page.waitForFunction(() => document.querySelectorAll('tbody tr[data-index]').length === 1);
      await page.getByRole('button', { name: 'Take the place out of the filter' }).click();
      await page.waitForURL((now) => !now.searchParams.has('place'));
    });
  });

  it('gives what is seen as CSV', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin } = await newTwin({ attributes: { name: '=1+1' } });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins?q=${twin}`);
      await page.getByRole('button', { name: twin }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download what is listed as CSV' }).click(),
      ]);
      const text = await readFile(await download.path(), 'utf8');
      assert.match(text, /^Twin,Name,Place,Model,Last reported,Key values\r\n/);
      assert.ok(text.includes(`${twin},'=1+1,`));
    });
  });

  it('adds a twin, and refuses an id that is taken', async () => {
    await inWindow({}, async ({ page }) => {
      const twin = fresh('added');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins`);
      for (const round of ['first', 'second']) {
        await page.goto(`/p/${PILOT}/twins`);
        await page.getByRole('button', { name: 'Add a twin' }).first().click();
        const dialog = page.getByRole('dialog', { name: 'Add a twin' });
        await dialog.getByLabel('Id', { exact: true }).fill(twin);
        await dialog.getByLabel('Name', { exact: true }).fill('Sump pump');
        await dialog.getByRole('button', { name: 'Add', exact: true }).click();
        if (round === 'first') await page.getByRole('heading', { name: twin, level: 1 }).waitFor();
        else await dialog.getByText('There is a twin of that id already').waitFor();
      }
    });
  });

  it('shows a steward the twins, without what only others may do', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin } = await newTwin({ attributes: { name: 'Seen' } });
      await signIn(page, 'data-steward', `/p/${PILOT}/twins?q=${twin}`);
      await page.getByRole('button', { name: twin }).click();
      await page.getByRole('tab', { name: 'Attributes' }).click();
      await page.getByText('Seen').first().waitFor();
      assert.equal(await page.getByRole('button', { name: 'Edit' }).count(), 0);
      await page.getByRole('tab', { name: 'Commands' }).click();
      await page.getByText('Nothing was told to it so far').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).count(), 0);
    });
  });
});

describe('a twin', LIMIT, () => {
  it('shows values as they are reported', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin({ model: await newModel() });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}`);
      await page.getByText('not reported').first().waitFor();
      await report(admin, [line(twin, { temperature: 61.25 })]);
      await page.getByRole('row', { name: /Temperature.*61\.25.*°C/ }).waitFor();
      await report(admin, [line(twin, { temperature: 62.5 })]);
      await page.getByRole('row', { name: /Temperature.*62\.5/ }).waitFor();
      await report(admin, [
        line(twin, { temperature: 11 }, Date.now() - 600_000),
        line(twin, { speed: 1450 }),
      ]);
      await page.getByRole('row', { name: /Speed.*1,450/ }).waitFor();
      await page.getByRole('row', { name: /Temperature.*62\.5/ }).waitFor();
    });
  });

  it('charts what it reported: zoom by drag and by keys, back, reset, a table of it', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, minutes(twin, 8));
      await signIn(
        page,
        'pilot-operator',
        `/p/${PILOT}/twins/${twin}?tab=charts&property=temperature&property=pressure&range=15m`,
      );
      const plot = page.locator('.ph-chart-place canvas');
      await plot.waitFor();
      await page.waitForFunction(() => {
        const rows = [...document.querySelectorAll('.ph-figures tbody tr')];
        return (
          rows.length === 2 &&
          rows.every((row) => Number(row.lastElementChild?.textContent?.replace(/\D/g, '')) > 0)
        );
      });
      // by keys from the window that follows the present, without losing the place
      await page.locator('.ph-chart-place').focus();
      await page.keyboard.press('-');
      await page.waitForURL((now) => now.searchParams.has('from'));
      await page.keyboard.press('Escape');
      await page.waitForURL((now) => !now.searchParams.has('from'));

      const box = await page.locator('.ph-chart-place .u-over').boundingBox();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 80);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + 90, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL((now) => now.searchParams.has('from') && now.searchParams.has('to'));
      const zoomed = url(page).searchParams;
      const span = Date.parse(zoomed.get('to')) - Date.parse(zoomed.get('from'));
      assert.ok(span > 200_000 && span < 340_000, `zoomed to ${span} ms`);

      await page.locator('.ph-chart-place').focus();
      await page.keyboard.press('+');
      await page.waitForURL((now) => {
        const { searchParams: found } = now;
        return Date.parse(found.get('to')) - Date.parse(found.get('from')) < span * 0.6;
      });
      await page.goBack();
      await page.waitForURL((now) => now.searchParams.get('from') === zoomed.get('from'));
      await page.keyboard.press('Shift+ArrowLeft');
      await page.waitForURL((now) => now.searchParams.get('from') < zoomed.get('from'));
      await page.locator('.ph-chart-place .u-over').dblclick();
      await page.waitForURL((now) => !now.searchParams.has('from'));
      assert.equal(url(page).searchParams.get('range'), '15m');

      await page.getByText('As a table').click();
      const table = page.getByRole('group', { name: 'The chart as a table' });
      await table.getByRole('columnheader', { name: /temperature/ }).waitFor();
      await shows(table.locator('tbody tr'), 24);
    });
  });

  it('marks on the time axis what the twin was told and what happened to it', async () => {
    await inWindow({}, async ({ page }) => {
      const made = await newTwin({ attributes: { name: 'Marked' } });
      const { twin, admin } = made;
      await report(admin, minutes(twin, 8));
      await tell(made, 'flush', { state: 'succeeded', output: { litres: 4 } });
      await tell(made, 'stop', { state: 'failed', error: 'the valve is stuck' });
      await tell(made, 'restart', null, 3_600);
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}?tab=charts&range=15m`);
      const marks = page.getByRole('region', { name: 'Marks' });
      const row = (text) => marks.getByRole('listitem').filter({ hasText: text });
      await row(/flush.*succeeded/).waitFor();
      await row(/stop.*failed: the valve is stuck/).waitFor();
      await row(/restart.*(pending|delivered)/).waitFor();
      await row('Created').waitFor();
      assert.equal(await row(/Command (sent|ended)/).count(), 0, 'a command is marked once');
      // all within some seconds of a quarter of an hour: one place on the axis, with their number
      const group = page.locator('.ph-marks-group text').last();
      await group.waitFor();
      assert.match(await group.textContent(), /^[2-4]$/);

      // by keyboard: the list is one stop, arrows walk it, Enter opens
      await marks.getByRole('button', { name: /Facts/ }).focus();
      await page.keyboard.press('Tab');
      await page.waitForFunction(() => document.activeElement?.classList.contains('ph-mark-row'));
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      await page.waitForFunction(() => /failed/.test(document.activeElement?.textContent ?? ''));
      await page.locator('.ph-marks-tip').getByText('the valve is stuck').waitFor();
      await page.keyboard.press('Enter');
      const drawer = page.getByRole('dialog', { name: 'Command stop' });
      await drawer.getByText('the valve is stuck').waitFor();
      await drawer.getByRole('link', { name: 'All its commands' }).waitFor();
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'hidden' });
      await row('Created').getByRole('button').click();
      await page.getByRole('dialog', { name: 'Created' }).waitFor();
      await page.keyboard.press('Escape');

      // the legend hides them, and the address keeps it
      await marks.getByRole('button', { name: /^Commands/ }).click();
      await page.waitForURL((now) => now.searchParams.get('hide') === 'commands');
      await row('flush').waitFor({ state: 'detached' });
      await shows(row('Created'), 1);
      await page.reload();
      await row('Created').waitFor();
      assert.equal(await row('flush').count(), 0);
      await marks.getByRole('button', { name: /^Commands/ }).click();
      await row('flush').waitFor();

      // a command that is sent meanwhile comes by itself, and one of the past is in its window only
      await tell(made, 'purge', { state: 'succeeded' });
      await row(/purge.*succeeded/).waitFor();
      const from = new Date(Date.now() - 600_000).toISOString();
      const to = new Date(Date.now() - 300_000).toISOString();
      await page.goto(`/p/${PILOT}/twins/${twin}?tab=charts&from=${from}&to=${to}`);
      await marks.getByText('Nothing was told to it and nothing happened to it').waitFor();
    });
  });

  it('marks an alert on the thread, whoever raised it', async () => {
    await inWindow({ viewport: NARROW }, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, minutes(twin, 8));
      const at = new Date(Date.now() - 240_000).toISOString();
      await page.route(/\/thread\?.*from=/, async (route) => {
        const answer = await route.fetch();
        const page = await answer.json();
        page.items.push({
          id: 'alert-1',
          time: at,
          type: 'alert.opened',
          actor: 'rule:hot',
          data: { severity: 'critical', rule: 'hot' },
        });
        await route.fulfill({ response: answer, json: page });
      });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}?tab=charts&range=15m`);
      const marks = page.getByRole('region', { name: 'Marks' });
      await marks.getByRole('button', { name: /^Alerts 1/ }).waitFor();
      await page.locator('.ph-marks-line[data-alert]').waitFor({ state: 'attached' });
      // the bar at the bottom of a telephone must not lie over it
      await page
        .locator('.ph-marks-touch')
        .evaluate((element) => element.scrollIntoView({ block: 'center' }));
      const lane = await page.locator('.ph-marks-touch').boundingBox();
      const glyph = await page.locator('.ph-marks-line[data-alert]').boundingBox();
      await page.mouse.click(glyph.x, lane.y + lane.height / 2);
      await page.getByRole('dialog', { name: 'Alert opened' }).getByText('critical').first().waitFor();
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(wider <= 0, `the page is ${wider} px wider than the window`);
    });
  });

  it('zooms with the wheel, asking for finer steps, and leaves a gap a gap', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin({ model: await newModel() });
      await report(admin, minutes(twin, 8));
      await signIn(
        page,
        'pilot-operator',
        `/p/${PILOT}/twins/${twin}?tab=charts&property=temperature&range=7d`,
      );
      await page.locator('.ph-chart-place canvas').waitFor();
      await page.getByRole('cell', { name: '0 to 100 °C' }).waitFor();
      const coarse = await page.getByText(/a point sums up/).textContent();
      const over = page.locator('.ph-chart-place .u-over');
      const box = await over.boundingBox();
      await page.mouse.move(box.x + box.width - 4, box.y + 60);
      await page.mouse.wheel(0, 120);
      assert.ok(!url(page).searchParams.has('from'), 'without Ctrl the page scrolls');
      await over.scrollIntoViewIfNeeded();
      const there = await over.boundingBox();
      await page.mouse.move(there.x + there.width - 4, there.y + 60);
      const finer = page.waitForResponse(async (answer) => {
        if (!answer.url().includes('/history?') || !answer.ok()) return false;
        const { step } = await answer.json();
        return step === null || step < 60;
      });
      await page.keyboard.down('Control');
      for (let turn = 0; turn < 14; turn++) await page.mouse.wheel(0, -120);
      await page.keyboard.up('Control');
      await page.waitForURL((now) => now.searchParams.has('from'));
      await finer;
      await page.waitForFunction((before) => !document.body.textContent?.includes(before), coarse);
      await page.keyboard.press('Tab');
      await page.locator('.ph-chart-place').focus();
      await page.keyboard.press('0');
      await page.waitForURL((now) => !now.searchParams.has('from'));
    });
  });

  it('draws the last hours beside the values', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, [...minutes(twin, 20), line(twin, { state: 'on' })]);
      await remembered(page, admin, twin, 'temperature');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}`);
      await page.getByRole('columnheader', { name: 'Last 6 h' }).waitFor();
      await page
        .getByRole('row', { name: /temperature/ })
        .locator('.ph-spark-line')
        .waitFor({ state: 'attached' });
      await shows(page.locator('.ph-spark'), 2, 'a text has no curve');
    });
  });

  it('says what becomes of a command that nobody fetches', async () => {
    await inWindow({}, async ({ page }) => {
      const made = await newTwin();
      await tell(made, 'stop', null, 600);
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${made.twin}?tab=commands`);
      const sent = page.getByRole('region', { name: 'Commands' }).getByRole('listitem').first();
      await sent.getByText(/is not there: nobody is subscribed/).waitFor();
      await sent.getByText(`./pilothouse ctl devices stand-in ${PILOT} ${made.twin}`).waitFor();
    });
  });

  it('reaches the present in a chart that ends now', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, minutes(twin, 2));
      await signIn(
        page,
        'pilot-operator',
        `/p/${PILOT}/twins/${twin}?tab=charts&property=temperature&range=15m`,
      );
      await page.locator('.ph-figures tbody').getByText('60', { exact: false }).first().waitFor();
      await report(admin, [line(twin, { temperature: 88.5 })]);
      await page.locator('.ph-figures tbody').getByText('88.5').first().waitFor();
    });
  });

  it('shows the state as it was', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, minutes(twin, 4));
      const at = new Date(Date.now() - 120_000).toISOString();
      const then = `/twins/${twin}?at=${encodeURIComponent(at)}`;
      // the past is not asked for twice, so the history must have it first
      for (let look = 0; look < 60; look++) {
        if ((await (await call(admin, 'GET', then)).json()).properties.temperature) break;
        await page.waitForTimeout(500);
      }
      await signIn(page, 'pilot-operator', `/p/${PILOT}${then}`);
      await page.getByText('The reported properties as they were at').waitFor();
      await page.getByRole('row', { name: /temperature/ }).waitFor();
      await page.getByRole('button', { name: 'Back to now' }).click();
      await page.waitForURL((now) => !now.searchParams.has('at'));
    });
  });

  it('compares desired with reported, and shows a change by somebody else instead of overwriting it', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, [line(twin, { speed: 1400 })]);
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}?tab=desired`);
      await page.getByRole('button', { name: 'Edit' }).click();
      const text = page.getByLabel('Desired properties');
      await text.fill('{ "speed": 1450, }');
      await page.getByText(/This is not JSON/).waitFor();
      await text.fill('{ "speed": 1450 }');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('row', { name: /speed.*1,450.*1,400.*differs/ }).waitFor();

      await page.getByRole('button', { name: 'Edit' }).click();
      await text.fill('{ "speed": 1500 }');
      const read = await call(admin, 'GET', `/twins/${twin}`);
      await call(admin, 'PATCH', `/twins/${twin}`, {
        body: { desired: { speed: 1300 } },
        headers: { 'content-type': 'application/merge-patch+json', 'if-match': read.headers.get('etag') },
      });
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const conflict = page.getByRole('alert').filter({ hasText: 'Somebody changed this twin meanwhile' });
      await conflict.getByRole('cell', { name: '1300' }).waitFor();
      await conflict.getByRole('button', { name: 'Save mine over it' }).click();
      await page.getByRole('row', { name: /speed.*1,500/ }).waitFor();
    });
  });

  it('sends a command by the form of the model, checked before it goes', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin } = await newTwin({ model: await newModel() });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}?tab=commands`);
      const speed = page.getByRole('textbox', { name: /^Speed/ });
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('This is needed').waitFor();
      await speed.fill('4000');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('At most 3600', { exact: true }).waitFor();
      await speed.fill('1450');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const sent = page.getByRole('region', { name: 'Commands' }).getByRole('listitem').first();
      await sent.getByText('set_speed').waitFor();
      await sent.getByText(/Input/).click();
      assert.match(await sent.locator('pre').first().textContent(), /"speed": 1450/);
    });
  });

  it('says when a command has timed out, and keeps it in the thread', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin } = await newTwin();
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${twin}?tab=commands`);
      await page.getByLabel('Command', { exact: true }).fill('restart');
      await page.getByLabel('Input', { exact: true }).fill('{ "gently": true }');
      await page.getByLabel('Time to answer, s').fill('2');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const sent = page.getByRole('region', { name: 'Commands' }).getByRole('listitem').first();
      await sent.getByRole('progressbar').waitFor();
      await sent.getByText('timed out').waitFor();
      await page.getByRole('tab', { name: 'Thread' }).click();
      await page.getByText('Command ended').waitFor();
      await page.getByText('Created').waitFor();
    });
  });

  it('is renamed by its attributes, and retired', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin } = await newTwin({ attributes: { name: 'Old name', serial: 7 } });
      await signIn(page, 'pilot-admin', `/p/${PILOT}/twins/${twin}?tab=attributes`);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Attributes', { exact: true }).last().fill('{ "name": "New name" }');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.locator('header').getByText('New name').waitFor();
      assert.equal(await page.getByText('serial').count(), 0);
      await page.getByRole('button', { name: 'More about this twin' }).click();
      await page.getByRole('menuitem', { name: 'Retire…' }).click();
      const retire = page.getByRole('dialog', { name: 'Retire the twin?' });
      await retire.getByRole('textbox').fill(twin);
      await retire.getByRole('button', { name: 'Retire' }).click();
      await page.getByText(`${twin} is retired`).waitFor();
      await page.goto(`/p/${PILOT}/twins/${twin}`);
      await page.getByText('There is no twin of that id').waitFor();
    });
  });

  it('is found by the command palette', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin } = await newTwin({ attributes: { name: 'Found by palette' } });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/overview`);
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('textbox', { name: /Go to an area/ }).fill(twin);
      await page.getByText('Found by palette').click();
      await page.getByRole('heading', { name: twin, level: 1 }).waitFor();
    });
  });

  it('can be used on a telephone', async () => {
    await inWindow({ viewport: NARROW }, async ({ page }) => {
      const { twin, admin } = await newTwin();
      await report(admin, minutes(twin, 2));
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins?q=${twin}`);
      await page.getByRole('button', { name: twin }).click();
      await page.getByRole('tab', { name: 'Charts' }).click();
      await page.locator('.ph-chart-place canvas').waitFor();
      await page.getByRole('button', { name: 'Zoom in' }).click();
      await page.waitForURL((now) => now.searchParams.has('from'));
    });
  });
});

describe('the graph of twins', LIMIT, () => {
  const table = (page) => page.getByRole('region', { name: 'Relationships' });
  const picture = (page) => page.getByRole('group', { name: /^Picture of the twins around/ });
  const relate = (admin, source, id, type, target, attributes = {}) =>
    call(admin, 'PUT', `/twins/${source}/relationships/${id}`, {
      body: { type, target, attributes },
      expect: [201],
    });

  it('begins empty, takes a relationship by its form, and gives it back after it was removed', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin: pump } = await newTwin({ attributes: { name: 'Feed pump' } });
      const { twin: tank, admin } = await newTwin({ attributes: { name: 'Tank' } });
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${pump}?tab=graph`);
      await page.getByText('It is not related to any twin yet').waitFor();
      await page.getByRole('button', { name: 'Relate to another twin' }).click();
      const dialog = page.getByRole('dialog', { name: `Relate ${pump} to another twin` });
      await dialog.getByRole('button', { name: 'Relate', exact: true }).click();
      await dialog.getByText('Choose how they are related').waitFor();
      await dialog.getByLabel('Relationship', { exact: true }).click();
      await page.getByRole('option', { name: 'is fed by', exact: true }).click();
      await dialog.getByLabel('Other twin', { exact: true }).fill('no-such-twin');
      await dialog.getByRole('button', { name: 'Relate', exact: true }).click();
      await dialog.getByText('The pilot has no twin of this id').waitFor();
      await dialog.getByLabel('Other twin', { exact: true }).fill(tank);
      await page.getByRole('option', { name: new RegExp(tank) }).click();
      await dialog.getByLabel('Attributes', { exact: true }).fill('{ "pipe": "DN50" }');
      await dialog.getByRole('button', { name: 'Relate', exact: true }).click();
      await table(page)
        .getByRole('row', { name: new RegExp(`${pump} is fed by ${tank}`) })
        .waitFor();
      await picture(page).getByRole('link', { name: /Tank/ }).waitFor();

      const id = `feeds-${pump}`;
      const kept = await (await call(admin, 'GET', `/twins/${tank}/relationships/${id}`)).json();
      assert.deepEqual(kept.attributes, { pipe: 'DN50' });
      await page.getByRole('button', { name: `Remove: ${pump} is fed by ${tank}` }).click();
      await page.getByText('It is not related to any twin yet').waitFor();
      await call(admin, 'GET', `/twins/${tank}/relationships/${id}`, { expect: [404] });
      await page.getByRole('button', { name: 'Undo' }).click();
      await table(page)
        .getByRole('row', { name: new RegExp(`${pump} is fed by ${tank}`) })
        .waitFor();
      const back = await (await call(admin, 'GET', `/twins/${tank}/relationships/${id}`)).json();
      assert.deepEqual(back.attributes, { pipe: 'DN50' });
    });
  });

  it('leads from twin to twin, by picture and by keyboard, and up the hierarchy', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin: site, admin } = await newTwin({ attributes: { name: 'Rome', level: 'site' } });
      const { twin: line } = await newTwin({ attributes: { name: 'Line A', level: 'line' } });
      const { twin: press } = await newTwin({ attributes: { name: 'Press', level: 'unit' } });
      await relate(admin, site, 'a', 'contains', line);
      await relate(admin, line, 'a', 'contains', press);
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${press}?tab=graph`);
      const hierarchy = page.getByRole('navigation', { name: 'Hierarchy' });
      await hierarchy.getByRole('link', { name: 'Rome' }).waitFor();
      assert.match(await hierarchy.textContent(), /Rome.*Line A.*Press/);
      await picture(page)
        .getByRole('link', { name: /Line A/ })
        .waitFor();
      await shows(picture(page).getByRole('link'), 2);
      await page.getByText('2 steps').click();
      await page.waitForURL((now) => now.searchParams.get('depth') === '2');
      await picture(page).getByRole('link', { name: /Rome/ }).waitFor();
      await picture(page)
        .getByRole('link', { name: /Line A/ })
        .focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: line, level: 1 }).waitFor();
      assert.equal(url(page).searchParams.get('tab'), 'graph');
      assert.equal(url(page).searchParams.get('depth'), '2');
      await hierarchy.getByRole('link', { name: 'Rome' }).click();
      await page.getByRole('heading', { name: site, level: 1 }).waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: line, level: 1 }).waitFor();
    });
  });

  it('says which rule a relationship would break', async () => {
    await inWindow({}, async ({ page }) => {
      const { twin: above, admin } = await newTwin();
      const { twin: below } = await newTwin();
      await relate(admin, above, 'a', 'contains', below);
      await signIn(page, 'pilot-operator', `/p/${PILOT}/twins/${below}?tab=graph`);
      await page.getByRole('button', { name: 'Relate to another twin' }).click();
      const dialog = page.getByRole('dialog', { name: `Relate ${below} to another twin` });
      await dialog.getByLabel('Relationship', { exact: true }).click();
      await page.getByRole('option', { name: 'contains', exact: true }).click();
      await dialog.getByLabel('Other twin', { exact: true }).fill(above);
      await page.getByRole('option', { name: new RegExp(above) }).click();
      await dialog.getByRole('button', { name: 'Relate', exact: true }).click();
      await dialog.getByText(/This would close a cycle/).waitFor();
    });
  });

  it('is read, not changed, by a steward, also on a telephone', async () => {
    await inWindow({ viewport: NARROW }, async ({ page }) => {
      const { twin: tank, admin } = await newTwin();
      const { twin: pump } = await newTwin();
      await relate(admin, tank, 'a', 'feeds', pump);
      await relate(admin, tank, 'b', 'monitors', pump);
      await signIn(page, 'data-steward', `/p/${PILOT}/twins/${tank}?tab=graph&relation=feeds`);
      await table(page)
        .getByRole('row', { name: new RegExp(`${tank} feeds ${pump}`) })
        .waitFor();
      await shows(table(page).getByRole('row'), 2);
      assert.equal(await page.getByRole('button', { name: /^(Remove|Relate)/ }).count(), 0);
      await picture(page)
        .getByRole('link', { name: new RegExp(pump) })
        .click();
      await page.getByRole('heading', { name: pump, level: 1 }).waitFor();
    });
  });
});

describe('models', LIMIT, () => {
  const editor = (page) => page.locator('.cm-content');
  async function write(page, text) {
    await editor(page).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  }

  it('begin with an example, are refused where they are wrong, and count revisions', async () => {
    await inWindow({}, async ({ page }) => {
      const model = fresh('model');
      await signIn(page, 'pilot-admin', `/p/${PILOT}/models`);
      await page.getByRole('button', { name: 'New from an example' }).first().click();
      const dialog = page.getByRole('dialog', { name: 'New model' });
      await dialog.getByLabel('Id', { exact: true }).fill(model);
      await dialog.getByRole('button', { name: 'To the editor' }).click();
      await editor(page).waitFor();
      await page.getByRole('cell', { name: 'temperature', exact: false }).first().waitFor();

      const document = thingModel();
      document.properties.speed.type = 'numbr';
      await write(page, JSON.stringify(document, null, 2));
      await page.getByRole('button', { name: 'Create' }).click();
      await page
        .locator('.ph-findings')
        .getByRole('button', { name: /^line \d+$/ })
        .waitFor();
      await page.locator('.cm-lint-marker-error').first().waitFor();

      await write(page, JSON.stringify(thingModel(), null, 2));
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByText(`${model} is saved as revision 1`).waitFor();

      const next = thingModel('Test pump, second');
      next.properties.vibration = { type: 'number', unit: 'mm/s' };
      await write(page, JSON.stringify(next, null, 2));
      await page.getByRole('cell', { name: 'vibration' }).waitFor();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText(`${model} is saved as revision 2`).waitFor();
      await page.goto(`/p/${PILOT}/models/${model}?revision=1`);
      await page.getByText('Revision 1, as it was put').waitFor();
      assert.equal(await page.getByRole('cell', { name: 'vibration' }).count(), 0);
    });
  });

  it('say at once where a document is no JSON', async () => {
    await inWindow({}, async ({ page }) => {
      const model = await newModel();
      await signIn(page, 'data-steward', `/p/${PILOT}/models/${model}`);
      await write(page, '{\n  "@type": "tm:ThingModel",\n}');
      await page.getByText('This is not JSON from here on').first().waitFor();
      assert.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled());
    });
  });

  it('are read, not changed, by an operator', async () => {
    await inWindow({}, async ({ page }) => {
      const model = await newModel();
      await signIn(page, 'pilot-operator', `/p/${PILOT}/models/${model}`);
      await page.getByText('Your role may read models, not change them').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).count(), 0);
      await editor(page).click();
      await page.keyboard.insertText('x');
      await page.getByRole('cell', { name: 'temperature', exact: false }).first().waitFor();
      assert.ok((await editor(page).textContent()).startsWith('{'));
    });
  });
});
