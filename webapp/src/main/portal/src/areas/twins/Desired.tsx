import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Twin } from '../../api/client';
import { Empty } from '../../parts/Empty';
import { State, type StateKind } from '../../parts/State';
import { Ago } from '../../parts/Time';
import { written } from '../live/cloud-event';
import { EditObject } from './EditObject';
import { differences, type Difference } from './json';
import { unitText, type ThingModel } from './thing-model';

const KINDS: Record<Difference['state'], StateKind> = {
  differs: 'slow',
  'not reported': 'idle',
  'in line': 'up',
};

/** What the twin should be, beside what it says it is. */
export function Desired({
  pilot,
  twin,
  model,
  may,
}: {
  pilot: string;
  twin: Twin;
  model: ThingModel | undefined;
  may: boolean;
}) {
  const [editing, setEditing] = useState(false);
  const rows = differences(twin.desired, twin.properties);
  const unitOf = (property: string) =>
    unitText(model?.properties.find(({ name }) => name === property)?.unit);
  const edit = may && !editing && <Button onClick={() => setEditing(true)}>Edit</Button>;
  return (
    <>
      {rows.length === 0 && !editing ? (
        <Empty title="Nothing is desired of it" action={edit}>
          A desired property says what the twin should report, such as <code>{'{ "speed": 1450 }'}</code>. Its
          device gets the change; here both are compared.
        </Empty>
      ) : (
        <>
          <div className="ph-tab-bar">
            <span className="ph-dim">
              {rows.filter(({ state }) => state === 'differs').length === 0
                ? 'No reported property differs from what is desired'
                : `${rows.filter(({ state }) => state === 'differs').length} of ${rows.length} differ`}
            </span>
            <span className="ph-push">{edit}</span>
          </div>
          {rows.length > 0 && (
            <div className="ph-sideways" tabIndex={0} role="group" aria-label="Desired and reported">
              <table className="ph-facts-table">
                <thead>
                  <tr>
                    <th scope="col">Property</th>
                    <th scope="col" data-align="right">
                      Desired
                    </th>
                    <th scope="col" data-align="right">
                      Reported
                    </th>
                    <th scope="col">
                      <span className="ph-indent">State</span>
                    </th>
                    <th scope="col" className="ph-from-tablet">
                      Measured
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.property}>
                      <td className="ph-id">{row.property}</td>
                      <td data-align="right" className="ph-num">
                        {written(row.desired)} <span className="ph-unit">{unitOf(row.property)}</span>
                      </td>
                      <td data-align="right" className="ph-num">
                        {row.reported === undefined ? (
                          <span className="ph-none">–</span>
                        ) : (
                          <>
                            {written(row.reported)} <span className="ph-unit">{unitOf(row.property)}</span>
                          </>
                        )}
                      </td>
                      <td>
                        <span className="ph-indent">
                          <State kind={KINDS[row.state]}>{row.state}</State>
                        </span>
                      </td>
                      <td className="ph-from-tablet">{row.reportedAt && <Ago at={row.reportedAt} />}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
      {editing && (
        <EditObject pilot={pilot} twin={twin.twin_id} part="desired" onDone={() => setEditing(false)} />
      )}
    </>
  );
}
