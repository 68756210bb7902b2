import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { twinPathQuery } from '../../api/queries';

/** What contains the twin, from the top, as a way back up. */
export function Hierarchy({ pilot, twin }: { pilot: string; twin: string }) {
  const path = useQuery(twinPathQuery(pilot, twin)).data;
  const above = path?.items.slice(0, -1) ?? [];
  if (!path || above.length === 0) return null;
  return (
    <nav className="ph-hierarchy" aria-label="Hierarchy">
      <ol>
        {path.truncated && <li>…</li>}
        {above.map((node) => (
          <li key={node.twin_id}>
            <Link
              className="ph-link"
              to="/p/$pilot/twins/$twin"
              params={{ pilot, twin: node.twin_id }}
              search={{}}
              title={node.level ? `${node.level} ${node.twin_id}` : node.twin_id}
            >
              {node.name ?? node.twin_id}
            </Link>
          </li>
        ))}
        <li aria-current="page">{path.items[path.items.length - 1]?.name ?? twin}</li>
      </ol>
    </nav>
  );
}
