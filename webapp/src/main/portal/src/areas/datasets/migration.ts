import type { Migration } from '../../api/client';

/** While one is, there is no other of the pilot. */
export function isUnderWay({ state }: Migration): boolean {
  return state === 'copying' || state === 'paused' || state === 'cancelling' || state === 'switching';
}

export const STATE_WORDS: Record<Migration['state'], { name: string; means: string }> = {
  copying: {
    name: 'copying',
    means: 'Datasets are copied and read back. Nobody outside can see anything of it yet.',
  },
  paused: { name: 'paused', means: 'Nothing is copied. What was copied stays.' },
  cancelling: { name: 'cancelling', means: 'What was copied is removed again. All stays where it is.' },
  switching: {
    name: 'switching',
    means: 'The storage model has changed. Datasets follow with their pointers; there is no way back.',
  },
  removing: {
    name: 'moved',
    means: 'All datasets are at the new place. Old bytes go when their grace time is over.',
  },
  done: { name: 'done', means: 'All datasets are at the new place, and the old bytes are gone.' },
  cancelled: { name: 'cancelled', means: 'What was copied is removed again. Nothing has changed.' },
};

export const TARGET_WORDS: Record<Migration['target'], string> = {
  centralized: 'the consortium’s bucket',
  federated: 'the pilot’s own endpoint',
};

/** How far it was at a time. */
export interface Sample {
  at: number;
  /** Bytes copied and bytes read back: each byte of a dataset counts twice. */
  done: number;
}

export function sampleOf({ seen_at, progress }: Migration): Sample {
  return { at: Date.parse(seen_at), done: progress.copied_bytes + progress.verified_bytes };
}

const WINDOW_MS = 30_000;

/** The samples of the last half minute, with a new one; they begin anew where it went back. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && (next.at <= last.at || next.done < last.done)) {
    return next.done < last.done ? [next] : samples;
  }
  return [...samples.filter(({ at }) => next.at - at <= WINDOW_MS), next];
}

/** Bytes that are moved in a second, both ways of each, and how long the rest takes; null where nothing moves. */
export function pace(
  samples: readonly Sample[],
  { progress }: Migration,
): { bytesPerSecond: number; millisLeft: number } | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < 1_000 || last.done === first.done) return null;
  const perMilli = (last.done - first.done) / (last.at - first.at);
  const left = 2 * progress.bytes - progress.copied_bytes - progress.verified_bytes;
  return { bytesPerSecond: (perMilli * 1_000) / 2, millisLeft: Math.max(0, left) / perMilli };
}
