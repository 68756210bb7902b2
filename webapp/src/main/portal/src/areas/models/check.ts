import { syntaxPosition } from '../twins/json';
import { locate, type Span } from './pointer';

export interface Finding extends Span {
  message: string;
}

/** What can be said of the text before the platform is asked: whether it is JSON, and a Thing Model at all. */
export function check(text: string): Finding[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = Math.min(syntaxPosition(text, message) ?? 0, Math.max(0, text.length - 1));
    return [{ from: at, to: Math.min(text.length, at + 1), message: 'This is not JSON from here on' }];
  }
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return [{ from: 0, to: Math.min(1, text.length), message: 'A model is an object: { … }' }];
  }
  const model = document as Record<string, unknown>;
  const findings: Finding[] = [];
  const types = Array.isArray(model['@type']) ? model['@type'] : [model['@type']];
  if (!types.includes('tm:ThingModel')) {
    findings.push({ ...locate(text, '/@type'), message: '“@type” must be “tm:ThingModel”' });
  }
  for (const part of ['properties', 'actions', 'events']) {
    const value = model[part];
    if (value !== undefined && (value === null || typeof value !== 'object' || Array.isArray(value))) {
      findings.push({ ...locate(text, `/${part}`), message: `“${part}” must be an object` });
    }
  }
  return findings.map((finding) =>
    // a whole document underlined would say nothing
    finding.to - finding.from > 200 ? { ...finding, to: Math.min(finding.to, finding.from + 1) } : finding,
  );
}

export function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
