import { Popover, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { enginesQuery } from '../api/queries';
import { EngineRows } from '../parts/EngineRows';
import { StateMark } from '../parts/State';
import { summary } from './engine-summary';

export function EngineMark({ short = false }: { short?: boolean }) {
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery(enginesQuery);
  const { kind, text } = error ? { kind: 'away' as const, text: 'Platform away' } : summary(data);
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position={short ? 'bottom-end' : 'right-end'}
      width={360}
      shadow="md"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <UnstyledButton
          className={short ? 'ph-icon-button' : 'ph-rail-item'}
          onClick={() => setOpen((before) => !before)}
          aria-label={short ? text : undefined}
        >
          <StateMark kind={kind} />
          {!short && <span className="ph-clip">{text}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="Health of the engines">
        <h2 className="ph-card-title">Engines</h2>
        <EngineRows />
        <Link to="/admin/engines" className="ph-link" onClick={() => setOpen(false)}>
          Engines and readers
        </Link>
      </Popover.Dropdown>
    </Popover>
  );
}
