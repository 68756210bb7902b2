/** A stretch of a text. */
export interface Span {
  from: number;
  to: number;
}

/** The parts of a JSON pointer, also of one written as a URI fragment or with a leading word for the body. */
export function pointerParts(pointer: string): string[] {
  const plain = pointer.startsWith('#') ? decode(pointer.slice(1)) : pointer;
  return plain
    .split('/')
    .slice(plain.startsWith('/') ? 1 : 0)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Where in the text the value stands that a pointer names; where the text has no such member, the deepest one above
 * it. The key is part of the stretch, so that what is marked can be seen.
 */
export function locate(text: string, pointer: string): Span {
  const parts = pointer === '' || pointer === '#' ? [] : pointerParts(pointer);
  const reader = new Reader(text);
  let found: Span | null = null;
  try {
    found = reader.value(parts, 0);
  } catch {
    // a text that is no JSON has no places
  }
  return found ?? { from: 0, to: Math.min(text.length, 1) };
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  /** Reads one value; gives the stretch that the parts from `depth` on name, if it is here. */
  value(parts: readonly string[] | null, depth: number, start?: number): Span | null {
    this.space();
    const from = start ?? this.at;
    const first = this.text[this.at];
    let deeper: Span | null = null;
    if (first === '{' || first === '[') {
      const isObject = first === '{';
      this.at += 1;
      for (let index = 0; ; index++) {
        this.space();
        if (this.text[this.at] === (isObject ? '}' : ']')) break;
        const keyAt = this.at;
        const key = isObject ? this.string() : String(index);
        if (isObject) {
          this.space();
          this.expect(':');
        }
        const wanted = parts !== null && depth < parts.length && parts[depth] === key;
        const inner = this.value(wanted ? parts : null, depth + 1, wanted && isObject ? keyAt : undefined);
        if (wanted) deeper = inner;
        this.space();
        if (this.text[this.at] === ',') this.at += 1;
      }
      this.at += 1;
    } else if (first === '"') {
      this.string();
    } else {
      const word = /[^\s,\]}]+/y;
      word.lastIndex = this.at;
      if (!word.test(this.text)) throw new Error('no value');
      this.at = word.lastIndex;
    }
    return parts === null ? null : (deeper ?? { from, to: this.at });
  }

  private string(): string {
    const whole = /"(?:[^"\\]|\\.)*"/y;
    whole.lastIndex = this.at;
    if (!whole.test(this.text)) throw new Error('no string');
    const from = this.at;
    this.at = whole.lastIndex;
    return JSON.parse(this.text.slice(from, this.at)) as string;
  }

  private expect(sign: string): void {
    if (this.text[this.at] !== sign) throw new Error(`no ${sign}`);
    this.at += 1;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }
}
