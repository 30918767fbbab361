import type { Payload } from './line.ts'

/** Stub of the signatures; the body follows. */
export type StreamFormat = 'ndjson' | 'bson'

export interface FramerOptions {
  readonly maxLineBytes?: number
}

export interface Framer {
  push(chunk: Uint8Array): Payload[]
  end(): Payload[]
}

export function createFramer(format: StreamFormat, options: FramerOptions = {}): Framer {
  throw new Error(`not built yet: ${format} ${options.maxLineBytes}`)
}
