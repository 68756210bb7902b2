import { useSyncExternalStore } from 'react';
import type { UploadView } from './upload';
import { uploads } from './uploads';

export function useUploads(): readonly UploadView[] {
  return useSyncExternalStore(uploads.subscribe, uploads.views);
}
