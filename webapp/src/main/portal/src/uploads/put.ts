import { StorageRefused } from './retry';

/** Of a part that moves; one that stands still for so long is begun anew. */
const STILL_MS = 60_000;

export type Put = (
  url: string,
  bytes: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
) => Promise<string | null>;

/**
 * Puts one part straight into object storage, and answers its ETag. No credentials and no header of ours: the URL alone
 * is what allows it. XMLHttpRequest, because fetch does not tell how much of a body has been sent.
 */
export const putPart: Put = (url, bytes, signal, onSent) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout>;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        request.abort();
        end(() => reject(new StorageRefused(0, 'Nothing moved for a minute.')));
      }, STILL_MS);
    };
    const abort = () => {
      request.abort();
      end(() => reject(signal.reason as Error));
    };
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    request.open('PUT', url);
    request.withCredentials = false;
    request.upload.onprogress = ({ loaded }) => {
      watch();
      onSent(loaded);
    };
    request.onload = () =>
      end(() => {
        if (request.status >= 200 && request.status < 300) {
          resolve(request.getResponseHeader('ETag'));
        } else {
          reject(new StorageRefused(request.status, storageError(request.responseText)));
        }
      });
    request.onerror = () => end(() => reject(new StorageRefused(0, 'Object storage cannot be reached.')));
    signal.addEventListener('abort', abort, { once: true });
    watch();
    request.send(bytes);
  });

/** What an S3 server says in its XML, as far as it says anything. */
export function storageError(text: string): string {
  const code = /<Code>([^<]{1,80})<\/Code>/.exec(text)?.[1];
  const message = /<Message>([^<]{1,300})<\/Message>/.exec(text)?.[1];
  return [code, message].filter(Boolean).join(': ') || 'Object storage refused the part.';
}
