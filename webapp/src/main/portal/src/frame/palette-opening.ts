type Listener = () => void;

let listener: Listener | null = null;

/** Opens the command palette, whose code is fetched at the first wish for it. */
export function openPalette(): void {
  listener?.();
}

export function whenPaletteIsWanted(open: Listener): () => void {
  listener = open;
  return () => {
    listener = null;
  };
}
