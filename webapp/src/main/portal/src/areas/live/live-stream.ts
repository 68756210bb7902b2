import { createParser } from 'eventsource-parser';
import { serverNow } from '../../api/clock';
import { sessionEnded } from '../../api/client';
import { ProblemError } from '../../api/problem';
import { EventBuffer, type LiveEvent } from './event-buffer';

export type Phase =
  | { kind: 'connecting' }
  | { kind: 'live'; since: number }
  | { kind: 'reconnecting'; since: number; retryAt: number; problem: ProblemError | null }
  | { kind: 'refused'; problem: ProblemError }
  | { kind: 'closed' };

export interface LiveSnapshot {
  readonly phase: Phase;
  /** All events that ever came to this window. */
  readonly received: number;
  /** Over the last seconds. */
  readonly perSecond: number;
  /** Age of the freshest event at its arrival, in ms; late events of devices do not count for it. */
  readonly lag: number | null;
  readonly lastEventAt: number | null;
  readonly passedOver: number;
  readonly newest: readonly LiveEvent[];
}

interface Options {
  url: string;
  fetch?: typeof fetch;
  now?: () => number;
  buffer?: EventBuffer;
  /** How many of the newest events a snapshot lists. */
  show?: number;
  flushMs?: number;
  firstRetryMs?: number;
}

/** The server sends at least a comment every 15 s; three of them missing means a dead connection. */
const SILENCE_MS = 45_000;
const CONNECT_MS = 15_000;
const RATE_WINDOW_MS = 5_000;
const MAX_RETRY_MS = 15_000;
const TIME = /"time"\s*:\s*"([^"]+)"/;

/**
 * The live tail of a pilot. Read with fetch rather than EventSource, which drops every event type that it was not told
 * of beforehand and hides the status of a refusal. After a break it resumes with `Last-Event-ID`, so that nothing that
 * the backbone still keeps is missed.
 */
export class LiveStream {
  private readonly buffer: EventBuffer;
  private readonly show: number;
  private readonly now: () => number;
  private readonly fetch: typeof fetch;
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | null = null;
  private lastEventId = '';
  private seq = 0;
  private passedOver = 0;
  private lag: number | null = null;
  private lastEventAt: number | null = null;
  private arrivals: { at: number; count: number }[] = [];
  private fresh: LiveEvent[] = [];
  private phase: Phase = { kind: 'connecting' };
  private firstEventAt: number | null = null;
  private flushTimer: ReturnType<typeof setTimeout> | null = null;
  private wake: (() => void) | null = null;
  private breakOff: (() => void) | null = null;
  private snapshotNow: LiveSnapshot;

  constructor(private readonly options: Options) {
    this.buffer = options.buffer ?? new EventBuffer();
    this.show = options.show ?? Number.MAX_SAFE_INTEGER;
    this.now = options.now ?? serverNow;
    this.fetch = options.fetch ?? ((...call) => fetch(...call));
    this.snapshotNow = this.take();
  }

  start(): void {
    if (this.abort) return;
    this.abort = new AbortController();
    this.phase = { kind: 'connecting' };
    globalThis.addEventListener?.('online', this.tryNow);
    globalThis.addEventListener?.('offline', this.onOffline);
    void this.run(this.abort.signal);
  }

  stop(): void {
    globalThis.removeEventListener?.('online', this.tryNow);
    globalThis.removeEventListener?.('offline', this.onOffline);
    this.abort?.abort();
    this.abort = null;
    this.phase = { kind: 'closed' };
    if (this.flushTimer) clearTimeout(this.flushTimer);
    this.flushTimer = null;
  }

  clear(): void {
    this.buffer.clear();
    this.passedOver = 0;
    this.flush();
  }

  readonly tryNow = (): void => {
    this.wake?.();
  };

  // a connection without a network stays silent for long before it breaks by itself
  private readonly onOffline = (): void => this.breakOff?.();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveSnapshot => this.snapshotNow;

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let brokenSince: number | null = null;
    while (!signal.aborted) {
      let problem: ProblemError | null = null;
      try {
        await this.connect(signal, () => {
          failures = 0;
          brokenSince = null;
        });
      } catch (error) {
        if (signal.aborted) return;
        problem = error instanceof ProblemError ? error : ProblemError.unreachable(error);
        if (problem.status === 401) {
          sessionEnded();
          return;
        }
        if (problem.status >= 400 && problem.status < 500 && ![408, 425, 429].includes(problem.status)) {
          this.enter({ kind: 'refused', problem });
          return;
        }
      }
      if (signal.aborted) return;
      failures += 1;
      brokenSince ??= this.now();
      const first = this.options.firstRetryMs ?? 500;
      const backOff = Math.min(MAX_RETRY_MS, first * 2 ** Math.min(failures - 1, 6));
      const wait = Math.max((problem?.retryAfter ?? 0) * 1000, backOff * (0.75 + Math.random() * 0.5));
      this.enter({ kind: 'reconnecting', since: brokenSince, retryAt: this.now() + wait, problem });
      await this.rest(wait, signal);
    }
  }

  private async connect(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const attempt = new AbortController();
    const giveUp = () => attempt.abort();
    signal.addEventListener('abort', giveUp, { once: true });
    this.breakOff = giveUp;
    let watchdog = setTimeout(giveUp, CONNECT_MS);
    try {
      const response = await this.fetch(this.options.url, {
        headers: {
          accept: 'text/event-stream',
          ...(this.lastEventId === '' ? {} : { 'Last-Event-ID': this.lastEventId }),
        },
        cache: 'no-store',
        credentials: 'same-origin',
        signal: attempt.signal,
      });
      if (!response.ok || !response.body) throw await ProblemError.from(response);
      onOpen();
      this.enter({ kind: 'live', since: this.now() });
      const parser = createParser({
        onEvent: (message) => this.receive(message.id, message.event, message.data),
        maxBufferSize: 4_000_000,
      });
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        clearTimeout(watchdog);
        watchdog = setTimeout(giveUp, SILENCE_MS);
        const { done, value } = await reader.read();
        if (done) return;
        parser.feed(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(watchdog);
      this.breakOff = null;
      signal.removeEventListener('abort', giveUp);
      attempt.abort();
    }
  }

  private receive(id: string | undefined, type: string | undefined, data: string): void {
    if (id !== undefined) this.lastEventId = id;
    const event: LiveEvent = {
      seq: ++this.seq,
      position: this.lastEventId,
      type: type ?? 'message',
      data,
      receivedAt: this.now(),
    };
    if (event.type === 'gap') this.passedOver += 1;
    this.buffer.push(event);
    if (event.type !== 'gap') {
      if (this.fresh.length >= 32) this.fresh.shift();
      this.fresh.push(event);
      this.firstEventAt ??= event.receivedAt;
      this.lastEventAt = event.receivedAt;
      const slot = Math.floor(event.receivedAt / 500) * 500;
      const last = this.arrivals[this.arrivals.length - 1];
      if (last && last.at === slot) last.count += 1;
      else this.arrivals.push({ at: slot, count: 1 });
    }
    this.schedule();
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.flush();
  }

  private schedule(): void {
    this.flushTimer ??= setTimeout(() => this.flush(), this.options.flushMs ?? 200);
  }

  private flush(): void {
    if (this.flushTimer) clearTimeout(this.flushTimer);
    this.flushTimer = null;
    if (this.fresh.length > 0) {
      const ages = this.fresh.flatMap((event) => {
        const time = Date.parse(TIME.exec(event.data)?.[1] ?? '');
        return Number.isNaN(time) ? [] : [event.receivedAt - time];
      });
      this.lag = ages.length === 0 ? this.lag : Math.max(0, Math.min(...ages));
      this.fresh = [];
    }
    this.snapshotNow = this.take();
    for (const listener of this.listeners) listener();
    // a stream that has gone quiet must see its rate fall to zero
    if (this.snapshotNow.perSecond > 0 && this.phase.kind === 'live') {
      this.flushTimer = setTimeout(() => this.flush(), 1_000);
    }
  }

  private take(): LiveSnapshot {
    const now = this.now();
    this.arrivals = this.arrivals.filter((slot) => slot.at > now - RATE_WINDOW_MS);
    const arrived = this.arrivals.reduce((sum, slot) => sum + slot.count, 0);
    // a window that is younger than the measure has its own length
    const measured = Math.max(1_000, Math.min(RATE_WINDOW_MS, now - (this.firstEventAt ?? now)));
    return {
      phase: this.phase,
      received: this.seq,
      perSecond: arrived / (measured / 1000),
      lag: this.lag,
      lastEventAt: this.lastEventAt,
      passedOver: this.passedOver,
      newest: this.buffer.newestFirst(this.show),
    };
  }

  private rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      this.wake = done;
    });
  }
}
