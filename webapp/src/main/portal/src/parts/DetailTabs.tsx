import { Tabs } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

/** The tabs of a detail page; the panels are its children. */
export function DetailTabs<T extends string>({
  tabs,
  names,
  value,
  onChange,
  children,
}: {
  tabs: readonly T[];
  names: Record<T, string>;
  value: T;
  onChange: (tab: T) => void;
  children: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // on a telephone the row of tabs is wider than the window
    const list = place.current?.querySelector<HTMLElement>('[role="tablist"]');
    const active = list?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (list && active) list.scrollLeft = active.offsetLeft - (list.clientWidth - active.offsetWidth) / 2;
  }, [value]);
  return (
    <Tabs
      ref={place}
      value={value}
      onChange={(next) => onChange(next as T)}
      keepMounted={false}
      className="ph-tabs"
    >
      <Tabs.List>
        {tabs.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {names[each]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {children}
    </Tabs>
  );
}
