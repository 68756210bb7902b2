import { sha256 } from '@noble/hashes/sha2.js';

const SLICE = 4 * 1024 * 1024;

export type Asked = { file: File } | { paused: boolean };
export type Told = { hashed: number } | { checksum: string } | { failed: string };

let goOn: (() => void) | null = null;
let paused = false;

const tell = (told: Told) => postMessage(told);

async function hash(file: File): Promise<void> {
  const whole = sha256.create();
  for (let at = 0; at < file.size; at += SLICE) {
    if (paused) await new Promise<void>((resolve) => (goOn = resolve));
    whole.update(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()));
    tell({ hashed: Math.min(at + SLICE, file.size) });
  }
  const digits = [...whole.digest()].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  tell({ checksum: `sha256:${digits}` });
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  if ('file' in data) {
    hash(data.file).catch((error: unknown) => tell({ failed: String(error) }));
    return;
  }
  paused = data.paused;
  if (!paused) {
    goOn?.();
    goOn = null;
  }
});
