import { expect, it } from 'vitest';
import type { Dataset } from '../api/client';
import { ProblemError } from '../api/problem';
import type { Memory, Remembered } from './remembered';
import { Slots } from './slots';
import type { Platform, Ports } from './upload';
import { Uploads } from './uploads';

class Notes implements Memory {
  kept = new Map<string, Remembered>();
  all = () => Promise.resolve([...this.kept.values()]);
  keep = (upload: Remembered) => Promise.resolve(void this.kept.set(upload.key, upload));
  forget = (key: string) => Promise.resolve(void this.kept.delete(key));
}

function world() {
  let state: Dataset['state'] = 'uploading';
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let gone = false;
  let refuse = false;
  const dataset = () =>
    ({ dataset_id: 'd1', version: 1, state, size_bytes: 3, verified_bytes: 0, failure: null }) as Dataset;
  const place = { part_size: 10, part_count: 1, stored_bytes: 0, next_part: null };
  const upload = { ...place, parts: [{ number: 1, size: 3, url: 'https://s3.example/1', etag: null }] };
  const platform: Platform = {
    declare: () => Promise.resolve({ ...dataset(), upload }),
    places: () => Promise.resolve(upload),
    complete: () => {
      state = 'available';
      return Promise.resolve(dataset());
    },
    look: () =>
      gone
        ? Promise.reject(new ProblemError({ status: 404, code: 'not_found' }))
        : Promise.resolve(dataset()),
    giveUp: () =>
      refuse ? Promise.reject(new ProblemError({ status: 403, code: 'forbidden' })) : Promise.resolve(),
  };
  const ports: Ports = {
    platform,
    put: async (_url, _bytes, signal) => {
      await Promise.race([
        held,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      ]);
      return '"e"';
    },
    hash: () => ({ checksum: Promise.resolve('sha256:0'), pause: () => undefined, stop: () => undefined }),
    clock: { now: () => 0, wait: () => Promise.resolve() },
    uploads: new Slots(2),
    parts: new Slots(4),
  };
  return {
    ports: () => ports,
    release: () => release(),
    lose: () => void (gone = true),
    refuse: () => void (refuse = true),
  };
}

const chosen = { file: new File(['abc'], 'a.csv', { lastModified: 1 }), handle: null };
const declaration = { name: 'a.csv', media_type: 'text/csv', size_bytes: 3 };
const phases = (uploads: Uploads) => uploads.views().map(({ phase }) => phase);

it('keeps what is needed to go on from the declaration to the end', async () => {
  const notes = new Notes();
  const there = world();
  const uploads = new Uploads(notes, there.ports);
  await uploads.ownedBy('admin');
  const ended: string[] = [];
  uploads.whenEnded(({ phase }) => ended.push(phase));
  uploads.begin('aurora', chosen, declaration);
  await expect.poll(() => notes.kept.size).toBe(1);
  expect([...notes.kept.values()][0]).toMatchObject({
    pilot: 'aurora',
    dataset_id: 'd1',
    file_name: 'a.csv',
    size: 3,
    last_modified: 1,
    owner: 'admin',
  });
  there.release();
  await expect.poll(() => phases(uploads)).toEqual(['available']);
  await expect.poll(() => notes.kept.size).toBe(0);
  expect(ended).toContain('available');
  uploads.clearEnded();
  expect(uploads.views()).toEqual([]);
});

it('shows after a restart what was interrupted, and takes the file again', async () => {
  const notes = new Notes();
  const before = new Uploads(notes, world().ports);
  await before.ownedBy('admin');
  before.begin('aurora', chosen, declaration);
  await expect.poll(() => notes.kept.size).toBe(1);

  const there = world();
  const after = new Uploads(notes, there.ports);
  await after.ownedBy('admin');
  await expect.poll(() => phases(after)).toEqual(['interrupted']);
  const key = after.views()[0]?.key ?? '';
  expect(after.give(key, { file: new File(['abcd'], 'a.csv'), handle: null })).toMatch('4 bytes');
  expect(after.give(key, chosen)).toBeNull();
  there.release();
  await expect.poll(() => phases(after)).toEqual(['available']);
});

it('forgets after a restart what the platform does not know any more', async () => {
  const notes = new Notes();
  const before = new Uploads(notes, world().ports);
  await before.ownedBy('admin');
  before.begin('aurora', chosen, declaration);
  await expect.poll(() => notes.kept.size).toBe(1);
  const there = world();
  there.lose();
  const after = new Uploads(notes, there.ports);
  await after.ownedBy('admin');
  await expect.poll(() => notes.kept.size).toBe(0);
  expect(after.views()).toEqual([]);
});

it('shows nobody what another person began at the same browser', async () => {
  const notes = new Notes();
  const uploads = new Uploads(notes, world().ports);
  await uploads.ownedBy('admin');
  uploads.begin('aurora', chosen, declaration);
  await expect.poll(() => notes.kept.size).toBe(1);
  await uploads.ownedBy('steward');
  expect(uploads.views()).toEqual([]);
  expect(notes.kept.size).toBe(1);
  await uploads.ownedBy('admin');
  await expect.poll(() => phases(uploads)).toEqual(['interrupted']);
});

it('resumes a dataset that this browser does not know, and leaves nothing behind where the file is wrong', async () => {
  const notes = new Notes();
  const there = world();
  const uploads = new Uploads(notes, there.ports);
  await uploads.ownedBy('admin');
  const dataset = { dataset_id: 'd1', name: 'a.csv', size_bytes: 3 };
  const wrong = { file: new File(['abcd'], 'x.csv'), handle: null };
  expect(uploads.resume('aurora', dataset, wrong)).toMatch('4 bytes');
  expect(uploads.views()).toEqual([]);
  expect(uploads.resume('aurora', dataset, chosen)).toBeNull();
  await expect.poll(() => notes.kept.size).toBe(1);
  there.release();
  await expect.poll(() => phases(uploads)).toEqual(['available']);
});

it('forgets what is cancelled, also where the platform does not let this person remove it', async () => {
  const notes = new Notes();
  const there = world();
  const uploads = new Uploads(notes, there.ports);
  await uploads.ownedBy('operator');
  uploads.begin('aurora', chosen, declaration);
  await expect.poll(() => notes.kept.size).toBe(1);
  there.refuse();
  await expect(uploads.cancel(uploads.views()[0]?.key ?? '')).resolves.toBe('left to the sweeper');
  expect(uploads.views()).toEqual([]);
  expect(notes.kept.size).toBe(0);
});

it('keeps what a page began before the frame said who is signed in', async () => {
  const notes = new Notes();
  const there = world();
  const uploads = new Uploads(notes, there.ports);
  uploads.begin('aurora', chosen, declaration);
  await expect.poll(() => phases(uploads)).toEqual(['sending']);
  expect(notes.kept.size).toBe(0);
  await uploads.ownedBy('admin');
  expect([...notes.kept.values()].map(({ owner }) => owner)).toEqual(['admin']);
  there.release();
  await expect.poll(() => phases(uploads)).toEqual(['available']);
});

it('gives the same list as long as nothing changes', async () => {
  const uploads = new Uploads(new Notes(), world().ports);
  expect(uploads.views()).toBe(uploads.views());
});
