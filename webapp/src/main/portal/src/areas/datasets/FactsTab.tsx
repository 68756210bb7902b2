import { Button } from '@mantine/core';
import type { Dataset } from '../../api/client';
import { Copy } from '../../parts/Copy';
import { Fact, Facts } from '../../parts/Facts';
import { actorText, bytes, count } from '../../parts/format';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { otherTags } from './governance';
import { origin } from './words';

const text = (value: unknown) =>
  value === undefined || value === '' ? <span className="ph-none">not said</span> : String(value);
const yesNo = (value: unknown) =>
  value === undefined ? <span className="ph-none">not said</span> : value === true ? 'yes' : 'no';

/** What is known of the dataset, and what governs it. */
export function FactsTab({ dataset, onEdit }: { dataset: Dataset; onEdit?: () => void }) {
  const zone = useZone();
  const { tags } = dataset;
  return (
    <div className="ph-facts-columns">
      <section className="ph-card" aria-label="Governance">
        <div className="ph-card-head">
          <h2 className="ph-card-title">What governs it</h2>
          {onEdit && dataset.state !== 'deleted' && (
            <Button size="compact-xs" variant="default" onClick={onEdit}>
              Edit
            </Button>
          )}
        </div>
        <Facts>
          <Fact label="Classification">{text(tags.classification)}</Fact>
          <Fact label="Personal data">{yesNo(tags.personal_data)}</Fact>
          <Fact label="Legal hold">
            {tags.legal_hold === true ? 'yes: it is not deleted and does not expire' : yesNo(tags.legal_hold)}
          </Fact>
          <Fact label="Licence">{text(tags.licence)}</Fact>
          <Fact label="Owner">{text(tags.owner)}</Fact>
          <Fact label="Purpose">{text(tags.purpose)}</Fact>
          {otherTags(tags).map(([name, value]) => (
            <Fact key={name} label={name}>
              {String(value)}
            </Fact>
          ))}
          <Fact label="Kept">
            {dataset.retention_days === null ? 'for ever' : `${count(dataset.retention_days)} days`}
          </Fact>
          <Fact label={`Expires, ${zone.label}`}>
            {dataset.expires_at ? (
              <Time at={dataset.expires_at} />
            ) : (
              <span className="ph-none">
                {dataset.retention_days !== null && dataset.available_at === null
                  ? 'counted from when it is available'
                  : 'never'}
              </span>
            )}
          </Fact>
        </Facts>
      </section>
      <section className="ph-card" aria-label="The bytes">
        <div className="ph-card-head">
          <h2 className="ph-card-title">The bytes</h2>
        </div>
        <Facts>
          <Fact label="Size">
            <span className="ph-num">
              {bytes(dataset.size_bytes)} <span className="ph-dim">{count(dataset.size_bytes)} bytes</span>
            </span>
          </Fact>
          <Fact label="Type">
            {dataset.media_type}
            {dataset.declared_media_type && dataset.declared_media_type !== dataset.media_type && (
              <span className="ph-outside"> declared as {dataset.declared_media_type}</span>
            )}
          </Fact>
          <Fact label="Schema">
            {dataset.schema_ref ? (
              <>
                <span className="ph-id">{dataset.schema_ref}</span>{' '}
                <Copy value={dataset.schema_ref} label="Copy the schema’s URI" />
              </>
            ) : (
              <span className="ph-none">none</span>
            )}
          </Fact>
          <Fact label="Checksum">
            {dataset.checksum ? (
              <>
                <span className="ph-id">{dataset.checksum}</span>{' '}
                <span className="ph-dim">
                  {dataset.available_at === null ? 'as declared' : 'of the bytes, verified'}
                </span>
              </>
            ) : (
              <span className="ph-none">not known yet</span>
            )}
          </Fact>
          <Fact label="Object">
            {dataset.object_uri ? (
              <>
                <span className="ph-id">{dataset.object_uri}</span>{' '}
                <Copy value={dataset.object_uri} label="Copy the object’s URI" />
              </>
            ) : (
              <span className="ph-none">nothing to point to</span>
            )}
          </Fact>
          <Fact label="Rests">
            {dataset.lineage.kind === 'registration'
              ? 'at the pilot’s own endpoint; the platform only reads it'
              : 'in the consortium’s bucket'}
          </Fact>
          <Fact label="Made by">{origin(dataset.lineage)}</Fact>
          <Fact label={`Created, ${zone.label}`}>
            <Time at={dataset.created_at} />{' '}
            <span className="ph-dim">by {actorText(dataset.created_by)}</span>
          </Fact>
          <Fact label={`Available, ${zone.label}`}>
            {dataset.available_at ? (
              <Time at={dataset.available_at} />
            ) : (
              <span className="ph-none">not yet</span>
            )}
          </Fact>
          {dataset.removed_after && (
            <Fact label={`Bytes stay until, ${zone.label}`}>
              <Time at={dataset.removed_after} />
            </Fact>
          )}
        </Facts>
      </section>
    </div>
  );
}
