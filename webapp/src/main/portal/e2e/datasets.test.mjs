// Datasets as a person uses them, in a real browser: the bytes go from the page straight into object storage.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  base,
  call,
  fresh,
  launch,
  NARROW,
  open,
  PILOT,
  PILOT_BUCKET,
  s3,
  shows,
  signIn,
  storage,
  token,
  uploadDataset,
  WIDE,
} from './stack.mjs';

const LIMIT = { timeout: 600_000 };
const LIST = `/p/${PILOT}/datasets`;
/** More than two parts of the platform's smallest, so that there is something in the middle. */
const LARGE = 40 * 1024 * 1024;
let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-datasets-'));
});

after(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true });
});

async function inWindow(options, act) {
  const window = await open(browser, options);
  // the plain chooser can be driven from here, the one that hands out handles cannot
  await window.context.addInitScript(() => delete globalThis.showOpenFilePicker);
  try {
    await act(window);
    assert.deepEqual(window.complaints, []);
  } finally {
    await window.context.close();
  }
}

const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function fileOf(name, bytes) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function choose(page, button, path) {
  const chooser = page.waitForEvent('filechooser');
  await button.click();
  await (await chooser).setFiles(path);
}

const tray = (page) => page.getByRole('region', { name: 'Uploads' });

async function begin(page, path, fill = async () => undefined) {
  await choose(page, page.getByRole('button', { name: 'Upload', exact: true }), path);
  const dialog = page.getByRole('dialog', { name: /^Upload/ });
  await dialog.getByLabel('Name', { exact: true }).waitFor();
  await fill(dialog);
  await dialog.getByRole('button', { name: 'Upload', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

const idInTray = async (page, name) => {
  const link = tray(page).getByRole('link', { name });
  await link.waitFor();
  return new URL(await link.getAttribute('href'), 'http://x').pathname.split('/').at(-1);
};

const look = async (bearer, id) => (await call(bearer, 'GET', `/datasets/${id}`)).json();

/** Stands between the page and object storage: `act` decides about each part that is put. */
async function between(page, act) {
  const puts = [];
  await page.route(
    (url) => url.origin === storage,
    async (route) => {
      const { pathname, searchParams } = new URL(route.request().url());
      const number = Number(searchParams.get('partNumber') ?? pathname.split('/').at(-1));
      if (route.request().method() !== 'PUT') return route.continue();
      puts.push(number);
      return act(route, number, puts.length);
    },
  );
  return puts;
}

const never = () => new Promise(() => undefined);

describe('an upload', LIMIT, () => {
  it('goes straight to object storage, is verified, and comes back byte for byte', async () => {
    await inWindow({}, async ({ page }) => {
      const name = `${fresh('measured')}.csv`;
      const bytes = Buffer.from(`time,value\n${'2026-11-21T10:00:00Z,1.5\n'.repeat(5_000)}`);
      await signIn(page, 'pilot-admin', LIST);
      await begin(page, await fileOf(name, bytes), async (dialog) => {
        await dialog.getByLabel('Owner').fill('Test bench');
        await dialog.getByLabel('Kept for').fill('30');
        await dialog.getByRole('switch', { name: 'It holds personal data' }).click({ force: true });
      });
      await tray(page)
        .getByText(/· available/)
        .waitFor();
      const id = await idInTray(page, name);
      const found = await look(await token('pilot-admin'), id);
      assert.equal(found.state, 'available');
      assert.equal(found.checksum, sha256(bytes));
      assert.equal(found.retention_days, 30);
      assert.equal(found.tags.owner, 'Test bench');
      assert.equal(found.tags.personal_data, true);
      assert.equal(found.tags.classification, 'internal');

      await page.locator('tbody tr[data-index]', { hasText: name }).getByText('available').waitFor();
      await tray(page).getByRole('link', { name }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
      await page.getByRole('tab', { name: 'Pointer event' }).click();
      const event = JSON.parse(await page.getByLabel('Data of the pointer event').textContent());
      assert.equal(event.event_type, 'dataset.available');
      assert.equal(event.checksum, sha256(bytes));
      assert.equal(event.object_uri, found.object_uri);

      const content = await page.getByRole('link', { name: 'Download' }).getAttribute('href');
      const answer = await page.context().request.get(content);
      assert.equal(sha256(await answer.body()), sha256(bytes));
    });
  });

  it('takes a file that is dropped anywhere on the page', async () => {
    await inWindow({}, async ({ page }) => {
      const name = `${fresh('dropped')}.json`;
      await signIn(page, 'pilot-operator', LIST);
      await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
      await page.evaluate((called) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['{"a":1}'], called));
        for (const type of ['dragenter', 'dragover', 'drop']) {
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
        }
      }, name);
      const dialog = page.getByRole('dialog', { name: 'Upload a file' });
      assert.equal(await dialog.getByLabel('Type', { exact: true }).inputValue(), 'application/json');
      await dialog.getByRole('button', { name: 'Upload', exact: true }).click();
      await tray(page)
        .getByText(/· available/)
        .waitFor();
    });
  });

  it('gets over parts that fail and URLs that have run out', async () => {
    await inWindow({}, async ({ page }) => {
      const bytes = randomBytes(LARGE);
      await signIn(page, 'pilot-admin', LIST);
      await between(page, (route, _number, at) => {
        if (at === 1) return route.abort('connectionreset');
        if (at === 2) return route.fulfill({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' });
        if (at === 3) return route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' } });
        return route.continue();
      });
      const name = `${fresh('shaky')}.bin`;
      await begin(page, await fileOf(name, bytes));
      await tray(page)
        .getByText(/· available/)
        .waitFor({ timeout: 120_000 });
      const found = await look(await token('pilot-admin'), await idInTray(page, name));
      assert.equal(found.checksum, sha256(bytes));
    });
  });

  it('pauses, and goes on with what is missing', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', LIST);
      let held = true;
      const puts = await between(page, (route, number) => (held && number > 1 ? never() : route.continue()));
      const name = `${fresh('paused')}.bin`;
      await begin(page, await fileOf(name, randomBytes(LARGE)));
      const id = await idInTray(page, name);
      const bearer = await token('pilot-admin');
      await eventually(async () => (await uploaded(bearer, id)).includes(1));
      await page.getByRole('button', { name: `Pause ${name}` }).click();
      await tray(page)
        .getByText(/^paused at/)
        .waitFor();
      held = false;
      puts.length = 0;
      await page.getByRole('button', { name: `Go on with ${name}` }).click();
      await tray(page)
        .getByText(/· available/)
        .waitFor({ timeout: 120_000 });
      assert.ok(!puts.includes(1), 'a part that was stored is not sent again');
    });
  });

  it('survives a closed page: the same file goes on where it was, another one is refused', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', LIST);
      let held = true;
      const puts = await between(page, (route, number) => (held && number > 1 ? never() : route.continue()));
      const name = `${fresh('closed')}.bin`;
      const bytes = randomBytes(LARGE);
      const path = await fileOf(name, bytes);
      await begin(page, path);
      const id = await idInTray(page, name);
      const bearer = await token('pilot-admin');
      await eventually(async () => (await uploaded(bearer, id)).includes(1));
      let warned = false;
      page.on('dialog', (dialog) => {
        warned ||= dialog.type() === 'beforeunload';
        void dialog.accept();
      });
      await page.reload();
      assert.ok(warned, 'the page warns before it is left');
      await tray(page)
        .getByText(/^interrupted/)
        .waitFor();
      held = false;
      puts.length = 0;
      const resume = tray(page).getByRole('button', { name: 'Resume…' });
      await choose(page, resume, await fileOf(`other-${name}`, randomBytes(1000)));
      await tray(page)
        .getByText(/That is not the file/)
        .waitFor();
      await choose(page, resume, path);
      await tray(page)
        .getByText(/· available/)
        .waitFor({ timeout: 120_000 });
      assert.ok(!puts.includes(1), 'a part that was stored is not sent again');
      assert.equal((await look(bearer, id)).checksum, sha256(bytes));
    });
  });

  it('is resumed from its page by whoever has the file', async () => {
    const bytes = randomBytes(LARGE);
    const name = `${fresh('elsewhere')}.bin`;
    const bearer = await token('pilot-admin');
    const id = await uploadDataset(bearer, name, bytes, { complete: false });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${id}`);
      const puts = await between(page, (route) => route.continue());
      await choose(
        page,
        page.getByRole('button', { name: 'Resume the upload…' }),
        await fileOf(`copy-${name}`, bytes),
      );
      await tray(page)
        .getByText(/· available/)
        .waitFor({ timeout: 120_000 });
      assert.ok(!puts.includes(1));
      await page.getByRole('link', { name: 'Download' }).waitFor();
    });
  });

  it('ends in quarantine where the bytes are not those of the file, and says what that means', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', LIST);
      await page.route('**/complete', async (route) => {
        const asked = route.request().postDataJSON();
        await route.continue({
          postData: JSON.stringify({ ...asked, checksum: `sha256:${'0'.repeat(64)}` }),
        });
      });
      const name = `${fresh('differs')}.csv`;
      await begin(page, await fileOf(name, Buffer.from('a,b\n')));
      await tray(page).getByText('checksum_mismatch').waitFor();
      await tray(page).getByRole('link', { name }).click();
      await page.getByText('Quarantined: the bytes are not what was declared').waitFor();
      assert.equal(await page.getByRole('link', { name: 'Download' }).count(), 0);
      await page.getByRole('tab', { name: 'Pointer event' }).click();
      await page.getByText('No pointer has gone out').waitFor();
    });
  });

  it('is given up from the tray', async () => {
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', LIST);
      await between(page, never);
      const name = `${fresh('given-up')}.bin`;
      await begin(page, await fileOf(name, randomBytes(2000)));
      const id = await idInTray(page, name);
      await page.getByRole('button', { name: `Give the upload of ${name} up` }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Give up' }).click();
      await page.getByText(`The upload of ${name} is given up.`).waitFor();
      await tray(page).waitFor({ state: 'hidden' });
      const { state } = await look(await token('pilot-admin'), id);
      assert.ok(['deleting', 'deleted'].includes(state), state);
    });
  });

  it('goes on while other areas are looked at', async () => {
    await inWindow({ viewport: NARROW }, async ({ page }) => {
      await signIn(page, 'pilot-admin', LIST);
      let held = true;
      await between(page, async (route) => {
        while (held) await new Promise((resolve) => setTimeout(resolve, 50));
        await route.continue();
      });
      const name = `${fresh('beside')}.csv`;
      await begin(page, await fileOf(name, Buffer.from('a\n')));
      await tray(page).getByText(name).first().waitFor();
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      held = false;
      await tray(page)
        .getByText(/· available/)
        .waitFor();
    });
  });
});

describe('the list of datasets', LIMIT, () => {
  it('keeps its filter in the address, is walked by keyboard, and gives CSV', async () => {
    const bearer = await token('pilot-admin');
    const name = fresh('listed');
    const tags = { classification: 'restricted', lot: name };
    await uploadDataset(bearer, name, Buffer.from('a\n'), { tags });
    await uploadDataset(bearer, name, Buffer.from('b\n'), { tags });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', LIST);
      const box = page.getByRole('combobox', { name: 'Tag, as name or name:value' });
      await box.fill(`lot:${name}`);
      await box.press('Enter');
      await page.waitForURL((now) => now.searchParams.get('tag') === `lot:${name}`);
      await page.waitForFunction(() => document.querySelectorAll('tbody tr[data-index]').length === 2);
      await page.getByRole('textbox', { name: 'Name, owner or purpose' }).fill(name.slice(0, 8));
      await page.waitForURL((now) => now.searchParams.get('q') === name.slice(0, 8));
      await page.reload();
      const first = page.locator('tbody tr[data-index="0"]');
      await first.getByText('v2').waitFor();
      await first.getByText('restricted').waitFor();
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download what is listed as CSV' }).click();
      const lines = (await readFile(await (await saving).path(), 'utf8')).trim().split('\r\n');
      assert.equal(lines.length, 3);
      await page.locator('.ph-scroll').focus();
      for (const row of ['0', '1']) {
        await page.keyboard.press('j');
        await page.waitForFunction((at) => document.activeElement?.closest('tr')?.dataset.index === at, row);
      }
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name, level: 1 }).waitFor();
      await page.getByText('version 1').waitFor();
      await page.goBack();
      await page.getByRole('button', { name: /out of the filter/ }).click();
      await page.waitForURL((now) => !now.searchParams.has('tag'));
    });
  });

  it('is found from the palette', async () => {
    const name = fresh('sought');
    const id = await uploadDataset(await token('pilot-admin'), name, Buffer.from('a\n'));
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `/p/${PILOT}/overview`);
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder(/An area/).fill(name);
      await page.getByRole('button', { name: new RegExp(`${name}.*${id}`) }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
    });
  });
});

describe('a dataset', LIMIT, () => {
  it('is previewed, whatever it was sent as', async () => {
    const lines = Array.from(
      { length: 300 },
      (_, i) => `${i},engine ${i % 3},${i === 7 ? 'x'.repeat(600) : ''}`,
    );
    const json = { engine: { id: 7, tags: ['a', 'b'] }, ['__proto__']: 1 };
    const files = {
      csv: Buffer.from(`number;engine;note\n${lines.join('\n').replaceAll(',', ';')}\n`),
      ndjson: Buffer.from(`${JSON.stringify(json)}\n`.repeat(3)),
      parquet: await readFile(new URL('./engines.parquet', import.meta.url)),
      // by chance they would begin as JSON does
      bin: Buffer.concat([Buffer.from([0]), randomBytes(2_000)]),
    };
    for (const viewport of [WIDE, NARROW]) {
      for (const [kind, bytes] of Object.entries(files)) {
        await inWindow(
          { viewport, colorScheme: viewport === NARROW ? 'dark' : 'light' },
          async ({ page }) => {
            const name = `${fresh('shown')}.${kind}`;
            await signIn(page, 'pilot-admin', LIST);
            await begin(page, await fileOf(name, bytes));
            await tray(page)
              .getByText(/· available/)
              .waitFor();
            const id = await idInTray(page, name);
            await page.goto(`${base}${LIST}/${id}?tab=preview`);
            if (kind === 'bin') {
              await page.getByText('This kind of file is not shown').waitFor();
              return;
            }
            const grid = page.getByRole('grid', { name: 'First rows' });
            await grid.waitFor();
            await grid.focus();
            await page.keyboard.press('ArrowRight');
            const cell = page.locator('.ph-preview-cell');
            if (kind === 'csv') {
              await page.getByText(/the first 50 of 300 rows/).waitFor();
              await cell.getByText('row 1, number').waitFor();
              await page.keyboard.press('PageDown');
              for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'End']) await page.keyboard.press(key);
              await cell.getByText('the first 512 of 600 characters').waitFor();
              await page.getByText('200 rows', { exact: true }).click();
              await page.waitForURL((now) => now.searchParams.get('rows') === '200');
              await page.waitForFunction(
                () => document.querySelectorAll('.ph-preview-table tbody tr').length === 200,
              );
            }
            if (kind === 'ndjson') await grid.getByRole('columnheader', { name: /engine\.tags/ }).waitFor();
            if (kind === 'parquet') {
              await grid.getByRole('columnheader', { name: /timestamp\(us, utc\)/ }).waitFor();
              await page.getByText('Columns', { exact: true }).click();
              await page.getByRole('rowheader', { name: 'engine' }).waitFor();
            }
            const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
            assert.equal(wide, false, 'the page itself does not scroll sideways');
            await page.screenshot({ path: join(folder, `${kind}-${viewport.width}.png`) });
          },
        );
      }
    }
  });

  it('shows its versions and its lineage, in a picture and in words', async () => {
    const bearer = await token('pilot-admin');
    const [raw, made] = [fresh('raw'), fresh('made')];
    const first = await uploadDataset(bearer, raw, Buffer.from('1\n'));
    const second = await uploadDataset(bearer, raw, Buffer.from('2\n'));
    const output = await uploadDataset(bearer, made, Buffer.from('3\n'), { inputs: [first, second] });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `${LIST}/${output}?tab=lineage`);
      const table = page.getByRole('region', { name: 'Lineage' });
      await table.getByText('1 step before').first().waitFor();
      await shows(table.locator('tbody tr'), 3);
      await shows(page.locator('.ph-graph-node'), 3);
      await page.locator('.ph-graph-node', { hasText: raw }).first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: raw, level: 1 }).waitFor();
      await page.getByRole('tab', { name: 'Versions' }).click();
      await page.getByText(/, this one/).waitFor();
      await shows(page.locator('.ph-facts-table tbody tr'), 2);
      await page.getByRole('tab', { name: 'References' }).click();
      await page.getByText(made).waitFor();
    });
  });

  it('shows what somebody else changed meanwhile, and never overwrites it unseen', async () => {
    const bearer = await token('pilot-admin');
    const name = fresh('governed');
    const id = await uploadDataset(bearer, name, Buffer.from('a\n'), { tags: { owner: 'Nobody' } });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${id}`);
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Owner').fill('Mine');
      await dialog.getByLabel('Kept for').fill('90');
      const read = await call(bearer, 'GET', `/datasets/${id}`);
      await call(bearer, 'PATCH', `/datasets/${id}`, {
        body: { tags: { owner: 'Theirs' } },
        headers: {
          'content-type': 'application/merge-patch+json',
          'if-match': read.headers.get('etag'),
        },
      });
      await dialog.getByRole('button', { name: 'Save', exact: true }).click();
      await dialog.getByText('Somebody changed this dataset meanwhile').waitFor();
      await dialog.getByRole('cell', { name: 'Theirs' }).waitFor();
      await dialog.getByRole('button', { name: 'Save mine over it' }).click();
      await dialog.waitFor({ state: 'hidden' });
      const now = await look(bearer, id);
      assert.equal(now.tags.owner, 'Mine');
      assert.equal(now.retention_days, 90);
    });
  });

  it('is withdrawn and brought back', async () => {
    const bearer = await token('pilot-admin');
    const name = fresh('withdrawn');
    const id = await uploadDataset(bearer, name, Buffer.from('a\n'));
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${id}`);
      const withdraw = async () => {
        await page.getByRole('button', { name: 'More about this dataset' }).click();
        await page.getByRole('menuitem', { name: 'Withdraw…' }).click();
        await page.getByRole('dialog').getByText('Its pointer is withdrawn at once').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
        await page.getByText(`${name} is withdrawn.`).waitFor();
      };
      await withdraw();
      assert.equal((await look(bearer, id)).state, 'deleting');
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText(`${name} is available again.`).waitFor();
      assert.equal((await look(bearer, id)).state, 'available');
      await withdraw();
      await page.getByText('until then it can be brought back').waitFor();
      await page.getByRole('button', { name: 'Bring back' }).click();
      await page.getByRole('link', { name: 'Download' }).waitFor();
    });
  });

  it('under legal hold says who keeps it from being withdrawn', async () => {
    const bearer = await token('pilot-admin');
    const name = fresh('held');
    const id = await uploadDataset(bearer, name, Buffer.from('a\n'), { tags: { legal_hold: true } });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${id}`);
      await page.getByRole('button', { name: 'More about this dataset' }).click();
      await page.getByRole('menuitem', { name: 'Withdraw…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('It cannot be withdrawn while 1 reference holds it:').waitFor();
      assert.ok(await dialog.getByRole('button', { name: 'Withdraw' }).isDisabled());
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      const read = await call(bearer, 'GET', `/datasets/${id}`);
      await call(bearer, 'PATCH', `/datasets/${id}`, {
        body: { tags: { legal_hold: false } },
        headers: {
          'content-type': 'application/merge-patch+json',
          'if-match': read.headers.get('etag'),
        },
      });
    });
  });

  it('offers an operator to read, not to withdraw', async () => {
    const id = await uploadDataset(await token('pilot-admin'), fresh('read'), Buffer.from('a\n'));
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `${LIST}/${id}`);
      await page.getByRole('link', { name: 'Download' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'More about this dataset' }).count(), 0);
      await page.getByRole('tab', { name: 'Use it' }).click();
      await page.getByRole('region', { name: 'pandas' }).getByText('pd.read_csv').waitFor();
    });
  });
});

describe('the storage of a pilot', LIMIT, () => {
  it('shows usage to an admin, sweeping to a steward, the quota to the platform, nothing to an operator', async () => {
    for (const [role, sweeps, sets] of [
      ['pilot-admin', false, false],
      ['data-steward', true, false],
      ['platform-admin', true, true],
    ]) {
      await inWindow({}, async ({ page }) => {
        await signIn(page, role, `${LIST}/storage`);
        await page.getByRole('region', { name: 'Usage' }).getByText('Uploads at once').waitFor();
        await page.getByRole('button', { name: 'Look again' }).waitFor();
        assert.equal((await page.getByRole('button', { name: 'Sweep now…' }).count()) > 0, sweeps);
        assert.equal((await page.getByRole('button', { name: 'Set the quota…' }).count()) > 0, sets);
      });
    }
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `${LIST}/storage`);
      await page.getByText('This area is not for your role').waitFor();
    });
  });

  it('takes another quota', async () => {
    const bearer = await token('platform-admin');
    const { quota } = await (await call(bearer, 'GET', '/storage')).json();
    try {
      await inWindow({}, async ({ page }) => {
        await signIn(page, 'platform-admin', `${LIST}/storage`);
        await page.getByRole('button', { name: 'Set the quota…' }).click();
        await page.getByRole('dialog').getByLabel('Objects').fill('4321');
        await page.getByRole('dialog').getByRole('button', { name: 'Set', exact: true }).click();
        await page.getByText(/of 4,321/).waitFor();
      });
    } finally {
      await call(bearer, 'PUT', '/storage/quota', { body: quota });
    }
  });
});

describe('the pilot’s own endpoint', LIMIT, () => {
  it('is set with a secret that is not shown, looked at, and removed', async () => {
    const bearer = await token('platform-admin');
    await call(bearer, 'DELETE', '/storage/site', { expect: [204, 404] });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-admin', `${LIST}/storage`);
      const panel = page.getByRole('region', { name: 'The pilot’s own endpoint' });
      await panel.getByRole('button', { name: 'Set an endpoint…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', { name: 'Endpoint' }).fill('https://169.254.169.254');
      await dialog.getByLabel('Bucket').fill(PILOT_BUCKET);
      await dialog.getByLabel('Region').fill(s3.region);
      await dialog.getByLabel('Access key').fill(s3.access_key);
      await dialog.getByLabel('Secret key', { exact: true }).fill(s3.secret_key);
      await dialog.getByRole('button', { name: 'Set', exact: true }).click();
      await dialog.getByText('endpoint_not_allowed').waitFor();
      await dialog.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
      await dialog.getByRole('button', { name: 'Set', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
      await panel.getByRole('button', { name: 'Look now' }).click();
      await panel.getByText('reachable', { exact: true }).waitFor();
      assert.ok(!(await page.content()).includes(s3.secret_key));
      await panel.getByRole('button', { name: 'Remove…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
      await panel.getByRole('button', { name: 'Set an endpoint…' }).waitFor();
    });
  });
});

async function uploaded(bearer, id) {
  const { parts } = await (await call(bearer, 'GET', `/datasets/${id}/upload`)).json();
  return parts.filter(({ etag }) => etag).map(({ number }) => number);
}

async function eventually(holds) {
  for (let at = 0; at < 120; at++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail('it did not come to hold within half a minute');
}
