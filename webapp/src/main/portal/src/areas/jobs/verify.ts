import type { JsonObject } from '../../api/client';
import type { VerifySearch } from '../../router';
import { plural } from './words';

/** What is submitted: the datasets that are named, or all; every one of them, or some drawn by lot. */
export function verifyParameters({ dataset, sample, unit }: VerifySearch): JsonObject {
  return {
    ...(dataset === undefined ? {} : { datasets: dataset }),
    ...(sample === undefined ? {} : { [unit ?? 'count']: Number(sample) }),
  };
}

const wholeOf = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? String(value) : undefined;

/** The address of the form that asks for the same. */
export function verifySearch({ datasets, percent, count }: JsonObject): VerifySearch {
  const search: VerifySearch = {};
  const named = Array.isArray(datasets) ? datasets.filter((each) => typeof each === 'string') : [];
  if (named.length > 0) search.dataset = named;
  const sample = wholeOf(percent) ?? wholeOf(count);
  if (sample !== undefined) search.sample = sample;
  if (wholeOf(percent) !== undefined) search.unit = 'percent';
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
            ? `${sample} % of them, drawn by lot`
            : `${plural(Number(sample), 'dataset')} at most, drawn by lot`,
    },
  ];
}
