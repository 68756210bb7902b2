import { IconUpload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { notify } from '../parts/notify';
import { droppedFiles } from './files';
import type { Chosen } from './uploads';

/** The whole window takes files for as long as this is there. */
export function DropPlace({ what, onFiles }: { what: string; onFiles: (files: Chosen[]) => void }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // each element that is dragged over enters before the one before it leaves
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const move = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void droppedFiles(event.dataTransfer).then(({ files, folders }) => {
        if (folders > 0) notify('A folder is no dataset: drop its files, or pack it.');
        if (files.length > 0) onFiles(files);
      });
    };
    const listeners = [
      ['dragenter', enter],
      ['dragleave', leave],
      ['dragover', move],
      ['drop', drop],
    ] as const;
    for (const [name, listener] of listeners) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) removeEventListener(name, listener);
    };
  }, [onFiles]);
  if (!over) return null;
  return (
    <div className="ph-drop" aria-hidden>
      <div>
        <IconUpload size={28} stroke={1.5} />
        {what}
      </div>
    </div>
  );
}
