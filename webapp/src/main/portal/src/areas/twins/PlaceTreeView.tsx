import { IconChevronRight } from '@tabler/icons-react';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { count } from '../../parts/format';
import { partsOf, unfolded, type PlaceTree } from './places';

interface Props {
  tree: PlaceTree;
  chosen: string | undefined;
  onChoose: (path: string | undefined) => void;
}

/** Enterprise, site, area, line, cell: worked by arrows as trees are. */
export function PlaceTreeView({ tree, chosen, onChoose }: Props) {
  const [folding, setFolding] = useState<ReadonlyMap<string, boolean>>(new Map());
  const list = useRef<HTMLUListElement>(null);
  const open = useMemo(() => {
    const paths = new Set<string>();
    // one enterprise alone says nothing: its sites are shown at once
    for (const top of tree.places) if (tree.places.length <= 3) paths.add(top.path);
    const parts = partsOf(chosen);
    parts.forEach((_part, at) => paths.add(parts.slice(0, at + 1).join('/')));
    for (const [path, wanted] of folding) if (wanted) paths.add(path);
    for (const [path, wanted] of folding) if (!wanted) paths.delete(path);
    return paths;
  }, [tree, chosen, folding]);
  const rows = unfolded(tree.places, open);
  const [at, setAt] = useState<string | null>(null);
  const current = rows.some(({ place }) => place.path === at) ? at : (chosen ?? rows[0]?.place.path);

  const fold = (path: string, wanted: boolean) => setFolding((before) => new Map(before).set(path, wanted));
  const focus = (path: string | undefined) => {
    if (path === undefined) return;
    setAt(path);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const index = rows.findIndex(({ place }) => place.path === current);
    const row = rows[index];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const { place } = row;
    const isOpen = open.has(place.path);
    switch (event.key) {
      case 'ArrowDown':
      case 'j':
        focus(rows[index + 1]?.place.path);
        break;
      case 'ArrowUp':
      case 'k':
        focus(rows[index - 1]?.place.path);
        break;
      case 'Home':
        focus(rows[0]?.place.path);
        break;
      case 'End':
        focus(rows[rows.length - 1]?.place.path);
        break;
      case 'ArrowRight':
        if (place.below.length > 0 && !isOpen) fold(place.path, true);
        else if (place.below.length > 0) focus(place.below[0]?.path);
        break;
      case 'ArrowLeft':
        if (place.below.length > 0 && isOpen) fold(place.path, false);
        else focus(partsOf(place.path).slice(0, -1).join('/') || undefined);
        break;
      case 'Enter':
      case ' ':
        onChoose(chosen === place.path ? undefined : place.path);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <>
      <ul role="tree" aria-label="Places" className="ph-tree" ref={list} onKeyDown={onKeyDown}>
        {rows.map(({ place, level }) => (
          <li
            key={place.path}
            role="treeitem"
            data-path={place.path}
            aria-level={level}
            aria-selected={chosen === place.path}
            aria-expanded={place.below.length > 0 ? open.has(place.path) : undefined}
            tabIndex={place.path === current ? 0 : -1}
            style={{ paddingLeft: 6 + (level - 1) * 14 }}
            onClick={() => {
              setAt(place.path);
              onChoose(chosen === place.path ? undefined : place.path);
            }}
            title={place.path}
          >
            <span
              className="ph-tree-fold"
              data-open={open.has(place.path)}
              data-none={place.below.length === 0 || undefined}
              aria-hidden
              onClick={(event) => {
                if (place.below.length === 0) return;
                event.stopPropagation();
                fold(place.path, !open.has(place.path));
              }}
            >
              <IconChevronRight size={14} />
            </span>
            <span className="ph-clip">{place.name}</span>
            <span className="ph-dim ph-num ph-push">{count(place.twins)}</span>
          </li>
        ))}
      </ul>
      {tree.unplaced > 0 && (
        <p className="ph-dim ph-small ph-tree-note">{count(tree.unplaced)} without a place</p>
      )}
    </>
  );
}
