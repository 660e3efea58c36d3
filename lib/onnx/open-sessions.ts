let open = 0;

/** Sessions of onnxruntime that exist in this process: each holds its weights or maps its model's file. */
export function openSessions(): number {
  return open;
}

/** To be called with each session that was made. */
export function countOpened(): void {
  open++;
}

/** To be called once for each session that was released. */
export function countReleased(): void {
  open--;
}
