import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, versioned, type JsonObject, type Twin } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { twinQuery } from '../../api/queries';
import { Conflict } from '../../parts/Conflict';
import { JsonText } from '../../parts/JsonText';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { changes, mergePatch, pretty, readObject, same } from './json';

type Part = 'desired' | 'attributes';
interface Version {
  value: Twin;
  etag: string | null;
}

const MOST = 32 * 1024;

/** Sends what differs as a merge patch, under the version that the change was made on. */
export function usePatchTwin(pilot: string, twin: string) {
  const queries = useQueryClient();
  return async (part: Part, before: JsonObject, after: JsonObject, etag: string | null): Promise<Version> => {
    const answer = (await versioned(
      api.PATCH('/api/v1/pilots/{pilot}/twins/{twin}', {
        params: { path: { pilot, twin }, header: { 'If-Match': etag ?? '' } },
        body: { [part]: mergePatch(before, after) } as object,
        headers: { 'Content-Type': 'application/merge-patch+json' },
      }),
    )) as Version;
    queries.setQueryData(twinQuery(pilot, twin).queryKey, answer);
    void queries.invalidateQueries({ queryKey: ['thread', pilot, twin] });
    return answer;
  };
}

/** The JSON of one part of a twin; a change by somebody else is shown, never overwritten unseen. */
export function EditObject({
  pilot,
  twin,
  part,
  onDone,
}: {
  pilot: string;
  twin: string;
  part: Part;
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const patch = usePatchTwin(pilot, twin);
  const { queryKey } = twinQuery(pilot, twin);
  const [base, setBase] = useState(() => queries.getQueryData(queryKey));
  const [text, setText] = useState(() => pretty(base?.value[part] ?? {}));
  const [theirs, setTheirs] = useState<Version | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const read = readObject(text, MOST);
  if (!base) return null;
  const unchanged = read.value !== null && same(base.value[part], read.value);

  const save = async (from: Version) => {
    if (read.value === null) return;
    setBusy(true);
    setProblem(null);
    try {
      await patch(part, from.value[part], read.value, from.etag);
      notify(`The ${part === 'desired' ? 'desired properties' : 'attributes'} of ${twin} are changed.`);
      onDone();
    } catch (error) {
      const refused = asProblem(error);
      if (refused.status === 412) {
        const now = await queries
          .fetchQuery({ ...twinQuery(pilot, twin), staleTime: 0 })
          .catch((failed: unknown) => setProblem(asProblem(failed)));
        if (now) setTheirs(now);
      } else {
        setProblem(refused);
      }
    } finally {
      setBusy(false);
    }
  };

  const differing = theirs && read.value ? changes(theirs.value[part], read.value) : [];
  return (
    <form
      className="ph-edit"
      onSubmit={(event) => {
        event.preventDefault();
        void save(base);
      }}
    >
      <JsonText
        label={part === 'desired' ? 'Desired properties' : 'Attributes'}
        description="JSON; only what differs is sent, and a member that is taken out is removed. At most 32 KiB."
        value={text}
        error={read.error}
        onChange={setText}
      />
      {theirs && (
        <Conflict
          what="this twin"
          member="Member"
          differing={differing.map(({ member, theirs: now, mine }) => ({
            name: member,
            theirs: now === undefined ? 'absent' : JSON.stringify(now),
            mine: mine === undefined ? 'absent' : JSON.stringify(mine),
          }))}
          busy={busy}
          onTake={() => {
            setBase(theirs);
            setText(pretty(theirs.value[part]));
            setTheirs(null);
          }}
          onOverwrite={() => void save(theirs)}
        />
      )}
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group gap="xs" mt="md">
        {!theirs && (
          <Button type="submit" loading={busy} disabled={read.value === null || unchanged}>
            Save
          </Button>
        )}
        <Button variant="default" onClick={onDone}>
          {unchanged ? 'Close' : 'Discard'}
        </Button>
      </Group>
    </form>
  );
}
