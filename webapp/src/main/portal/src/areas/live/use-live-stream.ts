import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { LiveStream, type LiveSnapshot } from './live-stream';
import { EventBuffer } from './event-buffer';

interface Filter {
  twin?: readonly string[];
  type?: readonly string[];
}

export function streamUrl(pilot: string, filter: Filter): string {
  const query = new URLSearchParams();
  for (const twin of filter.twin ?? []) query.append('twin', twin);
  for (const type of filter.type ?? []) query.append('type', type);
  const text = query.toString();
  return `/api/v1/pilots/${encodeURIComponent(pilot)}/stream${text ? `?${text}` : ''}`;
}

export function useLiveStream(
  pilot: string,
  filter: Filter,
  show?: number,
): { stream: LiveStream; snapshot: LiveSnapshot } {
  const url = streamUrl(pilot, filter);
  const stream = useMemo(
    () =>
      new LiveStream({
        url,
        show,
        buffer: show === undefined ? undefined : new EventBuffer(show),
        flushMs: show === undefined ? 200 : 500,
      }),
    [url, show],
  );
  useEffect(() => {
    stream.start();
    return () => stream.stop();
  }, [stream]);
  const snapshot = useSyncExternalStore(stream.subscribe, stream.snapshot);
  return { stream, snapshot };
}
