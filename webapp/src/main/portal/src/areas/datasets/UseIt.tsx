import type { Dataset } from '../../api/client';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { snippets } from './snippets';
import { STATE_MEANS } from './words';

/** Commands and code to copy, made out for this dataset. */
export function UseIt({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  if (dataset.state !== 'available') {
    return <Empty title="There is nothing to read yet">{STATE_MEANS[dataset.state]}</Empty>;
  }
  return (
    <div className="ph-snippets">
      {snippets(pilot, dataset, location.origin).map(({ id, title, note, text }) => (
        <section key={id} aria-label={title}>
          <h2 className="ph-card-title">{title}</h2>
          <p className="ph-dim ph-small">{note}</p>
          <div className="ph-recipe">
            <pre className="ph-json" tabIndex={0} aria-label={`${title}, to copy`}>
              {text}
            </pre>
            <Copy value={text} label={`Copy for ${title}`} />
          </div>
        </section>
      ))}
    </div>
  );
}
