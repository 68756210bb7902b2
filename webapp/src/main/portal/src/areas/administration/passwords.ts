// without the letters and digits that are taken for one another when read aloud
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679';

/** A first password of about 100 bits, in groups that can be read to somebody over the telephone. */
export function firstPassword(
  random: (bytes: Uint8Array) => Uint8Array = (bytes) => crypto.getRandomValues(bytes),
): string {
  const letters: string[] = [];
  const limit = 256 - (256 % ALPHABET.length);
  while (letters.length < 18) {
    for (const value of random(new Uint8Array(32))) {
      // values above the limit would favour the first letters
      if (value < limit && letters.length < 18) letters.push(ALPHABET[value % ALPHABET.length] as string);
    }
  }
  return [letters.slice(0, 6), letters.slice(6, 12), letters.slice(12, 18)]
    .map((group) => group.join(''))
    .join('-');
}
