import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { Field, Filled } from './schema-form';
import { unitText } from './thing-model';

interface Props {
  field: Field;
  filled: Filled;
  faults: Record<string, string>;
  onChange: (pointer: string, value: string | number | boolean | undefined) => void;
}

/** The fields that a schema asks for, nested objects in a frame of their own. */
export function SchemaFields({ field, filled, faults, onChange }: Props) {
  if (field.kind === 'object') {
    const below = field.below.map((each) => (
      <SchemaFields key={each.pointer} field={each} filled={filled} faults={faults} onChange={onChange} />
    ));
    if (field.pointer === '') return <>{below}</>;
    return (
      <fieldset className="ph-fieldset">
        <legend>{field.label}</legend>
        {field.description && <p className="ph-dim ph-small">{field.description}</p>}
        {below}
      </fieldset>
    );
  }
  const value = filled[field.pointer];
  const unit = unitText(field.unit);
  const common = {
    mt: 'sm' as const,
    label: unit ? `${field.label}, ${unit}` : field.label,
    description: [field.description, bounds(field)].filter(Boolean).join(' ') || undefined,
    withAsterisk: field.required,
    error: faults[field.pointer],
  };
  switch (field.kind) {
    case 'choice':
      return (
        <Select
          {...common}
          data={field.choices.map((each, at) => ({ value: String(at), label: String(each) }))}
          value={value === undefined ? null : String(field.choices.indexOf(value))}
          clearable={!field.required}
          allowDeselect={!field.required}
          placeholder="Choose"
          onChange={(at) => onChange(field.pointer, at === null ? undefined : field.choices[Number(at)])}
        />
      );
    case 'boolean':
      return (
        <Switch
          mt="md"
          label={common.label}
          description={field.description}
          error={common.error}
          checked={value === true}
          onChange={(event) => onChange(field.pointer, event.currentTarget.checked)}
        />
      );
    case 'number':
    case 'integer':
      return (
        <NumberInput
          {...common}
          allowDecimal={field.kind === 'number'}
          value={typeof value === 'number' ? value : ''}
          step={field.multipleOf ?? 1}
          onChange={(next) => onChange(field.pointer, next === '' ? undefined : Number(next))}
        />
      );
    case 'string': {
      const text = {
        ...common,
        value: typeof value === 'string' ? value : '',
        onChange: (event: { currentTarget: { value: string } }) =>
          onChange(
            field.pointer,
            event.currentTarget.value === '' && !field.required ? undefined : event.currentTarget.value,
          ),
      };
      return (field.maxLength ?? 0) > 200 ? (
        <Textarea {...text} autosize minRows={2} maxRows={8} />
      ) : (
        <TextInput {...text} />
      );
    }
  }
}

function bounds(field: Field): string {
  if (field.kind !== 'number' && field.kind !== 'integer') return '';
  const { minimum, maximum } = field;
  if (minimum !== null && maximum !== null) return `From ${minimum} to ${maximum}.`;
  if (minimum !== null) return `At least ${minimum}.`;
  if (maximum !== null) return `At most ${maximum}.`;
  return '';
}
