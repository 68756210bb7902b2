import { useEffect, type ReactNode } from 'react';

export function PageHead({
  title,
  note,
  children,
}: {
  title: string;
  note?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Pilothouse`;
  }, [title]);
  return (
    <header className="ph-head">
      <div className="ph-head-title">
        <h1>{title}</h1>
        {note && <div className="ph-head-note">{note}</div>}
      </div>
      {children && <div className="ph-head-actions">{children}</div>}
    </header>
  );
}
