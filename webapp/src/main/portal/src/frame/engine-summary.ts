import type { Engine, Reader } from '../api/client';
import type { StateKind } from '../parts/State';

export function engineKind(engine: Engine): StateKind {
  return engine.state;
}

export const ENGINE_NAMES: Record<Engine['name'], string> = {
  kafka: 'Kafka',
  postgresql: 'PostgreSQL',
  rabbitmq: 'RabbitMQ',
  elasticsearch: 'Elasticsearch',
  s3: 'S3',
  mqtt: 'MQTT',
};

export function readerKind(reader: Reader): StateKind {
  switch (reader.state) {
    case 'running':
      return 'up';
    case 'waiting':
      return 'slow';
    case 'paused':
      return 'idle';
    case 'stopped':
      return 'away';
  }
}

/** One word for the worst of them, and which. */
export function summary(engines: readonly Engine[] | undefined): { kind: StateKind; text: string } {
  if (!engines) return { kind: 'idle', text: 'Engines: not known yet' };
  const away = engines.filter((engine) => engine.state === 'away');
  if (away.length > 0) return { kind: 'away', text: `${names(away)} away` };
  const slow = engines.filter((engine) => engine.state === 'slow');
  if (slow.length > 0) return { kind: 'slow', text: `${names(slow)} slow` };
  return { kind: 'up', text: `${engines.length} engines up` };
}

function names(engines: Engine[]): string {
  const first = engines.slice(0, 2).map((engine) => ENGINE_NAMES[engine.name] ?? engine.name);
  const rest = engines.length - first.length;
  return rest > 0 ? `${first.join(', ')} and ${rest} more` : first.join(' and ');
}
