import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';

export function SearchBox({
  value,
  onChange,
  label,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  label: string;
}) {
  return (
    <TextInput
      className="ph-filter"
      size="xs"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      rightSection={
        value ? <CloseButton size="xs" aria-label="Clear" onClick={() => onChange(undefined)} /> : null
      }
    />
  );
}
