import { markedParts } from './marking';

/** A text in which what was looked for is marked. */
export function Marked({ text, sought }: { text: string; sought: string | undefined }) {
  return (
    <>
      {markedParts(text, sought).map(({ from, part, found }) =>
        found ? (
          <mark key={from} className="ph-found">
            {part}
          </mark>
        ) : (
          part
        ),
      )}
    </>
  );
}
