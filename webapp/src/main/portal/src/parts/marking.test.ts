import { describe, expect, it } from 'vitest';
import { markedParts } from './marking';

const shown = (text: string, sought?: string) =>
  markedParts(text, sought)
    .map(({ part, found }) => (found ? `[${part}]` : part))
    .join('');

describe('marks', () => {
  it.each([
    ['Press runs', 'RUN', 'Press [run]s'],
    ['aaa', 'a', '[a][a][a]'],
    ['a.b', '.', 'a[.]b'],
    ['none', 'x', 'none'],
    ['none', undefined, 'none'],
    ['none', '  ', 'none'],
    ['', 'x', ''],
    ['İx', 'x', 'İx'],
  ])('of %s for %s', (text, sought, expected) => expect(shown(text, sought)).toBe(expected));
});
