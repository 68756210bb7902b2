import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { SearchBox } from './SearchBox';

/** A text that the server looks for, once typing rests. */
export function TypedFilter({
  label,
  value,
  onChange,
  most = 128,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  most?: number;
}) {
  const [typed, setTyped] = useState(value);
  const [asked, setAsked] = useState(value);
  // a link or Back changes what is asked for; typing does it only after a pause
  if (asked !== value) {
    setAsked(value);
    setTyped(value);
  }
  const ask = useDebouncedCallback((next: string | undefined) => {
    setAsked(next);
    onChange(next);
  }, 250);
  return (
    <SearchBox
      label={label}
      value={typed}
      onChange={(next) => {
        setTyped(next?.slice(0, most));
        ask(next?.slice(0, most));
      }}
    />
  );
}
