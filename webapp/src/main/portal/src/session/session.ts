import { useSuspenseQuery } from '@tanstack/react-query';
import type { Session } from '../api/client';
import { sessionQuery } from '../api/queries';

/** The signed-in person; only below the signed-in part of the route tree, which guarantees that there is one. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  return data ?? NOBODY;
}

// seen only in the instant between the end of a session and the way to the sign-in page
const NOBODY: Session = { username: '', roles: [], pilot: null, expires_at: '1970-01-01T00:00:00Z' };
