import type { What } from './upload';

/** What is needed to go on with an upload after the browser was closed. */
export interface Remembered extends What {
  dataset_id: string;
  /** Who began it: another person at the same browser is not told of it. */
  owner: string;
  /** Where the browser lets a page keep it: the file can then be read again without being chosen. */
  handle: FileSystemFileHandle | null;
}

const DATABASE = 'pilothouse.uploads';
const STORE = 'uploads';

/** In IndexedDB, because only it keeps a handle of a file. Where it is shut, an upload lasts as long as the page. */
export interface Memory {
  all(): Promise<Remembered[]>;
  keep(upload: Remembered): Promise<void>;
  forget(key: string): Promise<void>;
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
    request.onblocked = () => reject(new Error('another tab keeps the store shut'));
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
    });
  } finally {
    database.close();
  }
}

export const browserMemory: Memory = {
  all: () => within<Remembered[]>('readonly', (store) => store.getAll()).catch(() => []),
  keep: async (upload) => {
    const put = (kept: Remembered) => within('readwrite', (store) => store.put(kept));
    // a handle that cannot be kept must not lose the rest
    await put(upload)
      .catch(() => put({ ...upload, handle: null }))
      .catch(() => undefined);
  },
  forget: async (key) => {
    await within('readwrite', (store) => store.delete(key)).catch(() => undefined);
  },
};
