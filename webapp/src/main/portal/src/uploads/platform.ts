import { api, body, type Schema } from '../api/client';
import type { Clock, Platform } from './upload';

/** The platform as one upload sees it. */
export function platformOf(pilot: string, declaration: Schema['NewDataset'] | null): Platform {
  const path = (dataset: string) => ({ pilot, dataset });
  return {
    declare: async (signal) => {
      if (declaration === null) throw new Error('there is nothing to declare');
      return body(
        api.POST('/api/v1/pilots/{pilot}/datasets', {
          params: { path: { pilot } },
          body: declaration,
          signal,
        }),
      );
    },
    places: (dataset, from, limit, signal) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}/upload', {
          params: { path: path(dataset), query: { from, limit } },
          signal,
        }),
      ),
    complete: (dataset, parts, checksum, signal) =>
      body(
        api.POST('/api/v1/pilots/{pilot}/datasets/{dataset}/complete', {
          params: { path: path(dataset) },
          body: { parts, checksum },
          signal,
        }),
      ),
    look: (dataset, signal) =>
      body(api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}', { params: { path: path(dataset) }, signal })),
    giveUp: async (dataset) => {
      await body(
        api.DELETE('/api/v1/pilots/{pilot}/datasets/{dataset}', { params: { path: path(dataset) } }),
      );
    },
  };
}

export const browserClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', end);
        resolve();
      }, ms);
      signal.addEventListener('abort', end, { once: true });
    }),
};
