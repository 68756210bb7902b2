import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JsonObject, Product } from '../../api/client';
import { productRevisionsQuery } from '../../api/queries';
import { Command } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { actorText, count } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { listAt, textAt, type Contract } from './contract';
import { PROMISE_KINDS, PROMISE_WORDS, STATUS_KINDS } from './words';

const said = (text: string) => (text === '' ? <span className="ph-none">not said</span> : text);

/** What is promised, and whether the newest version keeps it. */
export function Promises({ product, onEdit }: { product: Product; onEdit?: (() => void) | undefined }) {
  if (product.promises.length === 0) {
    return (
      <Empty
        title="Nothing is promised yet"
        action={
          onEdit && (
            <Button variant="default" onClick={onEdit}>
              Edit the contract
            </Button>
          )
        }
      >
        A service level says, for instance, that a new version comes every day (frequency, 1 d) or that
        versions stay for a year (retention, 1 y). The platform holds the newest version against it.
      </Empty>
    );
  }
  return (
    <div className="ph-sideways" role="group" tabIndex={0} aria-label="Promises">
      <table className="ph-facts-table ph-roomy">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">What</th>
            <th scope="col">Promised</th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {product.promises.map((promise) => (
            <tr key={promise.path}>
              <td>
                <State kind={PROMISE_KINDS[promise.state]}>{PROMISE_WORDS[promise.state]}</State>
              </td>
              <td>{promise.subject}</td>
              <td>{promise.expected}</td>
              <td className={promise.state === 'not_met' ? 'ph-outside' : 'ph-dim'}>{promise.found}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Row {
  depth: number;
  property: JsonObject;
  key: string;
}

const rows = (properties: readonly JsonObject[], depth: number, above: string): Row[] =>
  properties.flatMap((property, index) => {
    const key = `${above}/${index}`;
    return [{ depth, property, key }, ...rows(listAt(property, '/properties'), depth + 1, key)];
  });

const flags = (property: JsonObject) =>
  [
    property.primaryKey === true && 'primary key',
    property.required === true && 'required',
    property.unique === true && 'unique',
  ].filter((flag): flag is string => flag !== false);

/** The objects of the contract and their properties. */
export function SchemaTable({ contract, onEdit }: { contract: Contract; onEdit?: (() => void) | undefined }) {
  const objects = listAt(contract, '/schema');
  if (objects.length === 0) {
    return (
      <Empty
        title="Nobody has said what is in it"
        action={
          onEdit && (
            <Button variant="default" onClick={onEdit}>
              Edit the contract
            </Button>
          )
        }
      >
        The schema names the columns, their types, and what may be relied on: that one is always there, or
        that no value comes twice.
      </Empty>
    );
  }
  return objects.map((object, index) => (
    <section key={index} aria-label={textAt(object, '/name')} className="ph-product-object">
      <h2 className="ph-card-title">{textAt(object, '/name')}</h2>
      {textAt(object, '/description') && <p className="ph-dim">{textAt(object, '/description')}</p>}
      <div className="ph-sideways" role="group" tabIndex={0} aria-label="Properties">
        <table className="ph-facts-table ph-roomy">
          <thead>
            <tr>
              <th scope="col">Property</th>
              <th scope="col">Type</th>
              <th scope="col">Stored as</th>
              <th scope="col">Promised</th>
              <th scope="col">Classification</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {rows(listAt(object, '/properties'), 0, '').map(({ depth, property, key }) => (
              <tr key={key}>
                <td className="ph-id" style={{ paddingLeft: `${0.6 + depth * 1.2}rem` }}>
                  {textAt(property, '/name')}
                </td>
                <td>{said(textAt(property, '/logicalType'))}</td>
                <td className="ph-dim">{textAt(property, '/physicalType') || '–'}</td>
                <td>{flags(property).join(', ') || <span className="ph-none">–</span>}</td>
                <td>{textAt(property, '/classification') || <span className="ph-none">–</span>}</td>
                <td>{textAt(property, '/description') || <span className="ph-none">–</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  ));
}

const HARMLESS = /^(https?|mailto):/i;

/** What it may be used for, and who to ask. */
export function Terms({ contract }: { contract: Contract }) {
  const team = contract.team;
  const members = Array.isArray(team) ? (team as JsonObject[]) : listAt(contract, '/team/members');
  const support = listAt(contract, '/support');
  const roles = listAt(contract, '/roles');
  return (
    <div className="ph-facts-columns">
      <section className="ph-card" aria-label="Terms">
        <div className="ph-card-head">
          <h2 className="ph-card-title">Terms</h2>
        </div>
        <Facts>
          <Fact label="Purpose">{said(textAt(contract, '/description/purpose'))}</Fact>
          <Fact label="Meant for">{said(textAt(contract, '/description/usage'))}</Fact>
          <Fact label="Limits">{said(textAt(contract, '/description/limitations'))}</Fact>
          {contract.price !== undefined && (
            <Fact label="Price">
              {`${textAt(contract, '/price/priceAmount')} ${textAt(contract, '/price/priceCurrency')}${
                textAt(contract, '/price/priceUnit') ? ` per ${textAt(contract, '/price/priceUnit')}` : ''
              }`}
            </Fact>
          )}
          {roles.map((role, index) => (
            <Fact key={index} label="Role">
              {textAt(role, '/role')}
              {textAt(role, '/access') && <span className="ph-dim"> {textAt(role, '/access')}</span>}
            </Fact>
          ))}
        </Facts>
      </section>
      <section className="ph-card" aria-label="Who to ask">
        <div className="ph-card-head">
          <h2 className="ph-card-title">Who to ask</h2>
        </div>
        <Facts>
          <Fact label="Team">{said(Array.isArray(team) ? '' : textAt(contract, '/team/name'))}</Fact>
          {members.map((member, index) => (
            <Fact key={index} label={textAt(member, '/role') || 'Member'}>
              {textAt(member, '/name') || textAt(member, '/username')}
            </Fact>
          ))}
          {support.length === 0 && <Fact label="Support">{said('')}</Fact>}
          {support.map((channel, index) => {
            const url = textAt(channel, '/url');
            return (
              <Fact key={index} label={textAt(channel, '/tool') || 'Support'}>
                {HARMLESS.test(url) ? (
                  <a className="ph-link" href={url} target="_blank" rel="noopener noreferrer">
                    {textAt(channel, '/channel')}
                  </a>
                ) : (
                  textAt(channel, '/channel')
                )}
                {textAt(channel, '/description') && (
                  <span className="ph-dim"> {textAt(channel, '/description')}</span>
                )}
              </Fact>
            );
          })}
        </Facts>
      </section>
    </div>
  );
}

/** What the contract said before, and how to have it as a file. */
export function History({ pilot, product, address }: { pilot: string; product: Product; address: string }) {
  const zone = useZone();
  const { data, error, isPending, refetch } = useQuery(productRevisionsQuery(pilot, product.name));
  return (
    <>
      <p className="ph-dim">
        The contract follows the Open Data Contract Standard v3.1.0. As a file:{' '}
        <Command text={`curl -H "Authorization: Bearer $TOKEN" ${location.origin}${address}`} />
      </p>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {isPending && <p className="ph-waiting">Loading…</p>}
      {data && (
        <div className="ph-sideways" role="group" tabIndex={0} aria-label="Revisions">
          <table className="ph-facts-table ph-roomy">
            <thead>
              <tr>
                <th scope="col" data-align="right">
                  Revision
                </th>
                <th scope="col">Version</th>
                <th scope="col">Status</th>
                <th scope="col">
                  Changed <span className="ph-unit">{zone.label}</span>
                </th>
                <th scope="col">By</th>
                <th scope="col">File</th>
              </tr>
            </thead>
            <tbody>
              {data.map((row) => (
                <tr key={row.revision}>
                  <td data-align="right" className="ph-num">
                    {count(row.revision)}
                  </td>
                  <td className="ph-num">{row.version}</td>
                  <td>
                    <State kind={STATUS_KINDS[row.status]}>{row.status}</State>
                  </td>
                  <td>
                    <Time at={row.changed_at} />
                  </td>
                  <td>{actorText(row.changed_by)}</td>
                  <td>
                    <a
                      className="ph-link"
                      href={`${address}?revision=${row.revision}`}
                      download
                      aria-label={`Revision ${row.revision} as YAML`}
                    >
                      YAML
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
