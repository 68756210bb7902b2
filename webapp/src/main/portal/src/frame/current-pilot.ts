import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { rememberedPilot, rememberPilot } from '../session/remembered';
import { useSession } from '../session/session';

/** The pilot in the address, else the person's own, else the one that was looked at last. */
export function useCurrentPilot(): string | null {
  const session = useSession();
  const { pilot } = useParams({ strict: false });
  useEffect(() => {
    if (pilot) rememberPilot(pilot);
  }, [pilot]);
  return pilot ?? session.pilot ?? rememberedPilot();
}
