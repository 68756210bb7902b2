import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Twin } from '../../api/client';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { EditObject } from './EditObject';
import { pretty } from './json';

/** What is true of the twin for long. */
export function Attributes({ pilot, twin, may }: { pilot: string; twin: Twin; may: boolean }) {
  const [editing, setEditing] = useState(false);
  const zone = useZone();
  const names = Object.keys(twin.attributes).sort();
  const edit = may && !editing && <Button onClick={() => setEditing(true)}>Edit</Button>;
  return (
    <>
      {names.length === 0 && !editing ? (
        <Empty title="It has no attributes" action={edit}>
          Attributes say what is true for long: a <code>name</code>, a <code>place</code> such as{' '}
          <code>aurora/rome/hall-1/line-a</code>, a serial number. Name and place stand in the list of twins.
        </Empty>
      ) : (
        <>
          {edit && (
            <div className="ph-tab-bar">
              <span className="ph-push">{edit}</span>
            </div>
          )}
          {!editing && (
            <Facts>
              {names.map((name) => (
                <Fact key={name} label={name}>
                  <AttributeValue value={twin.attributes[name]} />
                </Fact>
              ))}
              <Fact label={`Created, ${zone.label}`}>
                <Time at={twin.created_at} />
              </Fact>
              <Fact label={`Changed, ${zone.label}`}>
                <Time at={twin.updated_at} />
              </Fact>
            </Facts>
          )}
        </>
      )}
      {editing && (
        <EditObject pilot={pilot} twin={twin.twin_id} part="attributes" onDone={() => setEditing(false)} />
      )}
    </>
  );
}

function AttributeValue({ value }: { value: unknown }) {
  if (value !== null && typeof value === 'object') return <pre className="ph-json">{pretty(value)}</pre>;
  return <>{String(value)}</>;
}
