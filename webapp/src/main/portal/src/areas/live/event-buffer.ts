export interface LiveEvent {
  /** Rises by one with each arrival in this window; the key of the row. */
  readonly seq: number;
  /** Where the event stands in the backbone. */
  readonly position: string;
  readonly type: string;
  /** The structured CloudEvent as it came; parsed only when somebody looks at it. */
  readonly data: string;
  readonly receivedAt: number;
}

const MAX_EVENTS = 5_000;
const MAX_CHARACTERS = 24_000_000;

/** The newest events, bounded in number and in size; the oldest give way. */
export class EventBuffer {
  private events: LiveEvent[] = [];
  private start = 0;
  private characters = 0;
  private dropped = 0;

  constructor(
    private readonly most: number = MAX_EVENTS,
    private readonly mostCharacters: number = MAX_CHARACTERS,
  ) {}

  push(event: LiveEvent): void {
    this.events.push(event);
    this.characters += event.data.length;
    while (this.size > this.most || (this.characters > this.mostCharacters && this.size > 1)) {
      this.characters -= this.events[this.start]?.data.length ?? 0;
      this.start += 1;
      this.dropped += 1;
    }
    // the gap at the front is closed seldom, so that a push costs O(1) in the mean
    if (this.start > 2_048 && this.start > this.events.length / 2) {
      this.events = this.events.slice(this.start);
      this.start = 0;
    }
  }

  get size(): number {
    return this.events.length - this.start;
  }

  get passedOut(): number {
    return this.dropped;
  }

  clear(): void {
    this.events = [];
    this.start = 0;
    this.characters = 0;
    this.dropped = 0;
  }

  newestFirst(limit: number = this.most): LiveEvent[] {
    const found: LiveEvent[] = [];
    for (let at = this.events.length - 1; at >= this.start && found.length < limit; at--) {
      const event = this.events[at];
      if (event) found.push(event);
    }
    return found;
  }
}
