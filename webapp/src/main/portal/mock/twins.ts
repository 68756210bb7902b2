/* Twins, models, readings and commands of the stand-in: deterministic curves, so that a zoom shows the same shape. */

export type Json = Record<string, unknown>;

interface Reported {
  value: number | string | boolean;
  time: string;
}

export interface Twin extends Json {
  twin_id: string;
  model: string | null;
  attributes: Json;
  properties: Record<string, Reported>;
  desired: Json;
  revision: number;
}

export interface Command extends Json {
  command_id: string;
  twin: string;
  name: string;
  state: string;
}

const iso = (at: number) => new Date(at).toISOString();
const DAY = 86_400_000;

const number = (title: string, unit: string, minimum: number, maximum: number, more: Json = {}): Json => ({
  title,
  type: 'number',
  unit,
  minimum,
  maximum,
  readOnly: true,
  ...more,
});

const thingModel = (
  title: string,
  description: string,
  properties: Json,
  actions: Json,
  events: Json = {},
) => ({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  '@type': 'tm:ThingModel',
  title,
  description,
  version: { model: '1.0.0' },
  properties,
  actions,
  events,
});

const PUMP = thingModel(
  'Centrifugal pump',
  'A pump with a drive whose speed can be set.',
  {
    temperature: number('Bearing temperature', 'Cel', -20, 120),
    vibration: number('Vibration', 'mm/s', 0, 12),
    pressure: number('Outlet pressure', 'Pa', 0, 1_000_000),
    speed: number('Speed', '1/min', 0, 3600, { readOnly: false, title: 'Speed' }),
    status: { title: 'Status', type: 'string', enum: ['running', 'idle', 'fault'], readOnly: true },
    running_hours: { title: 'Hours run', type: 'integer', unit: 'h', minimum: 0, readOnly: true },
    dry_run_guard: { title: 'Dry-run guard', type: 'boolean' },
  },
  {
    set_speed: {
      title: 'Set the speed',
      description: 'Ramps the drive to a speed.',
      input: {
        type: 'object',
        required: ['speed'],
        properties: {
          speed: { type: 'number', title: 'Speed', unit: '1/min', minimum: 0, maximum: 3600, default: 1450 },
          ramp_s: { type: 'integer', title: 'Ramp', unit: 's', minimum: 1, maximum: 120, default: 10 },
          direction: {
            type: 'string',
            title: 'Direction',
            enum: ['forward', 'backward'],
            default: 'forward',
          },
          keep: { type: 'boolean', title: 'Keep after a restart' },
        },
      },
    },
    flush: { title: 'Flush', description: 'Rinses the chamber once; takes no input.' },
    calibrate: {
      title: 'Calibrate a sensor',
      input: {
        type: 'object',
        required: ['sensor'],
        properties: {
          sensor: { type: 'string', title: 'Sensor', enum: ['temperature', 'vibration', 'pressure'] },
          reference: {
            type: 'object',
            title: 'Reference',
            properties: {
              value: { type: 'number', title: 'Value' },
              note: { type: 'string', title: 'Note', maxLength: 80 },
            },
          },
        },
      },
    },
  },
  { overheated: { title: 'Overheated', data: { type: 'number', unit: 'Cel' } } },
);

const TURBINE = thingModel(
  'Wind turbine',
  'A three-blade turbine of 3 MW.',
  {
    power: number('Power', 'kW', 0, 3000),
    rotor_speed: number('Rotor speed', '1/min', 0, 22),
    wind_speed: number('Wind speed', 'm/s', 0, 45),
    pitch: number('Pitch', 'deg', -5, 95, { readOnly: false }),
    status: { title: 'Status', type: 'string', enum: ['running', 'idle', 'fault'], readOnly: true },
  },
  {
    stop: {
      title: 'Stop',
      input: { type: 'object', properties: { reason: { type: 'string', title: 'Reason', maxLength: 120 } } },
    },
    feather: {
      title: 'Feather the blades',
      input: { type: 'number', title: 'Angle', unit: 'deg', minimum: 0, maximum: 95 },
    },
  },
);

const ENGINE = thingModel(
  'Turbofan engine',
  'Sensors of a run-to-failure engine.',
  Object.fromEntries(
    [
      ['t24', 'LPC outlet temperature', 'K', 600, 680],
      ['t30', 'HPC outlet temperature', 'K', 1500, 1700],
      ['t50', 'LPT outlet temperature', 'K', 1300, 1500],
      ['p30', 'HPC outlet pressure', 'kPa', 3700, 3900],
      ['nf', 'Fan speed', '1/min', 2300, 2450],
      ['nc', 'Core speed', '1/min', 8900, 9300],
    ].map(([id, title, unit, low, high]) => [
      id,
      number(String(title), String(unit), Number(low), Number(high)),
    ]),
  ),
  { inspect: { title: 'Order an inspection' } },
);

interface Kept {
  documents: Json[];
  created_at: string;
  updated_at: string;
  updated_by: string;
}

const models = new Map<string, Kept>(
  [
    ['pump', PUMP],
    ['turbine', TURBINE],
    ['turbofan', ENGINE],
  ].map(([id, document]) => [
    id as string,
    {
      documents: [document as Json],
      created_at: iso(Date.now() - 30 * DAY),
      updated_at: iso(Date.now() - 3 * DAY),
      updated_by: 'admin',
    },
  ]),
);

const size = (value: unknown) =>
  value !== null && typeof value === 'object' ? Object.keys(value).length : 0;

function modelRow(id: string, kept: Kept): Json {
  const document = kept.documents[kept.documents.length - 1] as Json;
  return {
    model_id: id,
    revision: kept.documents.length,
    title: document.title,
    description: document.description ?? null,
    version: (document.version as Json | undefined)?.model ?? null,
    properties: size(document.properties),
    actions: size(document.actions),
    events: size(document.events),
    created_at: kept.created_at,
    updated_at: kept.updated_at,
    updated_by: kept.updated_by,
  };
}

export const modelRows = (): Json[] => [...models].sort().map(([id, kept]) => modelRow(id, kept));

export function modelDocument(id: string, revision: number | null): { document: Json; etag: string } | null {
  const kept = models.get(id);
  const document = kept?.documents[(revision ?? kept.documents.length) - 1];
  return kept && document ? { document, etag: `"${revision ?? kept.documents.length}"` } : null;
}

export interface Refusal {
  status: number;
  code: string;
  title: string;
  detail?: string;
  path?: string;
}

export function putModel(
  id: string,
  document: Json,
  ifMatch: string | undefined,
  who: string,
): Refusal | { status: number; row: Json } {
  const kept = models.get(id);
  if (
    document['@type'] !== 'tm:ThingModel' &&
    !(document['@type'] as unknown[] | undefined)?.includes?.('tm:ThingModel')
  ) {
    return refusal(422, 'invalid', 'The model is not valid', 'It must be tm:ThingModel.', '/@type');
  }
  for (const [name, property] of Object.entries((document.properties ?? {}) as Record<string, Json>)) {
    const types = ['number', 'integer', 'string', 'boolean', 'object', 'array'];
    if (!types.includes(String(property.type))) {
      return refusal(
        422,
        'invalid',
        'The model is not valid',
        `“${String(property.type)}” is not a type.`,
        `/properties/${name}/type`,
      );
    }
  }
  if (kept && ifMatch && ifMatch !== `"${kept.documents.length}"`) {
    return refusal(412, 'precondition_failed', 'It was changed meanwhile');
  }
  const before = kept?.documents[kept.documents.length - 1];
  for (const name of Object.keys((before?.properties ?? {}) as Json)) {
    if (!(name in ((document.properties ?? {}) as Json))) {
      return refusal(
        409,
        'conflict',
        'The change takes something away',
        'A property that was there is missing.',
        `/properties/${name}`,
      );
    }
  }
  const at = iso(Date.now());
  if (!kept) {
    const made = { documents: [document], created_at: at, updated_at: at, updated_by: who };
    models.set(id, made);
    return { status: 201, row: modelRow(id, made) };
  }
  if (JSON.stringify(before) !== JSON.stringify(document)) {
    kept.documents.push(document);
    kept.updated_at = at;
    kept.updated_by = who;
  }
  return { status: 200, row: modelRow(id, kept) };
}

function refusal(status: number, code: string, title: string, detail?: string, path?: string): Refusal {
  return { status, code, title, detail, path };
}

/* readings */

function hash(text: string): number {
  let value = 2166136261;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16777619);
  return value >>> 0;
}

const noise = (seed: number, at: number) => {
  const value = Math.sin(seed * 0.001 + at * 12.9898) * 43758.5453;
  return value - Math.floor(value) - 0.5;
};

const CENTRES: Record<string, [centre: number, swing: number, digits: number]> = {
  temperature: [61, 6, 3],
  vibration: [1.8, 0.4, 5],
  pressure: [402_000, 900, 0],
  speed: [1450, 60, 0],
  running_hours: [18_240, 0, 0],
  power: [1900, 700, 1],
  rotor_speed: [14, 3, 2],
  wind_speed: [9.5, 3, 2],
  pitch: [4, 3, 1],
  t24: [642, 1.4, 2],
  t30: [1588, 6, 2],
  t50: [1406, 9, 2],
  p30: [3753, 14, 1],
  nf: [2388, 1.5, 2],
  nc: [9056, 18, 1],
};

export function reading(twin: string, property: string, at: number): number {
  const [centre, swing, digits] = CENTRES[property] ?? [10, 2, 2];
  const seed = hash(`${twin} ${property}`);
  const seconds = at / 1000;
  const slow = Math.sin(seconds / 9000 + seed);
  const quick = Math.sin(seconds / 240 + (seed % 7));
  const spike = seed % 3 === 0 && Math.floor(seconds / 17) % 211 === 0 ? 3 : 0;
  const value = centre + swing * (0.6 * slow + 0.3 * quick + 0.25 * noise(seed, Math.floor(seconds)) + spike);
  return Number(value.toFixed(digits));
}

/** An outage of seven minutes every three hours, as a cable that somebody keeps pulling. */
const silent = (at: number) => Math.floor(at / 60_000) % 180 < 7;

/** What was really reported by twins that are not among those made up here. */
const recorded = new Map<string, [at: number, value: number][]>();
const seeded = new Set<string>();

function recordedPoints(key: string, from: number, to: number, step: number | null): unknown[] {
  const found = (recorded.get(key) ?? []).filter(([at]) => at >= from && at <= to).sort(([a], [b]) => a - b);
  const grid = (step ?? 0) * 1000;
  const slots = new Map<number, number[]>();
  for (const [at, value] of found) {
    const slot = grid === 0 ? at : Math.floor(at / grid) * grid;
    slots.set(slot, [...(slots.get(slot) ?? []), value]);
  }
  return [...slots].map(([at, values]) => [
    iso(at),
    Math.min(...values),
    values.reduce((sum, value) => sum + value, 0) / values.length,
    Math.max(...values),
    values.length,
  ]);
}

export function history(
  twin: Twin,
  properties: string[],
  from: number,
  to: number,
  stepAsked: string | null,
): Json {
  const end = Math.min(to, Date.now());
  const span = Math.max(1, (to - from) / 1000);
  const choices = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
  const step =
    stepAsked === null
      ? null
      : stepAsked === 'auto'
        ? (choices.find((each) => span / each <= 2000) ?? 86_400)
        : Number(stepAsked);
  const series = properties.map((property) => {
    const points: unknown[] = seeded.has(twin.twin_id)
      ? []
      : recordedPoints(`${twin.twin_id} ${property}`, from, to, step);
    const grid = (step ?? 1) * 1000;
    for (
      let at = Math.ceil(from / grid) * grid;
      seeded.has(twin.twin_id) && at <= end && points.length < 20_000;
      at += grid
    ) {
      if (silent(at)) continue;
      const samples = Math.min(8, step ?? 1);
      let min = Infinity;
      let max = -Infinity;
      let sum = 0;
      for (let each = 0; each < samples; each++) {
        const value = reading(twin.twin_id, property, at + (each * grid) / samples);
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum += value;
      }
      points.push([iso(at), min, sum / samples, max, step ?? 1]);
    }
    const model = twin.model ? modelDocument(twin.model, null)?.document : undefined;
    const unit =
      ((model?.properties as Record<string, Json> | undefined)?.[property]?.unit as string) ?? null;
    return { property, unit, truncated: points.length >= 20_000, points };
  });
  return { from: iso(from), to: iso(to), step, series };
}

/* twins */

const SITES = ['rome/hall-1', 'rome/hall-2', 'turin/foundry', 'turin/assembly'];
const NAMED: [id: string, name: string, model: string | null, place: string, properties: string[]][] = [
  ['pump-01', 'Feed pump, left', 'pump', 'aurora/rome/hall-1/line-a/cell-1', []],
  ['pump-02', 'Feed pump, right', 'pump', 'aurora/rome/hall-1/line-a/cell-1', []],
  ['pump-03', 'Sump pump', 'pump', 'aurora/rome/hall-1/line-a/cell-2', []],
  ['bearing-a1', 'Bearing A1', null, 'aurora/rome/hall-1/line-b', ['temperature', 'vibration', 'pressure']],
  ['bearing-a2', 'Bearing A2', null, 'aurora/rome/hall-1/line-b', ['temperature', 'vibration', 'pressure']],
  ['turbine-north', 'Turbine, north ridge', 'turbine', 'aurora/ridge/north', []],
  ['turbine-south', 'Turbine, south ridge', 'turbine', 'aurora/ridge/south', []],
  ['battery-07', 'Battery 7', null, 'aurora/turin/storage', ['temperature', 'vibration', 'pressure']],
  ['press-3', 'Press 3', null, 'aurora/turin/assembly/line-c', ['temperature', 'vibration', 'pressure']],
  ['chiller-2', '', null, '', ['temperature', 'vibration', 'pressure']],
];

export const twins = new Map<string, Twin>();
export const facts = new Map<string, Json[]>();
export const commands = new Map<string, Command[]>();
let factNumber = 0;

export function fact(twin: string, type: string, actor: string | null, data: Json, at = Date.now()): void {
  const list = facts.get(twin) ?? [];
  list.unshift({ id: `fact-${++factNumber}`, time: iso(at), type, actor, data });
  facts.set(twin, list);
}

function propertiesOf(
  twin: string,
  model: string | null,
  own: string[],
  at: number,
): Record<string, Reported> {
  const document = model ? (modelDocument(model, null)?.document.properties as Record<string, Json>) : {};
  const found: Record<string, Reported> = {};
  for (const [name, property] of Object.entries(document)) {
    const value =
      property.type === 'string' ? 'running' : property.type === 'boolean' ? true : reading(twin, name, at);
    if (name !== 'running_hours' || twin !== 'pump-03') found[name] = { value, time: iso(at) };
  }
  for (const name of own) found[name] = { value: reading(twin, name, at), time: iso(at) };
  return found;
}

function make(
  id: string,
  name: string,
  model: string | null,
  place: string,
  own: string[],
  at: number | null,
): void {
  const attributes: Json = {};
  if (name) attributes.name = name;
  if (place) attributes.place = place;
  if (model) attributes.serial_number = `SN-${hash(id).toString(36)}`;
  twins.set(id, {
    twin_id: id,
    model,
    attributes,
    properties: at === null ? {} : propertiesOf(id, model, own, at),
    desired: id === 'pump-01' ? { speed: 1500, dry_run_guard: true } : {},
    revision: 3,
    created_at: iso(Date.now() - 20 * DAY),
    updated_at: iso(Date.now() - 2 * DAY),
    reported_at: at === null ? null : iso(at),
  });
}

export function fill(count: number): void {
  for (const [id, name, model, place, own] of NAMED) make(id, name, model, place, own, Date.now());
  for (let each = 1; each <= count; each++) {
    const silentFor = each % 23 === 0 ? 2 * DAY : each % 7 === 0 ? 900_000 : 2_000 + (each % 50) * 400;
    make(
      `engine-${String(each).padStart(3, '0')}`,
      `Engine ${each}`,
      'turbofan',
      `aurora/${SITES[each % SITES.length]}/line-${'abcd'[each % 4]}/cell-${(each % 6) + 1}`,
      [],
      each % 61 === 0 ? null : Date.now() - silentFor,
    );
  }
  for (const id of twins.keys()) seeded.add(id);
  for (const id of twins.keys())
    fact(id, 'twin.created', 'admin', { model: twins.get(id)?.model }, Date.now() - 20 * DAY);
  for (let each = 0; each < 70; each++) {
    const at = Date.now() - (70 - each) * 5 * 3_600_000;
    if (each % 3 === 0) fact('pump-01', 'twin.changed', 'operator', { changed: ['/desired/speed'] }, at);
    else if (each % 3 === 1)
      fact('pump-01', 'command.sent', 'operator', { name: 'set_speed', command_id: `c-${each}` }, at);
    else
      fact(
        'pump-01',
        'command.ended',
        null,
        { name: 'set_speed', command_id: `c-${each}`, state: 'succeeded' },
        at,
      );
  }
  const sorted = [...twins].sort(([a], [b]) => (a < b ? -1 : 1));
  twins.clear();
  for (const [id, twin] of sorted) twins.set(id, twin);
}

export function reported(id: string, values: Json, time: string): void {
  let twin = twins.get(id);
  if (!twin) {
    make(id, '', null, '', [], null);
    twin = twins.get(id) as Twin;
    twin.revision = 1;
    fact(id, 'twin.created', null, { by: 'telemetry' });
  }
  for (const [name, value] of Object.entries(values)) {
    const before = twin.properties[name];
    if (typeof value === 'number' && !seeded.has(id)) {
      const key = `${id} ${name}`;
      recorded.set(key, [...(recorded.get(key) ?? []), [Date.parse(time), value]]);
    }
    if (!before || before.time <= time) twin.properties[name] = { value: value as number, time };
  }
  if (!twin.reported_at || String(twin.reported_at) < time) twin.reported_at = time;
}

export function mergePatch(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const result: Json = target !== null && typeof target === 'object' ? { ...(target as Json) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

let commandNumber = 0;

export function send(twin: Twin, asked: Json, who: string): Command {
  const timeout = Number(asked.timeout_s ?? 60);
  const command: Command = {
    command_id: `cmd-${Date.now().toString(36)}-${++commandNumber}`,
    twin: twin.twin_id,
    device: `edge-${twin.twin_id}`,
    name: String(asked.name),
    input: asked.input ?? null,
    state: 'pending',
    output: null,
    error: null,
    sent_by: who,
    created_at: iso(Date.now()),
    delivered_at: null,
    ended_at: null,
    expires_at: iso(Date.now() + timeout * 1000),
  };
  const list = commands.get(twin.twin_id) ?? [];
  list.unshift(command);
  commands.set(twin.twin_id, list);
  fact(twin.twin_id, 'command.sent', who, { name: command.name, command_id: command.command_id });
  const end = (state: string, more: Json) => {
    Object.assign(command, { state, ended_at: iso(Date.now()), ...more });
    fact(twin.twin_id, 'command.ended', null, { name: command.name, command_id: command.command_id, state });
  };
  // the twins without a model stand for devices that are away: what they are told runs out
  if (twin.model === null) {
    setTimeout(() => end('timed_out', {}), timeout * 1000).unref();
    return command;
  }
  setTimeout(
    () => Object.assign(command, { state: 'delivered', delivered_at: iso(Date.now()) }),
    700,
  ).unref();
  setTimeout(() => {
    if (command.name === 'flush') end('failed', { error: 'The valve is closed' });
    else end('succeeded', { output: { accepted: true, input: command.input } });
  }, 2_000).unref();
  return command;
}

/* the graph */

interface Edge extends Json {
  relationship_id: string;
  source: string;
  type: string;
  target: string;
  attributes: Json;
  revision: number;
}

const type = (id: string, label: string, inverse: string, acyclic = false, single = false): Json => ({
  type: id,
  label,
  inverse,
  description: null,
  acyclic,
  single_source: single,
  built_in: true,
  revision: 1,
  created_at: null,
  updated_at: null,
});

export const relationshipTypes: Json[] = [
  type('connects-to', 'connects to', 'connects to'),
  type('contains', 'contains', 'is contained in', true, true),
  type('controls', 'controls', 'is controlled by'),
  type('drives', 'drives', 'is driven by', true),
  type('feeds', 'feeds', 'is fed by'),
  type('monitors', 'monitors', 'is monitored by'),
  type('powers', 'powers', 'is powered by'),
];

export const edges = new Map<string, Edge>();
const edgeKey = (source: string, id: string) => `${source} ${id}`;

export function relate(
  source: string,
  id: string,
  type: string,
  target: string,
  attributes: Json = {},
): Edge {
  const made = {
    relationship_id: id,
    source,
    type,
    target,
    attributes,
    revision: 1,
    created_at: iso(Date.now()),
    updated_at: iso(Date.now()),
  };
  edges.set(edgeKey(source, id), made);
  return made;
}

export function putEdge(source: string, id: string, asked: Json, onlyNew: boolean): Refusal | Edge {
  const target = String(asked.target);
  const kind = relationshipTypes.find((each) => each.type === asked.type);
  if (!kind) return refusal(400, 'invalid_value', 'There is no such type', undefined, '/type');
  if (!twins.has(target))
    return refusal(400, 'invalid_value', 'A value is wrong', 'No such twin.', '/target');
  if (edges.has(edgeKey(source, id)) && onlyNew)
    return refusal(412, 'precondition_failed', 'It was changed meanwhile');
  const sources = [...edges.values()].filter((each) => each.target === target && each.type === asked.type);
  if (kind.single_source && sources.length > 0)
    return refusal(
      409,
      'conflict',
      'The state does not allow this',
      `${target} has a source already.`,
      '/target',
    );
  if (kind.acyclic && walk(target, (each) => each.type === asked.type, ['out'], 100).has(source))
    return refusal(409, 'conflict', 'The state does not allow this', 'This would close a cycle.', '/target');
  fact(source, 'twin.related', 'operator', {
    relationship_id: id,
    type: asked.type,
    source,
    target,
    revision: 1,
  });
  return relate(source, id, String(asked.type), target, (asked.attributes ?? {}) as Json);
}

function walk(
  twin: string,
  wanted: (edge: Edge) => boolean,
  ways: string[],
  depth: number,
): Map<string, number> {
  const seen = new Map([[twin, 0]]);
  for (let at = 1; at <= depth; at++) {
    for (const edge of edges.values()) {
      if (!wanted(edge)) continue;
      const steps = [
        ...(ways.includes('out') ? [[edge.source, edge.target]] : []),
        ...(ways.includes('in') ? [[edge.target, edge.source]] : []),
      ] as [string, string][];
      for (const [from, to] of steps) if (seen.get(from) === at - 1 && !seen.has(to)) seen.set(to, at);
    }
  }
  return seen;
}

const nodeOf = (id: string): Json => {
  const twin = twins.get(id);
  return {
    twin_id: id,
    name: twin?.attributes.name ?? null,
    model: twin?.model ?? null,
    level: twin?.attributes.level ?? null,
  };
};

export function neighbours(twin: string, depth: number, type: string | null, direction: string): Json {
  const wanted = (edge: Edge) => type === null || edge.type === type;
  const seen = walk(twin, wanted, direction === 'both' ? ['out', 'in'] : [direction], depth);
  const nodes = [...seen].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  return {
    nodes: nodes.slice(0, 500).map(([id, at]) => ({ ...nodeOf(id), depth: at })),
    edges: [...edges.values()]
      .filter((edge) => wanted(edge) && seen.has(edge.source) && seen.has(edge.target))
      .slice(0, 2000)
      .map(({ relationship_id, source, type: kind, target }) => ({
        relationship_id,
        source,
        type: kind,
        target,
      })),
    truncated: nodes.length > 500,
  };
}

export function pathTo(twin: string): Json {
  const items = [nodeOf(twin)];
  for (let at: string | undefined = twin; at !== undefined;) {
    at = [...edges.values()].find((edge) => edge.type === 'contains' && edge.target === at)?.source;
    if (at !== undefined) items.unshift(nodeOf(at));
  }
  return { items, truncated: false };
}

export function fillGraph(): void {
  const places: [id: string, name: string, level: string, below: string[]][] = [
    ['acme', 'Acme', 'enterprise', ['rome']],
    ['rome', 'Rome', 'site', ['hall-1']],
    ['hall-1', 'Hall 1', 'area', ['line-a', 'line-b']],
    ['line-a', 'Line A', 'line', ['pump-01', 'pump-02', 'pump-03']],
    ['line-b', 'Line B', 'line', ['bearing-a1', 'bearing-a2']],
  ];
  for (const [id, name, level] of places) {
    make(id, name, null, '', [], null);
    Object.assign((twins.get(id) as Twin).attributes, { level });
  }
  for (const [id, , , below] of places)
    for (const each of below) relate(id, `contains-${each}`, 'contains', each);
  relate('pump-01', 'feeds-pump-03', 'feeds', 'pump-03', { pipe: 'DN50' });
  relate('pump-02', 'feeds-pump-03', 'feeds', 'pump-03', { pipe: 'DN50' });
  relate('pump-03', 'feeds-pump-01', 'feeds', 'pump-01', { pipe: 'return' });
  relate('bearing-a1', 'monitors-pump-01', 'monitors', 'pump-01');
  relate('bearing-a2', 'monitors-pump-01', 'monitors', 'pump-01');
  for (let each = 1; each <= 90; each++)
    relate('turbine-north', `powers-${each}`, 'powers', `engine-${String(each).padStart(3, '0')}`);
}
