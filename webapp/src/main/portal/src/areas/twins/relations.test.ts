import { describe, expect, it } from 'vitest';
import type { RelationshipType } from '../../api/client';
import { ordered, readFrom, relationshipId, relationsOf, wordsOf } from './relations';

const type = (id: string, label: string | null, inverse: string | null): RelationshipType => ({
  type: id,
  label,
  inverse,
  description: null,
  acyclic: false,
  single_source: false,
  built_in: true,
  revision: 1,
  created_at: null,
  updated_at: null,
});
const FEEDS = type('feeds', 'feeds', 'is fed by');
const JOINED = type('connects-to', 'connects to', 'connects to');
const BARE = type('backs-up', null, null);
const edge = (source: string, kind: string, target: string, id = 'r') => ({
  relationship_id: id,
  source,
  type: kind,
  target,
});

describe('the words of a type', () => {
  it('read from both ends', () => {
    expect(wordsOf(FEEDS, 'feeds', 'out')).toBe('feeds');
    expect(wordsOf(FEEDS, 'feeds', 'in')).toBe('is fed by');
  });

  it('fall back to its id, also while the types are loading', () => {
    expect(wordsOf(BARE, 'backs-up', 'out')).toBe('backs up');
    expect(wordsOf(BARE, 'backs-up', 'in')).toBe('is the target of: backs up');
    expect(wordsOf(undefined, 'backs-up', 'out')).toBe('backs up');
  });

  it('are offered once where both ends read the same', () => {
    expect(relationsOf([FEEDS, JOINED]).map(({ value, label }) => [value, label])).toEqual([
      ['out:feeds', 'feeds'],
      ['in:feeds', 'is fed by'],
      ['out:connects-to', 'connects to'],
    ]);
  });
});

describe('a relationship', () => {
  const typeOf = (id: string) => (id === 'feeds' ? FEEDS : undefined);

  it('reads from the twin whose page it is', () => {
    expect(readFrom(edge('tank', 'feeds', 'pump'), 'pump', typeOf)).toEqual({
      from: 'pump',
      words: 'is fed by',
      to: 'tank',
    });
    expect(readFrom(edge('tank', 'feeds', 'pump'), 'tank', typeOf)).toEqual({
      from: 'tank',
      words: 'feeds',
      to: 'pump',
    });
    expect(readFrom(edge('tank', 'feeds', 'pump'), 'other', typeOf).words).toBe('feeds');
    expect(readFrom(edge('pump', 'feeds', 'pump'), 'pump', typeOf).words).toBe('feeds');
  });

  it('gets an id that the server takes', () => {
    expect(relationshipId('feeds', 'pump_1.a')).toBe('feeds-pump-1-a');
    expect(relationshipId('contains', 'x'.repeat(128))).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
  });

  it('comes first where it is the twin’s own', () => {
    const edges = [edge('a', 'feeds', 'b'), edge('z', 'feeds', 'me'), edge('me', 'drives', 'c')];
    expect(ordered(edges, 'me').map(({ source }) => source)).toEqual(['me', 'z', 'a']);
  });
});
