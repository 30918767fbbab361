/** Hands the lines of files to a peer and measures each of its slices. Reading the files is not measured. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { StreamFormat } from '../../../src/wire/framing.ts'
import { createFramer } from '../../../src/wire/framing.ts'
import { watchMemory, watchWriting } from '../gauges.ts'
import { completes, loadPeer } from '../peer.ts'
import type { Payload, Peer } from '../peer.ts'
import type { Job, Result } from './job.ts'
import { digestOfRows } from './rows.ts'
import { median } from '../spread.ts'

export async function runSync(job: Extract<Job, { do: 'sync' }>): Promise<Result> {
  const { dbPath, schema, subscriptions = [] } = job
  let statusBytes = 0
  const onStatus = (bytes: number) => void (statusBytes += bytes)
  const { open } = await loadPeer(job.peer)
  const peer = await open({ dbPath, schema, subscriptions, ...(job.statusBytes && { onStatus }) })
  await peer.start()

  const tally = new Tally()
  const memory = watchMemory()
  let writing = watchWriting()
  for (const phase of job.phases) {
    if (!phase.measured) {
      for (const payload of readLines(phase)) await takeAll(peer, payload)
      peer.synced()
      writing = watchWriting()
      statusBytes = 0
      continue
    }
    for (const payload of readLines(phase)) await tally.line(peer, payload)
    // Lines that the peer still holds belong to the phase.
    await tally.slice(() => peer.synced())
    if (job.statusBytes === true) tally.statusBytes = statusBytes
  }
  const atEnd = memory()
  if (!peer.synced()) throw new Error(`${peer.name} did not come to the end of its lines.`)
  const counts = await peer.counts()
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const closing = performance.now()
  await peer.close()
  const closeMs = performance.now() - closing
  const figures = { ...tally.figures(), ...atEnd, ...writing(), closeMs, rows }
  return { figures, digest: digestOfRows(dbPath, job.peer, schema) }
}

/** Times of measured lines. */
class Tally {
  statusBytes = 0
  #ms = 0
  #lines = 0
  #sliceMs = 0
  #sinceCheckpoint = 0
  readonly #checkpoints: number[] = []

  async line(peer: Peer, payload: Payload): Promise<void> {
    this.#lines++
    const began = performance.now()
    const work = peer.line(payload, kindOf(payload))
    this.#add(performance.now() - began)
    if (work instanceof Promise) await this.slice(() => work)
    else if (work !== undefined) {
      for (let done = false; !done;) {
        const from = performance.now()
        done = work.next().done === true
        this.#add(performance.now() - from)
      }
    }
    if (!completes(payload)) return
    this.#checkpoints.push(this.#sinceCheckpoint)
    this.#sinceCheckpoint = 0
  }

  async slice(work: () => unknown): Promise<void> {
    const from = performance.now()
    const result = work()
    if (result instanceof Promise) await result
    this.#add(performance.now() - from)
  }

  figures() {
    return {
      ms: this.#ms,
      lines: this.#lines,
      lineMs: this.#ms / this.#lines,
      sliceMs: this.#sliceMs,
      checkpointMs: this.#checkpoints.length === 0 ? this.#ms : median(this.#checkpoints),
      statusBytesPerLine: this.statusBytes / this.#lines,
    }
  }

  #add(ms: number): void {
    this.#ms += ms
    this.#sinceCheckpoint += ms
    this.#sliceMs = Math.max(this.#sliceMs, ms)
  }
}

async function takeAll(peer: Peer, payload: Payload): Promise<void> {
  const work = peer.line(payload, kindOf(payload))
  if (work instanceof Promise) await work
  else if (work !== undefined) for (const _slice of work);
}

const kindOf = (payload: Payload) => (typeof payload === 'string' ? 'text' : 'binary')

function* readLines({ file, format }: { file: string; format: StreamFormat }): Generator<Payload> {
  const framer = createFramer(format)
  const input = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(65_536)
    for (;;) {
      const length = readSync(input, chunk, 0, chunk.length, null)
      if (length === 0) return
      for (const payload of framer.push(chunk.subarray(0, length))) {
        yield typeof payload === 'string'
          ? payload
          : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
      }
    }
  } finally {
    closeSync(input)
  }
}
