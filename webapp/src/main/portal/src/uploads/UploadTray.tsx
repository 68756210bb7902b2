import { ActionIcon, Button, Progress, Tooltip } from '@mantine/core';
import {
  IconChevronDown,
  IconChevronUp,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconX,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { Confirm } from '../parts/Dialog';
import { barValue, bytes } from '../parts/format';
import { notify } from '../parts/notify';
import { StateMark } from '../parts/State';
import { chooseFiles } from './files';
import { isRunning, needsPage, type UploadView } from './upload';
import { uploads } from './uploads';
import { useUploads } from './use-uploads';
import { barOf, headline, kindOf, lineOf, problemOf } from './wording';

/** What is on its way into object storage, in a corner of whatever page is looked at. */
export function UploadTray({ owner }: { owner: string }) {
  const views = useUploads();
  const queries = useQueryClient();
  const [open, setOpen] = useState(true);
  const [cancelling, setCancelling] = useState<string | null>(null);
  useEffect(() => {
    void uploads.ownedBy(owner);
  }, [owner]);
  useEffect(
    () =>
      uploads.whenEnded(({ pilot, dataset_id }) => {
        void queries.invalidateQueries({ queryKey: ['datasets', pilot] });
        void queries.invalidateQueries({ queryKey: ['storage', pilot] });
        if (dataset_id) void queries.invalidateQueries({ queryKey: ['dataset', pilot, dataset_id] });
      }),
    [queries],
  );
  if (views.length === 0) return null;
  const ended = views.filter(({ phase }) => phase === 'available').length;
  const moving = views.filter(needsPage);
  const share = moving.length === 0 ? null : overall(moving);
  const asked = views.find(({ key }) => key === cancelling);
  return (
    <section className="ph-tray" aria-label="Uploads">
      <header className="ph-tray-head">
        <h2 className="ph-tray-title" aria-live="polite">
          {headline(views)}
        </h2>
        {share !== null && !open && <span className="ph-num ph-dim">{Math.floor(share * 100)} %</span>}
        {open && ended > 0 && (
          <Button size="compact-xs" variant="default" onClick={() => uploads.clearEnded()}>
            Clear finished
          </Button>
        )}
        <Tooltip label={open ? 'Fold up' : 'Unfold'}>
          <ActionIcon
            variant="subtle"
            color="gray"
            className="ph-quiet"
            aria-label={open ? 'Fold the uploads up' : 'Unfold the uploads'}
            aria-expanded={open}
            onClick={() => setOpen((before) => !before)}
          >
            {open ? <IconChevronDown size={17} /> : <IconChevronUp size={17} />}
          </ActionIcon>
        </Tooltip>
      </header>
      {open && (
        <ul className="ph-plain-list ph-tray-list">
          {views.map((view) => (
            <TrayRow key={view.key} view={view} onCancel={() => setCancelling(view.key)} />
          ))}
        </ul>
      )}
      <Confirm
        opened={asked !== undefined}
        title="Give the upload up?"
        action="Give up"
        danger
        onClose={() => setCancelling(null)}
        run={async () => {
          if (!asked) return;
          const how = await uploads.cancel(asked.key);
          void queries.invalidateQueries({ queryKey: ['datasets', asked.pilot] });
          void queries.invalidateQueries({ queryKey: ['storage', asked.pilot] });
          notify(
            how === 'given up'
              ? `The upload of ${asked.name} is given up.`
              : `The upload of ${asked.name} has stopped here. Your role may not remove it; the platform does so when nobody goes on with it.`,
          );
        }}
      >
        {asked && (
          <p>
            {asked.sent > 0
              ? `${bytes(asked.sent)} of ${bytes(asked.size)} that object storage has of ${asked.name} go. `
              : `Nothing of ${asked.name} is stored yet. `}
            The file on your disk stays as it is. To stop for now, pause instead.
          </p>
        )}
      </Confirm>
    </section>
  );
}

function overall(moving: readonly UploadView[]): number {
  const size = moving.reduce((sum, view) => sum + view.size, 0);
  return size === 0 ? 0 : moving.reduce((sum, view) => sum + view.sent, 0) / size;
}

function TrayRow({ view, onCancel }: { view: UploadView; onCancel: () => void }) {
  const [refused, setRefused] = useState<string | null>(null);
  const { key, phase, name } = view;
  const bar = barOf(view);
  const problem = problemOf(view);
  // what is left of a verification is the platform's work
  const over = phase === 'available' || phase === 'quarantined' || phase === 'verifying';
  const goOn = async () => {
    setRefused(null);
    if (phase !== 'interrupted') {
      uploads.goOn(key);
      return;
    }
    const again = (await uploads.fileAgain(key)) ?? (await chooseFiles(false))[0];
    if (again) setRefused(uploads.give(key, again));
  };
  return (
    <li className="ph-tray-row" data-phase={phase}>
      <div className="ph-tray-line">
        <StateMark kind={kindOf(phase)} />
        {view.dataset_id ? (
          <Link
            className="ph-link ph-clip"
            to="/p/$pilot/datasets/$dataset"
            params={{ pilot: view.pilot, dataset: view.dataset_id }}
            search={{}}
            title={name}
          >
            {name}
          </Link>
        ) : (
          <span className="ph-clip" title={name}>
            {name}
          </span>
        )}
        <span className="ph-tray-acts">
          {phase === 'interrupted' && (
            <Button size="compact-xs" variant="default" onClick={() => void goOn()}>
              Resume…
            </Button>
          )}
          {(phase === 'paused' || phase === 'failed') && (
            <Act
              label={`${phase === 'paused' ? 'Go on with' : 'Retry'} ${name}`}
              icon={phase === 'paused' ? <IconPlayerPlay size={16} /> : <IconRefresh size={16} />}
              onClick={() => void goOn()}
            />
          )}
          {needsPage(view) && (
            <Act
              label={`Pause ${name}`}
              icon={<IconPlayerPause size={16} />}
              onClick={() => uploads.pause(key)}
            />
          )}
          <Act
            label={over ? `Take ${name} out of the list` : `Give the upload of ${name} up`}
            icon={<IconX size={16} />}
            onClick={over ? () => uploads.clear(key) : onCancel}
          />
        </span>
      </div>
      {bar !== null && (
        <Progress
          value={barValue(bar)}
          size="sm"
          color={
            phase === 'failed' || phase === 'quarantined'
              ? 'red'
              : phase === 'paused' || phase === 'interrupted'
                ? 'gray'
                : undefined
          }
          animated={isRunning(view) && phase !== 'waiting'}
          aria-label={`Progress of ${name}`}
        />
      )}
      <div className="ph-tray-note ph-num">{lineOf(view)}</div>
      {problem && (
        <div className="ph-tray-problem" role="alert">
          {problem.text} {problem.code && <code>{problem.code}</code>}
        </div>
      )}
      {refused && (
        <div className="ph-tray-problem" role="alert">
          That is not the file. {refused}
        </div>
      )}
    </li>
  );
}

function Act({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        className="ph-quiet"
        aria-label={label}
        onClick={onClick}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
