import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef, type CSSProperties, type ReactNode } from 'react';
import { BOX, draw, type Bundle, type GraphEdge, type GraphNode } from './graph-layout';

const LEAST_SCALE = 0.7;
/** Of the frame around the picture. */
const EDGES = 2;

/** Boxes and the lines between them, to click or tab through; a table beside it says the same in words. */
export function GraphPicture<N extends GraphNode>({
  label,
  graph,
  centre,
  lineLabel,
  box,
  caption,
}: {
  label: string;
  graph: { nodes: readonly N[]; edges: readonly GraphEdge[] };
  /** The id of the box that is in sight at first. */
  centre: string;
  lineLabel: (bundle: Bundle) => string;
  /** A box; its place is in the style. */
  box: (node: N, style: CSSProperties) => ReactNode;
  caption: (drawn: { partial: boolean; nodes: number; edges: number }) => ReactNode;
}) {
  const picture = useMemo(() => draw(graph, lineLabel), [graph, lineLabel]);
  const room = useRef<HTMLDivElement>(null);
  const { ref: frame, width: wide } = useElementSize<HTMLElement>();
  // a picture that is a little too wide is made smaller; a larger one is moved about in, as it is
  const fitting = (wide - EDGES) / Math.max(1, picture.width);
  const scale = fitting >= LEAST_SCALE ? Math.min(1, fitting) : 1;
  const middle = picture.nodes.find(({ node }) => node.id === centre);
  const x = middle?.x ?? 0;
  const y = middle?.y ?? 0;
  useEffect(() => {
    const place = room.current;
    if (!place) return;
    place.scrollLeft = x * scale - place.clientWidth / 2;
    place.scrollTop = y * scale - place.clientHeight / 2;
  }, [x, y, scale]);
  const note = caption({
    partial: picture.partial,
    nodes: picture.nodes.length,
    edges: picture.edges.length,
  });
  return (
    <figure className="ph-graph" ref={frame}>
      <div className="ph-graph-room" ref={room} role="group" tabIndex={0} aria-label={label}>
        <div
          className="ph-graph-paper"
          style={{ width: picture.width * scale, height: picture.height * scale }}
        >
          <div className="ph-graph-scaled" style={{ transform: `scale(${scale})` }}>
            <svg width={picture.width} height={picture.height} aria-hidden>
              <defs>
                <marker
                  id="ph-graph-tip"
                  viewBox="0 0 8 8"
                  refX="7.5"
                  refY="4"
                  markerWidth="8"
                  markerHeight="8"
                  markerUnits="userSpaceOnUse"
                  orient="auto"
                >
                  <path d="M0,0.5 L8,4 L0,7.5 z" />
                </marker>
              </defs>
              {picture.edges.map(({ bundle, path }) => (
                <path
                  key={bundle.key}
                  d={path}
                  className="ph-graph-edge"
                  data-type={bundle.type}
                  markerEnd="url(#ph-graph-tip)"
                />
              ))}
              {picture.edges.map(({ bundle, x: left, y: top }) => (
                <text key={bundle.key} x={left} y={top} className="ph-graph-label">
                  {lineLabel(bundle)}
                </text>
              ))}
            </svg>
            {picture.nodes.map(({ node, x: left, y: top }) =>
              box(node, {
                left: left - BOX.width / 2,
                top: top - BOX.height / 2,
                width: BOX.width,
                height: BOX.height,
              }),
            )}
          </div>
        </div>
      </div>
      {note && <figcaption className="ph-note">{note}</figcaption>}
    </figure>
  );
}
