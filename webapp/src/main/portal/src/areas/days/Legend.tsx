import type { Dump } from '../../api/client';
import { count } from '../../parts/format';
import { DAY_FILTERS, type DayFilter } from '../../router';
import { DayGlyph } from './DayGlyph';
import { LOOK_WORDS, lookOf } from './words';

export const fits = (dump: Dump, show: readonly DayFilter[] | undefined) =>
  show === undefined ||
  show.length === 0 ||
  show.includes(lookOf(dump)) ||
  (show.includes('late') && dump.late_waiting > 0);

/** What the shapes mean, how many days look so, and a filter by it. */
export function Legend({
  days,
  show,
  onChange,
}: {
  days: readonly Dump[];
  show: readonly DayFilter[] | undefined;
  onChange: (show: DayFilter[] | undefined) => void;
}) {
  const howMany = new Map<DayFilter, number>();
  for (const dump of days) {
    const look = lookOf(dump);
    howMany.set(look, (howMany.get(look) ?? 0) + 1);
    if (dump.late_waiting > 0) howMany.set('late', (howMany.get('late') ?? 0) + 1);
  }
  const toggle = (filter: DayFilter) => {
    const next = show?.includes(filter) ? show.filter((each) => each !== filter) : [...(show ?? []), filter];
    onChange(next.length === 0 ? undefined : DAY_FILTERS.filter((each) => next.includes(each)));
  };
  return (
    <div className="ph-day-legend" role="group" aria-label="Show only days that are">
      {DAY_FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          className="ph-day-key"
          aria-pressed={show?.includes(filter) ?? false}
          data-none={!howMany.has(filter) || undefined}
          title={
            filter === 'late'
              ? 'Records that came after the close, and are in no revision yet'
              : LOOK_WORDS[filter].means
          }
          onClick={() => toggle(filter)}
        >
          {filter === 'late' ? (
            <span className="ph-day-late" aria-hidden>
              +
            </span>
          ) : (
            <DayGlyph look={filter} />
          )}
          {filter === 'late' ? 'late waiting' : LOOK_WORDS[filter].name}
          <strong className="ph-num">{count(howMany.get(filter) ?? 0)}</strong>
        </button>
      ))}
    </div>
  );
}
