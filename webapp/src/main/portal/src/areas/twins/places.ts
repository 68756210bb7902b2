/** A place of the ISA-95 kind and what is below it. */
export interface Place {
  /** From the top, joined by `/`. */
  path: string;
  name: string;
  /** Twins here and below. */
  twins: number;
  below: Place[];
}

export interface PlaceTree {
  places: Place[];
  placed: number;
  unplaced: number;
}

export function partsOf(place: unknown): string[] {
  return typeof place === 'string'
    ? place
        .split('/')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    : [];
}

export function isWithin(place: unknown, path: string): boolean {
  const parts = partsOf(place);
  const wanted = partsOf(path);
  return wanted.every((part, index) => parts[index] === part);
}

const byName = new Intl.Collator('en', { numeric: true }).compare;

export function treeOf(places: Iterable<unknown>): PlaceTree {
  const top: Place = { path: '', name: '', twins: 0, below: [] };
  const known = new Map<string, Place>([['', top]]);
  let unplaced = 0;
  for (const place of places) {
    const parts = partsOf(place);
    if (parts.length === 0) {
      unplaced += 1;
      continue;
    }
    top.twins += 1;
    let above = top;
    let path = '';
    for (const name of parts) {
      path = path === '' ? name : `${path}/${name}`;
      let here = known.get(path);
      if (!here) {
        here = { path, name, twins: 0, below: [] };
        known.set(path, here);
        above.below.push(here);
      }
      here.twins += 1;
      above = here;
    }
  }
  for (const place of known.values()) place.below.sort((a, b) => byName(a.name, b.name));
  return { places: top.below, placed: top.twins, unplaced };
}

/** The rows of the tree from top to bottom, as far as they are unfolded. */
export function unfolded(
  places: readonly Place[],
  open: ReadonlySet<string>,
  level = 1,
): { place: Place; level: number }[] {
  return places.flatMap((place) => [
    { place, level },
    ...(open.has(place.path) ? unfolded(place.below, open, level + 1) : []),
  ]);
}
