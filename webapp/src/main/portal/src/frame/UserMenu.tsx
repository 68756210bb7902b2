import { Menu, SegmentedControl, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconChevronUp, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useSession } from '../session/session';
import { useSignOut } from '../session/sign-out';

export function UserMenu() {
  const session = useSession();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="top-start" width={230}>
      <Menu.Target>
        <UnstyledButton className="ph-rail-item">
          <IconUserCircle size={18} stroke={1.6} aria-hidden />
          <span className="ph-hidden">Account of </span>
          <span className="ph-clip">{session.display_name || session.username}</span>
          <IconChevronUp size={14} className="ph-push" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session.roles.join(', ')}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          Own account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          Sign out
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        <div className="ph-menu-pad">
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label="Theme"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
            data={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
              { value: 'auto', label: 'Auto' },
            ]}
          />
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}
