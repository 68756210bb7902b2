import type { Curation, CurationChoice, CurationSummary, Dataset } from '../../api/client';
import { bytes, count, duration } from '../../parts/format';
import type { StateKind } from '../../parts/State';
import { MOST_COPIED_BY_NAME, type DatasetsSearch, type NewCopySearch } from '../../router';

type Copy = Curation['copies'][number];

interface Words {
  name: string;
  kind: StateKind;
  means: string;
}

/** By what matters first to whoever looks. */
export const COPY_WORDS: Record<string, Words> = {
  failed: {
    name: 'failed',
    kind: 'away',
    means: 'It could not be read at the pilot’s endpoint, also after many tries.',
  },
  quarantined: {
    name: 'quarantined',
    kind: 'away',
    means: 'The bytes are not those of its source. Nobody is told of the copy.',
  },
  copying: { name: 'copying', kind: 'idle', means: 'Its bytes come in now.' },
  uploading: { name: 'copying', kind: 'idle', means: 'Its bytes come in now.' },
  waiting: { name: 'waiting', kind: 'idle', means: 'It has not begun, or waits for another try.' },
  verifying: {
    name: 'verifying',
    kind: 'idle',
    means: 'All bytes are at the centre and compared with the checksum of the source.',
  },
  available: { name: 'available', kind: 'up', means: 'The copy is verified, and its pointer is out.' },
  cancelled: { name: 'cancelled', kind: 'slow', means: 'It was not copied: somebody wanted no more.' },
  expired: { name: 'expired', kind: 'slow', means: 'The retention of the copy is over.' },
  deleting: { name: 'withdrawn', kind: 'slow', means: 'The copy was withdrawn after it was made.' },
  deleted: { name: 'deleted', kind: 'slow', means: 'The copy was withdrawn, and its bytes are gone.' },
};

export const copyWords = (state: string): Words =>
  COPY_WORDS[state] ?? { name: state, kind: 'idle', means: state };

/** `12 available, 1 failed`. */
export function outcome(states: CurationSummary['states']): string {
  const found = new Map<string, number>();
  for (const state of Object.keys(COPY_WORDS)) {
    const howMany = states[state] ?? 0;
    const { name } = copyWords(state);
    if (howMany > 0) found.set(name, (found.get(name) ?? 0) + howMany);
  }
  return [...found].map(([name, howMany]) => `${count(howMany)} ${name}`).join(', ');
}

const bad = ({ states }: Pick<CurationSummary, 'states'>) => (states.failed ?? 0) + (states.quarantined ?? 0);

/** How all of it stands, in one word. */
export function standing(
  summary: Pick<CurationSummary, 'done' | 'states' | 'cancelled_at' | 'bytes' | 'copied_bytes'>,
): Words {
  if (!summary.done) {
    return summary.cancelled_at === null
      ? { name: 'copying', kind: 'idle', means: 'It goes on also when this page is closed.' }
      : { name: 'ending', kind: 'slow', means: 'It was cancelled; what is whole is still verified.' };
  }
  if (bad(summary) > 0) return { name: 'with failures', kind: 'away', means: 'Not all could be copied.' };
  return summary.cancelled_at === null
    ? { name: 'done', kind: 'up', means: 'All copies are made.' }
    : { name: 'cancelled', kind: 'slow', means: 'Somebody wanted no more of it.' };
}

/** From 0 to 1. */
export function shareOf({
  bytes: all,
  copied_bytes,
}: Pick<CurationSummary, 'bytes' | 'copied_bytes'>): number {
  return all === 0 ? 0 : Math.min(1, copied_bytes / all);
}

/** What is under way, as one line: how much, how fast, how long still. */
export function lineOf(
  summary: Pick<CurationSummary, 'bytes' | 'copied_bytes' | 'states'>,
  bytesPerSecond: number | null,
  millisLeft: number | null,
): string {
  const moving =
    (summary.states.waiting ?? 0) + (summary.states.copying ?? 0) + (summary.states.uploading ?? 0);
  if (moving === 0) return `${bytes(summary.copied_bytes)} at the centre · their verification goes on`;
  return [
    `${bytes(summary.copied_bytes)} of ${bytes(summary.bytes)}`,
    bytesPerSecond === null || bytesPerSecond <= 0 ? null : `${bytes(bytesPerSecond)}/s`,
    millisLeft === null ? null : `${duration(millisLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What a cancellation would do, by what is at which point now. */
export function leftOver(copies: readonly Pick<Copy, 'state' | 'copied_bytes'>[]) {
  const of = (...states: string[]) => copies.filter(({ state }) => states.includes(state));
  const begun = of('waiting', 'copying', 'uploading').filter(
    ({ state, copied_bytes }) => state !== 'waiting' || copied_bytes > 0,
  );
  return {
    kept: of('verifying', 'available', 'quarantined', 'expired', 'deleting').length,
    givenUp: begun.length,
    bytes: begun.reduce((sum, { copied_bytes }) => sum + copied_bytes, 0),
    neverBegun: of('waiting').length - begun.filter(({ state }) => state === 'waiting').length,
  };
}

/** Null where nothing is chosen. */
export function choiceOf({ dataset, tag, name, from, to }: NewCopySearch): CurationChoice | null {
  if (dataset !== undefined) return { datasets: dataset };
  if (tag === undefined && name === undefined && from === undefined && to === undefined) return null;
  return { tag, name, from, to };
}

/** Whether its bytes rest at its pilot, where they can be copied from. */
export const canBeCopied = ({ replayability, state }: Pick<Dataset, 'replayability' | 'state'>): boolean =>
  replayability !== null && replayability !== undefined && state === 'available';

/**
 * What the catalogue shows, as a choice to begin with: its filter where the platform takes such a choice, otherwise
 * the datasets that are listed.
 */
export function choiceFrom(filter: DatasetsSearch, listed: readonly Dataset[]): NewCopySearch {
  const { tag = [], name, from, to, q, prefix, state } = filter;
  const taken = tag.length <= 1 && q === undefined && prefix === undefined;
  if (taken && (state === undefined || state === 'available')) return { tag: tag[0], name, from, to };
  const dataset = listed
    .filter(canBeCopied)
    .slice(0, MOST_COPIED_BY_NAME)
    .map(({ dataset_id }) => dataset_id);
  return dataset.length > 0 ? { dataset, q } : { q };
}
