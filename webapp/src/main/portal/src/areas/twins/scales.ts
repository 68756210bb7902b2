export interface Drawn {
  property: string;
  unit: string;
  /** The range that the model gives. */
  minimum: number | null;
  maximum: number | null;
}

export interface Scale {
  key: string;
  unit: string;
  /** Which of the properties, by their place, are drawn against it. */
  properties: number[];
}

/** One scale for each unit; what has no unit can be compared with nothing, and has its own. */
export function scalesOf(drawn: readonly Drawn[]): Scale[] {
  const scales: Scale[] = [];
  drawn.forEach(({ unit }, at) => {
    const same = unit === '' ? undefined : scales.find((scale) => scale.unit === unit);
    if (same) same.properties.push(at);
    else scales.push({ key: `y${scales.length}`, unit, properties: [at] });
  });
  return scales;
}

/** A bound farther away than this share of what the readings span would flatten them. */
const NEAR = 0.5;
const ROOM = 0.08;

/** From where to where a scale reaches: the readings, and the bounds of the model that are near. */
export function reach(
  min: number | null,
  max: number | null,
  bounds: readonly (number | null)[],
): [number, number] {
  if (min === null || max === null) return [0, 1];
  const span = max - min;
  const near = bounds.filter(
    (bound): bound is number => bound !== null && bound >= min - span * NEAR && bound <= max + span * NEAR,
  );
  const low = Math.min(min, ...near);
  const high = Math.max(max, ...near);
  const room = high > low ? (high - low) * ROOM : Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

/** The range as people write it; empty where the model gives none. */
export function rangeText({ minimum, maximum, unit }: Drawn, written: (value: number) => string): string {
  const text =
    minimum !== null && maximum !== null
      ? `${written(minimum)} to ${written(maximum)}`
      : minimum !== null
        ? `from ${written(minimum)}`
        : maximum !== null
          ? `up to ${written(maximum)}`
          : '';
  return text === '' || unit === '' ? text : `${text} ${unit}`;
}
