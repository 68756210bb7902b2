import { Button, Group, Popover } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { useState } from 'react';
import { serverNow } from '../api/clock';
import { InstantInput, useInstantText } from './InstantInput';

const DAY = 86_400_000;

/** Narrows a list to a time: the last days at one click, or any two instants. */
export function Created({
  label,
  describedAs,
  from,
  to,
  onPick,
}: {
  label: string;
  /** What the time is of, for the dialog. */
  describedAs: string;
  from: string | undefined;
  to: string | undefined;
  onPick: (change: { from?: string; to?: string }) => void;
}) {
  const { textOf, isoOf } = useInstantText();
  const [opened, setOpened] = useState(false);
  const [first, setFirst] = useState('');
  const [last, setLast] = useState('');
  const write = (iso: string | undefined) => (iso === undefined ? '' : textOf(Date.parse(iso)));
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus shadow="md" withinPortal>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCalendar size={14} />}
          onClick={() => {
            setFirst(write(from));
            setLast(write(to));
            setOpened((before) => !before);
          }}
        >
          {label}…
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={describedAs}>
        <Group gap={6} mb="sm">
          {(
            [
              ['24 h', DAY],
              ['7 days', 7 * DAY],
              ['30 days', 30 * DAY],
            ] as const
          ).map(([span, length]) => (
            <Button
              key={span}
              size="compact-xs"
              variant="default"
              onClick={() => {
                onPick({ from: new Date(serverNow() - length).toISOString(), to: undefined });
                setOpened(false);
              }}
            >
              Last {span}
            </Button>
          ))}
        </Group>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onPick({ from: isoOf(first), to: isoOf(last) });
            setOpened(false);
          }}
        >
          <InstantInput label="Since" value={first} onChange={setFirst} autoFocus />
          <div className="ph-gap-top-small">
            <InstantInput label="Before" value={last} onChange={setLast} />
          </div>
          <Group justify="flex-end" mt="sm">
            <Button type="submit">Show</Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
