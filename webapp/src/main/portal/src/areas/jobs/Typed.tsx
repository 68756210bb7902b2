import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

/** A text that the address takes once typing rests; a link or Back changes it at once. */
export function useTyped(
  value: string,
  onChange: (value: string) => void,
): { typed: string; type: (value: string) => void; settle: () => void } {
  const [typed, setTyped] = useState(value);
  const [asked, setAsked] = useState(value);
  if (asked !== value) {
    setAsked(value);
    setTyped(value);
  }
  const ask = useDebouncedCallback(
    (next: string) => {
      setAsked(next);
      onChange(next);
    },
    { delay: 400, flushOnUnmount: true },
  );
  return {
    typed,
    type: (next) => {
      setTyped(next);
      ask(next);
    },
    settle: () => ask.flush(),
  };
}
