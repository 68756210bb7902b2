import { expect, it } from 'vitest';
import { firstPassword } from './passwords';

it('makes passwords that can be read aloud and do not repeat', () => {
  const made = new Set(Array.from({ length: 50 }, () => firstPassword()));
  expect(made.size).toBe(50);
  for (const password of made)
    expect(password).toMatch(/^[a-zA-Z34679]{6}-[a-zA-Z34679]{6}-[a-zA-Z34679]{6}$/);
});

it('throws away the bytes that would favour some letters', () => {
  const bytes = [255, 254, 0];
  const password = firstPassword((into) => into.fill(0).map((_zero, index) => bytes[index % 3] as number));
  expect(password).toBe('aaaaaa-aaaaaa-aaaaaa');
});
