import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { asProblem, ProblemNote } from './Problem';
import type { ProblemError } from '../api/problem';

interface Props {
  opened: boolean;
  title: string;
  /** What will happen, in numbers where there are any. */
  children: ReactNode;
  action: string;
  danger?: boolean;
  /** Where “Cancel” could be taken for the act itself. */
  dismiss?: string;
  /** Only where there is no undo: the word that has to be typed. */
  typed?: string;
  /** It cannot be done as things stand; the text says why. */
  blocked?: boolean;
  run: () => Promise<void>;
  onClose: () => void;
}

/** Asks before an act that others will notice. */
export function Confirm(props: Props) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {props.opened && <ConfirmBody {...props} />}
    </Modal>
  );
}

function ConfirmBody({
  children,
  action,
  danger = false,
  dismiss = 'Cancel',
  typed,
  blocked = false,
  run,
  onClose,
}: Props) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        setProblem(null);
        try {
          await run();
          onClose();
        } catch (error) {
          setProblem(asProblem(error));
        } finally {
          setBusy(false);
        }
      }}
    >
      <div className="ph-prose">{children}</div>
      {typed !== undefined && (
        <TextInput
          mt="md"
          label={
            <>
              There is no undo. Type <code>{typed}</code> to go on
            </>
          }
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      )}
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          {dismiss}
        </Button>
        <Button
          type="submit"
          color={danger ? 'red.8' : undefined}
          loading={busy}
          disabled={blocked || (typed !== undefined && text !== typed)}
        >
          {action}
        </Button>
      </Group>
    </form>
  );
}
