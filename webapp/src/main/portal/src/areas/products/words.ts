import type { Product, ProductPromise } from '../../api/client';
import type { StateKind } from '../../parts/State';

export const STATUS_KINDS: Record<Product['status'], StateKind> = {
  proposed: 'idle',
  draft: 'idle',
  active: 'up',
  deprecated: 'slow',
  retired: 'away',
};

export const STATUS_MEANS: Record<Product['status'], string> = {
  proposed: 'It is talked about; nobody can rely on it.',
  draft: 'It is being written; nobody can rely on it.',
  active: 'It is in force: what it promises can only be taken back with a new major version.',
  deprecated: 'It is still in force, but will end.',
  retired: 'It is no longer in force.',
};

export const PROMISE_KINDS: Record<ProductPromise['state'], StateKind> = {
  met: 'up',
  not_met: 'away',
  unknown: 'idle',
};

export const PROMISE_WORDS: Record<ProductPromise['state'], string> = {
  met: 'met',
  not_met: 'not met',
  unknown: 'unknown',
};
