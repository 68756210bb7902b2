import { Button, Container } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { asProblem, ProblemNote } from '../parts/Problem';

export function Failure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryClient();
  const problem = asProblem(error);
  const retry = () => {
    queries.removeQueries({ predicate: (query) => query.state.status === 'error' });
    reset();
    void router.invalidate();
  };
  return (
    <Container size="sm" py="xl" component="main">
      <ProblemNote error={problem} onRetry={problem.status === 403 ? undefined : retry} />
      <Button component={Link} to="/" variant="default" mt="md">
        Go to the start page
      </Button>
    </Container>
  );
}

export function NotFound() {
  return (
    <Container size="sm" py="xl" component="main">
      <h1>There is nothing here</h1>
      <p>The address may be mistyped, or the area comes with a later version.</p>
      <Button component={Link} to="/" variant="default">
        Go to the start page
      </Button>
    </Container>
  );
}
