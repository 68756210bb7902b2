import type { Dataset, DatasetReference, DatasetState, Replayability, Sweep } from '../../api/client';
import type { StateKind } from '../../parts/State';

export const STATE_WORDS: Record<DatasetState, string> = {
  uploading: 'uploading',
  verifying: 'verifying',
  available: 'available',
  quarantined: 'quarantined',
  expired: 'expired',
  deleting: 'withdrawn',
  deleted: 'deleted',
};

export const STATE_KINDS: Record<DatasetState, StateKind> = {
  uploading: 'idle',
  verifying: 'idle',
  available: 'up',
  quarantined: 'away',
  expired: 'slow',
  deleting: 'slow',
  deleted: 'idle',
};

export const STATE_MEANS: Record<DatasetState, string> = {
  uploading: 'Its parts come in. Nobody is told of it yet.',
  verifying: 'Its bytes are read back from object storage and compared. Nobody is told of it yet.',
  available: 'Its bytes are verified, and its pointer is out.',
  quarantined: 'Its bytes are not what was declared. It cannot be read, and nobody is told of it.',
  expired: 'Its retention is over, and its pointer is withdrawn.',
  deleting: 'It is withdrawn, and so is its pointer.',
  deleted: 'Its bytes are gone. What was said of it stays.',
};

export const REPLAY_WORDS: Record<Replayability['state'], { name: string; kind: StateKind; means: string }> =
  {
    unknown: { name: 'not looked at yet', kind: 'idle', means: 'Nobody has looked at the endpoint yet.' },
    reachable: {
      name: 'reachable',
      kind: 'up',
      means: 'The pilot’s endpoint answers, and the object is the one that was verified.',
    },
    unreachable: {
      name: 'unreachable',
      kind: 'away',
      means: 'The pilot’s endpoint does not answer as it should.',
    },
    credentials_expired: {
      name: 'credentials expired',
      kind: 'away',
      means: 'The pilot’s endpoint no longer takes the credentials. A pilot admin sets new ones.',
    },
    agreement_ended: {
      name: 'agreement ended',
      kind: 'away',
      means: 'The time until which the endpoint may be used is over. Nothing is read there.',
    },
    object_missing: {
      name: 'object missing',
      kind: 'away',
      means: 'The object is gone from the pilot’s endpoint.',
    },
    object_changed: {
      name: 'object changed',
      kind: 'away',
      means: 'The object was put again after it was verified: its bytes may be others.',
    },
  };

/** What made it, in words: `upload`, or `job 0193…`. */
export function origin({ kind, id }: { kind?: string; id?: string | null }): string {
  return [kind ?? 'unknown', id].filter(Boolean).join(' ');
}

/** Of a dataset that a closed day made, which day and revision it is. */
export function dayOf({ kind, id }: Dataset['lineage']): { date: string; revision: number } | null {
  const found = kind === 'dump' ? /^(\d{4}-\d\d-\d\d)-([1-9]\d{0,5})$/.exec(id ?? '') : null;
  return found ? { date: found[1] as string, revision: Number(found[2]) } : null;
}

/** The job that has made it; null where it was no job that there is a page of. */
export function jobOf({ kind, id }: Dataset['lineage']): string | null {
  return kind === 'job' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id ?? '') ? (id ?? null) : null;
}

/** What a reader has to know before using it; the rest of the tags is in the facts. */
export function marks({ tags }: Pick<Dataset, 'tags'>): { text: string; grave: boolean }[] {
  const found: { text: string; grave: boolean }[] = [];
  const { classification } = tags;
  if (typeof classification === 'string') {
    found.push({
      text: classification,
      grave: classification === 'confidential' || classification === 'restricted',
    });
  }
  if (tags.personal_data === true) found.push({ text: 'personal data', grave: true });
  if (tags.legal_hold === true) found.push({ text: 'legal hold', grave: true });
  return found;
}

export const REFERENCE_WORDS: Record<DatasetReference['kind'], string> = {
  legal_hold: 'Legal hold',
  replay: 'Replay',
  job: 'Job',
  dump: 'Closed day',
  dataset: 'Dataset',
  pointer: 'Pointer',
};

type Finding = Sweep['findings'][number];

export const FINDING_WORDS: Record<Finding['kind'], { name: string; means: string }> = {
  orphaned_object: {
    name: 'Orphaned object',
    means:
      'An object that no dataset names. It is marked, looked at again after the grace time, then removed.',
  },
  missing_object: {
    name: 'Missing object',
    means: 'A dataset whose object is not there. It is only told of: somebody has to look.',
  },
  abandoned_upload: {
    name: 'Abandoned upload',
    means: 'A dataset whose upload nobody went on with. The upload is aborted, and the dataset given up.',
  },
  leftover_upload: {
    name: 'Leftover upload',
    means: 'Parts in object storage that belong to no dataset. They are aborted.',
  },
};

export const ACTION_WORDS: Record<Finding['action'], string> = {
  none: 'nothing yet',
  marked: 'marked',
  removed: 'removed',
  aborted: 'aborted',
  alarm: 'alarm',
};

/** What a sweep does now: what is past its grace time goes, the rest is marked or told of. */
export function sweepPlan(findings: readonly Finding[], now: number) {
  const due = findings.filter(
    ({ kind, due_at }) => kind !== 'missing_object' && due_at != null && Date.parse(due_at) <= now,
  );
  const missing = findings.filter(({ kind }) => kind === 'missing_object').length;
  return {
    removed: due.filter(({ kind }) => kind === 'orphaned_object').length,
    aborted: due.filter(({ kind }) => kind !== 'orphaned_object').length,
    bytes: due.reduce((sum, { size_bytes }) => sum + (size_bytes ?? 0), 0),
    marked: findings.length - due.length - missing,
    missing,
  };
}

const SHORT_TYPES: Record<string, string> = {
  'application/octet-stream': 'bytes',
  'text/plain': 'text',
  'application/x-ndjson': 'ndjson',
};

/** A media type as a row has room for it; its title has the whole. */
export function shortType(mediaType: string): string {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return SHORT_TYPES[type] ?? (type.replace(/^.*\//, '').replace(/^(vnd\.)?(apache\.)?(x-)?/, '') || type);
}
