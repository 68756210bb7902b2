import { Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Model } from '../../api/client';
import { modelsQuery } from '../../api/queries';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { actorText, count } from '../../parts/format';
import { FormModal } from '../../parts/FormModal';
import { ListPage } from '../../parts/ListPage';
import { usePages } from '../../parts/pages';
import { Time } from '../../parts/Time';
import { mayEditModels } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { EXAMPLES } from './examples';

const route = getRouteApi('/app/p/$pilot/models');

export function ModelsPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/models' });
  const session = useSession();
  const zone = useZone();
  const list = usePages<Model>(useInfiniteQuery(modelsQuery(pilot)));
  const [adding, setAdding] = useState(false);
  const may = mayEditModels(session);
  const columns = useMemo<Column<Model>[]>(
    () => [
      {
        id: 'model',
        header: 'Model',
        main: true,
        width: '200px',
        narrow: 'auto',
        value: (row) => row.model_id,
        cell: (row) => <span className="ph-id">{row.model_id}</span>,
      },
      { id: 'title', header: 'Title', under: true, value: (row) => row.title },
      figure('properties', 'Properties', (row) => row.properties),
      figure('actions', 'Actions', (row) => row.actions),
      figure('events', 'Events', (row) => row.events),
      { ...figure('revision', 'Revision', (row) => row.revision), from: undefined, narrow: '84px' },
      { id: 'version', header: 'Version', width: '100px', from: 'desktop', value: (row) => row.version },
      {
        id: 'updated',
        header: 'Changed',
        unit: zone.label,
        width: '180px',
        from: 'tablet',
        value: (row) => row.updated_at,
        cell: (row) => <Time at={row.updated_at} />,
      },
      {
        id: 'by',
        header: 'By',
        width: '130px',
        from: 'desktop',
        value: (row) => (row.updated_by ? actorText(row.updated_by) : null),
      },
    ],
    [zone],
  );
  const add = may && (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
      New from an example
    </Button>
  );
  return (
    <ListPage
      title="Models"
      note="Which kinds of twin there are: what they report, and what they can be told"
      actions={add}
      list={list}
      rowKey={modelId}
      columns={columns}
      onOpen={(row) =>
        void navigate({ to: '/p/$pilot/models/$model', params: { pilot, model: row.model_id }, search: {} })
      }
      csvName={`${pilot}-models`}
      filter={{
        label: 'Filter by id or title',
        value: search.q,
        onChange: (q) => void navigate({ search: { q }, replace: true }),
        of: searched,
      }}
      noMatch="No model fits the filter"
      empty={
        <Empty title="There is no model yet" action={add}>
          A model is a W3C Thing Model: it names the properties of a kind of twin with their units and ranges,
          and the actions that it takes. Twins work without one; with one, what they report is checked.
        </Empty>
      }
    >
      <FormModal opened={adding} title="New model" onClose={() => setAdding(false)}>
        <New
          known={list.rows.map((row) => row.model_id)}
          onDone={(model, example) =>
            void navigate({ to: '/p/$pilot/models/$model', params: { pilot, model }, search: { example } })
          }
        />
      </FormModal>
    </ListPage>
  );
}

const searched = (row: Model) => [row.model_id, row.title, row.description];
const modelId = (row: Model) => row.model_id;

const figure = (id: string, header: string, value: (row: Model) => number | undefined): Column<Model> => ({
  id,
  header,
  width: '104px',
  align: 'right',
  from: 'tablet',
  value,
  cell: (row) => <span className="ph-num">{count(value(row) ?? 0)}</span>,
});

function New({ known, onDone }: { known: string[]; onDone: (model: string, example: string) => void }) {
  const form = useForm({
    initialValues: { model: '', example: EXAMPLES[0]?.id ?? '' },
    validate: {
      model: (value) =>
        !/^[a-z0-9][a-z0-9-]{0,62}$/.test(value)
          ? 'Small letters, digits and hyphens, at most 63; it begins with a letter or digit'
          : known.includes(value)
            ? 'There is a model of that id already'
            : null,
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => onDone(values.model, values.example))}>
      <TextInput
        label="Id"
        description="What twins name it by; it cannot be changed later"
        placeholder="feed-pump"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('model')}
      />
      <Select
        mt="sm"
        label="Begin with"
        allowDeselect={false}
        data={EXAMPLES.map(({ id, label }) => ({ value: id, label }))}
        {...form.getInputProps('example')}
      />
      <Group justify="flex-end" mt="lg">
        <Button type="submit">To the editor</Button>
      </Group>
    </form>
  );
}
