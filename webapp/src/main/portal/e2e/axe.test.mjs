// Every page, in both themes, wide and narrow: nothing serious for axe, nothing wider than the window.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  call,
  check,
  closeDay,
  launch,
  line,
  NARROW,
  open,
  PILOT,
  report,
  signIn,
  thingModel,
  token,
  uploadDataset,
  WIDE,
} from './stack.mjs';

const PAGES = [
  `/p/${PILOT}/overview`,
  `/p/${PILOT}/twins`,
  `/p/${PILOT}/twins?q=axe&place=axe`,
  `/p/${PILOT}/twins/axe-0`,
  `/p/${PILOT}/twins/axe-0?tab=charts&property=temperature`,
  `/p/${PILOT}/twins/axe-0?tab=charts&property=temperature&hide=facts`,
  `/p/${PILOT}/twins/axe-0?tab=desired`,
  `/p/${PILOT}/twins/axe-0?tab=commands`,
  `/p/${PILOT}/twins/axe-0?tab=graph`,
  `/p/${PILOT}/twins/axe-1?tab=graph&depth=2`,
  `/p/${PILOT}/twins/axe-0?tab=thread`,
  `/p/${PILOT}/twins/axe-0?tab=attributes`,
  `/p/${PILOT}/models`,
  `/p/${PILOT}/models/axe-pump`,
  `/p/${PILOT}/live`,
  `/p/${PILOT}/datasets`,
  `/p/${PILOT}/datasets?prefix=axe&tag=classification:restricted&state=available`,
  `/p/${PILOT}/datasets?prefix=axe-nothing-is-called-so`,
  `/p/${PILOT}/datasets/storage`,
  `/p/${PILOT}/datasets/copies`,
  `/p/${PILOT}/datasets/copies/new`,
  `/p/${PILOT}/datasets/copies/nothing-is-called-so`,
  ...[
    '',
    '?tab=preview',
    '?tab=preview&view=columns',
    '?tab=versions',
    '?tab=lineage',
    '?tab=references',
    '?tab=pointer',
    '?tab=use',
  ].map((tab) => `/p/${PILOT}/datasets/AXE${tab}`),
  `/p/${PILOT}/datasets/AXE-UPLOADING`,
  `/p/${PILOT}/datasets?q=axe`,
  `/p/${PILOT}/days`,
  `/p/${PILOT}/days?show=complete&show=late`,
  `/p/${PILOT}/days?view=list`,
  `/p/${PILOT}/days/2900-01-01`,
  ...['', '?tab=files', '?tab=rejects', '?tab=manifest', '?tab=log'].map(
    (tab) => `/p/${PILOT}/days/YESTERDAY${tab}`,
  ),
  `/p/${PILOT}/jobs`,
  `/p/${PILOT}/jobs?state=dead`,
  `/p/${PILOT}/jobs?q=nothing-is-called-so&type=export`,
  ...['', '?tab=result', '?tab=parameters', '?tab=attempts', '?tab=log'].map(
    (tab) => `/p/${PILOT}/jobs/EXPORT${tab}`,
  ),
  `/p/${PILOT}/jobs/new`,
  `/p/${PILOT}/jobs/new?from=YESTERDAY&to=YESTERDAY&every=PT1M`,
  `/p/${PILOT}/jobs/new?from=YESTERDAY&to=YESTERDAY&sql=SELECT+1`,
  `/p/${PILOT}/jobs/new?source=datasets&dataset=AXE`,
  `/p/${PILOT}/jobs/schedules`,
  `/p/${PILOT}/jobs/verify?sample=10`,
  `/p/${PILOT}/products`,
  `/p/${PILOT}/products?q=nothing-is-called-so`,
  ...['', '?tab=schema', '?tab=versions', '?tab=terms', '?tab=use', '?tab=history', '?edit=1'].map(
    (tab) => `/p/${PILOT}/products/axe-product${tab}`,
  ),
  `/p/${PILOT}/rejected`,
  `/p/${PILOT}/devices`,
  '/admin/people',
  '/admin/people?open=operator',
  '/admin/pilots',
  `/admin/pilots?open=${PILOT}`,
  '/admin/audit',
  '/admin/engines',
  '/account',
];

let browser;
/** The ids of datasets are the platform's own: the paths name them by what they are for. */
const ids = {};
before(async () => {
  browser = await launch();
  const admin = await token('pilot-admin');
  await call(admin, 'PUT', '/models/axe-pump', { body: thingModel() });
  const known = await call(admin, 'GET', '/twins/axe-0', { expect: [200, 404] });
  await call(admin, 'PUT', '/twins/axe-0', {
    body: { model: 'axe-pump', attributes: { name: 'Axe', place: 'axe/hall' }, desired: { speed: 1450 } },
    headers: known.status === 200 ? { 'if-match': known.headers.get('etag') } : { 'if-none-match': '*' },
  });
  await call(admin, 'PUT', '/twins/axe-1', { body: { attributes: { name: 'Axe line', level: 'line' } } });
  await call(admin, 'PUT', '/twins/axe-1/relationships/axe', { body: { type: 'contains', target: 'axe-0' } });
  await call(admin, 'POST', '/devices', {
    body: { device_id: 'axe-0', twins: ['axe-0'] },
    expect: [201, 409],
  });
  await call(admin, 'POST', '/twins/axe-0/commands', {
    body: { name: 'set_speed', input: { speed: 1450 }, timeout_s: 3_600 },
    expect: [201, 409],
  });
  const tags = { classification: 'restricted', personal_data: true, owner: 'Axe' };
  const raw = await uploadDataset(admin, 'axe.csv', Buffer.from('a,b\n1,2\n'), { tags });
  ids.AXE = await uploadDataset(admin, 'axe.csv', Buffer.from('a,b\n3,4\n'), { tags, inputs: [raw] });
  ids['AXE-UPLOADING'] = await uploadDataset(admin, 'axe-open.csv', Buffer.from('a'), { complete: false });
  const contract = {
    name: 'Axe product',
    version: '0.1.0',
    status: 'draft',
    description: { purpose: 'To be looked at' },
    schema: [
      {
        name: 'axe',
        properties: [{ name: 'a', logicalType: 'integer', required: true }],
        quality: [{ metric: 'rowCount', mustBeGreaterThan: 0 }],
      },
    ],
    slaProperties: [
      { property: 'frequency', value: 1, unit: 'd' },
      { property: 'retention', value: 1, unit: 'y' },
      { property: 'endOfSupport', value: '2020-01-01' },
    ],
    support: [{ channel: 'axe', url: 'mailto:axe@aurora.example' }],
  };
  const product = await call(admin, 'GET', '/products/axe-product', { expect: [200, 404] });
  await call(admin, 'PUT', '/products/axe-product', {
    body: { dataset_name: 'axe.csv', contract },
    headers: product.status === 200 ? { 'if-match': product.headers.get('etag') } : {},
  });
  ids.YESTERDAY = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await closeDay(admin, ids.YESTERDAY);
  const exported = await call(admin, 'POST', '/jobs', {
    body: {
      type: 'export',
      name: 'Axe export',
      parameters: {
        source: { closed_days: { from: ids.YESTERDAY, to: ids.YESTERDAY } },
        format: 'parquet',
        name: 'axe/export',
      },
    },
  });
  ids.EXPORT = (await exported.json()).job_id;
  await report(
    await token('pilot-operator'),
    Array.from({ length: 40 }, (_, index) => line(`axe-${index % 4}`, { temperature: 60 + index / 10 })),
  );
});
after(async () => {
  await browser?.close();
});

const real = (path) => path.replace(/AXE(-UPLOADING)?|YESTERDAY|EXPORT/g, (name) => ids[name]);

async function settled(page) {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(
    () =>
      !/Loading|Gathering…|Connecting…|Looking into the files…|Reading the files…/.test(
        document.body.textContent ?? '',
      ),
  );
}

for (const colorScheme of ['light', 'dark']) {
  for (const [width, viewport] of [
    [1440, WIDE],
    [390, NARROW],
  ]) {
    describe(`${colorScheme}, ${width} px`, { timeout: 600_000 }, () => {
      let window;
      before(async () => {
        window = await open(browser, { viewport, colorScheme });
        await window.page.goto('/sign-in');
      });
      after(async () => {
        await window?.context.close();
      });

      it('/sign-in', async () => {
        await window.page.getByRole('heading', { level: 1 }).waitFor();
        await check(window.page);
        await signIn(window.page, 'platform-admin');
      });
      for (const path of PAGES) {
        it(path, async () => {
          await window.page.goto(real(path));
          await settled(window.page);
          await check(window.page);
          assert.deepEqual(window.complaints, []);
        });
      }
    });
  }
}
