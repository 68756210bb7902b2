import type { Chosen } from './uploads';

interface PickingWindow {
  showOpenFilePicker?: (asked: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;
}

/** Asks for files; with a handle where the browser gives one, so that an upload can go on without asking again. */
export async function chooseFiles(multiple: boolean): Promise<Chosen[]> {
  const pick = (window as PickingWindow).showOpenFilePicker;
  if (pick) {
    try {
      const handles = await pick.call(window, { multiple });
      return await Promise.all(handles.map(async (handle) => ({ handle, file: await handle.getFile() })));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return [];
      // not allowed here: the plain way works everywhere
    }
  }
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = multiple;
    input.hidden = true;
    const end = (chosen: Chosen[]) => {
      input.remove();
      resolve(chosen);
    };
    input.addEventListener('change', () =>
      end([...(input.files ?? [])].map((file) => ({ file, handle: null }))),
    );
    input.addEventListener('cancel', () => end([]));
    document.body.append(input);
    input.click();
  });
}

interface HandleItem {
  getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
  webkitGetAsEntry?: () => { isDirectory: boolean } | null;
}

/** The dropped files; folders are left out, and counted. */
export async function droppedFiles(transfer: DataTransfer): Promise<{ files: Chosen[]; folders: number }> {
  // the items are gone after the event: all of them are asked for before the first is waited for
  const asked = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => {
      const own = item as unknown as HandleItem;
      return {
        folder: own.webkitGetAsEntry?.()?.isDirectory ?? false,
        file: item.getAsFile(),
        handle: own.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null),
      };
    });
  const files: Chosen[] = [];
  for (const { folder, file, handle } of asked) {
    if (folder || file === null) continue;
    const known = await handle;
    files.push({ file, handle: known?.kind === 'file' ? (known as FileSystemFileHandle) : null });
  }
  return { files, folders: asked.filter(({ folder }) => folder).length };
}
