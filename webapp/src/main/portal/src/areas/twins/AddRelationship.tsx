import { Autocomplete, Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body, type RelationshipType } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { twinNamesQuery } from '../../api/queries';
import { JsonText } from '../../parts/JsonText';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { readObject } from './json';
import { relationshipId, relationsOf } from './relations';

const MOST = 32 * 1024;

/** Says of a twin how it is related to another; the twin may be either end. */
export function AddRelationship({
  pilot,
  twin,
  types,
  onDone,
}: {
  pilot: string;
  twin: string;
  types: readonly RelationshipType[];
  onDone: (source: string, target: string) => void;
}) {
  const relations = relationsOf(types);
  const [chosen, setChosen] = useState<string | null>(null);
  const [other, setOther] = useState('');
  const [ownId, setOwnId] = useState('');
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<{ relation?: string; other?: string; id?: string }>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [sought] = useDebouncedValue(other, 200);
  const found = useQuery({ ...twinNamesQuery(pilot, sought), placeholderData: keepPreviousData }).data ?? [];
  const names = new Map(
    found.flatMap(({ twin_id, attributes }) =>
      typeof attributes.name === 'string' ? [[twin_id, attributes.name]] : [],
    ),
  );
  const relation = relations.find(({ value }) => value === chosen);
  const source = relation?.direction === 'in' ? other : twin;
  const target = relation?.direction === 'in' ? twin : other;
  const id = ownId === '' && relation && other !== '' ? relationshipId(relation.type, target) : ownId;
  const read = text.trim() === '' ? { value: {}, error: null } : readObject(text, MOST);

  const save = async () => {
    const faults = {
      relation: relation ? undefined : 'Choose how they are related',
      other: /^[a-z0-9][a-z0-9._-]{0,127}$/.test(other) ? undefined : 'The id of a twin of this pilot',
      id:
        ownId === '' || /^[a-z0-9][a-z0-9-]{0,62}$/.test(ownId)
          ? undefined
          : 'Small letters, digits and -, at most 63',
    };
    setWrong(faults);
    if (!relation || faults.other || faults.id || read.value === null) return;
    setBusy(true);
    setProblem(null);
    try {
      await body(
        api.PUT('/api/v1/pilots/{pilot}/twins/{twin}/relationships/{relationship}', {
          params: { path: { pilot, twin: source, relationship: id } },
          // one that is there already must not be said anew by mistake
          headers: { 'If-None-Match': '*' },
          body: { type: relation.type, target, attributes: read.value as Record<string, never> },
        }),
      );
      onDone(source, target);
    } catch (error) {
      const refused = asProblem(error);
      if (refused.status === 412) {
        setWrong({ id: `${source} has a relationship of this id already` });
      } else if (refused.status === 404 || (refused.status === 400 && refused.path === '/target')) {
        setWrong({ other: 'The pilot has no twin of this id' });
      } else {
        setProblem(refused);
      }
      setBusy(false);
    }
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Select
        label="Relationship"
        description={`How ${twin} reads: “${twin} feeds …”, “${twin} is fed by …”`}
        placeholder="Choose"
        searchable
        data={relations.map(({ value, label }) => ({ value, label }))}
        value={chosen}
        error={wrong.relation}
        onChange={(next) => {
          setChosen(next);
          setWrong((before) => ({ ...before, relation: undefined }));
        }}
        data-autofocus
      />
      <Autocomplete
        mt="sm"
        label="Other twin"
        description="Its id; type a part of its id, name or place to find it"
        value={other}
        error={wrong.other}
        data={found.map(({ twin_id }) => twin_id).filter((each) => each !== twin)}
        filter={({ options }) => options}
        renderOption={({ option }) => (
          <span>
            <span className="ph-id">{option.value}</span>{' '}
            <span className="ph-dim">{names.get(option.value) ?? ''}</span>
          </span>
        )}
        onChange={(next) => {
          setOther(next.trim());
          setWrong((before) => ({ ...before, other: undefined }));
        }}
        autoComplete="off"
        spellCheck={false}
      />
      <TextInput
        mt="sm"
        label="Id of the relationship"
        description={`Unique among those of ${source === '' ? 'the source' : source}; left empty, it is made of type and target`}
        placeholder={id}
        value={ownId}
        error={wrong.id}
        onChange={(event) => {
          setOwnId(event.currentTarget.value);
          setWrong((before) => ({ ...before, id: undefined }));
        }}
        autoComplete="off"
        spellCheck={false}
      />
      <div className="ph-field">
        <JsonText
          label="Attributes"
          description='What is true of the relationship, such as {"pipe": "DN50"}; may stay empty'
          value={text}
          error={read.error}
          onChange={setText}
          rows={2}
        />
      </div>
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg">
        <Button type="submit" loading={busy}>
          Relate
        </Button>
      </Group>
    </form>
  );
}
