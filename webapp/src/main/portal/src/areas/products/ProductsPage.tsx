import { Autocomplete, Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ListedProduct } from '../../api/client';
import { datasetNamesQuery, productsQuery } from '../../api/queries';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { actorText } from '../../parts/format';
import { FormModal } from '../../parts/FormModal';
import { ListPage } from '../../parts/ListPage';
import { Marked } from '../../parts/Marked';
import { usePages } from '../../parts/pages';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { mayGovernDatasets } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { nameOf } from './contract';
import { STATUS_KINDS } from './words';

const route = getRouteApi('/app/p/$pilot/products');

export function ProductsPage() {
  const { pilot } = route.useParams();
  const { q } = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/products' });
  const session = useSession();
  const zone = useZone();
  const list = usePages<ListedProduct>(useInfiniteQuery(productsQuery(pilot)));
  const [adding, setAdding] = useState(false);
  const may = mayGovernDatasets(session);
  const columns = useMemo<Column<ListedProduct>[]>(
    () => [
      {
        id: 'title',
        header: 'Product',
        main: true,
        narrow: 'auto',
        value: (row) => row.title,
        cell: (row) => <Marked text={row.title} sought={q} />,
      },
      {
        id: 'status',
        header: 'Status',
        width: '130px',
        narrow: '116px',
        value: (row) => row.status,
        cell: (row) => <State kind={STATUS_KINDS[row.status]}>{row.status}</State>,
      },
      {
        id: 'version',
        header: 'Contract',
        width: '96px',
        align: 'right',
        narrow: '76px',
        value: (row) => row.version,
        cell: (row) => <span className="ph-num">{row.version}</span>,
      },
      {
        id: 'owner',
        header: 'Owner',
        width: '170px',
        from: 'tablet',
        value: (row) => row.owner,
        cell: (row) =>
          row.owner ? <Marked text={row.owner} sought={q} /> : <span className="ph-none">nobody named</span>,
      },
      {
        id: 'dataset',
        header: 'Datasets',
        under: true,
        value: (row) => row.dataset_name,
        cell: (row) => <Marked text={row.dataset_name} sought={q} />,
      },
      { id: 'domain', header: 'Domain', width: '130px', from: 'desktop', value: (row) => row.domain },
      {
        id: 'updated',
        header: 'Changed',
        unit: zone.label,
        width: '170px',
        from: 'desktop',
        value: (row) => row.updated_at,
        cell: (row) => <Time at={row.updated_at} />,
      },
      { id: 'name', header: 'Name', width: '170px', hidden: true, value: (row) => row.name },
      {
        id: 'by',
        header: 'By',
        width: '130px',
        hidden: true,
        value: (row) => actorText(row.updated_by),
      },
    ],
    [zone, q],
  );
  const add = may && (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
      New product
    </Button>
  );
  return (
    <ListPage
      title="Products"
      note="Datasets that others rely on, and what is promised of them"
      actions={add}
      list={list}
      rowKey={productName}
      columns={columns}
      onOpen={(row) =>
        void navigate({ to: '/p/$pilot/products/$product', params: { pilot, product: row.name }, search: {} })
      }
      csvName={`${pilot}-products`}
      filter={{
        label: 'Filter by product, owner or dataset',
        value: q,
        onChange: (next) => void navigate({ search: { q: next }, replace: true }),
        of: searched,
      }}
      noMatch="No product fits the filter"
      empty={
        <Empty title="There is no product yet" action={add}>
          A product is the datasets of one name together with a data contract: whose they are, what is in
          them, how fresh they will be, how long they stay, and who to ask. The platform holds the newest
          version against it. {!may && 'A data steward or an admin of the pilot makes one.'}
        </Empty>
      }
    >
      <FormModal opened={adding} title="New product" onClose={() => setAdding(false)}>
        <New
          pilot={pilot}
          known={list.rows}
          onDone={(product, of) =>
            void navigate({
              to: '/p/$pilot/products/$product',
              params: { pilot, product },
              search: { edit: '1', of },
            })
          }
        />
      </FormModal>
    </ListPage>
  );
}

const searched = (row: ListedProduct) => [row.name, row.title, row.owner, row.dataset_name, row.domain];
const productName = (row: ListedProduct) => row.name;

function New({
  pilot,
  known,
  onDone,
}: {
  pilot: string;
  known: readonly ListedProduct[];
  onDone: (product: string, of: string) => void;
}) {
  const [touched, setTouched] = useState(false);
  const form = useForm({
    initialValues: { of: '', product: '' },
    validate: {
      of: (value) =>
        value === ''
          ? 'Whose datasets are its versions?'
          : known.some((each) => each.dataset_name === value)
            ? 'These are versions of another product already'
            : null,
      product: (value) =>
        !/^[a-z0-9][a-z0-9-]{0,62}$/.test(value)
          ? 'Small letters, digits and hyphens, at most 63; it begins with a letter or digit'
          : known.some((each) => each.name === value)
            ? 'There is a product of that name already'
            : null,
    },
  });
  const [typed] = useDebouncedValue(form.values.of, 250);
  const { data } = useQuery({ ...datasetNamesQuery(pilot, typed), enabled: typed !== '' });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => onDone(values.product, values.of))}>
      <Autocomplete
        label="Datasets called"
        description="All datasets of this name, those to come too, are its versions"
        maxLength={256}
        data-autofocus
        data={[...new Set((data ?? []).map(({ name }) => name))]}
        {...form.getInputProps('of')}
        onChange={(of) => {
          form.setFieldValue('of', of);
          if (!touched) form.setFieldValue('product', nameOf(of));
        }}
      />
      <TextInput
        mt="sm"
        label="Name of the product"
        description="Part of its address; it cannot be changed later"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('product')}
        onChange={(event) => {
          setTouched(true);
          form.setFieldValue('product', event.currentTarget.value);
        }}
      />
      <Group justify="flex-end" mt="lg">
        <Button type="submit">To its contract</Button>
      </Group>
    </form>
  );
}
