import type { Fact } from '../../api/client';

const TITLES: Record<string, string> = {
  'twin.created': 'Created',
  'twin.changed': 'Changed',
  'twin.retired': 'Retired',
  'twin.related': 'Related',
  'twin.unrelated': 'No longer related',
  'twin.model-changed': 'Given another model',
  'command.sent': 'Command sent',
  'command.delivered': 'Command delivered',
  'command.ended': 'Command ended',
};

/** The type of a fact in words; a type that is not known yet is written as it is. */
export function factTitle({ type, data }: Pick<Fact, 'type'> & Partial<Pick<Fact, 'data'>>): string {
  if (type === 'twin.related' && Number(data?.revision) > 1) return 'Relationship changed';
  if (type === 'twin.changed' && Array.isArray(data?.changed) && data.changed.includes('model')) {
    return 'Model changed';
  }
  return (
    TITLES[type] ??
    type
      .replace(/^twin\./, '')
      .replaceAll(/[._-]+/g, ' ')
      .replace(/^./, (first) => first.toUpperCase())
  );
}

/** What every fact says, or what only programs need. */
const KNOWN = new Set(['pilot_id', 'twin', 'actor', 'command_id', 'revision']);

/** The small members of a fact in one line. */
export function factLine({ data }: Pick<Fact, 'data'>): string {
  if (typeof data.source === 'string' && typeof data.target === 'string') {
    return `${data.source} ${String(data.type)} ${data.target}`;
  }
  if (typeof data.command_id === 'string' && typeof data.name === 'string') {
    const state = typeof data.state === 'string' ? data.state.replaceAll('_', ' ') : '';
    return [data.name === '$desired' ? 'desired properties' : data.name, state].filter(Boolean).join(' · ');
  }
  return Object.entries(data)
    .flatMap(([name, value]) => {
      if (value === null || value === undefined || KNOWN.has(name)) return [];
      // the title says it already, and the model stands beside
      if (name === 'changed' && String(value) === 'model') return [];
      if (Array.isArray(value)) return value.length === 0 ? [] : [`${name} ${value.map(String).join(', ')}`];
      return typeof value === 'object' ? [] : [`${name} ${String(value)}`];
    })
    .slice(0, 6)
    .join(' · ');
}

export interface Day<T> {
  date: string;
  facts: T[];
}

/** In the order they come, by day of the zone. */
export function byDay<T extends { time: string }>(
  facts: readonly T[],
  dateOf: (at: number) => string,
): Day<T>[] {
  const days: Day<T>[] = [];
  for (const fact of facts) {
    const date = dateOf(Date.parse(fact.time));
    const last = days[days.length - 1];
    if (last?.date === date) last.facts.push(fact);
    else days.push({ date, facts: [fact] });
  }
  return days;
}
