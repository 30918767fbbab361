/**
 * One open stream: pours a feed into a sink, line by line, with the keepalives of its token in between, until
 * the token runs out, the client leaves or the service closes.
 */
import type { Feed } from './feed.ts'
import type { Line } from './lines.ts'
import type { Sink } from './sink.ts'

export interface Pour {
  /** Says that the feed may have something new. */
  readonly wake: () => void
  /** Settles when the stream is over. Rejects with a `Refusal` when the client outgrew the bucket limit. */
  readonly over: Promise<void>
}

export interface PourOptions {
  readonly feed: Feed
  readonly sink: Sink
  /** Milliseconds since 1970. */
  readonly tokenExpiresAt: number
  readonly keepaliveSeconds: number
  readonly signal: AbortSignal
}

const warningMs = 20_000

export function pour(options: PourOptions): Pour {
  const { signal } = options
  const tokenLines: number[] = []
  let wake = () => {}
  let bell = Promise.resolve()
  const ring = () => wake()
  const hangUp = () => {
    bell = new Promise((resolve) => (wake = resolve))
  }
  const stopClock = startTokenClock(options, (seconds) => {
    tokenLines.push(seconds)
    ring()
  })
  signal.addEventListener('abort', ring, { once: true })
  return { wake: ring, over: run().finally(stopClock) }

  async function run(): Promise<void> {
    const { feed, sink } = options
    while (!signal.aborted) {
      hangUp()
      const seconds = tokenLines.shift()
      const line: Line | null = seconds === undefined ? feed.next() : { token_expires_in: seconds }
      if (line === null) {
        await sink.flush()
        await bell
      } else {
        await sink.write(line)
        if (seconds === 0) break
      }
    }
    await sink.end()
  }
}

/** Tells the seconds left: with each keepalive, once when the end is near, and 0 when it is there. */
function startTokenClock(options: PourOptions, tell: (seconds: number) => void): () => void {
  const { tokenExpiresAt, keepaliveSeconds } = options
  const left = () => Math.max(0, tokenExpiresAt - Date.now())
  if (left() === 0) {
    tell(0)
    return () => {}
  }
  const tellLeft = () => {
    if (left() > 0) tell(Math.ceil(left() / 1000))
  }
  // Spread, so that the clients of a service do not all speak at once.
  const keepalive = setInterval(tellLeft, keepaliveSeconds * 1000 * (0.92 + Math.random() * 0.16))
  const warning = left() > warningMs ? setTimeout(tellLeft, left() - warningMs) : undefined
  const end = setTimeout(() => tell(0), left())
  return () => {
    clearInterval(keepalive)
    clearTimeout(warning)
    clearTimeout(end)
  }
}
