import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import { rememberedZone, rememberZone } from './remembered';

interface Zone {
  /** The IANA name of the zone in which times are written. */
  shown: string;
  /** What stands in a column's head. */
  label: string;
  pilot: string | null;
  toggle: () => void;
}

const ZoneContext = createContext<Zone>({ shown: 'UTC', label: 'UTC', pilot: null, toggle: () => {} });

export function ZoneProvider({ pilotZone, children }: { pilotZone: string | null; children: ReactNode }) {
  const [choice, setChoice] = useState(rememberedZone);
  const toggle = useCallback(() => {
    setChoice((before) => {
      const after = before === 'utc' ? 'pilot' : 'utc';
      rememberZone(after);
      return after;
    });
  }, []);
  const zone = useMemo(() => {
    const shown = choice === 'pilot' && pilotZone ? pilotZone : 'UTC';
    return { shown, label: shown, pilot: pilotZone, toggle };
  }, [choice, pilotZone, toggle]);
  return <ZoneContext value={zone}>{children}</ZoneContext>;
}

export const useZone = () => use(ZoneContext);
