import { describe, expect, it } from 'vitest';
import { ruleOf, ruleWith } from './rules';

describe('rules', () => {
  it('are read and written', () => {
    const rule = { name: 'enough', metric: 'rowCount', mustBeGreaterThan: 10 };
    expect(ruleOf(rule)).toEqual({ metric: 'rowCount', operator: 'mustBeGreaterThan', bound: 10 });
    expect(ruleWith(rule, { metric: 'nullValues', operator: 'mustBe', bound: 0 })).toEqual({
      name: 'enough',
      metric: 'nullValues',
      mustBe: 0,
    });
  });

  it('of the size are the platform’s own', () => {
    const size = ruleWith(
      { metric: 'rowCount', mustBe: 1 },
      { metric: 'sizeBytes', operator: 'mustBeLessThan', bound: 5 },
    );
    expect(size).toEqual({
      type: 'custom',
      engine: 'pilothouse',
      implementation: { metric: 'sizeBytes', mustBeLessThan: 5 },
    });
    expect(ruleOf(size)).toEqual({ metric: 'sizeBytes', operator: 'mustBeLessThan', bound: 5 });
  });

  it.each([{ type: 'sql', query: 'SELECT 1', mustBe: 1 }, { metric: 'rowCount', mustBeBetween: [1, 2] }, {}])(
    'of other kinds are left alone: %j',
    (rule) => expect(ruleOf(rule)).toBeNull(),
  );
});
