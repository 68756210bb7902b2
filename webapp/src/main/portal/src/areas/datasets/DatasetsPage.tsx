import { Autocomplete, Button, Select } from '@mantine/core';
import { IconChartPie, IconCopyPlus, IconUpload } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { Dataset } from '../../api/client';
import { datasetsQuery, storageQuery } from '../../api/queries';
import { Chip } from '../../parts/Chip';
import { Command } from '../../parts/Copy';
import { Created } from '../../parts/Created';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { bytes, count } from '../../parts/format';
import { Marked } from '../../parts/Marked';
import { PageHead } from '../../parts/PageHead';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { Day, Time } from '../../parts/Time';
import { TypedFilter } from '../../parts/TypedFilter';
import { DATASET_STATES, type DatasetsSearch, type NewCopySearch } from '../../router';
import { mayUse } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { DropPlace } from '../../uploads/DropPlace';
import { chooseFiles } from '../../uploads/files';
import type { UploadView } from '../../uploads/upload';
import { UploadDialog } from '../../uploads/UploadDialog';
import type { Chosen } from '../../uploads/uploads';
import { useUploads } from '../../uploads/use-uploads';
import { barOf } from '../../uploads/wording';
import { choiceFrom } from './copies';
import { DatasetStateMark, Marks } from './Marks';
import { UsageBar } from './Usage';
import { marks, shortType, STATE_WORDS } from './words';

const route = getRouteApi('/app/p/$pilot/datasets');
const NONE: readonly Chosen[] = [];
const TAGS = [
  'classification:public',
  'classification:internal',
  'classification:confidential',
  'classification:restricted',
  'personal_data:true',
  'legal_hold:true',
];

export function DatasetsPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/datasets' });
  const session = useSession();
  const zone = useZone();
  const [chosen, setChosen] = useState<readonly Chosen[]>(NONE);
  const query = useInfiniteQuery(datasetsQuery(pilot, search));
  const { rows, more, error, pending, retry } = usePages<Dataset>(query);
  const storage = useQuery(storageQuery(pilot));
  const running = useUploads();
  const byDataset = useMemo(
    () => new Map(running.flatMap((view) => (view.dataset_id ? [[view.dataset_id, view] as const] : []))),
    [running],
  );
  const set = (change: DatasetsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const addTag = (tag: string) => {
    const wanted = tag.trim();
    if (wanted !== '') set({ tag: [...new Set([...(search.tag ?? []), wanted])].slice(0, 4) });
  };
  const choose = async () => setChosen(await chooseFiles(true));
  const onFiles = useCallback((files: Chosen[]) => setChosen(files), []);

  const columns = useMemo<Column<Dataset>[]>(
    () => [
      {
        id: 'name',
        header: 'Dataset',
        main: true,
        narrow: 'auto',
        value: (row) => row.name,
        cell: (row) => (
          <>
            <span title={row.name}>
              <Marked text={row.name} sought={search.q} />
            </span>
            {row.version > 1 && <span className="ph-dim ph-num"> v{row.version}</span>}
            <FoundIn tags={row.tags} name={row.name} sought={search.q} />
          </>
        ),
      },
      {
        id: 'version',
        header: 'Version',
        width: '90px',
        align: 'right',
        hidden: true,
        value: (row) => row.version,
      },
      {
        id: 'state',
        header: 'State',
        width: '140px',
        narrow: '122px',
        value: (row) => STATE_WORDS[row.state],
        cell: (row) => <StateCell dataset={row} upload={byDataset.get(row.dataset_id)} />,
      },
      {
        id: 'size',
        header: 'Size',
        width: '90px',
        narrow: '76px',
        align: 'right',
        value: (row) => row.size_bytes,
        cell: (row) => (
          <span className="ph-num" title={`${count(row.size_bytes)} bytes`}>
            {bytes(row.size_bytes)}
          </span>
        ),
      },
      {
        id: 'type',
        header: 'Type',
        width: '92px',
        from: 'desktop',
        value: (row) => row.media_type,
        cell: (row) => <span title={row.media_type}>{shortType(row.media_type)}</span>,
      },
      {
        id: 'marks',
        header: 'Governed as',
        width: '238px',
        under: true,
        value: (row) =>
          marks(row)
            .map(({ text }) => text)
            .join('; '),
        cell: (row) => <Marks dataset={row} />,
      },
      {
        id: 'created',
        header: 'Created',
        unit: zone.label,
        width: '170px',
        from: 'tablet',
        value: (row) => row.created_at,
        cell: (row) => <Time at={row.created_at} />,
      },
      {
        id: 'expires',
        header: 'Expires',
        unit: zone.label,
        width: '112px',
        from: 'desktop',
        value: (row) => row.expires_at,
        cell: (row) =>
          row.expires_at ? <Day at={row.expires_at} /> : <span className="ph-none">never</span>,
      },
      {
        id: 'id',
        header: 'Id',
        width: '230px',
        hidden: true,
        value: (row) => row.dataset_id,
        cell: (row) => <span className="ph-id">{row.dataset_id}</span>,
      },
      { id: 'by', header: 'By', width: '120px', hidden: true, value: (row) => row.created_by },
    ],
    [zone, byDataset, search.q],
  );
  const filtered = Object.values(search).some((value) => value !== undefined);

  return (
    <div className="ph-page-fill">
      <PageHead title="Datasets" note="What rests in object storage, and who is told of it">
        {storage.data && (
          <UsageBar
            label="Storage"
            used={storage.data.used.bytes}
            quota={storage.data.quota.bytes}
            write={bytes}
          />
        )}
        {mayUse('storage', session) && (
          <Button
            component={Link}
            {...({ to: '/p/$pilot/datasets/storage', params: { pilot } } as object)}
            variant="default"
            leftSection={<IconChartPie size={15} />}
          >
            Storage
          </Button>
        )}
        {storage.data?.site && (
          <Copying pilot={pilot} may={mayUse('copying', session)} choice={choiceFrom(search, rows)} />
        )}
        <Button leftSection={<IconUpload size={15} />} onClick={() => void choose()}>
          Upload
        </Button>
      </PageHead>
      {error && <ProblemNote error={error} onRetry={retry} />}
      <DataTable
        label="Datasets"
        rows={rows}
        rowKey={datasetId}
        columns={columns}
        loading={pending}
        more={more}
        onOpen={(row) =>
          void navigate({
            to: '/p/$pilot/datasets/$dataset',
            params: { pilot, dataset: row.dataset_id },
            search: {},
          })
        }
        csvName={`${pilot}-datasets`}
        toolbar={
          <>
            <TypedFilter
              label="Name, owner or purpose"
              value={search.q}
              most={128}
              onChange={(q) => set({ q })}
            />
            <Select
              className="ph-filter-small"
              size="xs"
              aria-label="State"
              placeholder="Any state"
              data={DATASET_STATES.map((state) => ({ value: state, label: STATE_WORDS[state] }))}
              value={null}
              onChange={(state) => state && set({ state: state as DatasetsSearch['state'] })}
            />
            <TagFilter onAdd={addTag} full={(search.tag?.length ?? 0) >= 4} />
            <Created
              label="Created"
              describedAs="When it was created"
              from={search.from}
              to={search.to}
              onPick={set}
            />
            {search.prefix && (
              <Chip label="begin of the name" onRemove={() => set({ prefix: undefined })}>
                begins with {search.prefix}
              </Chip>
            )}
            {search.state && (
              <Chip label="state" onRemove={() => set({ state: undefined })}>
                {STATE_WORDS[search.state]}
              </Chip>
            )}
            {search.name && (
              <Chip label="name" onRemove={() => set({ name: undefined })}>
                versions of {search.name}
              </Chip>
            )}
            {search.tag?.map((tag) => (
              <Chip
                key={tag}
                label={`tag ${tag}`}
                onRemove={() => set({ tag: search.tag?.filter((each) => each !== tag) })}
              >
                {tag}
              </Chip>
            ))}
            {search.from && (
              <Chip label="beginning" onRemove={() => set({ from: undefined })}>
                since <Time at={search.from} /> {zone.label}
              </Chip>
            )}
            {search.to && (
              <Chip label="end" onRemove={() => set({ to: undefined })}>
                before <Time at={search.to} /> {zone.label}
              </Chip>
            )}
          </>
        }
        empty={
          filtered ? (
            <Empty
              title="No dataset fits the filter"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all datasets
                </Button>
              }
            >
              The filter is applied to all datasets, on the server. What is deleted is shown only where that
              state is asked for.
            </Empty>
          ) : error ? null : (
            <NoDatasets pilot={pilot} onChoose={() => void choose()} />
          )
        }
      />
      <DropPlace what={`Drop the files to upload them to ${pilot}`} onFiles={onFiles} />
      <UploadDialog pilot={pilot} chosen={chosen} onClose={() => setChosen(NONE)} />
    </div>
  );
}

const datasetId = (row: Dataset) => row.dataset_id;

/** Where data rests at its pilot, what others need of it is copied to the centre: what is listed here, to begin with. */
function Copying({ pilot, may, choice }: { pilot: string; may: boolean; choice: NewCopySearch }) {
  return (
    <Button
      component={Link}
      {...((may
        ? { to: '/p/$pilot/datasets/copies/new', params: { pilot }, search: choice }
        : { to: '/p/$pilot/datasets/copies', params: { pilot } }) as object)}
      variant="default"
      title={may ? 'Copy what is listed here to the centre' : 'What was copied to the centre'}
      leftSection={<IconCopyPlus size={15} />}
    >
      {may ? 'Copy…' : 'Copies'}
    </Button>
  );
}

/** Where else than in the name the text was found. */
function FoundIn({
  tags,
  name,
  sought,
}: {
  tags: Dataset['tags'];
  name: string;
  sought: string | undefined;
}) {
  const wanted = sought?.trim().toLowerCase() ?? '';
  if (wanted === '' || name.toLowerCase().includes(wanted)) return null;
  const found = (['owner', 'purpose'] as const).find((tag) =>
    String(tags[tag] ?? '')
      .toLowerCase()
      .includes(wanted),
  );
  return found === undefined ? null : (
    <span className="ph-dim">
      {' '}
      · {found} <Marked text={String(tags[found])} sought={sought} />
    </span>
  );
}

/** How far it is: from this page where it runs here, else from what the platform tells. */
function StateCell({ dataset, upload }: { dataset: Dataset; upload: UploadView | undefined }) {
  const share =
    dataset.state === 'verifying'
      ? dataset.verified_bytes / Math.max(1, dataset.size_bytes)
      : dataset.state === 'uploading' && upload
        ? barOf({ ...upload, phase: 'sending' })
        : null;
  return (
    <span className="ph-state-share">
      <DatasetStateMark state={dataset.state} />
      {share !== null && <span className="ph-dim ph-num">{Math.floor(share * 100)} %</span>}
    </span>
  );
}

function TagFilter({ onAdd, full }: { onAdd: (tag: string) => void; full: boolean }) {
  const [text, setText] = useState('');
  const add = (tag: string) => {
    onAdd(tag);
    setText('');
  };
  return (
    <Autocomplete
      className="ph-filter-small"
      size="xs"
      aria-label="Tag, as name or name:value"
      placeholder={full ? 'At most four tags' : 'Tag, name:value'}
      disabled={full}
      data={TAGS}
      value={text}
      maxLength={321}
      onChange={setText}
      onOptionSubmit={(tag) => {
        add(tag);
        // the library writes the choice into the field after this
        setTimeout(() => setText(''));
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.currentTarget.getAttribute('aria-activedescendant') === null) {
          event.preventDefault();
          add(text);
        }
      }}
    />
  );
}

function NoDatasets({ pilot, onChoose }: { pilot: string; onChoose: () => void }) {
  return (
    <Empty
      title="There is no dataset yet"
      action={
        <div className="ph-empty-ways">
          <Button leftSection={<IconUpload size={15} />} onClick={onChoose}>
            Choose files
          </Button>
          <Command text={`./pilothouse ctl datasets upload ${pilot} FILE`} />
        </div>
      }
    >
      A dataset is a file in object storage with what governs it. Its bytes go straight there, are read back
      and compared, and only then a pointer to it goes out on <code>pilot.{pilot}.datasets</code>. Drop a file
      anywhere on this page, or:
    </Empty>
  );
}
