import { TextInput } from '@mantine/core';
import { useZone } from '../session/zone';
import { instantOf, localText } from './format';

/** A date and time in the zone that times are written in. */
export function InstantInput({
  label,
  value,
  onChange,
  autoFocus = false,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}) {
  const zone = useZone();
  return (
    <TextInput
      type="datetime-local"
      step={1}
      label={`${label}, ${zone.label}`}
      value={value}
      error={value !== '' && instantOf(value, zone.shown) === null ? 'A date and a time' : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus={autoFocus || undefined}
    />
  );
}

export function useInstantText(): {
  textOf: (at: number) => string;
  isoOf: (text: string) => string | undefined;
} {
  const zone = useZone();
  return {
    textOf: (at) => localText(at, zone.shown),
    isoOf: (text) => {
      const at = instantOf(text, zone.shown);
      return at === null ? undefined : new Date(at).toISOString();
    },
  };
}
