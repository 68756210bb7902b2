import { Button, Group, Table } from '@mantine/core';

/** Somebody else was faster: what they wrote beside what is wanted, and the choice between the two. */
export function Conflict({
  what,
  member = '',
  differing,
  busy,
  onTake,
  onOverwrite,
}: {
  what: string;
  member?: string;
  differing: readonly { name: string; theirs: string; mine: string }[];
  busy: boolean;
  onTake: () => void;
  onOverwrite: () => void;
}) {
  return (
    <div className="ph-conflict" role="alert">
      <strong>Somebody changed {what} meanwhile</strong>
      {differing.length === 0 ? (
        <p>It is now as you wanted it.</p>
      ) : (
        <Table withRowBorders fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{member}</Table.Th>
              <Table.Th>As it is now</Table.Th>
              <Table.Th>Yours</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differing.map(({ name, theirs, mine }) => (
              <Table.Tr key={name}>
                <Table.Th>{name}</Table.Th>
                <Table.Td>{theirs}</Table.Td>
                <Table.Td>{mine}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group gap="xs" mt="sm">
        <Button variant="default" onClick={onTake}>
          Take it as it is now
        </Button>
        {differing.length > 0 && (
          <Button loading={busy} onClick={onOverwrite}>
            Save mine over it
          </Button>
        )}
      </Group>
    </div>
  );
}
