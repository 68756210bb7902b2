import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveStream, type LiveSnapshot } from './live-stream';

/** A server of event streams: each connection is a stream that the test writes to, or a refusal. */
class Server {
  readonly asked: { lastEventId: string | null }[] = [];
  private writers: ReadableStreamDefaultController<Uint8Array>[] = [];
  refuse: Response | null = null;

  readonly fetch = ((_url: string, init: RequestInit) => {
    this.asked.push({ lastEventId: new Headers(init.headers).get('Last-Event-ID') });
    if (this.refuse) return Promise.resolve(this.refuse.clone());
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void this.writers.push(controller),
    });
    return Promise.resolve(
      new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } }),
    );
  }) as typeof fetch;

  send(text: string): void {
    this.writers[this.writers.length - 1]?.enqueue(new TextEncoder().encode(text));
  }

  breakOff(): void {
    this.writers[this.writers.length - 1]?.close();
  }
}

const message = (id: number, time: string) =>
  `id: ${id}\nevent: telemetry.reported\ndata: {"id":"e${id}","time":"${time}","subject":"pump-01"}\n\n`;

/** A machine that is busy with something else takes its time. */
const PATIENCE = { timeout: 20_000 };

describe('the live stream', { timeout: 60_000 }, () => {
  let stream: LiveStream;
  afterEach(() => stream.stop());

  function follow(server: Server, now?: () => number): LiveStream {
    stream = new LiveStream({ url: '/stream', fetch: server.fetch, flushMs: 1, firstRetryMs: 1, now });
    stream.start();
    return stream;
  }

  const until = (holds: (snapshot: LiveSnapshot) => boolean) =>
    vi.waitFor(() => {
      if (!holds(stream.snapshot())) throw new Error('not yet');
    }, PATIENCE);

  it('resumes after a break from where it stood', async () => {
    const server = new Server();
    follow(server);
    await until((seen) => seen.phase.kind === 'live');
    server.send(message(41, '2026-11-21T10:00:00Z') + message(42, '2026-11-21T10:00:01Z'));
    await until((seen) => seen.received === 2);
    server.breakOff();
    await vi.waitFor(() => expect(server.asked).toHaveLength(2), PATIENCE);
    expect(server.asked.map((call) => call.lastEventId)).toEqual([null, '42']);
    await until((seen) => seen.phase.kind === 'live');
    server.send(message(43, '2026-11-21T10:00:02Z'));
    await until((seen) => seen.received === 3);
    expect(stream.snapshot().newest.map((event) => event.position)).toEqual(['43', '42', '41']);
  });

  it('puts together a message that comes in pieces', async () => {
    const server = new Server();
    follow(server);
    await until((seen) => seen.phase.kind === 'live');
    const whole = message(1, '2026-11-21T10:00:00Z');
    server.send(whole.slice(0, 20));
    server.send(whole.slice(20));
    await until((seen) => seen.received === 1);
  });

  it('says how far behind the freshest event is, whatever late ones come along', async () => {
    const server = new Server();
    follow(server, () => Date.parse('2026-11-21T10:00:05Z'));
    await until((seen) => seen.phase.kind === 'live');
    server.send(message(1, '2026-11-21T04:00:00Z') + message(2, '2026-11-21T10:00:01Z'));
    await until((seen) => seen.lag === 4_000);
  });

  it('gives up when refused, with the reason', async () => {
    const server = new Server();
    server.refuse = new Response(JSON.stringify({ code: 'not_found', title: 'No such pilot', status: 404 }), {
      status: 404,
    });
    follow(server);
    await until((seen) => seen.phase.kind === 'refused' && seen.phase.problem.code === 'not_found');
    expect(server.asked).toHaveLength(1);
  });

  it('tries again when the platform is away', async () => {
    const server = new Server();
    server.refuse = new Response('', { status: 503 });
    follow(server);
    await vi.waitFor(() => expect(server.asked.length).toBeGreaterThan(2), PATIENCE);
    server.refuse = null;
    await until((seen) => seen.phase.kind === 'live');
  });
});
