import { describe, expect, it } from 'vitest';
import { faults, fieldOf, initial, valueOf, type Field } from './schema-form';

const schema = {
  type: 'object',
  required: ['speed'],
  properties: {
    speed: { type: 'number', minimum: 0, maximum: 3600, default: 1450, unit: 'rpm' },
    ramp: { type: 'integer', exclusiveMinimum: 0, multipleOf: 5 },
    direction: { enum: ['forward', 'backward'] },
    note: { type: 'string', maxLength: 3, pattern: '^[a-z]*$' },
    reference: {
      type: 'object',
      required: ['value'],
      properties: { value: { type: 'number' }, 'a/b': { type: 'boolean' } },
    },
  },
};
const form = fieldOf(schema) as Field;

describe('a form of a schema', () => {
  it('begins with what the schema gives', () => {
    expect(initial(form)).toEqual({ '/speed': 1450 });
    expect(valueOf(form, initial(form))).toEqual({ speed: 1450 });
  });

  it('makes the nested input', () => {
    expect(valueOf(form, { '/speed': 1, '/reference/value': 2, '/reference/a~1b': false })).toEqual({
      speed: 1,
      reference: { value: 2, 'a/b': false },
    });
  });

  it('says what is wrong where', () => {
    expect(
      faults(form, {
        '/speed': 4000,
        '/ramp': 7,
        '/direction': 'up',
        '/note': 'AB',
        '/reference/a~1b': true,
      }),
    ).toEqual({
      '/speed': 'At most 3600 rpm',
      '/ramp': 'A multiple of 5',
      '/direction': 'Choose one of the list',
      '/note': 'It must fit ^[a-z]*$',
      '/reference/value': 'This is needed',
    });
    expect(faults(form, {})).toEqual({ '/speed': 'This is needed' });
    expect(faults(form, { '/speed': 0, '/ramp': 0 })).toEqual({ '/ramp': 'More than 0' });
    expect(faults(form, { '/speed': 1, '/ramp': 2.5 })).toEqual({ '/ramp': 'A whole number is needed' });
  });

  it('takes a plain value for an input', () => {
    const angle = fieldOf({ type: 'number', minimum: 0 }) as Field;
    expect(valueOf(angle, { '': 12 })).toBe(12);
    expect(faults(angle, { '': -1 })).toEqual({ '': 'At least 0' });
  });

  it('leaves to JSON what it cannot keep to', () => {
    for (const other of [
      { type: 'array', items: { type: 'number' } },
      { type: 'object' },
      { oneOf: [{ type: 'number' }, { type: 'string' }] },
      { type: 'object', properties: { list: { type: 'array' } } },
      { enum: [{ a: 1 }] },
      {},
    ]) {
      expect(fieldOf(other)).toBeNull();
    }
  });
});
