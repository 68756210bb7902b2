import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';

/** Inside a notification: what was done can be undone for as long as it is seen. */
export function Undo({
  done,
  undo,
  undone,
  failed,
  onUndone,
}: {
  done: ReactNode;
  undo: () => Promise<void>;
  undone: ReactNode;
  failed: ReactNode;
  onUndone: () => void;
}) {
  const [state, setState] = useState<'done' | 'busy' | 'undone' | 'failed'>('done');
  const run = async () => {
    setState('busy');
    try {
      await undo();
      setState('undone');
      onUndone();
    } catch {
      setState('failed');
    }
  };
  if (state === 'undone') return <>{undone}</>;
  if (state === 'failed') return <>{failed}</>;
  return (
    <span className="ph-undo">
      {done}
      <Button size="compact-xs" variant="default" loading={state === 'busy'} onClick={() => void run()}>
        Undo
      </Button>
    </span>
  );
}
