export function EnginesPage() {
  return null;
}
