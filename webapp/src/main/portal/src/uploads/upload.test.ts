import { describe, expect, it } from 'vitest';
import type { Dataset, Schema } from '../api/client';
import { ProblemError } from '../api/problem';
import type { Hashing } from './hashing';
import { MOST_ATTEMPTS, StorageRefused } from './retry';
import { Slots } from './slots';
import { FileChanged, Upload, type Phase, type Ports, type UploadView } from './upload';

const PART = 10;

/** An object storage and a platform in memory that can be told to fail. */
class World {
  now = 0;
  state: Dataset['state'] = 'uploading';
  verified = 0;
  readonly size: number;
  readonly stored = new Map<number, string>();
  readonly puts: number[] = [];
  readonly pages: [from: number, limit: number][] = [];
  declared = 0;
  givenUp = 0;
  running = 0;
  mostRunning = 0;
  urls = 0;
  completions: { parts: Schema['Completion']['parts']; checksum: string }[] = [];
  put: (number: number, url: string) => void | Promise<void> = () => undefined;
  complete: () => void = () => undefined;
  look: () => void = () => undefined;
  etags = true;
  waits: number[] = [];
  hashes = 0;
  hashFailure: Error | null = null;
  hashPaused: boolean[] = [];

  constructor(size: number) {
    this.size = size;
  }

  get count() {
    return Math.ceil(this.size / PART);
  }

  dataset(): Dataset {
    return {
      dataset_id: 'd1',
      name: 'a.csv',
      version: 2,
      state: this.state,
      size_bytes: this.size,
      verified_bytes: this.verified,
      failure: this.state === 'quarantined' ? { code: 'checksum_mismatch', detail: 'differs' } : null,
    } as Dataset;
  }

  told(from: number, limit: number): Schema['Upload'] {
    const last = Math.min(this.count, from + limit - 1);
    return {
      part_size: PART,
      part_count: this.count,
      stored_bytes: 0,
      parts: Array.from({ length: Math.max(0, last - from + 1) }, (_, at) => ({
        number: from + at,
        size: PART,
        url: `https://s3.example/${from + at}?X-Amz-Expires=100&n=${++this.urls}`,
        etag: this.stored.get(from + at) ?? null,
      })),
      next_part: last < this.count ? last + 1 : null,
    };
  }

  ports(firstPage = 100): Ports {
    return {
      platform: {
        declare: () => {
          this.declared += 1;
          return Promise.resolve({ ...this.dataset(), upload: this.told(1, firstPage) });
        },
        places: (_dataset, from, limit) => {
          this.pages.push([from, limit]);
          return Promise.resolve(this.told(from, limit));
        },
        complete: async (_dataset, parts, checksum) => {
          this.completions.push({ parts, checksum });
          this.complete();
          if (this.state === 'uploading') this.state = 'available';
          return this.dataset();
        },
        look: async () => {
          this.look();
          return this.dataset();
        },
        giveUp: () => {
          this.givenUp += 1;
          return Promise.resolve();
        },
      },
      put: async (url, bytes, signal, onSent) => {
        const number = Number(new URL(url).pathname.slice(1));
        this.puts.push(number);
        this.running += 1;
        this.mostRunning = Math.max(this.mostRunning, this.running);
        try {
          await Promise.resolve();
          signal.throwIfAborted();
          onSent(bytes.size);
          await this.put(number, url);
          signal.throwIfAborted();
          const etag = `"${number}:${await bytes.text()}"`;
          this.stored.set(number, etag);
          return this.etags ? etag : null;
        } finally {
          this.running -= 1;
        }
      },
      hash: (file, onHashed): Hashing => {
        this.hashes += 1;
        onHashed(file.size);
        const checksum = this.hashFailure
          ? Promise.reject(this.hashFailure)
          : Promise.resolve(`sha256:${file.size}`);
        checksum.catch(() => undefined);
        return { checksum, pause: (paused) => this.hashPaused.push(paused), stop: () => undefined };
      },
      clock: {
        now: () => this.now,
        wait: async (ms, signal) => {
          signal.throwIfAborted();
          this.waits.push(ms);
          this.now += ms;
          await Promise.resolve();
        },
      },
      uploads: new Slots(1),
      parts: new Slots(4),
    };
  }
}

const text = (size: number) =>
  Array.from({ length: size }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
const fileOf = (size: number, name = 'a.csv') => new File([text(size)], name, { lastModified: 7 });

function begin(
  world: World,
  file: File | null = fileOf(world.size),
  dataset_id: string | null = null,
  page = 100,
) {
  const phases: Phase[] = [];
  const views: UploadView[] = [];
  const upload = new Upload(
    {
      key: 'k',
      pilot: 'aurora',
      name: 'a.csv',
      file_name: 'a.csv',
      size: world.size,
      last_modified: 7,
      dataset_id,
    },
    file,
    world.ports(page),
    (view) => {
      views.push(view);
      if (phases[phases.length - 1] !== view.phase) phases.push(view.phase);
    },
  );
  return { upload, phases, views };
}

const problem = (status: number, code = 'x') => new ProblemError({ status, code });
const once = (numbers: number[], error: () => Error) => {
  const left = new Set(numbers);
  return (number: number) => {
    if (left.delete(number)) throw error();
  };
};

describe('an upload', () => {
  it('declares, sends every part once, four at a time, and completes with parts and checksum', async () => {
    const world = new World(95);
    const { upload, phases, views } = begin(world);
    await upload.run();
    expect(phases).toEqual(['waiting', 'sending', 'hashing', 'verifying', 'available']);
    expect(world.declared).toBe(1);
    expect([...world.puts].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(world.mostRunning).toBe(4);
    const [{ parts, checksum } = { parts: [], checksum: '' }] = world.completions;
    expect(checksum).toBe('sha256:95');
    expect(parts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(parts.map(({ etag }) => etag.split(':')[1]?.slice(0, -1)).join('')).toBe(text(95));
    expect(upload.view).toMatchObject({ dataset_id: 'd1', version: 2, sent: 95, problem: null });
    for (const { sent } of views) expect(sent).toBeLessThanOrEqual(95);
  });

  it('asks for the places beyond the first page, a page at a time', async () => {
    const world = new World(1200);
    await begin(world).upload.run();
    expect(world.stored.size).toBe(120);
    expect(world.pages.map(([from]) => from)).toEqual([101]);
    expect(world.state).toBe('available');
  });

  it('asks for fresh URLs when those it has have run out', async () => {
    const world = new World(95);
    world.put = () => void (world.now += 30_000);
    await begin(world).upload.run();
    expect(world.state).toBe('available');
    expect(world.pages.length).toBeGreaterThan(0);
    expect(world.puts).toHaveLength(10);
  });

  it('tries a part again with a fresh URL, after a pause, and tells nobody', async () => {
    const world = new World(30);
    const used: string[] = [];
    const fail = once([2], () => new StorageRefused(503, 'busy'));
    world.put = (number, url) => {
      if (number === 2) used.push(url);
      fail(number);
    };
    const { upload, phases } = begin(world);
    await upload.run();
    expect(upload.view.phase).toBe('available');
    expect(phases).not.toContain('failed');
    expect(new Set(used).size).toBe(2);
    expect(world.waits).toHaveLength(1);
  });

  it('does not pause before the fresh URL of one that is refused with 403', async () => {
    const world = new World(30);
    world.put = once([1, 2, 3], () => new StorageRefused(403, 'expired'));
    await begin(world).upload.run();
    expect(world.state).toBe('available');
    expect(world.waits).toEqual([0, 0, 0]);
  });

  it('gives up after a bounded number of attempts, and goes on from there when it is asked to', async () => {
    const world = new World(30);
    let away = true;
    world.put = (number) => {
      if (away && number === 3) throw new StorageRefused(0, 'away');
    };
    const { upload } = begin(world);
    await upload.run();
    expect(upload.view.phase).toBe('failed');
    expect(world.puts.filter((number) => number === 3)).toHaveLength(MOST_ATTEMPTS);
    away = false;
    await upload.run();
    expect(upload.view).toMatchObject({ phase: 'available', problem: null });
    expect(world.puts.filter((number) => number === 1)).toHaveLength(1);
    expect(world.hashes).toBe(1);
    expect(world.declared).toBe(1);
  });

  it('does not try again what stays wrong, and stops the other parts', async () => {
    const world = new World(400);
    world.put = (number) => {
      if (number === 2) throw new StorageRefused(400, 'EntityTooLarge');
    };
    const { upload } = begin(world);
    await upload.run();
    expect(upload.view.phase).toBe('failed');
    expect((upload.view.problem as StorageRefused).status).toBe(400);
    expect(world.puts.length).toBeLessThan(10);
  });

  it('says that the file has changed rather than that the network is away', async () => {
    const world = new World(30);
    const file = fileOf(30);
    file.slice = () => {
      const gone = new Blob(['x']);
      gone.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
      return gone;
    };
    world.put = () => {
      throw new StorageRefused(0, 'away');
    };
    const { upload } = begin(world, file);
    await upload.run();
    expect(upload.view.phase).toBe('failed');
    expect(upload.view.problem).toBeInstanceOf(FileChanged);
    expect(world.waits).toEqual([]);
  });

  it('finds out the ETag from the platform where the browser may not read it', async () => {
    const world = new World(30);
    world.etags = false;
    await begin(world).upload.run();
    expect(world.state).toBe('available');
    expect(world.completions[0]?.parts.map(({ etag }) => etag)).toEqual([...world.stored.values()]);
  });

  it('is refused before the first byte where the quota is full', async () => {
    const world = new World(30);
    const ports = world.ports();
    ports.platform.declare = () => Promise.reject(problem(409, 'quota_exceeded'));
    const upload = new Upload(
      { key: 'k', pilot: 'p', name: 'n', file_name: 'n', size: 30, last_modified: 1, dataset_id: null },
      fileOf(30),
      ports,
      () => undefined,
    );
    await upload.run();
    expect((upload.view.problem as ProblemError).code).toBe('quota_exceeded');
    expect(world.puts).toEqual([]);
  });
});

describe('a pause', () => {
  it('stops what is on its way, keeps what is stored, and goes on with the rest', async () => {
    const world = new World(100);
    const { upload, phases } = begin(world);
    let at = 0;
    world.put = () => {
      if (++at === 6) upload.pause();
    };
    await upload.run();
    expect(upload.view.phase).toBe('paused');
    expect(world.state).toBe('uploading');
    const before = new Set(world.stored.keys());
    expect(before.size).toBeGreaterThan(0);
    expect(upload.view.bytesPerSecond).toBeNull();
    world.puts.length = 0;
    await upload.run();
    expect(upload.view.phase).toBe('available');
    for (const number of before) expect(world.puts).not.toContain(number);
    expect(world.hashes).toBe(1);
    expect(world.hashPaused).toEqual([true, false]);
    expect(phases).toEqual([
      'waiting',
      'sending',
      'paused',
      'waiting',
      'sending',
      'hashing',
      'verifying',
      'available',
    ]);
  });
});

describe('an upload that was broken off', () => {
  it('asks what is stored, and waits for its file', async () => {
    const world = new World(95);
    world.stored.set(1, '"1"');
    world.stored.set(10, '"10"');
    const { upload } = begin(world, null, 'd1');
    await upload.run();
    expect(upload.view).toMatchObject({ phase: 'interrupted', sent: 15 });
    expect(world.puts).toEqual([]);
  });

  it('takes the same file only, and sends only what is missing', async () => {
    const world = new World(95);
    world.stored.set(1, '"1"');
    world.stored.set(2, '"2"');
    const { upload } = begin(world, null, 'd1');
    await upload.run();
    expect(upload.give(fileOf(95, 'b.csv'))).toMatch('b.csv');
    expect(upload.view.phase).toBe('interrupted');
    expect(upload.give(fileOf(95))).toBeNull();
    await expect.poll(() => upload.view.phase).toBe('available');
    expect([...world.puts].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(world.completions[0]?.parts[0]).toEqual({ number: 1, etag: '"1"' });
    expect(world.declared).toBe(0);
    expect(world.hashes).toBe(1);
  });

  it('reads all pages of what is stored', async () => {
    const world = new World(25_000);
    for (let number = 1; number <= 2_400; number++) world.stored.set(number, `"${number}"`);
    const { upload } = begin(world, fileOf(25_000), 'd1');
    await upload.run();
    expect(world.pages).toEqual([
      [1, 1000],
      [1001, 1000],
      [2001, 1000],
    ]);
    expect(world.puts).toHaveLength(100);
    expect(upload.view.phase).toBe('available');
  });

  it('needs no file where only the verification was left', async () => {
    const world = new World(95);
    world.state = 'verifying';
    let looks = 0;
    world.look = () => {
      world.verified = Math.min(95, ++looks * 30);
      if (looks === 4) world.state = 'available';
    };
    const { upload, phases } = begin(world, null, 'd1');
    await upload.run();
    expect(phases).toEqual(['waiting', 'verifying', 'available']);
  });

  it('says that somebody gave it up meanwhile', async () => {
    const world = new World(95);
    world.state = 'deleted';
    const { upload } = begin(world, null, 'd1');
    await upload.run();
    expect((upload.view.problem as ProblemError).code).toBe('given_up');
  });
});

describe('the completion', () => {
  it('shows how far a long verification is', async () => {
    const world = new World(30);
    world.complete = () => void (world.state = 'verifying');
    const seen: number[] = [];
    world.look = () => {
      if (world.state !== 'verifying') return;
      world.verified += 10;
      seen.push(world.verified);
      if (world.verified === 30) world.state = 'available';
    };
    const { upload, phases } = begin(world);
    await upload.run();
    expect(phases).toEqual(['waiting', 'sending', 'hashing', 'verifying', 'available']);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('tells of a verification that stands still instead of waiting for ever', async () => {
    const world = new World(30);
    world.complete = () => void (world.state = 'verifying');
    const { upload } = begin(world);
    await upload.run();
    expect((upload.view.problem as ProblemError).code).toBe('verification_stalled');
    expect(world.now).toBeGreaterThan(600_000);
  });

  it('ends in quarantine where the bytes differ', async () => {
    const world = new World(30);
    world.complete = () => {
      world.state = 'quarantined';
      throw problem(409, 'checksum_mismatch');
    };
    const { upload } = begin(world);
    await upload.run();
    expect(upload.view.phase).toBe('quarantined');
    expect(upload.view.problem).toEqual({ code: 'checksum_mismatch', detail: 'differs' });
    expect(world.completions).toHaveLength(1);
  });

  it('sends once more what object storage does not have', async () => {
    const world = new World(30);
    let lost = true;
    world.complete = () => {
      if (!lost) return;
      lost = false;
      world.stored.delete(2);
      throw problem(409, 'part_mismatch');
    };
    const { upload } = begin(world);
    await upload.run();
    expect(upload.view.phase).toBe('available');
    expect(world.puts.filter((number) => number === 2)).toHaveLength(2);
    expect(world.puts.filter((number) => number === 1)).toHaveLength(1);
  });

  it('does not go round for ever where the platform stays with its no', async () => {
    const world = new World(30);
    world.complete = () => {
      throw problem(409, 'size_mismatch');
    };
    const { upload } = begin(world);
    await upload.run();
    expect((upload.view.problem as ProblemError).code).toBe('size_mismatch');
    expect(world.completions).toHaveLength(2);
  });

  it('asks again where the answer was lost, and takes what is true', async () => {
    const world = new World(30);
    world.complete = () => {
      world.state = 'available';
      throw problem(0, 'no_answer');
    };
    const { upload } = begin(world);
    await upload.run();
    expect(upload.view.phase).toBe('available');
    expect(world.completions).toHaveLength(1);
  });

  it('fails where the file could not be read to its end', async () => {
    const world = new World(30);
    world.hashFailure = new FileChanged('gone');
    const { upload } = begin(world);
    await upload.run();
    expect(upload.view.problem).toBeInstanceOf(FileChanged);
    expect(world.completions).toEqual([]);
  });
});

it('gives up at the platform what it has declared there', async () => {
  const world = new World(30);
  const { upload } = begin(world);
  world.put = () => void upload.pause();
  await upload.run();
  await upload.cancel();
  expect(world.givenUp).toBe(1);
  const undeclared = begin(new World(30));
  await undeclared.upload.cancel();
});
