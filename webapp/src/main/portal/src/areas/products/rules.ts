import type { JsonObject } from '../../api/client';

export const METRICS = [
  { value: 'rowCount', label: 'rows' },
  { value: 'nullValues', label: 'null values' },
  { value: 'missingValues', label: 'missing values' },
  { value: 'invalidValues', label: 'invalid values' },
  { value: 'duplicateValues', label: 'duplicate values' },
  { value: 'sizeBytes', label: 'bytes of the file' },
];

export const OPERATORS = [
  { value: 'mustBe', label: 'exactly' },
  { value: 'mustNotBe', label: 'not' },
  { value: 'mustBeGreaterThan', label: 'more than' },
  { value: 'mustBeGreaterOrEqualTo', label: 'at least' },
  { value: 'mustBeLessThan', label: 'less than' },
  { value: 'mustBeLessOrEqualTo', label: 'at most' },
];

export interface Rule {
  metric: string;
  operator: string;
  bound: number;
}

const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A rule that compares one metric with one number; others the form leaves alone. */
export function ruleOf(rule: JsonObject): Rule | null {
  const holder = rule.engine === 'pilothouse' && isObject(rule.implementation) ? rule.implementation : rule;
  const metric = holder.metric;
  const operator = OPERATORS.find(({ value }) => typeof holder[value] === 'number')?.value;
  if (typeof metric !== 'string' || !METRICS.some(({ value }) => value === metric)) return null;
  return operator === undefined ? null : { metric, operator, bound: holder[operator] as number };
}

/** The rule with another comparison. The standard knows no metric for a file's size: that one is of the platform's own. */
export function ruleWith(before: JsonObject, { metric, operator, bound }: Rule): JsonObject {
  const kept = Object.fromEntries(
    Object.entries(before).filter(
      ([name]) =>
        !OPERATORS.some(({ value }) => value === name) &&
        !['metric', 'type', 'engine', 'implementation'].includes(name),
    ),
  );
  return metric === 'sizeBytes'
    ? { ...kept, type: 'custom', engine: 'pilothouse', implementation: { metric, [operator]: bound } }
    : { ...kept, metric, [operator]: bound };
}
