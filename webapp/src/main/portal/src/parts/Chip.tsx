import { CloseButton } from '@mantine/core';
import type { ReactNode } from 'react';

/** One condition of a filter, with the way to take it out. */
export function Chip({
  label,
  children,
  onRemove,
}: {
  label: string;
  children: ReactNode;
  onRemove: () => void;
}) {
  return (
    <span className="ph-chip ph-chip-fixed">
      <span className="ph-clip">{children}</span>
      <CloseButton size="xs" aria-label={`Take the ${label} out of the filter`} onClick={onRemove} />
    </span>
  );
}
