import { Tooltip, UnstyledButton } from '@mantine/core';
import { fields, zoneOffset } from '../parts/format';
import { useNow } from '../parts/Time';
import { useZone } from '../session/zone';

/** The time in the zone that all times are written in; a press changes to the other one. */
export function Clock() {
  const now = useNow();
  const zone = useZone();
  const utc = fields(now, 'UTC');
  const there = zone.pilot ? fields(now, zone.pilot) : null;
  const shown = zone.shown === 'UTC' || !there ? utc : there;
  const other = zone.shown === 'UTC' ? zone.pilot : 'UTC';
  return (
    <Tooltip
      position="right"
      label={
        <span className="ph-lines">
          {`${utc.date} ${utc.time} UTC`}
          {there && zone.pilot !== 'UTC'
            ? `\n${there.date} ${there.time} ${zone.pilot} (${zoneOffset(now, zone.pilot ?? 'UTC')})`
            : ''}
          {other ? `\nPress to write times in ${other}` : ''}
        </span>
      }
    >
      <UnstyledButton className="ph-rail-item" onClick={zone.toggle}>
        <span className="ph-num ph-clock">{shown.time}</span>
        <span className="ph-dim ph-clip">{zone.label}</span>
        {other && <span className="ph-hidden">, write times in {other}</span>}
      </UnstyledButton>
    </Tooltip>
  );
}
