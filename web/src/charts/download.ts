/** Hand a CSV text to the person as a file. */
export function download(name: string, csv: string): void {
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun once the click is handled; a moment later the bytes may go.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
