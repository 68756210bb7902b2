import { describe, expect, it } from 'vitest';
import { EventBuffer, type LiveEvent } from './event-buffer';

const event = (seq: number, data = 'x'): LiveEvent => ({
  seq,
  position: String(seq),
  type: 't',
  data,
  receivedAt: 0,
});

describe('the buffer of live events', () => {
  it('keeps the newest, newest first, however many come', () => {
    const buffer = new EventBuffer(5_000);
    for (let seq = 1; seq <= 40_000; seq++) buffer.push(event(seq));
    const kept = buffer.newestFirst();
    expect(buffer.size).toBe(5_000);
    expect(buffer.passedOut).toBe(35_000);
    expect([kept[0]?.seq, kept[4_999]?.seq, kept.length]).toEqual([40_000, 35_001, 5_000]);
  });

  it('gives way by size too, but never shows nothing', () => {
    const buffer = new EventBuffer(100, 1_000);
    for (let seq = 1; seq <= 10; seq++) buffer.push(event(seq, 'y'.repeat(400)));
    expect(buffer.newestFirst().map((kept) => kept.seq)).toEqual([10, 9]);
    buffer.push(event(11, 'y'.repeat(5_000)));
    expect(buffer.newestFirst().map((kept) => kept.seq)).toEqual([11]);
  });

  it('is empty after being cleared', () => {
    const buffer = new EventBuffer();
    buffer.push(event(1));
    buffer.clear();
    expect(buffer.newestFirst()).toEqual([]);
  });
});
