// The pictures of the README, taken from the running stack; only with SCREENSHOTS=1, so that a test run leaves the
// tree as it was.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, NARROW, open, PILOT, signIn } from './stack.mjs';

const IMAGES = join(dirname(fileURLToPath(import.meta.url)), '../../../../../docs/images');
const wanted = process.env.SCREENSHOTS === '1';

const ENGINE = `/p/${PILOT}/twins/engine-001`;
const PICTURES = [
  { name: 'overview', path: `/p/${PILOT}/overview`, role: 'pilot-admin', schemes: ['light', 'dark'] },
  { name: 'live', path: `/p/${PILOT}/live`, role: 'pilot-admin', schemes: ['light', 'dark'] },
  { name: 'devices', path: `/p/${PILOT}/devices`, role: 'pilot-admin', schemes: ['light'] },
  { name: 'audit', path: '/admin/audit', role: 'platform-admin', schemes: ['light'] },
  { name: 'engines', path: '/admin/engines', role: 'platform-admin', schemes: ['dark'] },
  // Of C-MAPSS, imported as the guide says.
  { name: 'twin-charts', path: `${ENGINE}?tab=charts&range=7d&property=%5B%22T50%22%2C%22Ps30%22%5D`, role: 'pilot-admin', schemes: ['light'] },
  { name: 'twin-graph', path: `${ENGINE}?tab=graph`, role: 'pilot-admin', schemes: ['dark'] },
  {
    name: 'overview-phone',
    path: `/p/${PILOT}/overview`,
    role: 'pilot-admin',
    schemes: ['light'],
    viewport: NARROW,
  },
];

describe('the pictures of the README', { skip: !wanted, timeout: 180_000 }, () => {
  let browser;
  before(async () => {
    await mkdir(IMAGES, { recursive: true });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
  });

  for (const { name, path, role, schemes, viewport } of PICTURES) {
    for (const colorScheme of schemes) {
      const file = schemes.length > 1 ? `${name}-${colorScheme}.png` : `${name}.png`;
      it(file, async () => {
        const { context, page } = await open(browser, { viewport, colorScheme });
        await signIn(page, role, path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        if (path.includes('overview')) await page.locator('.ph-chart-place canvas').waitFor();
        if (path.includes('overview')) await page.locator('.ph-tail li').nth(12).waitFor();
        if (path.includes('live')) await page.locator('tbody tr[data-index="20"]').waitFor();
        await page.evaluate(() => document.fonts.ready);
        await page.screenshot({ path: join(IMAGES, file), animations: 'disabled' });
        await context.close();
      });
    }
  }
});
