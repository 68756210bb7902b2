import { Button, Select, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import {
  api,
  body,
  versioned,
  type Neighbourhood,
  type Relationship,
  type RelationshipType,
  type Twin,
} from '../../api/client';
import { neighboursQuery, relationshipTypesQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { FormModal } from '../../parts/FormModal';
import { count } from '../../parts/format';
import { GraphPicture } from '../../parts/GraphPicture';
import type { Bundle } from '../../parts/graph-layout';
import { notify } from '../../parts/notify';
import { Undo } from '../../parts/Undo';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { DEPTHS, type Depth, type TwinSearch } from '../../router';
import { AddRelationship } from './AddRelationship';
import { ordered, readFrom, wordsOf, type Edge } from './relations';

const route = getRouteApi('/app/p/$pilot/twins/$twin');
const NO_TYPES: RelationshipType[] = [];

/** The twins around one, as a picture to click through and as a table that says the same. */
export function Graph({ pilot, twin, may }: { pilot: string; twin: Twin; may: boolean }) {
  const id = twin.twin_id;
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/twins/$twin' });
  const depth: Depth = search.depth ?? '1';
  const [adding, setAdding] = useState(false);
  const types = useQuery(relationshipTypesQuery(pilot)).data ?? NO_TYPES;
  const byId = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);
  const query = useQuery({
    ...neighboursQuery(pilot, id, Number(depth), search.relation),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });
  const around = query.data;
  const changed = useChanged(pilot);
  const add = may && (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
      Relate to another twin
    </Button>
  );
  return (
    <>
      <div className="ph-tab-bar">
        <SegmentedControl
          size="xs"
          aria-label="How far"
          value={depth}
          data={DEPTHS.map((each) => ({ value: each, label: each === '1' ? '1 step' : `${each} steps` }))}
          onChange={(next) =>
            void navigate({
              search: (before) => ({ ...before, depth: next === '1' ? undefined : (next as Depth) }),
            })
          }
        />
        <Select
          size="xs"
          className="ph-graph-type"
          aria-label="Type of relationship"
          placeholder="All types"
          clearable
          searchable
          data={[
            ...byId.keys(),
            ...(search.relation && !byId.has(search.relation) ? [search.relation] : []),
          ].map((type) => ({ value: type, label: wordsOf(byId.get(type), type, 'out') }))}
          value={search.relation ?? null}
          onChange={(next) =>
            void navigate({ search: (before) => ({ ...before, relation: next ?? undefined }) })
          }
        />
        {around && around.edges.length > 0 && <span className="ph-push">{add}</span>}
      </div>
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {around && around.edges.length === 0 && (
        <Empty
          title={
            search.relation
              ? `It has no relationship of the type ${wordsOf(byId.get(search.relation), search.relation, 'out')}`
              : 'It is not related to any twin yet'
          }
          action={add}
        >
          Relationships say how assets belong together: a line <em>contains</em> a press, a tank{' '}
          <em>feeds</em> a pump, a motor <em>drives</em> it. What <em>contains</em> a twin stands above its
          name as the way up to site and enterprise.
        </Empty>
      )}
      {around && around.edges.length > 0 && (
        <>
          <TwinPicture pilot={pilot} twin={id} around={around} types={byId} />
          <Relations pilot={pilot} twin={id} around={around} types={byId} may={may} onChanged={changed} />
        </>
      )}
      <FormModal opened={adding} title={`Relate ${id} to another twin`} onClose={() => setAdding(false)}>
        <AddRelationship
          pilot={pilot}
          twin={id}
          types={types}
          onDone={(source, other) => {
            setAdding(false);
            changed(source, other);
            notify(`${id} and ${source === id ? other : source} are related.`);
          }}
        />
      </FormModal>
    </>
  );
}

/** What a change of two twins' relationship makes stale: paths and pictures also of others. */
function useChanged(pilot: string) {
  const queries = useQueryClient();
  return (...twins: string[]) => {
    void queries.invalidateQueries({ queryKey: ['neighbours', pilot] });
    void queries.invalidateQueries({ queryKey: ['twin-path', pilot] });
    for (const twin of twins) void queries.invalidateQueries({ queryKey: ['thread', pilot, twin] });
  };
}

interface Around {
  pilot: string;
  twin: string;
  around: Neighbourhood;
  types: ReadonlyMap<string, RelationshipType>;
}

/** Another twin's graph, as far and by the same type. */
const kept = ({ depth, relation }: TwinSearch): TwinSearch => ({ tab: 'graph', depth, relation });

function TwinPicture({ pilot, twin, around, types }: Around) {
  const search = route.useSearch();
  const graph = useMemo(
    () => ({ nodes: around.nodes.map((node) => ({ ...node, id: node.twin_id })), edges: around.edges }),
    [around],
  );
  const lineLabel = useCallback(
    ({ type, howMany }: Bundle) =>
      wordsOf(types.get(type), type, 'out').slice(0, 20) + (howMany > 1 ? ` ×${howMany}` : ''),
    [types],
  );
  return (
    <GraphPicture
      label={`Picture of the twins around ${twin}; the table below says the same`}
      graph={graph}
      centre={twin}
      lineLabel={lineLabel}
      box={(node, style) => (
        <Link
          key={node.twin_id}
          className="ph-graph-node"
          to="/p/$pilot/twins/$twin"
          params={{ pilot, twin: node.twin_id }}
          search={kept(search)}
          data-centre={node.twin_id === twin || undefined}
          aria-current={node.twin_id === twin ? 'page' : undefined}
          title={[node.name, node.twin_id, node.level, node.model].filter(Boolean).join(', ')}
          style={style}
        >
          <span className="ph-clip">{node.name ?? node.twin_id}</span>
          <span className="ph-clip ph-graph-under">
            {[node.name ? node.twin_id : null, node.level ?? node.model].filter(Boolean).join(' · ')}
          </span>
        </Link>
      )}
      caption={(drawn) =>
        (drawn.partial || around.truncated) && (
          <>
            {drawn.partial &&
              `The picture shows the nearest ${count(drawn.nodes)} twins and ${count(drawn.edges)} of their relationships. `}
            {around.truncated
              ? `There is more than the ${count(around.nodes.length)} twins and ${count(around.edges.length)} relationships that were asked for: choose fewer steps or one type.`
              : 'The table has all of them.'}
          </>
        )
      }
    />
  );
}

const ROWS = 100;

function Relations({
  pilot,
  twin,
  around,
  types,
  may,
  onChanged,
}: Around & { may: boolean; onChanged: (...twins: string[]) => void }) {
  const search = route.useSearch();
  const [shown, setShown] = useState(ROWS);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const edges = useMemo(() => ordered(around.edges, twin), [around.edges, twin]);
  const keyOf = (edge: Edge) => `${edge.source} ${edge.relationship_id}`;

  const remove = async (edge: Edge) => {
    setBusy(keyOf(edge));
    setProblem(null);
    const path = { pilot, twin: edge.source, relationship: edge.relationship_id };
    try {
      const read = (await versioned(
        api.GET('/api/v1/pilots/{pilot}/twins/{twin}/relationships/{relationship}', { params: { path } }),
      )) as { value: Relationship; etag: string | null };
      await body(
        api.DELETE('/api/v1/pilots/{pilot}/twins/{twin}/relationships/{relationship}', {
          params: { path, header: { 'If-Match': read.etag ?? undefined } },
        }),
      );
      onChanged(edge.source, edge.target);
      notify(
        <Undo
          done={`${edge.source} and ${edge.target} are no longer related.`}
          undo={() => putBack(pilot, read.value)}
          undone="The relationship is back."
          failed="It could not be put back: the graph has changed meanwhile."
          onUndone={() => onChanged(edge.source, edge.target)}
        />,
      );
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(null);
    }
  };

  const to = (other: string) => (
    <Link
      className="ph-link ph-id"
      to="/p/$pilot/twins/$twin"
      params={{ pilot, twin: other }}
      search={kept(search)}
    >
      {other}
    </Link>
  );
  return (
    <section className="ph-card" aria-label="Relationships">
      <h2 className="ph-card-title">
        Relationships <span className="ph-dim ph-num">{count(edges.length)}</span>
      </h2>
      {problem !== null && <ProblemNote error={problem} />}
      <div className="ph-sideways">
        <table className="ph-facts-table ph-roomy ph-relations">
          <thead>
            <tr>
              <th scope="col">Twin</th>
              <th scope="col">Relationship</th>
              <th scope="col">Twin</th>
              {may && (
                <th scope="col" data-align="right">
                  <span className="ph-hidden">Remove</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {edges.slice(0, shown).map((edge) => {
              const read = readFrom(edge, twin, (type) => types.get(type));
              const own = edge.source === twin || edge.target === twin;
              return (
                <tr key={keyOf(edge)}>
                  <td>{read.from === twin ? <span className="ph-id">{read.from}</span> : to(read.from)}</td>
                  <td title={`${edge.type}, ${edge.relationship_id}`}>{read.words}</td>
                  <td>{read.to === twin ? <span className="ph-id">{read.to}</span> : to(read.to)}</td>
                  {may && (
                    <td data-align="right">
                      {own && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          loading={busy === keyOf(edge)}
                          aria-label={`Remove: ${read.from} ${read.words} ${read.to}`}
                          onClick={() => void remove(edge)}
                        >
                          Remove
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {edges.length > shown && (
        <div className="ph-more">
          <Button variant="default" onClick={() => setShown((before) => before + ROWS)}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

async function putBack(pilot: string, removed: Relationship): Promise<void> {
  await body(
    api.PUT('/api/v1/pilots/{pilot}/twins/{twin}/relationships/{relationship}', {
      params: { path: { pilot, twin: removed.source, relationship: removed.relationship_id } },
      headers: { 'If-None-Match': '*' },
      body: {
        type: removed.type,
        target: removed.target,
        attributes: removed.attributes as Record<string, never>,
      },
    }),
  );
}
