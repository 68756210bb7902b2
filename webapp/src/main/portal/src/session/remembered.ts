const PILOT = 'pilothouse.pilot';
const ZONE = 'pilothouse.zone';

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // private windows may refuse; the choice then lasts as long as the page
  }
}

export const rememberedPilot = () => read(PILOT);
export const rememberPilot = (pilot: string) => write(PILOT, pilot);
export const rememberedZone = (): 'utc' | 'pilot' => (read(ZONE) === 'pilot' ? 'pilot' : 'utc');
export const rememberZone = (zone: 'utc' | 'pilot') => write(ZONE, zone);
