// Data products as a steward makes them and others read them, in a real browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { call, fresh, launch, NARROW, open, PILOT, shows, signIn, token, uploadDataset } from './stack.mjs';

const LIMIT = { timeout: 300_000 };
const LIST = `/p/${PILOT}/products`;
let browser;
let steward;

before(async () => {
  browser = await launch();
  steward = await token('data-steward');
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

const csv = Buffer.from('time,rpm\n2026-01-01T00:00:00Z,900\n');

async function product(more = {}) {
  const of = `${fresh('runs')}.csv`;
  await uploadDataset(steward, of, csv);
  const name = fresh('product');
  await call(steward, 'PUT', `/products/${name}`, {
    body: {
      dataset_name: of,
      contract: {
        name: `Runs of ${name}`,
        version: '1.0.0',
        status: 'active',
        description: { purpose: 'Wear of the tools' },
        team: { name: 'Press shop' },
        schema: [
          {
            name: 'runs',
            properties: [
              { name: 'time', logicalType: 'timestamp', required: true },
              { name: 'rpm', logicalType: 'number' },
            ],
          },
        ],
        slaProperties: [{ property: 'frequency', value: 1, unit: 'd' }],
        ...more,
      },
    },
  });
  return { name, of };
}

describe('a product', LIMIT, () => {
  it('is made from a dataset, with its service levels held against the newest version', async () => {
    const of = `${fresh('measured')}.csv`;
    const id = await uploadDataset(steward, of, csv);
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `/p/${PILOT}/datasets/${id}`);
      await page.getByRole('link', { name: 'make it one…' }).click();
      await page.getByRole('heading', { name: /^New product measured/ }).waitFor();
      await page.getByLabel('Title').fill('Measured speed');
      await page.getByLabel('Purpose').fill('Wear of the tools');
      await page.getByRole('button', { name: 'Add a service level' }).click();
      await page.getByRole('button', { name: 'Add an object' }).click();
      await page.getByLabel('Name of property 1').fill('rpm');
      await page.getByRole('button', { name: 'Add a rule' }).click();
      await page.getByText('It keeps to the standard').waitFor();
      await page.getByRole('button', { name: 'Create' }).click();

      await page.getByRole('heading', { name: 'Measured speed', level: 1 }).waitFor();
      const row = page.getByRole('row', { name: /frequency/ });
      await row.getByText('met', { exact: true }).waitFor();
      await page
        .getByRole('row', { name: /rowCount/ })
        .getByText('met', { exact: true })
        .waitFor();
      await page.getByRole('tab', { name: 'Schema' }).click();
      await page.getByRole('cell', { name: 'rpm' }).waitFor();
      await page.getByRole('tab', { name: 'Versions' }).click();
      await page.getByText('1, this one').waitFor();
      await page.getByRole('tab', { name: 'Use it' }).click();
      await page.getByRole('region', { name: 'pandas' }).waitFor();
    });
    const [found] = (
      await (await call(steward, 'GET', `/products?dataset_name=${encodeURIComponent(of)}`)).json()
    ).items;
    assert.equal(found.title, 'Measured speed');
    assert.equal(found.status, 'draft');
  });

  it('tells at its fields what is wrong, undoes step by step, and asks before it loses anything', async () => {
    const { name } = await product();
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${name}?edit=1`);
      const version = page.getByLabel('Version of the contract');
      await version.fill('one');
      await page.getByText('Must be a version of three numbers, such as 1.0.0.').waitFor();
      assert.equal(await version.getAttribute('aria-invalid'), 'true');
      await page.getByRole('button', { name: 'Take property 2 away' }).click();
      await page.getByRole('button', { name: 'Undo the last change' }).click();
      assert.equal(await page.getByLabel('Name of property 2').inputValue(), 'rpm');
      await page.getByRole('button', { name: 'Undo the last change' }).click();
      assert.equal(await version.inputValue(), '1.0.0');
      await page.getByRole('button', { name: 'Do the undone change again' }).click();
      assert.equal(await version.inputValue(), 'one');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
      await page.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('tab', { name: 'Quality and SLA' }).waitFor();
    });
    assert.equal((await (await call(steward, 'GET', `/products/${name}`)).json()).revision, 1);
  });

  it('asks for a new major version where something is taken away', async () => {
    const { name } = await product();
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${name}?edit=1`);
      await page.getByRole('button', { name: 'Take property 2 away' }).click();
      await page.getByText(/^Must be 2\.0\.0 or higher/).waitFor();
      await page.getByRole('button', { name: /^2\.0\.0/ }).click();
      await page.getByText('It keeps to the standard').waitFor();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('tab', { name: 'Contract' }).click();
      await page.getByRole('cell', { name: '2.0.0' }).waitFor();
      await page.getByRole('cell', { name: '1.0.0' }).waitFor();
    });
  });

  it('goes out as YAML and comes back', async () => {
    const { name } = await product();
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${name}`);
      await page.getByRole('button', { name: 'More about this product' }).click();
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: /YAML \(ODCS/ }).click();
      const yaml = await readFile(await (await download).path(), 'utf8');
      assert.match(yaml, /^apiVersion: v3\.1\.0$/m);
      assert.match(yaml, /^kind: DataContract$/m);
      const again = yaml.replace('Wear of the tools', 'Wear of the presses');
      if (!(await page.getByRole('menuitem', { name: /from a YAML file/ }).isVisible())) {
        await page.getByRole('button', { name: 'More about this product' }).click();
      }
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('menuitem', { name: /from a YAML file/ }).click();
      await (
        await chooser
      ).setFiles({ name: 'c.yaml', mimeType: 'application/yaml', buffer: Buffer.from(again) });
      await page.getByText('Wear of the presses').waitFor();
    });
  });

  it('is read, not changed, by an operator, and found from its dataset', async () => {
    const { name, of } = await product();
    await inWindow({ viewport: NARROW, colorScheme: 'dark' }, async ({ page }) => {
      await signIn(page, 'pilot-operator', `${LIST}/${name}?edit=1`);
      await page.getByRole('heading', { name: `Runs of ${name}`, level: 1 }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Edit the contract' }).count(), 0);
      await page.getByRole('link', { name: /^version 1/ }).click();
      await page.getByRole('heading', { name: of, level: 1 }).waitFor();
      await page.getByRole('link', { name: `Runs of ${name}` }).waitFor();
    });
  });

  it('is removed with its name typed, and its datasets stay', async () => {
    const { name, of } = await product();
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'data-steward', `${LIST}/${name}`);
      await page.getByRole('button', { name: 'More about this product' }).click();
      await page.getByRole('menuitem', { name: 'Remove the product…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Remove this product?' });
      await dialog.getByRole('textbox').fill(name);
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('heading', { name: 'Products', level: 1 }).waitFor();
    });
    await call(steward, 'GET', `/products/${name}`, { expect: [404] });
    const left = await (await call(steward, 'GET', `/datasets?name=${encodeURIComponent(of)}`)).json();
    assert.equal(left.items.length, 1);
  });
});

describe('the search in the catalogue', LIMIT, () => {
  it('finds a text in the middle of a name and in the owner, and marks it', async () => {
    const part = fresh('needle');
    await uploadDataset(steward, `in-the-${part.toUpperCase()}-hay.csv`, csv);
    await uploadDataset(steward, `${fresh('other')}.csv`, csv, { tags: { owner: `Team ${part}` } });
    await inWindow({}, async ({ page }) => {
      await signIn(page, 'pilot-operator', `/p/${PILOT}/datasets`);
      await page.getByLabel('Name, owner or purpose').fill(part);
      await page.locator('mark', { hasText: part.toUpperCase() }).first().waitFor();
      const marks = page.locator('tbody mark');
      await assert.doesNotReject(marks.nth(1).waitFor());
      await shows(page.locator('tbody tr[data-index]'), 2);
      assert.equal(new URL(page.url()).searchParams.get('q'), part);
    });
  });
});
