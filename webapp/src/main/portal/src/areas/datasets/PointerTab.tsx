import type { Dataset } from '../../api/client';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { pretty } from '../twins/json';
import { pointerEvent } from './pointer-event';
import { STATE_MEANS } from './words';

/** The event that tells readers of the dataset, as it went out. */
export function PointerTab({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const event = pointerEvent(pilot, dataset);
  if (event === null) {
    return (
      <Empty title="No pointer has gone out">
        {STATE_MEANS[dataset.state]} The pointer goes out on <code>pilot.{pilot}.datasets</code> after its
        bytes are verified, never before.
      </Empty>
    );
  }
  const text = pretty(event.data);
  return (
    <>
      <dl className="ph-line-facts ph-gap-top-small">
        <div>
          <dt>Topic</dt>
          <dd>
            <span className="ph-id">{event.topic}</span> <Copy value={event.topic} label="Copy the topic" />
          </dd>
        </div>
        <div>
          <dt>Type</dt>
          <dd className="ph-id">{event.type}</dd>
        </div>
        <div>
          <dt>Key</dt>
          <dd className="ph-id">{event.key}</dd>
        </div>
      </dl>
      <div className="ph-recipe">
        <pre className="ph-json ph-wrap" tabIndex={0} aria-label="Data of the pointer event">
          {text}
        </pre>
        <Copy value={text} label="Copy the event’s data" />
      </div>
      <p className="ph-prose ph-dim ph-gap-top-small">
        The event carries what is known of the bytes and where they are, never the bytes. It goes out anew
        when tags or retention change.
      </p>
    </>
  );
}
