import type { Command, Fact } from '../../api/client';
import type { MarkKind } from '../../router';
import { factLine, factTitle } from './facts';
import type { Window } from './ranges';

/** What is drawn, so that a state is known without its colour. */
export type MarkShape =
  | 'pending'
  | 'delivered'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'superseded'
  | 'alert'
  | 'cleared'
  | 'fact';

/** Something that happened to a twin, or that it was told, at its place on the time axis. */
export interface Mark {
  key: string;
  kind: MarkKind;
  shape: MarkShape;
  /** Milliseconds since 1970. */
  at: number;
  /** When a command ended; `null` while it is open, and for what has no length. */
  end: number | null;
  title: string;
  /** What is to be said beside the title, or nothing. */
  line: string;
  what: { command: Command } | { fact: Fact };
}

/** The name of a command in words where it is one of the platform's own. */
export const commandTitle = (name: string) => (name === '$desired' ? 'Desired properties' : name);

export const COMMAND_WORDS: Record<Command['state'], string> = {
  pending: 'pending',
  delivered: 'delivered',
  succeeded: 'succeeded',
  failed: 'failed',
  timed_out: 'timed out',
  superseded: 'superseded',
};

const ALERT = /^alert(s|ed)?([._-]|$)|[._-]alerted$/;
const OVER = /clear|clos|resolv|ended/;

export const isOpen = ({ state }: Pick<Command, 'state'>) => state === 'pending' || state === 'delivered';

function ofCommand(command: Command): Mark {
  const word = COMMAND_WORDS[command.state];
  return {
    key: `command ${command.command_id}`,
    kind: 'commands',
    shape: command.state,
    at: Date.parse(command.created_at),
    end: command.ended_at ? Date.parse(command.ended_at) : null,
    title: commandTitle(command.name),
    line: command.error ? `${word}: ${command.error}` : word,
    what: { command },
  };
}

/** The state that a fact of a command tells of; commands are forgotten before what is said of them. */
function toldState({ type, data }: Fact): MarkShape {
  const states = Object.keys(COMMAND_WORDS) as Command['state'][];
  return states.find((state) => state === data.state) ?? (type === 'command.sent' ? 'pending' : 'fact');
}

function ofFact(fact: Fact): Mark {
  const aboutCommand = fact.type.startsWith('command.');
  const alert = ALERT.test(fact.type);
  return {
    key: `fact ${fact.id ?? `${fact.time} ${fact.type}`}`,
    kind: aboutCommand ? 'commands' : alert ? 'alerts' : 'facts',
    shape: aboutCommand ? toldState(fact) : alert ? (OVER.test(fact.type) ? 'cleared' : 'alert') : 'fact',
    at: Date.parse(fact.time),
    end: null,
    title: factTitle(fact),
    line: factLine(fact),
    what: { fact },
  };
}

/** Oldest first. A command tells of its sending and its end itself, so that the facts of both are left out. */
export function marksOf(commands: readonly Command[], facts: readonly Fact[]): Mark[] {
  const known = new Set(commands.map(({ command_id }) => command_id));
  return [
    ...commands.map(ofCommand),
    ...facts.filter(({ data }) => !known.has(String(data.command_id))).map(ofFact),
  ]
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

/** Where a mark ends that is still going on: at the present. */
export const endOf = (mark: Mark, now: number) =>
  'command' in mark.what && mark.end === null && isOpen(mark.what.command)
    ? Math.max(mark.at, now)
    : (mark.end ?? mark.at);

export function inWindow(marks: readonly Mark[], window: Window, now: number): Mark[] {
  return marks.filter((mark) => mark.at <= window.to && endOf(mark, now) >= window.from);
}

export interface Group {
  /** In pixels, its middle. */
  x: number;
  marks: Mark[];
}

/** Marks closer than this are one. */
const APART_PX = 8;
const GLYPH_PX = 12;
const COUNT_PX = 24;

const widthOf = (group: Group) => (group.marks.length > 1 ? COUNT_PX : GLYPH_PX);

/**
 * Puts together what would lie on top of one another; what began before the axis stands at its edge.
 *
 * @param marks oldest first
 */
export function grouped(marks: readonly Mark[], window: Window, width: number): Group[] {
  const span = window.to - window.from;
  if (width <= 0 || span <= 0) return [];
  const found: Group[] = [];
  for (const mark of marks) {
    const share = Math.min(1, Math.max(0, (mark.at - window.from) / span));
    let last: Group = { x: share * width, marks: [mark] };
    for (let before = found[found.length - 1]; before !== undefined; before = found[found.length - 1]) {
      const apart = last.x - before.x;
      if (apart >= APART_PX && apart >= (widthOf(last) + widthOf(before)) / 2) break;
      found.pop();
      const [mine, theirs] = [last.marks.length, before.marks.length];
      last = {
        x: (last.x * mine + before.x * theirs) / (mine + theirs),
        marks: [...before.marks, ...last.marks],
      };
    }
    found.push(last);
  }
  return found;
}

/** The worst of them, which stands for a group. */
export function shapeOf(marks: readonly Mark[]): MarkShape {
  const order: MarkShape[] = ['alert', 'failed', 'timed_out', 'pending', 'delivered'];
  const shapes = new Set(marks.map(({ shape }) => shape));
  return order.find((shape) => shapes.has(shape)) ?? (marks[0]?.shape as MarkShape);
}

export function countsOf(marks: readonly Mark[]): Record<MarkKind, number> {
  const counts: Record<MarkKind, number> = { commands: 0, alerts: 0, facts: 0 };
  for (const { kind } of marks) counts[kind]++;
  return counts;
}
