import { Button, NumberInput, Progress, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, body, type Command, type Twin } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { commandsQuery } from '../../api/queries';
import { Command as Shell } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { actorText, duration, latency } from '../../parts/format';
import { JsonText } from '../../parts/JsonText';
import { usePages } from '../../parts/pages';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { State, type StateKind } from '../../parts/State';
import { Time, useNow } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { pretty, syntax } from './json';
import { COMMAND_WORDS, commandTitle, isOpen } from './marks';
import { SchemaFields } from './SchemaFields';
import { faults, fieldOf, initial, valueOf, type Filled } from './schema-form';
import type { ActionInfo, ThingModel } from './thing-model';

interface Props {
  pilot: string;
  twin: Twin;
  model: ThingModel | undefined;
  may: boolean;
}

const KINDS: Record<Command['state'], StateKind> = {
  pending: 'idle',
  delivered: 'idle',
  succeeded: 'up',
  failed: 'away',
  timed_out: 'slow',
  superseded: 'idle',
};

export function Commands({ pilot, twin, model, may }: Props) {
  const query = useInfiniteQuery({
    ...commandsQuery(pilot, twin.twin_id),
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isOpen)) ? 1_000 : 10_000,
  });
  const { rows, more } = usePages<Command>(query);
  return (
    <div className="ph-commands" data-may={may || undefined}>
      {may && (
        <section className="ph-card" aria-label="Send a command">
          <h2 className="ph-card-title">Send a command</h2>
          <Send pilot={pilot} twin={twin} model={model} />
        </section>
      )}
      <section aria-label="Commands">
        {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <p className="ph-waiting">Loading…</p>}
        {!query.isPending && rows.length === 0 && !query.error && (
          <Empty title="Nothing was told to it so far">
            A command goes to the device that reports for the twin, over MQTT or HTTP, at least once; what the
            device answers stands here.
          </Empty>
        )}
        <ul className="ph-plain-list">
          {rows.map((command) => (
            <CommandRow key={command.command_id} pilot={pilot} command={command} />
          ))}
        </ul>
        {more.has && (
          <div className="ph-more">
            <Button variant="default" loading={more.loading} onClick={more.load}>
              Load more
            </Button>
          </div>
        )}
      </section>
    </div>
  );
}

export function CommandRow({
  pilot,
  command,
  opened = false,
}: {
  pilot: string;
  command: Command;
  /** Whether its details are shown at once. */
  opened?: boolean;
}) {
  const zone = useZone();
  const started = Date.parse(command.created_at);
  const ended = command.ended_at ? Date.parse(command.ended_at) : null;
  const hasInput = command.input !== null && command.input !== undefined;
  const hasOutput = command.output !== null && command.output !== undefined;
  return (
    <li className="ph-command-row" data-state={command.state}>
      <div className="ph-command-head">
        <strong className="ph-id">{commandTitle(command.name)}</strong>
        <State kind={KINDS[command.state]}>{COMMAND_WORDS[command.state]}</State>
        {ended !== null && (
          <span className="ph-dim ph-num">
            after{' '}
            {ended - started < 1_000 ? latency(Math.max(0, ended - started)) : duration(ended - started)}
          </span>
        )}
        <span className="ph-push ph-dim">
          <Time at={command.created_at} /> {zone.label}, {actorText(command.sent_by)}
        </span>
      </div>
      {isOpen(command) && <Left pilot={pilot} command={command} />}
      {command.state === 'timed_out' && (
        <p className="ph-dim ph-small">
          {command.delivered_at ? (
            <>
              <span className="ph-id">{command.device}</span> got it at <Time at={command.delivered_at} /> and
              did not answer in time.
            </>
          ) : (
            <>
              <span className="ph-id">{command.device}</span> was not there to get it: neither subscribed by
              MQTT nor fetching its commands.
            </>
          )}
        </p>
      )}
      {command.error && <p className="ph-field-error">{command.error}</p>}
      {(hasInput || hasOutput || command.device) && (
        <details className="ph-details" open={opened || undefined}>
          <summary>
            {[hasInput && 'input', hasOutput && 'output', 'ids']
              .filter(Boolean)
              .join(', ')
              .replace(/^./, (first) => first.toUpperCase())}
          </summary>
          {hasInput && (
            <pre className="ph-json" tabIndex={0} aria-label={`Input of ${command.name}`}>
              {pretty(command.input)}
            </pre>
          )}
          {hasOutput && (
            <pre className="ph-json" tabIndex={0} aria-label={`Output of ${command.name}`}>
              {pretty(command.output)}
            </pre>
          )}
          <p className="ph-dim ph-small">
            Command <span className="ph-id">{command.command_id}</span>
            {command.device && (
              <>
                , device <span className="ph-id">{command.device}</span>
              </>
            )}
          </p>
        </details>
      )}
    </li>
  );
}

/** A device that is there has got its command by then. */
const USUALLY_THERE_MS = 3_000;

/** How much of the time is left that the device has to answer, and what happens until then. */
function Left({ pilot, command }: { pilot: string; command: Command }) {
  const now = useNow(500);
  const zone = useZone();
  const start = Date.parse(command.created_at);
  const end = Date.parse(command.expires_at);
  const share = Math.max(0, Math.min(100, ((now - start) / Math.max(1, end - start)) * 100));
  const waits = command.state === 'pending' && now - start > USUALLY_THERE_MS && now < end;
  return (
    <>
      <div className="ph-command-left">
        <Progress value={share} size="sm" aria-label={`Time used of ${command.name}`} />
        <span className="ph-dim ph-num">
          {command.state === 'pending' ? 'not delivered yet' : 'waiting for the result'},{' '}
          {end > now ? `${duration(end - now)} left` : 'time is up'}
        </span>
      </div>
      {waits && (
        <div className="ph-command-waits">
          <p>
            <span className="ph-id">{command.device}</span> is not there: nobody is subscribed to its commands
            by MQTT, nobody fetches them over HTTP. The command waits for it until{' '}
            <Time at={command.expires_at} /> {zone.label}; then it has timed out. To answer in the device’s
            place:
          </p>
          <Shell text={`./pilothouse ctl devices stand-in ${pilot} ${command.device}`} />
        </div>
      )}
    </>
  );
}

const NOTHING: ActionInfo[] = [];

function Send({ pilot, twin, model }: Omit<Props, 'may'>) {
  const actions = model?.actions ?? NOTHING;
  const [chosen, setChosen] = useState<string | null>(null);
  const action = actions.find(({ name }) => name === chosen) ?? actions[0];
  if (twin.model !== null && model === undefined) return <p className="ph-dim">Loading the model…</p>;
  if (twin.model !== null && !action) {
    return (
      <p className="ph-dim">
        The model <span className="ph-id">{twin.model}</span> has no actions. A next revision may add some.
      </p>
    );
  }
  return (
    <>
      {action && (
        <Select
          mt="xs"
          label="Action"
          description={action.description}
          data={actions.map(({ name, title }) => ({ value: name, label: title ?? name }))}
          value={action.name}
          allowDeselect={false}
          onChange={setChosen}
        />
      )}
      <SendForm key={action?.name ?? ''} pilot={pilot} twin={twin.twin_id} action={action} />
    </>
  );
}

function SendForm({ pilot, twin, action }: { pilot: string; twin: string; action: ActionInfo | undefined }) {
  const queries = useQueryClient();
  const field = useMemo(() => (action?.input ? fieldOf(action.input) : null), [action]);
  const typesJson = action === undefined || (action.input !== null && field === null);
  const [name, setName] = useState('');
  const [filled, setFilled] = useState<Filled>(() => (field ? initial(field) : {}));
  const [text, setText] = useState('');
  const [timeout, setTimeoutSeconds] = useState<number | string>(60);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);

  const send = async () => {
    const found: Record<string, string> = field ? faults(field, filled) : {};
    let input: unknown = field ? valueOf(field, filled) : undefined;
    if (typesJson && text.trim() !== '') {
      try {
        input = JSON.parse(text);
      } catch (error) {
        found['(json)'] = syntax(text, error);
      }
    }
    if (!action && name.trim() === '') found['(name)'] = 'A name is needed';
    if (!(Number(timeout) >= 1 && Number(timeout) <= 86_400)) found['(timeout)'] = 'From 1 s to 86,400 s';
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setProblem(null);
    try {
      await body(
        api.POST('/api/v1/pilots/{pilot}/twins/{twin}/commands', {
          params: { path: { pilot, twin } },
          body: {
            name: action?.name ?? name.trim(),
            ...(input === undefined ? {} : { input }),
            timeout_s: Math.round(Number(timeout)),
          },
        }),
      );
      void queries.invalidateQueries({ queryKey: ['commands', pilot, twin] });
      void queries.invalidateQueries({ queryKey: ['thread', pilot, twin] });
    } catch (error) {
      const refused = asProblem(error);
      const at = refused.path?.replace(/^#?\/?input(?=\/|$)/, '');
      if (field && at !== undefined && at in pointersOf(field)) setWrong({ [at]: refused.message });
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {!action && (
        <TextInput
          mt="xs"
          label="Command"
          description="This twin has no model: its device has to know what the name means"
          value={name}
          maxLength={128}
          error={wrong['(name)']}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {action && action.input === null && <p className="ph-dim ph-gap-top-small">It takes no input.</p>}
      {field && (
        <SchemaFields
          field={field}
          filled={filled}
          faults={wrong}
          onChange={(pointer, value) => {
            setFilled((before) => ({ ...before, [pointer]: value }));
            setWrong(({ [pointer]: _gone, ...others }) => others);
          }}
        />
      )}
      {typesJson && (
        <div className="ph-field">
          <JsonText
            label="Input"
            description="Any JSON, or nothing"
            value={text}
            error={wrong['(json)']}
            onChange={setText}
            rows={4}
          />
        </div>
      )}
      <NumberInput
        mt="sm"
        label="Time to answer, s"
        description="Without a result by then the command has timed out"
        min={1}
        max={86_400}
        allowDecimal={false}
        value={timeout}
        error={wrong['(timeout)']}
        onChange={setTimeoutSeconds}
      />
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Button type="submit" mt="md" loading={busy}>
        Send
      </Button>
    </form>
  );
}

const pointersOf = (field: ReturnType<typeof fieldOf> & object): Record<string, true> =>
  field.kind === 'object' ? Object.assign({}, ...field.below.map(pointersOf)) : { [field.pointer]: true };
