import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { api, keepCsrfToken } from '../api/client';
import { sessionQuery } from '../api/queries';

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async () => {
    await api.DELETE('/api/v1/auth/session').catch(() => undefined);
    keepCsrfToken(null);
    // what this person was uploading must not go on under the next one's name
    const { uploads } = await import('../uploads/uploads');
    void uploads.ownedBy(null);
    queries.clear();
    queries.setQueryData(sessionQuery.queryKey, null);
    await navigate({ to: '/sign-in', search: {} });
  }, [queries, navigate]);
}
