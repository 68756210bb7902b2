import { Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, body } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { LEVELS } from './relations';

interface Props {
  pilot: string;
  models: string[];
  place: string | undefined;
  onDone: (twin: string) => void;
}

export function AddTwin({ pilot, models, place, onDone }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = useForm({
    initialValues: {
      twin: '',
      model: null as string | null,
      name: '',
      place: place ?? '',
      level: null as string | null,
    },
    validate: {
      twin: (value) =>
        /^[a-z0-9][a-z0-9._-]{0,127}$/.test(value)
          ? null
          : 'Small letters, digits, . _ and -, at most 128; it begins with a letter or digit',
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(async (values) => {
        setBusy(true);
        setProblem(null);
        const attributes = {
          ...(values.name.trim() ? { name: values.name.trim() } : {}),
          ...(values.place.trim() ? { place: values.place.trim() } : {}),
          ...(values.level ? { level: values.level } : {}),
        };
        try {
          await body(
            api.PUT('/api/v1/pilots/{pilot}/twins/{twin}', {
              params: { path: { pilot, twin: values.twin } },
              // a twin that is there already must not be said anew by mistake
              headers: { 'If-None-Match': '*' },
              body: { model: values.model, attributes: attributes as Record<string, never> },
            }),
          );
          onDone(values.twin);
        } catch (error) {
          const refused = asProblem(error);
          if ([409, 412, 428].includes(refused.status)) {
            form.setFieldError('twin', 'There is a twin of that id already');
          } else {
            setProblem(refused);
          }
          setBusy(false);
        }
      })}
    >
      <TextInput
        label="Id"
        description="What telemetry names it by; it cannot be changed later"
        placeholder="pump-04"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('twin')}
      />
      <Select
        mt="sm"
        label="Model"
        description="What it may report, with units and ranges; without one it takes anything"
        placeholder="None"
        clearable
        searchable
        data={models}
        {...form.getInputProps('model')}
      />
      <TextInput mt="sm" label="Name" placeholder="Feed pump, left" {...form.getInputProps('name')} />
      <TextInput
        mt="sm"
        label="Place"
        description="Enterprise, site, area, line and cell, joined by /"
        placeholder="aurora/rome/hall-1/line-a"
        {...form.getInputProps('place')}
      />
      <Select
        mt="sm"
        label="Level"
        description="In the equipment hierarchy of ISA-95, where it has one: it may only contain what is lower"
        placeholder="None"
        clearable
        data={[...LEVELS]}
        {...form.getInputProps('level')}
      />
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg">
        <Button type="submit" loading={busy}>
          Add
        </Button>
      </Group>
    </form>
  );
}
