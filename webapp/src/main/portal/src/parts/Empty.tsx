import type { ReactNode } from 'react';

/** What this place is for, and the one thing that fills it. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="ph-empty">
      <strong>{title}</strong>
      <div>{children}</div>
      {action && <div className="ph-empty-action">{action}</div>}
    </div>
  );
}
