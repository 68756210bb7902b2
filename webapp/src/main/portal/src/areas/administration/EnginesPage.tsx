import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, body, type LineageSender, type Reader } from '../../api/client';
import { enginesQuery, lineageSenderQuery, readersQuery } from '../../api/queries';
import { ENGINE_NAMES, engineKind, readerKind } from '../../frame/engine-summary';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { count, latency, rate } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { State, type StateKind } from '../../parts/State';
import { Ago, Time } from '../../parts/Time';
import { isPlatformAdmin } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';

export function EnginesPage() {
  const engines = useQuery(enginesQuery);
  const session = useSession();
  const zone = useZone();
  return (
    <div className="ph-page-scroll">
      <PageHead title="Engines & readers" note="What the platform stands on, and who reads the backbone" />
      <section className="ph-card" aria-labelledby="engines-title">
        <h2 className="ph-card-title" id="engines-title">
          Engines
        </h2>
        {engines.error && <ProblemNote error={engines.error} onRetry={() => void engines.refetch()} />}
        <div className="ph-sideways" tabIndex={0} role="group" aria-labelledby="engines-title">
          <table className="ph-facts-table ph-roomy">
            <thead>
              <tr>
                <th scope="col">Engine</th>
                <th scope="col">State</th>
                <th scope="col" data-align="right">
                  Latency <span className="ph-unit">ms</span>
                </th>
                <th scope="col">
                  Since <span className="ph-unit">{zone.label}</span>
                </th>
                <th scope="col">Checked</th>
                <th scope="col">Detail</th>
              </tr>
            </thead>
            <tbody>
              {(engines.data ?? []).map((engine) => (
                <tr key={engine.name}>
                  <td>
                    {ENGINE_NAMES[engine.name] ?? engine.name}
                    <span className="ph-dim ph-below">{engine.role}</span>
                  </td>
                  <td>
                    <State kind={engineKind(engine)}>{engine.state}</State>
                  </td>
                  <td data-align="right" className="ph-num">
                    {typeof engine.latency_ms === 'number'
                      ? latency(engine.latency_ms).replace(' ms', '')
                      : '–'}
                  </td>
                  <td>
                    <Time at={engine.since} />
                  </td>
                  <td>
                    <Ago at={engine.checked_at} />
                  </td>
                  <td>{engine.detail ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <Readers />
      {isPlatformAdmin(session) && <Lineage />}
    </div>
  );
}

const SENDER_KINDS: Record<LineageSender['state'], StateKind> = {
  off: 'idle',
  idle: 'up',
  sending: 'up',
  failing: 'away',
};

/** Whether the gatherer of lineage outside knows all that it is to know. */
function Lineage() {
  const { data, error, refetch } = useQuery(lineageSenderQuery);
  return (
    <section className="ph-card ph-card-below" aria-labelledby="lineage-title">
      <div className="ph-card-head">
        <h2 className="ph-card-title" id="lineage-title">
          Lineage <span className="ph-unit">told to a gatherer outside</span>
        </h2>
      </div>
      {!data && error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data?.state === 'off' ? (
        <Empty title="No gatherer is named">
          The lives of datasets can be told to a catalogue that gathers OpenLineage, such as Marquez or
          DataHub: <code>pilothouse.openlineage.url</code> names it. It is told all that happened before, too.
        </Empty>
      ) : (
        data && (
          <Facts>
            <Fact label="Now">
              <State kind={SENDER_KINDS[data.state]}>{data.state === 'idle' ? 'all told' : data.state}</State>
            </Fact>
            <Fact label="To">
              <span className="ph-id">{data.url}</span>
            </Fact>
            <Fact label="Waiting">
              <span className="ph-num">{count(data.waiting)}</span>{' '}
              {data.waiting > 0 && data.waiting_since && (
                <span className="ph-dim">
                  the longest since <Ago at={data.waiting_since} />
                </span>
              )}
            </Fact>
            <Fact label="Refused">
              <span className="ph-num">{count(data.refused)}</span>{' '}
              {data.refused > 0 && <span className="ph-dim">told again when the dataset changes</span>}
            </Fact>
            <Fact label="Told last">
              <Ago at={data.last_told_at} />
            </Fact>
            <Fact label="Failed last">
              {data.last_failure ? (
                <>
                  <Ago at={data.last_failure.at} />: {data.last_failure.detail}
                </>
              ) : (
                <span className="ph-none">never</span>
              )}
            </Fact>
          </Facts>
        )
      )}
    </section>
  );
}

function Readers() {
  const session = useSession();
  const queries = useQueryClient();
  const readers = useQuery(readersQuery);
  const steers = isPlatformAdmin(session);
  const steer = useMutation({
    mutationFn: ({ reader, action }: { reader: Reader; action: 'pause' | 'resume' }) =>
      body(
        api.POST('/api/v1/platform/readers/{reader}/{action}', {
          params: { path: { reader: reader.name, action } },
        }),
      ),
    onSuccess: (_nothing, { reader, action }) => {
      notify(
        action === 'pause'
          ? `${reader.name} is paused; its lag grows until it is resumed. Nothing is lost.`
          : `${reader.name} goes on where it stopped.`,
      );
      void queries.invalidateQueries({ queryKey: readersQuery.queryKey });
    },
  });
  return (
    <section className="ph-card ph-card-below" aria-labelledby="readers-title">
      <h2 className="ph-card-title" id="readers-title">
        Readers <span className="ph-unit">of the backbone, on this node</span>
      </h2>
      {readers.error && <ProblemNote error={readers.error} onRetry={() => void readers.refetch()} />}
      {steer.error && <ProblemNote error={steer.error} />}
      {readers.data?.length === 0 ? (
        <Empty title="No reader runs on this node">
          Readers belong to the side <code>stream</code>; this node runs other sides.
        </Empty>
      ) : (
        <div className="ph-sideways" tabIndex={0} role="group" aria-labelledby="readers-title">
          <table className="ph-facts-table ph-roomy">
            <thead>
              <tr>
                <th scope="col">Reader</th>
                <th scope="col">State</th>
                <th scope="col" data-align="right">
                  Lag <span className="ph-unit">events</span>
                </th>
                <th scope="col" data-align="right">
                  Rate <span className="ph-unit">/s</span>
                </th>
                <th scope="col" data-align="right">
                  Rejected
                </th>
                <th scope="col">Topics</th>
                {steers && (
                  <th scope="col">
                    <span className="ph-hidden">Action</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {(readers.data ?? []).map((reader) => (
                <tr key={reader.name}>
                  <td>{reader.name}</td>
                  <td>
                    <State kind={readerKind(reader)}>{reader.state}</State>
                  </td>
                  <td data-align="right" className="ph-num">
                    {typeof reader.lag === 'number' ? count(reader.lag) : '–'}
                  </td>
                  <td data-align="right" className="ph-num">
                    {typeof reader.records_per_second === 'number' ? rate(reader.records_per_second) : '–'}
                  </td>
                  <td data-align="right" className="ph-num">
                    {typeof reader.rejected === 'number' ? count(reader.rejected) : '–'}
                  </td>
                  <td>
                    <span className="ph-id ph-nowrap">{reader.topics}</span>
                  </td>
                  {steers && (
                    <td data-align="right">
                      {reader.state === 'paused' ? (
                        <Button
                          size="compact-xs"
                          aria-label={`Resume ${reader.name}`}
                          onClick={() => steer.mutate({ reader, action: 'resume' })}
                        >
                          Resume
                        </Button>
                      ) : (
                        <Button
                          size="compact-xs"
                          variant="default"
                          disabled={reader.state === 'stopped'}
                          aria-label={`Pause ${reader.name}`}
                          onClick={() => steer.mutate({ reader, action: 'pause' })}
                        >
                          Pause
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
