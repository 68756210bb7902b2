import type { Dataset, Schema } from '../api/client';
import { ProblemError } from '../api/problem';
import type { Hashing } from './hashing';
import { completion, goodUntil, missing, otherFile, rangeOf, storedBytes, type Layout } from './plan';
import type { Put } from './put';
import { MOST_ATTEMPTS, pauseBefore, StorageRefused, worthAnother } from './retry';
import type { Slots } from './slots';
import { SpeedMeter } from './speed';

export const PARALLEL = 4;
const SURVEY = 1000;
const PAGE = 100;
const LOOK_MS = 1_000;
const SLOWEST_LOOK_MS = 5_000;
/** A verification of which no byte is seen for so long is told of, not waited for. */
const STILL_MS = 10 * 60_000;

export class FileChanged extends Error {
  constructor(cause: string) {
    super(`The file cannot be read any more, or it has changed: ${cause}`);
    this.name = 'FileChanged';
  }
}

/** The part of the platform's API that an upload uses. */
export interface Platform {
  declare(signal: AbortSignal): Promise<Dataset>;
  places(dataset: string, from: number, limit: number, signal: AbortSignal): Promise<Schema['Upload']>;
  complete(
    dataset: string,
    parts: Schema['Completion']['parts'],
    checksum: string,
    signal: AbortSignal,
  ): Promise<Dataset>;
  look(dataset: string, signal: AbortSignal): Promise<Dataset>;
  giveUp(dataset: string): Promise<void>;
}

export interface Clock {
  now(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Ports {
  platform: Platform;
  put: Put;
  hash: (file: File, onHashed: (bytes: number) => void) => Hashing;
  clock: Clock;
  /** Of uploads, and of parts of all uploads together. */
  uploads: Slots;
  parts: Slots;
}

export type Phase =
  | 'waiting'
  | 'sending'
  | 'hashing'
  | 'verifying'
  | 'paused'
  | 'interrupted'
  | 'failed'
  | 'available'
  | 'quarantined';

const RUNNING: readonly Phase[] = ['waiting', 'sending', 'hashing', 'verifying'];

export interface What {
  key: string;
  pilot: string;
  /** Of the dataset. */
  name: string;
  file_name: string;
  size: number;
  last_modified: number | null;
  dataset_id: string | null;
}

export interface UploadView extends What {
  phase: Phase;
  /** Bytes that object storage has, and those on their way. */
  sent: number;
  hashed: number;
  verified: number;
  bytesPerSecond: number | null;
  millisLeft: number | null;
  problem: unknown;
  version: number | null;
}

export const isRunning = ({ phase }: Pick<UploadView, 'phase'>) => RUNNING.includes(phase);
/** Whether closing the page would break it off. */
export const needsPage = (view: Pick<UploadView, 'phase'>) => isRunning(view) && view.phase !== 'verifying';

const PAUSED = new DOMException('paused', 'AbortError');

/** One file on its way: it can be paused, broken off and taken up again at any time, and goes on where it was. */
export class Upload {
  #view: UploadView;
  readonly #ports: Ports;
  readonly #onChange: (view: UploadView) => void;
  #file: File | null;
  #abort: AbortController | null = null;
  #layout: Layout | null = null;
  #surveyed = false;
  readonly #stored = new Map<number, string>();
  readonly #places = new Map<number, { url: string; until: number }>();
  readonly #onTheirWay = new Map<number, number>();
  #asking: Promise<void> | null = null;
  #hashing: Hashing | null = null;
  readonly #speed = new SpeedMeter();

  constructor(what: What, file: File | null, ports: Ports, onChange: (view: UploadView) => void) {
    this.#view = {
      ...what,
      phase: file ? 'waiting' : 'interrupted',
      sent: 0,
      hashed: 0,
      verified: 0,
      bytesPerSecond: null,
      millisLeft: null,
      problem: null,
      version: null,
    };
    this.#file = file;
    this.#ports = ports;
    this.#onChange = onChange;
  }

  get view(): UploadView {
    return this.#view;
  }

  /** Takes up an upload that was broken off; says why not where the file is another one. */
  give(file: File): string | null {
    const other = otherFile(this.#view, file);
    if (other !== null) return other;
    this.#file = file;
    this.#hashing?.stop();
    this.#hashing = null;
    this.#change({ hashed: 0 });
    void this.run();
    return null;
  }

  pause(): void {
    this.#abort?.abort(PAUSED);
    this.#hashing?.pause(true);
  }

  /** Stops without telling the platform: what is stored there stays for later. */
  stop(): void {
    this.#abort?.abort(PAUSED);
    this.#hashing?.stop();
  }

  /** Stops, and throws away what is stored. */
  async cancel(): Promise<void> {
    this.stop();
    const { dataset_id: dataset } = this.#view;
    if (dataset !== null) await this.#ports.platform.giveUp(dataset);
  }

  /** Goes on from wherever it stands. Never rejects: what goes wrong is in the view. */
  async run(): Promise<void> {
    if (this.#abort !== null) return;
    const abort = new AbortController();
    const { signal } = abort;
    this.#abort = abort;
    this.#speed.reset();
    this.#change({ phase: 'waiting', problem: null });
    try {
      await this.#ports.uploads.run(() => this.#advance(signal), signal);
    } catch (error) {
      if (signal.aborted) this.#change({ phase: this.#file ? 'paused' : 'interrupted' });
      else this.#change({ phase: 'failed', problem: error });
    } finally {
      this.#abort = null;
      this.#onTheirWay.clear();
      this.#change({ bytesPerSecond: null, millisLeft: null });
    }
  }

  async #advance(signal: AbortSignal): Promise<void> {
    const { platform } = this.#ports;
    let dataset: Dataset;
    if (this.#view.dataset_id === null) {
      dataset = await platform.declare(signal);
      this.#change({ dataset_id: dataset.dataset_id, version: dataset.version });
      if (dataset.upload) this.#learn(dataset.upload);
      this.#surveyed = true;
    } else {
      dataset = await this.#patiently(() => platform.look(this.#id(), signal), signal);
    }
    this.#change({ version: dataset.version });
    if (dataset.state === 'uploading') {
      if (this.#file === null) {
        await this.#survey(signal);
        this.#change({ phase: 'interrupted' });
        return;
      }
      dataset = await this.#send(this.#file, signal);
    }
    await this.#verify(dataset, signal);
  }

  async #send(file: File, signal: AbortSignal): Promise<Dataset> {
    this.#change({ phase: 'sending' });
    if (this.#hashing === null) {
      this.#hashing = this.#ports.hash(file, (hashed) => this.#change({ hashed }));
    } else {
      this.#hashing.pause(false);
    }
    if (!this.#surveyed) await this.#survey(signal);
    let surveyedAgain = false;
    for (let attempt = 0; ; attempt++) {
      await this.#sendMissing(file, signal);
      this.#change({ phase: 'hashing', sent: this.#view.size, bytesPerSecond: null, millisLeft: null });
      const checksum = await abortable(this.#hashing.checksum, signal);
      // the platform may read all of it back before it answers
      this.#change({ phase: 'verifying', verified: 0 });
      try {
        const parts = completion(this.#stored, this.#place());
        return await this.#ports.platform.complete(this.#id(), parts, checksum, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const conflict = error instanceof ProblemError && error.status === 409;
        if (conflict || worthAnother(error)) {
          const now = await this.#patiently(() => this.#ports.platform.look(this.#id(), signal), signal);
          if (now.state !== 'uploading') return now;
        }
        if (conflict && !surveyedAgain) {
          // what object storage has is not what we believe: it says what it has, and the rest is sent anew
          surveyedAgain = true;
          this.#stored.clear();
          this.#change({ phase: 'sending' });
          await this.#survey(signal);
        } else if (worthAnother(error) && attempt < MOST_ATTEMPTS) {
          await this.#ports.clock.wait(pauseBefore(attempt, error), signal);
        } else {
          throw error;
        }
      }
    }
  }

  async #sendMissing(file: File, signal: AbortSignal): Promise<void> {
    const numbers = missing(this.#stored, this.#place());
    const one = new AbortController();
    const either = AbortSignal.any([signal, one.signal]);
    let failure: unknown = null;
    let next = 0;
    const sendSome = async () => {
      try {
        for (let number = numbers[next++]; number !== undefined; number = numbers[next++]) {
          await this.#sendPart(file, number, either);
        }
      } catch (error) {
        failure ??= error;
        one.abort(error);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, numbers.length) }, sendSome));
    signal.throwIfAborted();
    if (failure !== null) throw failure;
  }

  async #sendPart(file: File, number: number, signal: AbortSignal): Promise<void> {
    const { start, end } = rangeOf(number, this.#place());
    for (let attempt = 0; ; attempt++) {
      try {
        const url = await this.#urlOf(number, signal);
        // the platform has told meanwhile that it is there
        if (url === null) break;
        const etag = await this.#ports.parts.run(
          () =>
            this.#ports.put(url, file.slice(start, end), signal, (bytes) => {
              this.#onTheirWay.set(number, bytes);
              this.#progress();
            }),
          signal,
        );
        if (etag !== null) this.#stored.set(number, etag);
        else await this.#ask(number, PAGE, signal);
        if (this.#stored.has(number)) break;
        throw new StorageRefused(0, `Object storage took part ${number}, but does not have it.`);
      } catch (error) {
        this.#onTheirWay.delete(number);
        this.#progress();
        signal.throwIfAborted();
        if (error instanceof StorageRefused && error.status === 0) await readable(file, start);
        if (!worthAnother(error) || attempt + 1 >= MOST_ATTEMPTS) throw error;
        this.#places.delete(number);
        await this.#ports.clock.wait(pauseBefore(attempt, error), signal);
      }
    }
    this.#onTheirWay.delete(number);
    this.#places.delete(number);
    this.#progress();
  }

  async #verify(first: Dataset, signal: AbortSignal): Promise<void> {
    const { clock, platform } = this.#ports;
    let dataset = first;
    let moved = clock.now();
    for (let looks = 0; dataset.state === 'verifying'; looks++) {
      if (dataset.verified_bytes !== this.#view.verified) moved = clock.now();
      this.#change({ phase: 'verifying', sent: this.#view.size, verified: dataset.verified_bytes });
      if (clock.now() - moved > STILL_MS) {
        throw new ProblemError({
          status: 503,
          code: 'verification_stalled',
          title: 'The verification stands still',
          detail:
            'No byte was read back for ten minutes. It goes on by itself once object storage answers again.',
        });
      }
      await clock.wait(Math.min(SLOWEST_LOOK_MS, LOOK_MS * 1.2 ** looks), signal);
      dataset = await this.#patiently(() => platform.look(this.#id(), signal), signal);
    }
    this.#hashing?.stop();
    switch (dataset.state) {
      case 'available':
        this.#change({ phase: 'available', sent: this.#view.size, verified: dataset.size_bytes });
        return;
      case 'quarantined':
        this.#change({ phase: 'quarantined', sent: this.#view.size, problem: dataset.failure });
        return;
      case 'uploading':
      case 'expired':
      case 'deleting':
      case 'deleted':
        throw new ProblemError({
          status: 410,
          code: 'given_up',
          title: 'The upload was given up',
          detail: `The dataset is ${dataset.state}: somebody withdrew it, or nobody went on with it for too long.`,
        });
    }
  }

  /** What is stored already, from the platform's own look into object storage. */
  async #survey(signal: AbortSignal): Promise<void> {
    for (let from: number | null = 1; from !== null;) {
      const at: number = from;
      const told: Schema['Upload'] = await this.#patiently(
        () => this.#ports.platform.places(this.#id(), at, SURVEY, signal),
        signal,
      );
      this.#learn(told);
      from = told.next_part !== null && told.next_part > at ? told.next_part : null;
    }
    this.#surveyed = true;
    this.#progress();
  }

  #learn(told: Schema['Upload']): void {
    this.#layout = { size: this.#view.size, part_size: told.part_size, part_count: told.part_count };
    const now = this.#ports.clock.now();
    for (const { number, url, etag } of told.parts) {
      if (etag) this.#stored.set(number, etag);
      else this.#places.set(number, { url, until: goodUntil(url, now) });
    }
  }

  /** Where the part goes; null where the platform has it. */
  async #urlOf(number: number, signal: AbortSignal): Promise<string | null> {
    for (let asked = 0; asked < 3; asked++) {
      if (this.#stored.has(number)) return null;
      const known = this.#places.get(number);
      if (known && known.until > this.#ports.clock.now()) return known.url;
      await this.#ask(number, PAGE, signal);
    }
    throw new ProblemError({
      status: 500,
      code: 'no_place',
      title: 'The platform gave no place for a part',
      detail: `Part ${number} has neither a URL nor an ETag.`,
    });
  }

  /** One question at a time: the parts beside it are told of in the same answer. */
  async #ask(from: number, limit: number, signal: AbortSignal): Promise<void> {
    if (this.#asking !== null) {
      await this.#asking.catch(() => undefined);
      return;
    }
    const asking = this.#ports.platform
      .places(this.#id(), from, limit, signal)
      .then((told) => this.#learn(told));
    this.#asking = asking;
    try {
      await asking;
    } finally {
      this.#asking = null;
    }
  }

  async #patiently<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        signal.throwIfAborted();
        if (!worthAnother(error) || attempt + 1 >= MOST_ATTEMPTS) throw error;
        await this.#ports.clock.wait(pauseBefore(attempt, error), signal);
      }
    }
  }

  #id(): string {
    const { dataset_id: dataset } = this.#view;
    if (dataset === null) throw new Error('the dataset is not declared');
    return dataset;
  }

  #place(): Layout {
    if (this.#layout === null) throw new Error('the platform has not told of the parts');
    return this.#layout;
  }

  #progress(): void {
    if (this.#layout === null) return;
    let sent = storedBytes(this.#stored, this.#layout);
    for (const [number, bytes] of this.#onTheirWay) if (!this.#stored.has(number)) sent += bytes;
    sent = Math.min(sent, this.#view.size);
    this.#speed.note(this.#ports.clock.now(), sent);
    this.#change({
      sent,
      bytesPerSecond: this.#speed.bytesPerSecond(),
      millisLeft: this.#speed.millisLeft(this.#view.size - sent),
    });
  }

  #change(change: Partial<UploadView>): void {
    this.#view = { ...this.#view, ...change };
    this.#onChange(this.#view);
  }
}

/** A file that was changed on the disk looks to the network like a connection that broke. */
async function readable(file: File, at: number): Promise<void> {
  try {
    await file.slice(at, at + 1).arrayBuffer();
  } catch (error) {
    throw new FileChanged(error instanceof Error ? error.message : String(error));
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
