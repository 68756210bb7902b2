import type { Lineage } from '../../api/client';

/** How many steps before (negative) or after the dataset the others are; those that are neither are left out. */
export function relationTo(own: string, edges: Lineage['edges']): Map<string, number> {
  const found = new Map<string, number>([[own, 0]]);
  const walk = (from: 'input' | 'output', to: 'input' | 'output', sign: 1 | -1) => {
    let edge = [own];
    for (let steps = 1; edge.length > 0; steps++) {
      const next: string[] = [];
      for (const each of edges) {
        if (!edge.includes(each[from]) || found.has(each[to])) continue;
        found.set(each[to], sign * steps);
        next.push(each[to]);
      }
      edge = next;
    }
  };
  walk('output', 'input', -1);
  walk('input', 'output', 1);
  return found;
}
