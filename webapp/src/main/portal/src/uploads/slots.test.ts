import { expect, it } from 'vitest';
import { Slots } from './slots';

const never = new AbortController().signal;

function held() {
  let release = () => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  return { until, release };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

it('lets so many run at a time, the others in their order', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const holds = [1, 2, 3, 4].map(() => held());
  const all = holds.map(({ until }, at) =>
    slots.run(async () => {
      begun.push(at);
      await until;
    }, never),
  );
  await settled();
  expect(begun).toEqual([0, 1]);
  holds[1]?.release();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  for (const { release } of holds) release();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('frees its place after a failure', async () => {
  const slots = new Slots(1);
  await expect(slots.run(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
  await expect(slots.run(() => Promise.resolve(1), never)).resolves.toBe(1);
});

it('lets go of who does not wait any longer', async () => {
  const slots = new Slots(1);
  const first = held();
  const running = slots.run(() => first.until, never);
  const leaving = new AbortController();
  const left = slots.run(() => Promise.resolve('never'), leaving.signal);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  first.release();
  await running;
  await expect(slots.run(() => Promise.resolve('next'), never)).resolves.toBe('next');
});
