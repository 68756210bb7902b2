import { describe, expect, it } from 'vitest';
import { keyNames, readModel, unitText, within } from './thing-model';

const model = readModel({
  title: 'Pump',
  properties: {
    status: { type: 'string', enum: ['on', 'off'] },
    temperature: { type: 'number', unit: 'qudt:DEG_C', minimum: 0, maximum: 80 },
    pressure: { type: 'number', unit: 'Pa' },
    broken: 7,
  },
  actions: { stop: {} },
});

describe('a Thing Model', () => {
  it('is read as far as it can be', () => {
    expect(model.properties.map(({ name }) => name)).toEqual(['status', 'temperature', 'pressure']);
    expect(model.actions).toEqual([{ name: 'stop', title: null, description: null, input: null }]);
    expect(readModel('no model').properties).toEqual([]);
  });

  it('says which figures tell most', () => {
    const reported = {
      zeta: { value: 1 },
      pressure: { value: 2 },
      status: { value: 'on' },
      alpha: { value: 3 },
    };
    expect(keyNames(model, reported)).toEqual(['pressure', 'alpha', 'zeta']);
    expect(keyNames(undefined, reported)).toEqual(['alpha', 'pressure', 'zeta']);
  });

  it('places a value between its bounds', () => {
    expect(within(20, model.properties[1])).toBe(0.25);
    expect(within(200, model.properties[1])).toBe(1);
    expect(within(20, model.properties[2])).toBeNull();
    expect(within('on', model.properties[0])).toBeNull();
  });

  it('writes units as people do', () => {
    expect(
      ['Cel', 'unit:DEG_C', 'http://qudt.org/vocab/unit/DEG_C', 'mm/s', 'kPa', '1/min', null].map(unitText),
    ).toEqual(['°C', '°C', '°C', 'mm/s', 'kPa', 'rpm', '']);
  });
});
