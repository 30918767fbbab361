import type { Payload, SyncLine } from './line.ts'

/** Stub of the signature; the body follows. */
export function decodeLine(payload: Payload): SyncLine {
  throw new Error(`not built yet: ${payload.length}`)
}
