import type { Dataset, Replayability } from '../../api/client';
import { State } from '../../parts/State';
import { marks, REPLAY_WORDS, STATE_KINDS, STATE_MEANS, STATE_WORDS } from './words';

export function Marks({ dataset }: { dataset: Pick<Dataset, 'tags'> }) {
  const found = marks(dataset);
  if (found.length === 0) return <span className="ph-none">–</span>;
  return (
    <span className="ph-tags">
      {found.map(({ text, grave }) => (
        <span key={text} className="ph-tag" data-grave={grave || undefined}>
          {text}
        </span>
      ))}
    </span>
  );
}

export function DatasetStateMark({ state }: { state: Dataset['state'] }) {
  return (
    <span title={STATE_MEANS[state]}>
      <State kind={STATE_KINDS[state]}>{STATE_WORDS[state]}</State>
    </span>
  );
}

export function ReplayMark({ state }: { state: Replayability['state'] }) {
  const { name, kind, means } = REPLAY_WORDS[state];
  return (
    <span title={means}>
      <State kind={kind}>{name}</State>
    </span>
  );
}
