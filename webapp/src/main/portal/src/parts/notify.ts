import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';

export function notify(message: ReactNode): void {
  notifications.show({
    message,
    withBorder: true,
    autoClose: 6000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  });
}
