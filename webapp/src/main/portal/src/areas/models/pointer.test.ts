import { describe, expect, it } from 'vitest';
import { locate, pointerParts } from './pointer';

const text = `{
  "title": "Pump",
  "properties": {
    "speed": { "type": "numbr", "a/b": [1, {"x": "}"}, 3] },
    "te\\"mp": { "type": "number" }
  }
}`;
const at = (pointer: string) => {
  const { from, to } = locate(text, pointer);
  return text.slice(from, to);
};

describe('a JSON pointer', () => {
  it('is found in the text as it stands', () => {
    expect(at('/properties/speed/type')).toBe('"type": "numbr"');
    expect(at('#/properties/speed/a~1b/1/x')).toBe('"x": "}"');
    expect(at('/properties/speed/a~1b/2')).toBe('3');
    expect(at('/properties/te"mp/type')).toBe('"type": "number"');
    expect(at('/title')).toBe('"title": "Pump"');
  });

  it('stands for the deepest member above where there is none of the name', () => {
    expect(at('/properties/speed/unit')).toMatch(/^"speed": \{.*\}$/s);
    expect(at('')).toBe(text);
  });

  it('stands for the beginning where the text is no JSON', () => {
    expect(locate('{"a": ', '/a')).toEqual({ from: 0, to: 1 });
    expect(locate('', '/a')).toEqual({ from: 0, to: 0 });
  });

  it('is taken apart', () => {
    expect(pointerParts('/a~1b/~0c')).toEqual(['a/b', '~c']);
    expect(pointerParts('#/a%20b')).toEqual(['a b']);
  });
});
