import { Textarea } from '@mantine/core';

/** A few lines of JSON. */
export function JsonText({
  label,
  description,
  value,
  error,
  onChange,
  rows = 6,
  readOnly = false,
}: {
  label: string;
  description?: string;
  value: string;
  error?: string | null;
  onChange: (value: string) => void;
  rows?: number;
  readOnly?: boolean;
}) {
  return (
    <Textarea
      label={label}
      description={description}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={rows}
      maxRows={24}
      readOnly={readOnly}
      spellCheck={false}
      classNames={{ input: 'ph-code-input' }}
    />
  );
}
