// The portal as a person uses it, in a real browser, against a running stack.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  base,
  fresh,
  launch,
  line,
  NARROW,
  open,
  PILOT,
  report,
  shows,
  signIn,
  token,
  user,
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

describe('signing in', LIMIT, () => {
  const areas = {
    'pilot-operator': [
      'Overview',
      'Twins',
      'Live events',
      'Datasets',
      'Closed days',
      'Jobs',
      'Products',
      'Models',
      'Devices',
      'Pilots',
      'Engines & readers',
    ],
    'pilot-admin': [
      'Overview',
      'Twins',
      'Live events',
      'Datasets',
      'Closed days',
      'Jobs',
      'Products',
      'Rejected',
      'Models',
      'Devices',
      'People',
      'Pilots',
      'Audit trail',
      'Engines & readers',
    ],
    'data-steward': [
      'Overview',
      'Twins',
      'Live events',
      'Datasets',
      'Closed days',
      'Jobs',
      'Products',
      'Rejected',
      'Models',
      'Pilots',
      'Audit trail',
      'Engines & readers',
    ],
    'support-agent': ['Engines & readers'],
    'platform-admin': ['People', 'Pilots', 'Audit trail', 'Engines & readers'],
  };

  for (const [role, expected] of Object.entries(areas)) {
    it(`shows a ${role} the areas of the role`, async () => {
      await inWindow({}, async ({ page }) => {
        await signIn(page, role);
        const areasNow = page.getByRole('navigation', { name: 'Areas' });
        await areasNow.getByRole('link').first().waitFor();
        assert.deepEqual(await areasNow.getByRole('link').allTextContents(), expected);
      });
    });
  }

  it('refuses a wrong password and says so', async () => {
    await inWindow({}, async ({ page }) => {
      await page.goto('/sign-in');
      await page.getByLabel('User name').fill(user('data-steward').username);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      assert.equal(new URL(page.url()).pathname, '/sign-in');
    });
  });

  it('leads back to the address that was asked for', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `/p/${PILOT}/live?twin=pump-01&twin=pump-02`);
      const url = new URL(page.url());
      assert.equal(url.pathname, `/p/${PILOT}/live`);
      assert.deepEqual(url.searchParams.getAll('twin'), ['pump-01', 'pump-02']);
    });
  });

  it('returns to the same page after the session has ended', async () => {
    await inWindow({}, async ({ page, context }) => {
      await signIn(page, 'pilot-admin', `/p/${PILOT}/devices?q=nothing-of-that-name`);
      await context.clearCookies();
      await page.getByText('Your session has ended').waitFor();
      const { username, password } = user('pilot-admin');
      await page.getByLabel('User name').fill(username);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL(`/p/${PILOT}/devices?q=nothing-of-that-name`);
      await page.getByText('No device matches the filter').waitFor();
    });
  });

  it('ends with signing out', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator');
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.goto(`/p/${PILOT}/overview`);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });

  it('does not open an area of another role', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', '/admin/audit');
      await page.getByText('This area is not for your role').waitFor();
    });
  });
});

describe('from a device to the live page', LIMIT, () => {
  it('registers a device, shows its token once, and shows what it reports at once', async () => {
    await inWindow({}, async ({ page }) => {
      const device = fresh('e2e');
      await signIn(page, 'pilot-admin', `/p/${PILOT}/devices`);
      await page.getByRole('button', { name: 'Register a device' }).first().click();
      await page.getByLabel('Device id').fill(device);
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      const shown = page.locator('[data-secret]');
      await shown.waitFor();
      const bearer = await shown.textContent();
      assert.match(bearer, /^[A-Za-z0-9_-]{40,}$/);
      await page.getByRole('img', { name: /QR code/ }).waitFor();
      await page.getByRole('button', { name: 'I have kept it' }).click();
      assert.equal(await page.getByText(bearer).count(), 0);

      const twin = fresh('pump');
      await page.goto(`/p/${PILOT}/live?twin=${twin}`);
      await page.getByText('Nothing of that kind has come').waitFor();
      await report(bearer, [line(twin, { temperature: 61.25, state: 'running' })]);
      await page.getByRole('button', { name: twin }).first().waitFor();
      assert.match(await page.locator('tbody').textContent(), /temperature\s*61\.25/);

      await page.goto(`/p/${PILOT}/devices?open=${device}`);
      await page.getByRole('button', { name: 'Remove', exact: true }).click();
      const remove = page.getByRole('dialog', { name: 'Remove the device?' });
      await remove.waitFor();
      assert.ok(await remove.getByRole('button', { name: 'Remove' }).isDisabled());
      await remove.getByRole('textbox').fill(device);
      await remove.getByRole('button', { name: 'Remove' }).click();
      await page.getByText(`${device} is removed`).waitFor();
    });
  });

  it('misses nothing while the browser is offline', async () => {
    await inWindow({}, async ({ page, context }) => {
      const bearer = await token('pilot-operator');
      const twin = fresh('turbine');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/live?twin=${twin}&type=telemetry.reported`);
      await page.getByText('Nothing of that kind has come').waitFor();
      await report(bearer, [line(twin, { n: 1 })]);
      await page.getByRole('button', { name: twin }).first().waitFor();

      await context.setOffline(true);
      await page.getByText(/^away for/).waitFor();
      await report(bearer, [line(twin, { n: 2 }), line(twin, { n: 3 })]);
      await context.setOffline(false);
      await page.waitForFunction(
        (wanted) => document.querySelectorAll('tbody tr[data-index]').length === wanted,
        3,
      );
      const rows = await page.locator('tbody tr[data-index] .ph-values').allTextContents();
      assert.deepEqual(rows.map((row) => Number(row.replace(/\D/g, ''))).sort(), [1, 2, 3]);
    });
  });

  it('holds still while paused and counts what came', async () => {
    await inWindow({}, async ({ page }) => {
      const bearer = await token('pilot-operator');
      const twin = fresh('press');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/live?twin=${twin}&type=telemetry.reported`);
      await page.getByText('Nothing of that kind has come').waitFor();
      await report(bearer, [line(twin, { n: 1 })]);
      await page.getByRole('button', { name: twin }).first().waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await report(
        bearer,
        Array.from({ length: 12 }, (_, index) => line(twin, { n: index + 2 })),
      );
      await page.getByRole('button', { name: '12 new' }).waitFor();
      await shows(page.locator('tbody tr[data-index]'), 1);
      await page.getByRole('button', { name: '12 new' }).click();
      await page.waitForFunction(() => document.querySelectorAll('tbody tr[data-index]').length === 13);
    });
  });

  it('is worked by keyboard: j, k and Enter in the list, Escape out of the detail', async () => {
    await inWindow({}, async ({ page }) => {
      const bearer = await token('pilot-operator');
      const twin = fresh('battery');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/live?twin=${twin}`);
      await page.getByText('Nothing of that kind has come').waitFor();
      await report(bearer, [line(twin, { n: 1 }), line(twin, { n: 2 })]);
      await page.locator('tbody tr[data-index="1"]').waitFor();
      await page.locator('.ph-scroll').focus();
      await page.keyboard.press('j');
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.dataset.index === '0');
      await page.keyboard.press('j');
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.dataset.index === '1');
      await page.keyboard.press('k');
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.dataset.index === '0');
      await page.keyboard.press('Enter');
      const detail = page.getByRole('dialog', { name: 'Event' });
      await detail.waitFor();
      assert.match(await detail.locator('pre').textContent(), /"specversion": "1.0"/);
      await page.keyboard.press('Escape');
      await detail.waitFor({ state: 'hidden' });
    });
  });

  it('gives what is seen as CSV', async () => {
    await inWindow({}, async ({ page }) => {
      const bearer = await token('pilot-operator');
      const twin = fresh('chiller');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/live?twin=${twin}`);
      await page.getByText('Nothing of that kind has come').waitFor();
      await report(bearer, [line(twin, { state: '=1+1' })]);
      await page.getByRole('button', { name: twin }).first().waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download what is listed as CSV' }).click(),
      ]);
      const text = await readFile(await download.path(), 'utf8');
      assert.match(text, /^Time \(UTC\),Twin,Type,Values\r\n/);
      assert.ok(text.includes(twin));
    });
  });
});

/** The tail shows what comes after it has connected, so one report may be too early. */
async function reportUntilShown(bearer, shown, lines) {
  for (let round = 0; round < 20; round += 1) {
    await report(bearer, lines(round));
    const seen = await shown.waitFor({ timeout: 1500 }).then(
      () => true,
      () => false,
    );
    if (seen) return;
  }
  await shown.waitFor();
}

describe('the overview', LIMIT, () => {
  it('shows the traffic that passes', async () => {
    await inWindow({}, async ({ page }) => {
      const bearer = await token('pilot-operator');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/overview`);
      await report(
        bearer,
        Array.from({ length: 50 }, (_, index) => line(`overview-${index % 5}`, { n: index })),
      );
      await page.waitForFunction(() => {
        const tile = [...document.querySelectorAll('.ph-tile')].find((each) =>
          each.textContent?.startsWith('Events, 24 h'),
        );
        return Number(tile?.querySelector('.ph-tile-value')?.textContent?.replace(/\D/g, '')) >= 50;
      });
      await reportUntilShown(
        bearer,
        page.getByRole('list', { name: 'The newest events' }).getByRole('listitem').first(),
        (round) => [line('overview-0', { round })],
      );
      await page.getByText('PostgreSQL').first().waitFor();
    });
  });

  it('leads to the live events of a twin', async () => {
    await inWindow({}, async ({ page }) => {
      const bearer = await token('pilot-operator');
      await signIn(page, 'pilot-operator', `/p/${PILOT}/overview`);
      const tail = page.getByRole('list', { name: 'The newest events' });
      await reportUntilShown(bearer, tail.getByRole('listitem').first(), (round) => [
        line('overview-link', { round }),
      ]);
      await tail.getByRole('link').first().click();
      await page.waitForURL(/\/live\?twin=/);
    });
  });
});

describe('the command palette', LIMIT, () => {
  it('goes to an area and to a twin by keyboard alone', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', `/p/${PILOT}/overview`);
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      const box = page.getByRole('textbox', { name: /Go to an area/ });
      await box.fill('audit');
      await page.getByRole('button', { name: 'Audit trail' }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Audit trail', level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await box.fill('pump-77');
      await page.getByText('Watch twin pump-77 live').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/twin=pump-77/);
    });
  });
});

describe('administration', LIMIT, () => {
  it('adds a person, disables and enables the account', async () => {
    await inWindow({}, async ({ page }) => {
      const name = fresh('person');
      await signIn(page, 'pilot-admin', '/admin/people');
      await page.getByRole('button', { name: 'Add a person' }).click();
      await page.getByLabel('User name').fill(name);
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.locator('[data-secret]').waitFor();
      await page.getByRole('button', { name: 'I have kept it' }).click();
      await page.goto(`/admin/people?open=${name}`);
      await page.getByRole('button', { name: 'Disable' }).click();
      await page.getByRole('button', { name: 'Enable' }).waitFor();
      await page.getByRole('button', { name: 'Enable' }).click();
      await page.getByRole('button', { name: 'Disable' }).waitFor();
    });
  });

  it('shows what somebody else changed instead of overwriting it', async () => {
    await inWindow({}, async ({ page }) => {
      const id = fresh('yard');
      await signIn(page, 'platform-admin', '/admin/pilots');
      await page.getByRole('button', { name: 'Add a pilot' }).click();
      const add = page.getByRole('dialog', { name: 'Add a pilot' });
      await add.getByLabel('Id', { exact: true }).fill(id);
      await add.getByLabel('Name', { exact: true }).fill('North Yard');
      await add.getByRole('button', { name: 'Add', exact: true }).click();
      await add.waitFor({ state: 'hidden' });
      const drawer = page.getByRole('dialog');
      await drawer.getByLabel('Name', { exact: true }).fill('Mine');

      const bearer = await token('platform-admin');
      const address = `${base}/api/v1/pilots/${id}`;
      const headers = { authorization: `Bearer ${bearer}` };
      const read = await fetch(address, { headers, signal: AbortSignal.timeout(15_000) });
      const written = await fetch(address, {
        method: 'PATCH',
        headers: {
          ...headers,
          'content-type': 'application/merge-patch+json',
          'if-match': read.headers.get('etag'),
        },
        body: JSON.stringify({ name: 'Theirs' }),
        signal: AbortSignal.timeout(15_000),
      });
      assert.equal(written.status, 200);

      await drawer.getByRole('button', { name: 'Save', exact: true }).click();
      await drawer.getByText('Somebody changed this pilot meanwhile').waitFor();
      await drawer.getByRole('cell', { name: 'Theirs' }).waitFor();
      await drawer.getByRole('button', { name: 'Save mine over it' }).click();
      await page.getByText('Mine is changed.').waitFor();
    });
  });

  it('verifies the chain of the audit trail', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'platform-admin', '/admin/audit');
      await page.getByText(/Chain intact/).waitFor();
    });
  });

  it('switches the theme and keeps it', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator');
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByText('Dark', { exact: true }).click();
      const scheme = () => document.documentElement.dataset.mantineColorScheme === 'dark';
      await page.waitForFunction(scheme);
      await page.reload();
      await page.waitForFunction(scheme);
    });
  });
});

describe('on a telephone', LIMIT, () => {
  it('reaches every area by the menu', async () => {
    await inWindow({ viewport: NARROW }, async ({ page }) => {
      await signIn(page, 'pilot-admin');
      await page.getByRole('button', { name: 'More' }).click();
      const menu = page.getByRole('dialog', { name: 'Menu' });
      await menu.getByRole('link', { name: 'Devices' }).click();
      await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
      await menu.waitFor({ state: 'hidden' });
    });
  });
});
