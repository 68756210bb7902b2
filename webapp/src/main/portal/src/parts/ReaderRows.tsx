import { useQuery } from '@tanstack/react-query';
import { readersQuery } from '../api/queries';
import { readerKind } from '../frame/engine-summary';
import { count, rate } from './format';
import { ProblemNote } from './Problem';
import { State } from './State';

export function ReaderRows() {
  const { data, error, refetch } = useQuery(readersQuery);
  if (!data && error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return (
    <table className="ph-facts-table">
      <thead>
        <tr>
          <th scope="col">Reader</th>
          <th scope="col">State</th>
          <th scope="col" data-align="right">
            Lag <span className="ph-unit">events</span>
          </th>
          <th scope="col" data-align="right">
            Rate <span className="ph-unit">/s</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {(data ?? []).map((reader) => (
          <tr key={reader.name}>
            <td title={reader.topics}>{reader.name}</td>
            <td>
              <State kind={readerKind(reader)}>{reader.state}</State>
            </td>
            <td data-align="right" className="ph-num">
              {typeof reader.lag === 'number' ? count(reader.lag) : '–'}
            </td>
            <td data-align="right" className="ph-num">
              {typeof reader.records_per_second === 'number' ? rate(reader.records_per_second) : '–'}
            </td>
          </tr>
        ))}
        {data?.length === 0 && (
          <tr>
            <td colSpan={4} className="ph-dim">
              No reader runs on this node.
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
