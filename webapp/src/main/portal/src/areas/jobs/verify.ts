import type { JsonObject } from '../../api/client';
import type { VerifySearch } from '../../router';
import { plural } from './words';

/** What is submitted: the datasets that are named, or all; the whole of them, or a sample. */
export function verifyParameters({ dataset, sample, unit }: VerifySearch): JsonObject {
  return {
    ...(dataset === undefined ? { all: true } : { datasets: dataset }),
    ...(sample === undefined
      ? {}
      : { sample: unit === 'percent' ? { percent: Number(sample) } : { datasets: Number(sample) } }),
  };
}

const wholeOf = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? String(value) : undefined;

/** The address of the form that asks for the same. */
export function verifySearch(parameters: JsonObject): VerifySearch {
  const { datasets } = parameters;
  const sample = (parameters.sample ?? {}) as { percent?: unknown; datasets?: unknown };
  const percent = wholeOf(sample.percent);
  const search: VerifySearch = {};
  if (Array.isArray(datasets)) search.dataset = datasets.filter((each) => typeof each === 'string');
  const many = percent ?? wholeOf(sample.datasets);
  if (many !== undefined) search.sample = many;
  if (percent !== undefined) search.unit = 'percent';
  return search;
}

export function verifyWords(parameters: JsonObject): { label: string; text: string }[] {
  const { dataset, sample, unit } = verifySearch(parameters);
  return [
    {
      label: 'Reads again',
      text: dataset === undefined ? 'all that is available' : plural(dataset.length, 'dataset'),
    },
    {
      label: 'How many of them',
      text:
        sample === undefined
          ? 'every one'
          : unit === 'percent'
            ? `${sample} % of them, by chance`
            : `${plural(Number(sample), 'dataset')}, by chance`,
    },
  ];
}
