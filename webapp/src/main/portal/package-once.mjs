// Builds the portal for the WAR, unless nothing that goes into it has changed since the last time; with `test`, runs
// its unit tests. Installs the packages before, if the lock file has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = dirname(fileURLToPath(import.meta.url));
const target = join(home, '../../../target');
const output = join(target, 'portal');
const stamp = join(target, 'portal.stamp');
const installed = join(home, 'node_modules/.installed');
const inputs = [
  'package-lock.json',
  'package.json',
  'vite.config.ts',
  'tsconfig.json',
  'index.html',
  'public',
  'src',
  '../../../../modules/contracts/src/main/resources/META-INF/openapi.yaml',
];

function digest(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (path.endsWith('schema.d.ts')) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
    } else {
      hash.update(path.slice(home.length)).update('\0').update(readFileSync(path));
    }
  };
  for (const path of paths) add(join(home, path));
  return hash.digest('hex');
}

function npm(...words) {
  const cli = process.env.npm_execpath;
  const env = { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env.PATH };
  const run = cli
    ? spawnSync(process.execPath, [cli, ...words], { cwd: home, env, stdio: 'inherit' })
    : spawnSync('npm', words, { cwd: home, env, stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

const testing = process.argv.includes('test');
const wanted = digest(inputs);
if (!testing && read(stamp) === wanted && existsSync(join(output, 'index.html'))) {
  process.exit(0);
}
const lock = digest(['package-lock.json']);
if (read(installed) !== lock) {
  npm('ci', '--prefer-offline', '--no-progress', '--loglevel=error');
  writeFileSync(installed, lock);
}
if (testing) {
  npm('run', '--silent', 'test');
  process.exit(0);
}
npm('run', '--silent', 'build');
mkdirSync(target, { recursive: true });
writeFileSync(stamp, wanted);
