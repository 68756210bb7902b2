import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import type { Finding } from './check';

interface Props {
  label: string;
  value: string;
  readOnly: boolean;
  findings: readonly Finding[];
  onChange: (value: string) => void;
  onSave: () => void;
  /** Rises when the first finding is to be shown. */
  goTo: number;
}

const look = EditorView.theme({
  '&': {
    height: '100%',
    fontSize: '0.78rem',
    backgroundColor: 'var(--ph-raised)',
    color: 'var(--mantine-color-text)',
  },
  '&.cm-focused': { outline: '2px solid var(--ph-accent)', outlineOffset: '-2px' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    lineHeight: '1.55',
    overflow: 'auto',
  },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--ph-sunken)',
    color: 'var(--mantine-color-dimmed)',
    borderRight: '1px solid var(--ph-line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--ph-accent) 7%, transparent)',
  },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'color-mix(in srgb, var(--ph-accent) 26%, transparent) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--ph-raised)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--ph-line)',
  },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--ph-hover)', color: 'inherit', border: 'none' },
  '.cm-matchingBracket': { backgroundColor: 'var(--ph-accent-soft) !important' },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--ph-accent-text)' },
  { tag: tags.string, color: 'var(--ph-series-4)' },
  { tag: tags.number, color: 'var(--ph-series-2)' },
  { tag: [tags.bool, tags.null], color: 'var(--ph-series-3)' },
]);

/** A JSON document with line numbers, folding and marks where something is wrong. Tab leaves it: it is no trap. */
export default function JsonEditor(props: Props) {
  const { value, readOnly, findings, goTo } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const locked = useRef(new Compartment());
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!place.current) return;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          json(),
          bracketMatching(),
          indentOnInput(),
          indentUnit.of('  '),
          highlightActiveLine(),
          syntaxHighlighting(colours),
          look,
          locked.current.of(lock(latest.current.readOnly)),
          EditorView.contentAttributes.of({
            'aria-label': latest.current.label,
            spellcheck: 'false',
            tabindex: '0',
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          keymap.of([
            {
              key: 'Mod-s',
              preventDefault: true,
              run: () => {
                latest.current.onSave();
                return true;
              },
            },
            ...lintKeymap,
            ...foldKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: locked.current.reconfigure(lock(readOnly)) });
  }, [readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = editor.state.doc.length;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        findings.map(({ from, to, message }) => ({
          from: Math.min(from, end),
          to: Math.min(Math.max(to, from), end),
          severity: 'error' as const,
          message,
        })),
      ),
    );
  }, [findings]);

  useEffect(() => {
    const editor = view.current;
    const first = latest.current.findings[0];
    if (!editor || !first || goTo === 0) return;
    const at = Math.min(first.from, editor.state.doc.length);
    editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
    editor.focus();
  }, [goTo]);

  return <div ref={place} className="ph-editor" />;
}

const lock = (readOnly: boolean) => [EditorState.readOnly.of(readOnly), EditorView.editable.of(true)];
