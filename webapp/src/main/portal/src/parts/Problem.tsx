import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { nextStep, ProblemError } from '../api/problem';
import { Copy } from './Copy';

export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError({
    status: 500,
    code: 'portal_error',
    title: 'The portal made a mistake',
    detail: error instanceof Error ? error.message : String(error),
  });
}

/** What happened, why, what next; with the code and trace id that support asks for. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asProblem(error);
  const reference = [problem.code, problem.traceId && `trace ${problem.traceId}`].filter(Boolean).join(' · ');
  return (
    <Alert
      className="ph-problem"
      variant="default"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={problem.title}
    >
      {problem.detail && problem.detail !== problem.title && <Text size="sm">{problem.detail}</Text>}
      {problem.path && (
        <Text size="sm">
          At <code>{problem.path}</code>
        </Text>
      )}
      <Text size="sm" c="dimmed" mt={4}>
        {nextStep(problem)}
      </Text>
      <Group gap="xs" mt="xs">
        {onRetry && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconRefresh size={14} />}
            onClick={onRetry}
          >
            Try again
          </Button>
        )}
        <span className="ph-reference">{reference}</span>
        <Copy value={reference} label="Copy the code and trace id" />
      </Group>
    </Alert>
  );
}
