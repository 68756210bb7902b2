import type { Dataset } from '../../api/client';

export interface PointerEvent {
  topic: string;
  type: string;
  key: string;
  data: Record<string, unknown>;
}

/** The data of the event as the contract writes it, in its order. */
const POINTER = [
  'dataset_id',
  'object_uri',
  'checksum',
  'size_bytes',
  'media_type',
  'schema_ref',
  'tags',
  'lineage',
] as const;

/** The last event that went out for a dataset as it is now; null while none has. */
export function pointerEvent(pilot: string, dataset: Dataset): PointerEvent | null {
  const type = typeOf(dataset);
  if (type === null) return null;
  return {
    topic: `pilot.${pilot}.datasets`,
    type,
    key: dataset.dataset_id,
    data: {
      event_type: type,
      pilot_id: pilot,
      ...Object.fromEntries(POINTER.map((name) => [name, dataset[name]])),
    },
  };
}

function typeOf({ state, available_at }: Dataset): string | null {
  switch (state) {
    case 'uploading':
    case 'verifying':
    case 'quarantined':
      return null;
    case 'available':
      return 'dataset.available';
    case 'expired':
      return 'dataset.expired';
    case 'deleting':
    case 'deleted':
      // an upload that was given up has never been told of
      return available_at === null ? null : 'dataset.deleted';
  }
}
