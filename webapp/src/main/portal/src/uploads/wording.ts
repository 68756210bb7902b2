import { nextStep, ProblemError } from '../api/problem';
import { bytes, duration } from '../parts/format';
import type { StateKind } from '../parts/State';
import { StorageRefused } from './retry';
import { FileChanged, isRunning, type Phase, type UploadView } from './upload';

/** What stands above the list: the worst first, because it needs somebody. */
export function headline(views: readonly Pick<UploadView, 'phase'>[]): string {
  const of = (...phases: Phase[]) => views.filter(({ phase }) => phases.includes(phase)).length;
  const running = views.filter(isRunning).length;
  const parts = [
    [of('failed'), 'failed'],
    [of('quarantined'), 'quarantined'],
    [running, 'uploading'],
    [of('interrupted'), 'interrupted'],
    [of('paused'), 'paused'],
  ] as const;
  const said = parts.filter(([howMany]) => howMany > 0).map(([howMany, word]) => `${howMany} ${word}`);
  if (said.length > 0) return said.join(', ');
  return views.length === 1 ? '1 upload finished' : `${views.length} uploads finished`;
}

export function kindOf(phase: Phase): StateKind {
  switch (phase) {
    case 'available':
      return 'up';
    case 'failed':
    case 'quarantined':
      return 'away';
    case 'paused':
    case 'interrupted':
      return 'slow';
    case 'waiting':
    case 'sending':
    case 'hashing':
    case 'verifying':
      return 'idle';
  }
}

/** How full the bar is, from 0 to 1; null where a bar would say nothing. */
export function barOf({ phase, size, sent, hashed, verified }: UploadView): number | null {
  const share = (done: number) => (size === 0 ? 1 : Math.min(1, done / size));
  switch (phase) {
    case 'waiting':
    case 'sending':
    case 'paused':
    case 'interrupted':
    case 'failed':
      return share(sent);
    case 'hashing':
      return share(hashed);
    case 'verifying':
      return share(verified);
    case 'available':
    case 'quarantined':
      return null;
  }
}

export function lineOf(view: UploadView): string {
  const { phase, size, sent, hashed, verified, bytesPerSecond, millisLeft } = view;
  switch (phase) {
    case 'waiting':
      return `${bytes(size)} · waits for its turn`;
    case 'sending':
      return [
        `${bytes(sent)} of ${bytes(size)}`,
        bytesPerSecond === null ? null : `${bytes(bytesPerSecond)}/s`,
        millisLeft === null ? null : `${duration(millisLeft)} left`,
      ]
        .filter(Boolean)
        .join(' · ');
    case 'hashing':
      return `all sent · checksum ${bytes(hashed)} of ${bytes(size)}`;
    case 'verifying':
      return `verified ${bytes(verified)} of ${bytes(size)} · the page may be closed`;
    case 'paused':
      return `paused at ${bytes(sent)} of ${bytes(size)}`;
    case 'interrupted':
      return `interrupted · ${bytes(sent)} of ${bytes(size)} stored · the file is ${view.file_name}`;
    case 'failed':
      return `stopped at ${bytes(sent)} of ${bytes(size)}`;
    case 'available':
      return `${bytes(size)} · available${view.version !== null && view.version > 1 ? `, version ${view.version}` : ''}`;
    case 'quarantined':
      return `${bytes(size)} · quarantined: the bytes in object storage are not those of the file`;
  }
}

export function problemOf({ phase, problem }: UploadView): { text: string; code: string | null } | null {
  if (phase === 'quarantined') {
    return {
      text: 'Nobody is told of it, and it cannot be downloaded. Upload the file again.',
      code: codeIn(problem) ?? 'checksum_mismatch',
    };
  }
  if (phase !== 'failed') return null;
  if (problem instanceof ProblemError) {
    return { text: `${problem.title}. ${problem.detail ?? ''} ${nextStep(problem)}`, code: problem.code };
  }
  if (problem instanceof StorageRefused) {
    return {
      text:
        problem.status === 0
          ? 'Object storage cannot be reached. What it has stays; try again.'
          : `Object storage refused a part: ${problem.message}`,
      code: problem.status === 0 ? 'storage_unreachable' : `storage_${problem.status}`,
    };
  }
  if (problem instanceof FileChanged) return { text: problem.message, code: 'file_changed' };
  return { text: problem instanceof Error ? problem.message : String(problem), code: 'portal_error' };
}

function codeIn(problem: unknown): string | null {
  const code = (problem as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
