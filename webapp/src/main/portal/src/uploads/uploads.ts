import type { Schema } from '../api/client';
import { ProblemError } from '../api/problem';
import { hashFile } from './hashing';
import { browserClock, platformOf } from './platform';
import { putPart } from './put';
import { browserMemory, type Memory, type Remembered } from './remembered';
import { Slots } from './slots';
import { isRunning, needsPage, PARALLEL, Upload, type Ports, type UploadView, type What } from './upload';

/** Each dataset counts against the quota of uploads at once, so that a hundred files are not all begun together. */
const AT_ONCE = 2;
const TELL_EVERY_MS = 200;

export interface Chosen {
  file: File;
  handle: FileSystemFileHandle | null;
}

interface Entry {
  upload: Upload;
  /** Null until somebody is named. */
  owner: string | null;
  handle: FileSystemFileHandle | null;
  kept: boolean;
  unlock: (() => void) | null;
}

type Listener = () => void;
const NOTHING: readonly UploadView[] = [];

/** All uploads of this page, whatever part of the portal is looked at. */
export class Uploads {
  #entries = new Map<string, Entry>();
  #views: readonly UploadView[] = NOTHING;
  #owner: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #listeners = new Set<Listener>();
  readonly #ended = new Set<(view: UploadView) => void>();
  readonly #memory: Memory;
  readonly #ports: (pilot: string, declaration: Schema['NewDataset'] | null) => Ports;

  constructor(memory: Memory, ports: (pilot: string, declaration: Schema['NewDataset'] | null) => Ports) {
    this.#memory = memory;
    this.#ports = ports;
  }

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same array as long as nothing has changed. */
  views = (): readonly UploadView[] => this.#views;

  /** Told whenever the dataset of an upload comes to another state. */
  whenEnded(listener: (view: UploadView) => void): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  /** What somebody else began here stops, and is not shown; what this person was at before is. */
  async ownedBy(owner: string | null): Promise<void> {
    if (owner === this.#owner) return;
    // a page may be faster than the frame around it: what was begun while nobody was named is this person's
    const adopted = [...this.#entries].filter(([, entry]) => owner !== null && entry.owner === null);
    for (const { upload, unlock, owner: whose } of this.#entries.values()) {
      if (owner !== null && whose === null) continue;
      upload.stop();
      unlock?.();
    }
    this.#entries = new Map(adopted);
    this.#owner = owner;
    for (const [, entry] of adopted) {
      entry.owner = owner;
      if (entry.kept) this.#remember(entry);
    }
    this.#tell();
    if (owner === null) return;
    const held = await locksHeld();
    const remembered = (await this.#memory.all()).filter((each) => each.owner === owner);
    if (this.#owner !== owner) return;
    for (const each of remembered) {
      // it goes on in another tab
      if (this.#entries.has(each.key) || held.has(lockName(each.dataset_id))) continue;
      const { handle, owner: _, ...what } = each;
      const { upload } = this.#add(what, null, handle, this.#ports(each.pilot, null), true);
      void this.#lookAgain(upload);
    }
  }

  /** Its verification may be over since, or somebody has given it up: then there is nothing to go on with. */
  async #lookAgain(upload: Upload): Promise<void> {
    await upload.run();
    const { key, phase, problem } = upload.view;
    if (phase === 'failed' && problem instanceof ProblemError && [404, 410].includes(problem.status)) {
      this.#drop(key);
    }
  }

  begin(pilot: string, { file, handle }: Chosen, declaration: Schema['NewDataset']): void {
    const what = whatOf(pilot, file, declaration.name, null);
    this.#add(what, file, handle, this.#ports(pilot, declaration), false);
    void this.#run(what.key);
  }

  /** Takes up an upload that was broken off here or elsewhere; says why not where the file is another one. */
  resume(
    pilot: string,
    dataset: { dataset_id: string; name: string; size_bytes: number },
    { file, handle }: Chosen,
  ): string | null {
    const known = [...this.#entries.values()].find(
      ({ upload }) => upload.view.dataset_id === dataset.dataset_id,
    );
    if (known) return this.give(known.upload.view.key, { file, handle });
    const what: What = {
      ...whatOf(pilot, file, dataset.name, dataset.dataset_id),
      size: dataset.size_bytes,
      last_modified: null,
    };
    const entry = this.#add(what, null, handle, this.#ports(pilot, null), false);
    return this.#give(entry, file);
  }

  give(key: string, { file, handle }: Chosen): string | null {
    const entry = this.#entries.get(key);
    if (!entry) return 'It is not known here any more.';
    entry.handle = handle ?? entry.handle;
    return this.#give(entry, file);
  }

  #give(entry: Entry, file: File): string | null {
    const refused = entry.upload.give(file);
    if (refused !== null && !entry.kept) this.#drop(entry.upload.view.key);
    return refused;
  }

  /** The file that the browser may read again, once it was asked; null where it has to be chosen. */
  async fileAgain(key: string): Promise<Chosen | null> {
    const handle = this.#entries.get(key)?.handle;
    if (!handle) return null;
    try {
      const allowed = (handle as unknown as { requestPermission?: (asked: object) => Promise<string> })
        .requestPermission;
      if (allowed && (await allowed.call(handle, { mode: 'read' })) !== 'granted') return null;
      return { file: await handle.getFile(), handle };
    } catch {
      return null;
    }
  }

  pause(key: string): void {
    this.#entries.get(key)?.upload.pause();
  }

  async #run(key: string): Promise<void> {
    await this.#entries.get(key)?.upload.run();
  }

  /** Goes on after a pause or a failure. */
  goOn(key: string): void {
    void this.#run(key);
  }

  /** Whether the platform has given the upload up, too; where it may not be asked to, it does so by itself later. */
  async cancel(key: string): Promise<'given up' | 'left to the sweeper'> {
    const entry = this.#entries.get(key);
    let left = false;
    try {
      await entry?.upload.cancel();
    } catch (error) {
      if (!(error instanceof ProblemError) || (error.status !== 403 && error.status !== 404)) throw error;
      left = error.status === 403;
    }
    this.#drop(key);
    return left ? 'left to the sweeper' : 'given up';
  }

  /** Takes what has ended out of sight. */
  clear(key: string): void {
    this.#drop(key);
  }

  clearEnded(): void {
    for (const [key, { upload }] of this.#entries) if (upload.view.phase === 'available') this.#drop(key);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    entry?.upload.stop();
    entry?.unlock?.();
    this.#entries.delete(key);
    void this.#memory.forget(key);
    this.#tell();
  }

  #add(
    what: What,
    file: File | null,
    handle: FileSystemFileHandle | null,
    ports: Ports,
    kept: boolean,
  ): Entry {
    let before: UploadView | null = null;
    const upload = new Upload(what, file, ports, (view) => {
      const entry = this.#entries.get(view.key);
      if (!entry || entry.upload !== upload) return;
      if (view.dataset_id !== null && view.dataset_id !== before?.dataset_id) this.#keep(entry, view);
      const phaseChanged = view.phase !== before?.phase;
      before = view;
      if (!phaseChanged) {
        this.#tellSoon();
        return;
      }
      if (!isRunning(view)) {
        entry.unlock?.();
        entry.unlock = null;
      } else if (view.dataset_id !== null && entry.unlock === null) {
        entry.unlock = lock(view.dataset_id);
      }
      if (view.phase === 'available' || view.phase === 'quarantined') void this.#memory.forget(view.key);
      this.#tell();
      for (const listener of this.#ended) listener(view);
    });
    const entry: Entry = { upload, owner: this.#owner, handle, kept, unlock: null };
    this.#entries.set(what.key, entry);
    this.#tell();
    return entry;
  }

  #keep(entry: Entry, view: UploadView): void {
    if (view.dataset_id === null || entry.kept) return;
    entry.kept = true;
    entry.unlock ??= lock(view.dataset_id);
    this.#remember(entry);
  }

  #remember({ upload, owner, handle }: Entry): void {
    const { key, pilot, name, file_name, size, last_modified, dataset_id } = upload.view;
    // without an owner it would be shown to whoever comes next
    if (owner === null || dataset_id === null) return;
    const remembered: Remembered = {
      key,
      pilot,
      name,
      file_name,
      size,
      last_modified,
      dataset_id,
      owner,
      handle,
    };
    void this.#memory.keep(remembered);
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#views = [...this.#entries.values()].map(({ upload }) => upload.view).reverse();
    for (const listener of this.#listeners) listener();
  }
}

function whatOf(pilot: string, file: File, name: string, dataset_id: string | null): What {
  return {
    key: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`,
    pilot,
    name,
    file_name: file.name,
    size: file.size,
    last_modified: file.lastModified,
    dataset_id,
  };
}

const lockName = (dataset: string) => `pilothouse-upload ${dataset}`;

/** Seen by the other tabs of this browser for as long as the upload runs here. */
function lock(dataset: string): () => void {
  let unlock: () => void = () => undefined;
  // only pages from a safe origin have locks; without them two tabs both say that they could go on
  if (typeof navigator === 'undefined' || !navigator.locks) return unlock;
  const held = new Promise<void>((resolve) => (unlock = resolve));
  navigator.locks.request(lockName(dataset), { ifAvailable: true }, () => held).catch(() => undefined);
  return () => unlock();
}

async function locksHeld(): Promise<Set<string>> {
  if (typeof navigator === 'undefined' || !navigator.locks) return new Set();
  const { held } = await navigator.locks.query().catch(() => ({ held: [] }));
  return new Set(held?.map(({ name }) => name ?? ''));
}

const slots = { uploads: new Slots(AT_ONCE), parts: new Slots(PARALLEL) };

export const uploads = new Uploads(browserMemory, (pilot, declaration) => ({
  platform: platformOf(pilot, declaration),
  put: putPart,
  hash: hashFile,
  clock: browserClock,
  ...slots,
}));

if (typeof addEventListener === 'function' && typeof document !== 'undefined') {
  addEventListener('beforeunload', (event) => {
    if (uploads.views().some(needsPage)) event.preventDefault();
  });
}
