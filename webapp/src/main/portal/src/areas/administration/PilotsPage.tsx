export function PilotsPage() {
  return null;
}
