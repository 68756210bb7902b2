export function download(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // the browser reads the blob after the click has returned
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
