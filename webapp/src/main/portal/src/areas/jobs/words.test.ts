import { expect, it } from 'vitest';
import { everyText, isTime, nextText } from './schedules';
import { verifyParameters, verifySearch, verifyWords } from './verify';
import {
  fieldName,
  isEnded,
  progressText,
  requestedBy,
  shareOf,
  shortProgressText,
  stateText,
  summaryText,
  tookMs,
} from './words';

const at = (done: number, total: number) => ({ progress: { done, total, message: '' } });

it('tells how far a job is, as far as that is known', () => {
  expect(progressText(at(1_204, 9_800), 410.4, 21_000)).toBe('1,204 of 9,800 · 410 /s · 21 s left');
  expect(progressText(at(1_204, 0), 0.2, 21_000)).toBe('1,204 · 1 /s');
  expect(progressText(at(0, 0), null, null)).toBe('');
  expect(progressText(at(42, 100), 3, 21_000)).toBe('42 % · 21 s left');
  expect(shortProgressText(at(1_204, 9_800), 410.4, 21_000)).toBe('12 % · 410 /s · 21 s left');
  expect(shortProgressText(at(0, 9_800), null, null)).toBe('0 %');
  expect(shortProgressText(at(1_204, 0), 410, null)).toBe('1,204 · 410 /s');
  expect(shareOf(at(3, 2))).toBe(1);
  expect(shareOf(at(3, 0))).toBeNull();
});

it('tells a job that is asked to stop, or waits for its next attempt, from others', () => {
  expect(stateText({ state: 'running', cancel_requested: true, attempts: 1 })).toBe('stopping');
  expect(stateText({ state: 'queued', cancel_requested: false, attempts: 2 })).toBe('to be tried again');
  expect(stateText({ state: 'queued', cancel_requested: false, attempts: 0 })).toBe('queued');
  expect(isEnded({ state: 'queued' })).toBe(false);
  expect(isEnded({ state: 'dead' })).toBe(true);
});

it('counts how long a job took, or takes until now', () => {
  const started_at = '2026-11-29T10:00:00Z';
  expect(tookMs({ started_at: null, finished_at: null }, 0)).toBeNull();
  expect(tookMs({ started_at, finished_at: '2026-11-29T10:00:09Z' }, 0)).toBe(9_000);
  expect(tookMs({ started_at, finished_at: null }, Date.parse('2026-11-29T10:01:00Z'))).toBe(60_000);
});

it('says in whose name a job is done', () => {
  expect(requestedBy({ requested_by: 'person:ada', schedule_id: null })).toBe('ada');
  expect(requestedBy({ requested_by: 'person:ada', schedule_id: 'x' })).toBe('ada, by a schedule');
});

it('writes what a result says of itself with its units', () => {
  expect(summaryText('rows', 1_180_000)).toBe('1,180,000');
  expect(summaryText('size_bytes', 48_204_118)).toBe('48.2 MB');
  expect(summaryText('took_seconds', 14.2)).toBe('14 s');
  expect(summaryText('complete', false)).toBe('no');
  expect(summaryText('mismatches', [])).toBe('none');
  expect(fieldName('rejected_rows')).toBe('Rejected rows');
  expect(fieldName('size_bytes')).toBe('Size');
});

it('says when a schedule asks, as people say it', () => {
  expect(everyText({ days: ['mon'], time: '06:00' })).toBe('every Monday 06:00');
  expect(everyText({ days: ['fri', 'mon'], time: '06:00' })).toBe('every Monday and Friday 06:00');
  expect(everyText({ days: ['mon', 'wed', 'fri'], time: '18:30' })).toBe(
    'every Monday, Wednesday and Friday 18:30',
  );
  expect(everyText({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], time: '06:00' })).toBe(
    'Monday to Friday 06:00',
  );
  expect(everyText({ days: ['sun', 'sat'], time: '06:00' })).toBe('every Saturday and Sunday 06:00');
  expect(everyText({ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], time: '06:00' })).toBe(
    'every day 06:00',
  );
  expect(nextText('2026-11-30T05:00:00Z', 'Europe/Vienna')).toBe('Monday 2026-11-30 06:00');
  expect(isTime('06:00')).toBe(true);
  expect(isTime('24:00')).toBe(false);
});

it('asks for the same verification again', () => {
  const search = { dataset: ['a', 'b'], sample: '10', unit: 'percent' } as const;
  const wanted = { ...search, dataset: [...search.dataset] };
  expect(verifySearch(verifyParameters(wanted))).toEqual(wanted);
  expect(verifySearch(verifyParameters({}))).toEqual({});
  expect(verifyWords(verifyParameters(wanted)).map(({ text }) => text)).toEqual([
    '2 datasets',
    '10 % of them, drawn by lot',
  ]);
});
