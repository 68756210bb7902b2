import type { JsonObject } from '../../api/client';

const model = (title: string, description: string, parts: JsonObject): JsonObject => ({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  '@type': 'tm:ThingModel',
  title,
  description,
  version: { model: '1.0.0' },
  ...parts,
});

export interface Example {
  id: string;
  label: string;
  document: JsonObject;
}

/** What a new model may begin with; each shows something that the one before does not. */
export const EXAMPLES: readonly Example[] = [
  {
    id: 'sensor',
    label: 'A sensor with one figure',
    document: model('Temperature sensor', 'Measures the air of a room.', {
      properties: {
        temperature: {
          title: 'Temperature',
          type: 'number',
          unit: 'Cel',
          minimum: -40,
          maximum: 85,
          readOnly: true,
        },
      },
    }),
  },
  {
    id: 'pump',
    label: 'A pump with properties to set and an action',
    document: model('Pump', 'A pump with a drive whose speed can be set.', {
      properties: {
        pressure: {
          title: 'Outlet pressure',
          type: 'number',
          unit: 'Pa',
          minimum: 0,
          maximum: 1_000_000,
          readOnly: true,
        },
        speed: { title: 'Speed', type: 'number', unit: '1/min', minimum: 0, maximum: 3600 },
        state: { title: 'State', type: 'string', enum: ['running', 'idle', 'fault'], readOnly: true },
      },
      actions: {
        set_speed: {
          title: 'Set the speed',
          input: {
            type: 'object',
            required: ['speed'],
            properties: {
              speed: {
                title: 'Speed',
                type: 'number',
                unit: '1/min',
                minimum: 0,
                maximum: 3600,
                default: 1450,
              },
              ramp_s: { title: 'Ramp', type: 'integer', unit: 's', minimum: 1, maximum: 120, default: 10 },
            },
          },
        },
        flush: { title: 'Flush' },
      },
    }),
  },
  {
    id: 'turbine',
    label: 'A turbine with an event',
    document: model('Wind turbine', 'A turbine that says when it stops by itself.', {
      properties: {
        power: { title: 'Power', type: 'number', unit: 'kW', minimum: 0, maximum: 3000, readOnly: true },
        wind_speed: {
          title: 'Wind speed',
          type: 'number',
          unit: 'm/s',
          minimum: 0,
          maximum: 60,
          readOnly: true,
        },
        pitch: { title: 'Pitch', type: 'number', unit: 'deg', minimum: -5, maximum: 95 },
      },
      actions: {
        stop: {
          title: 'Stop',
          input: {
            type: 'object',
            properties: { reason: { title: 'Reason', type: 'string', maxLength: 120 } },
          },
        },
      },
      events: { stopped: { title: 'Stopped', data: { type: 'string' } } },
    }),
  },
];
