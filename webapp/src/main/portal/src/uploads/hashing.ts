import type { Asked, Told } from './hash.worker';
import { FileChanged } from './upload';

export interface Hashing {
  /** `sha256:` and 64 digits. */
  readonly checksum: Promise<string>;
  pause(paused: boolean): void;
  stop(): void;
}

/** Reads the file once in slices, beside the page, and hashes it. */
export function hashFile(file: File, onHashed: (bytes: number) => void): Hashing {
  const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  const ask = (asked: Asked) => worker.postMessage(asked);
  const checksum = new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if ('hashed' in data) {
        onHashed(data.hashed);
        return;
      }
      worker.terminate();
      if ('checksum' in data) resolve(data.checksum);
      else reject(new FileChanged(data.failed));
    };
    worker.onerror = (event) => {
      worker.terminate();
      reject(new Error(event.message || 'the hash could not be computed'));
    };
  });
  // it is looked at only after the last part; until then its failure is nobody's unhandled one
  checksum.catch(() => undefined);
  ask({ file });
  return {
    checksum,
    pause: (paused) => ask({ paused }),
    stop: () => worker.terminate(),
  };
}
