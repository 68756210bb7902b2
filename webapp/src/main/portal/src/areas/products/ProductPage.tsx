import { Button, FileButton, Menu, Tabs } from '@mantine/core';
import { IconDots, IconDownload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, body, versioned, type Dataset, type Product } from '../../api/client';
import { newestOfNameQuery, productQuery, type VersionedProduct } from '../../api/queries';
import { DetailTabs } from '../../parts/DetailTabs';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { bytes, count } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { PRODUCT_TABS, type ProductTab } from '../../router';
import { mayGovernDatasets } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { UseIt } from '../datasets/UseIt';
import { Versions } from '../datasets/Versions';
import { beginning, textAt } from './contract';
import { EditContract } from './EditContract';
import { History, Promises, SchemaTable, Terms } from './ProductParts';
import { PROMISE_KINDS, STATUS_KINDS, STATUS_MEANS } from './words';

const route = getRouteApi('/app/p/$pilot/products/$product');

const TAB_NAMES: Record<ProductTab, string> = {
  promises: 'Quality and SLA',
  schema: 'Schema',
  versions: 'Versions',
  terms: 'Terms and people',
  use: 'Use it',
  history: 'Contract',
};

export function ProductPage() {
  const { pilot, product: name } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/products/$product' });
  const session = useSession();
  const may = mayGovernDatasets(session);
  const query = useQuery(productQuery(pilot, name));
  const missing = query.error !== null && asProblem(query.error).status === 404;
  const edit = (on: boolean, ignoreBlocker = false) =>
    void navigate({
      search: (before) => ({ ...before, edit: on ? '1' : undefined, of: undefined }),
      ignoreBlocker,
    });

  if (missing && may && search.edit && search.of) {
    return (
      <EditContract
        key="new"
        pilot={pilot}
        name={name}
        datasetName={search.of}
        start={beginning(search.of)}
        etag={null}
        onDone={(saved) =>
          saved
            ? edit(false, true)
            : void navigate({ to: '/p/$pilot/products', params: { pilot }, search: {} })
        }
      />
    );
  }
  if (query.data && may && search.edit) {
    return (
      <EditContract
        key="edit"
        pilot={pilot}
        name={name}
        datasetName={query.data.value.dataset_name}
        start={query.data.value.contract}
        etag={query.data.etag}
        onDone={(saved) => edit(false, saved)}
      />
    );
  }
  return (
    <div className="ph-page-scroll">
      {query.data && !missing ? (
        <Shown
          pilot={pilot}
          product={query.data}
          tab={search.tab ?? 'promises'}
          may={may}
          onEdit={() => edit(true)}
          onTab={(tab) =>
            void navigate({ search: (before) => ({ ...before, tab: tab === 'promises' ? undefined : tab }) })
          }
        />
      ) : (
        <>
          <PageHead title={name} />
          {query.isPending && <p className="ph-waiting">Loading…</p>}
          {query.error && !missing && (
            <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
          )}
          {missing && (
            <Empty
              title="There is no product of that name"
              action={
                <Button
                  component={Link}
                  {...({ to: '/p/$pilot/products', params: { pilot } } as object)}
                  variant="default"
                >
                  To the products
                </Button>
              }
            >
              The name may be mistyped, or the product was removed. {may && 'A new one begins in the list.'}
            </Empty>
          )}
        </>
      )}
    </div>
  );
}

function Shown({
  pilot,
  product: { value: product, etag },
  tab,
  may,
  onEdit,
  onTab,
}: {
  pilot: string;
  product: VersionedProduct;
  tab: ProductTab;
  may: boolean;
  onEdit: () => void;
  onTab: (tab: ProductTab) => void;
}) {
  const zone = useZone();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const newest = useQuery({
    ...newestOfNameQuery(pilot, product.dataset_name),
    enabled: tab === 'versions' || tab === 'use',
  });
  const address = `/api/v1/pilots/${encodeURIComponent(pilot)}/products/${encodeURIComponent(product.name)}/contract`;

  const take = async (file: File | null) => {
    if (file === null) return;
    setProblem(null);
    try {
      const text = await file.text();
      const answer = (await versioned(
        api.PUT('/api/v1/pilots/{pilot}/products/{product}/contract', {
          params: { path: { pilot, product: product.name }, header: { 'If-Match': etag ?? '' } },
          body: text,
          bodySerializer: (given) => given,
          headers: { 'Content-Type': 'application/yaml' },
        }),
      )) as VersionedProduct;
      queries.setQueryData(productQuery(pilot, product.name).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ['products', pilot] });
      notify(`${answer.value.title} has the contract of ${file.name}, version ${answer.value.version}.`);
    } catch (error) {
      setProblem(error);
    }
  };

  return (
    <>
      <PageHead title={product.title} note={<span className="ph-num">contract {product.version}</span>}>
        {may && <Button onClick={onEdit}>Edit the contract</Button>}
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label="More about this product">
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={address} download leftSection={<IconDownload size={14} />}>
              Contract as YAML (ODCS 3.1)
            </Menu.Item>
            {may && (
              <FileButton onChange={(file) => void take(file)} accept=".yaml,.yml">
                {(props) => (
                  <Menu.Item {...props} closeMenuOnClick={false}>
                    Take the contract from a YAML file…
                  </Menu.Item>
                )}
              </FileButton>
            )}
            {may && (
              <Menu.Item className="ph-danger-quiet" onClick={() => setRemoving(true)}>
                Remove the product…
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </PageHead>
      {problem !== null && <ProblemNote error={problem} />}
      <dl className="ph-line-facts">
        <div>
          <dt className="ph-hidden">Status</dt>
          <dd title={STATUS_MEANS[product.status]}>
            <State kind={STATUS_KINDS[product.status]}>{product.status}</State>
          </dd>
        </div>
        <div>
          <dt className="ph-hidden">Promises</dt>
          <dd>
            <Kept product={product} />
          </dd>
        </div>
        <div>
          <dt>Datasets</dt>
          <dd>
            <Link
              className="ph-link"
              to="/p/$pilot/datasets"
              params={{ pilot }}
              search={{ name: product.dataset_name }}
            >
              {product.dataset_name}
            </Link>
          </dd>
        </div>
        <div>
          <dt>Newest</dt>
          <dd>
            {product.newest ? (
              <span className="ph-product-newest">
                <Link
                  className="ph-link ph-num"
                  to="/p/$pilot/datasets/$dataset"
                  params={{ pilot, dataset: product.newest.dataset_id }}
                  search={{}}
                >
                  version {count(product.newest.version)}
                </Link>
                , <span className="ph-num">{bytes(product.newest.size_bytes)}</span>,{' '}
                <Time at={product.newest.available_at} /> {zone.label}
              </span>
            ) : (
              <span className="ph-none">none is available</span>
            )}
          </dd>
        </div>
        <div>
          <dt>Domain</dt>
          <dd>{textAt(product.contract, '/domain') || <span className="ph-none">not said</span>}</dd>
        </div>
      </dl>
      {textAt(product.contract, '/description/purpose') && (
        <p className="ph-product-purpose">{textAt(product.contract, '/description/purpose')}</p>
      )}
      <DetailTabs tabs={PRODUCT_TABS} names={TAB_NAMES} value={tab} onChange={onTab}>
        <Tabs.Panel value="promises">
          <Promises product={product} onEdit={may ? onEdit : undefined} />
        </Tabs.Panel>
        <Tabs.Panel value="schema">
          <SchemaTable contract={product.contract} onEdit={may ? onEdit : undefined} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <OfNewest pilot={pilot} newest={newest.data} pending={newest.isPending} error={newest.error}>
            {(dataset) => <Versions pilot={pilot} dataset={dataset} />}
          </OfNewest>
        </Tabs.Panel>
        <Tabs.Panel value="terms">
          <Terms contract={product.contract} />
        </Tabs.Panel>
        <Tabs.Panel value="use">
          <OfNewest pilot={pilot} newest={newest.data} pending={newest.isPending} error={newest.error}>
            {(dataset) => <UseIt pilot={pilot} dataset={dataset} />}
          </OfNewest>
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History pilot={pilot} product={product} address={address} />
        </Tabs.Panel>
      </DetailTabs>
      <Confirm
        opened={removing}
        title="Remove this product?"
        action="Remove"
        danger
        typed={product.name}
        onClose={() => setRemoving(false)}
        run={async () => {
          await body(
            api.DELETE('/api/v1/pilots/{pilot}/products/{product}', {
              params: { path: { pilot, product: product.name }, header: { 'If-Match': etag ?? '' } },
            }),
          );
          void queries.invalidateQueries({ queryKey: ['products', pilot] });
          notify(`${product.title} is no product any more.`);
          await navigate({ to: '/p/$pilot/products', params: { pilot }, search: {} });
          queries.removeQueries({ queryKey: ['product', pilot, product.name] });
        }}
      >
        <ul className="ph-consequences">
          <li>
            Its contract goes, and with it {count(product.revision)}{' '}
            {product.revision === 1 ? 'revision' : 'revisions'}. There is no way back but the YAML file, if
            you keep it.
          </li>
          <li>The datasets called {product.dataset_name} stay as they are.</li>
        </ul>
      </Confirm>
    </>
  );
}

function Kept({ product }: { product: Product }) {
  const counted = (state: Product['promises'][number]['state']) =>
    product.promises.filter((promise) => promise.state === state).length;
  const broken = counted('not_met');
  if (product.promises.length === 0) return <span className="ph-none">nothing is promised</span>;
  return (
    <State kind={PROMISE_KINDS[broken > 0 ? 'not_met' : counted('met') > 0 ? 'met' : 'unknown']}>
      {broken > 0 ? `${count(broken)} not met, ` : ''}
      {count(counted('met'))} met, {count(counted('unknown'))} unknown
    </State>
  );
}

function OfNewest({
  pilot,
  newest,
  pending,
  error,
  children,
}: {
  pilot: string;
  newest: Dataset | null | undefined;
  pending: boolean;
  error: unknown;
  children: (dataset: Dataset) => ReactNode;
}) {
  if (error) return <ProblemNote error={error} />;
  if (pending) return <p className="ph-waiting">Loading…</p>;
  if (!newest) {
    return (
      <Empty
        title="There is no version yet"
        action={
          <Button
            component={Link}
            {...({ to: '/p/$pilot/datasets', params: { pilot } } as object)}
            variant="default"
          >
            To the datasets
          </Button>
        }
      >
        The first dataset that is uploaded under the product’s name becomes its first version.
      </Empty>
    );
  }
  return children(newest);
}
