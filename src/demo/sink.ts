/**
 * The way of the lines out: encoded, gathered into chunks, compressed if the client asked, and never more than
 * one chunk ahead of what the socket takes.
 *
 * Invariant: after `flush` everything written has left the process as far as the reader lets it; a slow reader
 * makes `write` wait, it does not make memory grow.
 */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createGzip, createZstdCompress } from 'node:zlib'

import { encodeLine, type Format, type Line } from './lines.ts'

export type Encoding = 'identity' | 'gzip' | 'zstd'

const chunkBytes = 64 * 1024

export class Sink {
  readonly #out: Writable
  readonly #compressor: ReturnType<typeof createGzip | typeof createZstdCompress> | null
  readonly #format: Format
  readonly #signal: AbortSignal
  #lines: Uint8Array[] = []
  #bytes = 0

  /** `signal` aborts when the response is closed: from then on writes are dropped. */
  constructor(response: Writable, format: Format, encoding: Encoding, signal: AbortSignal) {
    this.#compressor =
      encoding === 'identity' ? null : encoding === 'gzip' ? createGzip() : createZstdCompress()
    this.#out = this.#compressor ?? response
    this.#format = format
    this.#signal = signal
    this.#compressor?.pipe(response)
    signal.addEventListener('abort', () => this.#compressor?.destroy(), { once: true })
  }

  /** Resolves when there is room for more. */
  async write(line: Line): Promise<void> {
    const bytes = encodeLine(line, this.#format)
    this.#lines.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes < chunkBytes) return
    await this.flush()
    // A reader that takes everything at once must not keep the service from anything else.
    await setImmediate()
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0 || this.#signal.aborted) return
    const chunk = Buffer.concat(this.#lines, this.#bytes)
    this.#lines = []
    this.#bytes = 0
    const room = this.#out.write(chunk)
    this.#compressor?.flush()
    if (!room) await once(this.#out, 'drain', { signal: this.#signal }).catch(() => {})
  }

  async end(): Promise<void> {
    await this.flush()
    if (!this.#signal.aborted) this.#out.end()
  }
}

/** The service speaks BSON to clients that prefer it, NDJSON to all others. */
export function formatFor(accept: string | undefined): Format {
  const bson = weightOf(accept, 'application/vnd.powersync.bson-stream')
  return bson > 0 && bson >= weightOf(accept, 'application/x-ndjson') ? 'bson' : 'ndjson'
}

export function encodingFor(acceptEncoding: string | undefined): Encoding {
  if (weightOf(acceptEncoding, 'zstd') > 0) return 'zstd'
  return weightOf(acceptEncoding, 'gzip') > 0 ? 'gzip' : 'identity'
}

/** The q value of a choice in an Accept header; 0 when it is not named. */
function weightOf(header: string | undefined, choice: string): number {
  for (const part of (header ?? '').split(',')) {
    const [name, ...options] = part.split(';').map((text) => text.trim())
    if (name?.toLowerCase() !== choice) continue
    const q = options.find((option) => option.startsWith('q='))
    return q === undefined ? 1 : Number(q.slice(2)) || 0
  }
  return 0
}
