import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { modelQuery } from '../../api/queries';
import { readModel, type ThingModel } from './thing-model';

const NONE: ReadonlyMap<string, ThingModel> = new Map();

/** The models of that names, as far as they have come. */
export function useModels(pilot: string, names: readonly string[]): ReadonlyMap<string, ThingModel> {
  const documents = useQueries({
    queries: names.map((name) => modelQuery(pilot, name)),
    combine: (answers) => answers.map((answer) => answer.data?.value),
  });
  return useMemo(() => {
    if (documents.length === 0) return NONE;
    const found = new Map<string, ThingModel>();
    documents.forEach((document, at) => {
      const name = names[at];
      if (document && name !== undefined) found.set(name, readModel(document));
    });
    return found;
  }, [documents, names]);
}
