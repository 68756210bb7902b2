import { UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useSession } from '../session/session';
import { ADMINISTRATION, usable, WATCH, type AreaLink } from './areas';
import { Brand } from './Brand';
import { Clock } from './Clock';
import { useCurrentPilot } from './current-pilot';
import { EngineMark } from './EngineMark';
import { openPalette } from './palette-opening';
import { PilotSwitcher } from './PilotSwitcher';
import { UserMenu } from './UserMenu';

export function Rail({ onNavigate, compact = false }: { onNavigate?: () => void; compact?: boolean }) {
  const session = useSession();
  const pilot = useCurrentPilot();
  const watch = usable(WATCH, session, pilot);
  const administration = usable(ADMINISTRATION, session, pilot);
  return (
    <div className="ph-rail">
      {!compact && <Brand />}
      <PilotSwitcher onNavigate={onNavigate} />
      {!compact && (
        <UnstyledButton className="ph-search" onClick={openPalette}>
          <IconSearch size={15} aria-hidden />
          <span>Go to…</span>
          <kbd>Ctrl K</kbd>
        </UnstyledButton>
      )}
      <nav aria-label="Areas">
        {watch.length > 0 && <RailSection links={watch} pilot={pilot} onNavigate={onNavigate} />}
        <RailSection title="Administration" links={administration} pilot={pilot} onNavigate={onNavigate} />
      </nav>
      <div className="ph-rail-foot">
        <EngineMark />
        <Clock />
        <UserMenu />
      </div>
    </div>
  );
}

function RailSection({
  title,
  links,
  pilot,
  onNavigate,
}: {
  title?: string;
  links: AreaLink[];
  pilot: string | null;
  onNavigate?: () => void;
}) {
  return (
    <>
      {title && <h2 className="ph-rail-title">{title}</h2>}
      <ul>
        {links.map(({ to, label, icon: AreaIcon }) => (
          <li key={to}>
            <Link
              to={to}
              params={{ pilot: pilot ?? '' }}
              className="ph-rail-link"
              activeProps={{ 'aria-current': 'page' }}
              activeOptions={{ includeSearch: false }}
              onClick={onNavigate}
            >
              <AreaIcon size={17} stroke={1.7} aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
