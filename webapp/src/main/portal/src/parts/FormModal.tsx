import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

/** A form above the page; it begins anew each time it is opened. */
export function FormModal({
  opened,
  title,
  onClose,
  size,
  children,
}: {
  opened: boolean;
  title: string;
  onClose: () => void;
  size?: 'lg';
  children: ReactNode;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && children}
    </Modal>
  );
}
