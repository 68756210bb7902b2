import { useQuery } from '@tanstack/react-query';
import { enginesQuery } from '../api/queries';
import { ENGINE_NAMES, engineKind } from '../frame/engine-summary';
import { bothReadings, fields, latency, since } from './format';
import { ProblemNote } from './Problem';
import { State } from './State';
import { useZone } from '../session/zone';

/** The engines, one a row; a fixed number of rows, so that nothing moves when the answer comes. */
export function EngineRows() {
  const zone = useZone();
  const { data, error, refetch, dataUpdatedAt } = useQuery(enginesQuery);
  if (!data && error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <table className="ph-facts-table">
        <thead className="ph-hidden">
          <tr>
            <th>Engine</th>
            <th>State</th>
            <th>Latency</th>
          </tr>
        </thead>
        <tbody>
          {(data ?? Array.from({ length: 6 }, () => null)).map((engine, index) =>
            engine === null ? (
              <tr key={index}>
                <td colSpan={3}>&nbsp;</td>
              </tr>
            ) : (
              <tr key={engine.name} title={engine.detail ?? undefined}>
                <td>
                  <State kind={engineKind(engine)}>{ENGINE_NAMES[engine.name] ?? engine.name}</State>
                  <span className="ph-dim ph-role">{engine.role}</span>
                </td>
                <td>
                  {engine.state}
                  {engine.since && engine.state !== 'up' && (
                    <span
                      className="ph-num ph-since"
                      title={bothReadings(Date.parse(engine.since), zone.pilot)}
                    >
                      since {since(Date.parse(engine.since), zone.shown)}
                    </span>
                  )}
                </td>
                <td data-align="right" className="ph-num">
                  {typeof engine.latency_ms === 'number' ? latency(engine.latency_ms) : '–'}
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      {error && data && (
        <p className="ph-stale">
          The platform does not answer; this is as of {fields(dataUpdatedAt, zone.shown).time} {zone.label}.
        </p>
      )}
    </>
  );
}
