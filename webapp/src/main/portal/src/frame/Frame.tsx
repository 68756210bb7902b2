import { AppShell, Burger, Drawer, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { pilotQuery } from '../api/queries';
import { mayUse } from '../session/access';
import { useSession } from '../session/session';
import { ZoneProvider } from '../session/zone';
import { usable, WATCH } from './areas';
import { Brand } from './Brand';
import { useCurrentPilot } from './current-pilot';
import { EngineMark } from './EngineMark';
import { openPalette, whenPaletteIsWanted } from './palette-opening';
import { Rail } from './Rail';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));

/** Uploads go on whatever part of the portal is looked at. */
const UploadTray = lazy(() =>
  import('../uploads/UploadTray').then((module) => ({ default: module.UploadTray })),
);

// more of them would be too narrow to hit with a thumb; the menu has them all
const BOTTOM = 4;

function PaletteOnDemand() {
  const [wishes, setWishes] = useState(0);
  useEffect(() => whenPaletteIsWanted(() => setWishes((before) => before + 1)), []);
  useHotkeys([['mod+K', openPalette]], []);
  useHotkeys([['/', openPalette]]);
  if (wishes === 0) return null;
  return (
    <Suspense>
      <Palette wishes={wishes} />
    </Suspense>
  );
}

export function Frame() {
  const session = useSession();
  const pilot = useCurrentPilot();
  const [menu, { toggle, close }] = useDisclosure(false);
  const wide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false });
  const { data } = useQuery({
    ...pilotQuery(pilot ?? ''),
    enabled: pilot !== null && mayUse('overview', session),
  });
  if (session.username === '') return null;
  const watch = usable(WATCH, session, pilot);
  return (
    <ZoneProvider pilotZone={data?.value.time_zone ?? null}>
      <a href="#content" className="ph-skip">
        Skip to the content
      </a>
      <AppShell
        layout="alt"
        navbar={{ width: 232, breakpoint: 'md', collapsed: { mobile: true } }}
        header={{ height: 48, collapsed: wide }}
        footer={{ height: 54, collapsed: wide }}
      >
        {!wide && (
          <AppShell.Header className="ph-topbar">
            <Burger
              opened={menu}
              onClick={toggle}
              size="sm"
              aria-label={menu ? 'Close the menu' : 'Open the menu'}
            />
            <Brand />
            <span className="ph-push" />
            <UnstyledButton className="ph-icon-button" onClick={openPalette} aria-label="Go to…">
              <IconSearch size={18} />
            </UnstyledButton>
            <EngineMark short />
          </AppShell.Header>
        )}
        {wide && (
          <AppShell.Navbar>
            <Rail />
          </AppShell.Navbar>
        )}
        <AppShell.Main id="content" tabIndex={-1} className="ph-main">
          <Outlet />
        </AppShell.Main>
        {!wide && (
          <AppShell.Footer className="ph-bottombar" component="nav" aria-label="Main areas">
            {watch.slice(0, BOTTOM).map(({ to, label, icon: AreaIcon }) => (
              <Link
                key={to}
                to={to}
                params={{ pilot: pilot ?? '' }}
                activeOptions={{ includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
              >
                <AreaIcon size={20} stroke={1.7} aria-hidden />
                {label}
              </Link>
            ))}
            <UnstyledButton onClick={toggle}>
              <IconMenu2 size={20} stroke={1.7} aria-hidden />
              More
            </UnstyledButton>
          </AppShell.Footer>
        )}
      </AppShell>
      {!wide && (
        <Drawer opened={menu} onClose={close} size={280} title="Menu" padding="xs">
          <Rail compact onNavigate={close} />
        </Drawer>
      )}
      <PaletteOnDemand />
      {mayUse('datasets', session) && (
        <Suspense>
          <UploadTray owner={session.username} />
        </Suspense>
      )}
    </ZoneProvider>
  );
}
