import { expect, it } from 'vitest';
import { SpeedMeter } from './speed';

it('says nothing before there is a second to tell from', () => {
  const meter = new SpeedMeter();
  expect(meter.bytesPerSecond()).toBeNull();
  meter.note(0, 0);
  meter.note(900, 5_000);
  expect(meter.bytesPerSecond()).toBeNull();
  expect(meter.millisLeft(1)).toBeNull();
});

it('is what was sent over the last ten seconds, not since the beginning', () => {
  const meter = new SpeedMeter();
  for (let second = 0; second <= 20; second++) meter.note(second * 1000, second * 100);
  for (let second = 21; second <= 40; second++) meter.note(second * 1000, 2000 + (second - 20) * 1000);
  expect(meter.bytesPerSecond()).toBe(1000);
  expect(meter.millisLeft(5_000)).toBe(5_000);
});

it('knows no end while nothing moves', () => {
  const meter = new SpeedMeter();
  meter.note(0, 700);
  meter.note(5_000, 700);
  expect(meter.bytesPerSecond()).toBe(0);
  expect(meter.millisLeft(1)).toBeNull();
});

it('begins anew where a part has failed', () => {
  const meter = new SpeedMeter();
  meter.note(0, 0);
  meter.note(2_000, 8_000);
  meter.note(2_100, 4_000);
  expect(meter.bytesPerSecond()).toBeNull();
  meter.note(4_100, 6_000);
  expect(meter.bytesPerSecond()).toBe(1000);
});
