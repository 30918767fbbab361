/**
 * What issues from a sync on its way to windows: the engine takes the lines of a made-up service, each in a turn
 * of its own, and what it reports goes through the router to windows. No thread and no carrier takes part.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { EMPTY_STATUS, type Status, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'
import { fakeDaemon } from '../ipc/fake-daemon.ts'
import { openWindows, type Window } from './ipc-windows.ts'
import { HeadwaterPeer } from './peers/headwater.ts'
import type { Peer, PeerOptions, PeerSubscription } from './peer.ts'
import { MadeUpService, rowsSchema, STREAM } from './service.ts'

export interface Clock {
  /** A millisecond goes by, and all that waits for it happens. */
  tick(): Promise<void>
}

/** Lines before the one that is measured: the engine is in the middle of a checkpoint. */
const BEFORE = 100

export interface OneLine {
  readonly all: Window
  /** Holds the stream that the line is for. */
  readonly concerned: Window
  /** Holds another stream. */
  readonly other: Window
}

/** One data line for one of 500 subscriptions. */
export async function oneLineOf500(clock: Clock): Promise<OneLine> {
  return await inFolder(async (dbPath) => {
    const daemon = fakeDaemon({ status: EMPTY_STATUS })
    const peer = new HeadwaterPeer('headwater', { ...optionsOf500, dbPath }, 0, (delta) =>
      daemon.report(delta),
    )
    const open = openWindows(daemon)
    const windows = {
      all: await open({ scope: 'all' }),
      concerned: await open({ scope: 'held', holds: stream(BEFORE) }),
      other: await open({ scope: 'held', holds: stream(BEFORE + 1) }),
    }
    const lines = linesOf500()
    await settle(clock)
    start(peer)
    for (const line of lines.slice(0, 1 + BEFORE)) take(peer, line)
    await settle(clock)
    for (const window of Object.values(windows)) window.forget()
    take(peer, lines[1 + BEFORE]!)
    await settle(clock)
    await peer.close()
    return windows
  })
}

/** The same line through the native core: bytes of its status as JSON. */
export async function oneLineNative(): Promise<number> {
  const { open } = await import('./peers/native.ts')
  return await inFolder(async (dbPath) => {
    let bytes = 0
    const peer = await open({ ...optionsOf500, dbPath, onStatus: (size) => (bytes = size) })
    await peer.start()
    for (const line of linesOf500().slice(0, 2 + BEFORE)) take(peer, line)
    await peer.close()
    return bytes
  })
}

/** 100,000 ops in lines of 100, one line a tick, to one window that watches everything. */
export async function syncOf100000(buckets: number, clock: Clock): Promise<Window> {
  return await inFolder(async (dbPath) => {
    const daemon = fakeDaemon({ status: EMPTY_STATUS })
    const options = { dbPath, schema: rowsSchema }
    const peer = new HeadwaterPeer('headwater', options, 0, (delta) => daemon.report(delta))
    const window = await openWindows(daemon)({ scope: 'all' })
    await settle(clock)
    start(peer)
    for (const line of new MadeUpService({ buckets, opsPerLine: 100 }).firstSync(100_000)) {
      take(peer, line)
      await clock.tick()
    }
    await settle(clock)
    if (!peer.synced()) throw new Error('The engine did not come to the end of its lines.')
    await peer.close()
    return window
  })
}

export interface PausedReader {
  readonly window: Window
  /** Bytes by which the host's memory grew. */
  readonly grown: number
  /** Deltas that the window was sent: before it read again, and after. */
  readonly before: number
  readonly after: number
  readonly isUpToDate: boolean
}

/** Status changes of 500 streams, and a window that reads nothing while they come. */
export async function pausedReader(changes: number, clock: Clock): Promise<PausedReader> {
  const daemon = changing(Array.from({ length: 500 }, (_, i) => streamStatus(i + 1)))
  const window = await openWindows(daemon)({ scope: 'all', paused: true })
  const memory = memoryInUse()
  for (let change = 0; change < changes; change++) {
    const progress = { total: changes, downloaded: change }
    daemon.report({ streams: new Map([[1 + ((change * 7919) % 500), { progress }]]) })
  }
  const grown = memoryInUse() - memory
  await settle(clock)
  const before = window.deltas.count
  window.resume()
  await settle(clock)
  const isUpToDate = JSON.stringify([...window.status.streams]) === JSON.stringify([...daemon.status.streams])
  return { window, grown, before, after: window.deltas.count, isUpToDate }
}

const stream = (list: number): PeerSubscription => ({ name: STREAM, params: { list } })

const optionsOf500 = {
  schema: rowsSchema,
  subscriptions: Array.from({ length: 500 }, (_, list) => stream(list)),
} satisfies Omit<PeerOptions, 'dbPath'>

function linesOf500(): readonly string[] {
  return [...new MadeUpService({ buckets: 500, opsPerLine: 1, subscribed: true }).firstSync(2 * BEFORE)]
}

function start(peer: Peer): void {
  void peer.start()
}

function take(peer: Peer, line: string): void {
  for (const _slice of (peer.line(line) ?? []) as Iterable<void>);
}

/** Longer than the pause between two messages. */
async function settle(clock: Clock): Promise<void> {
  for (let ms = 0; ms < 50; ms++) await clock.tick()
}

async function inFolder<T>(work: (dbPath: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-ipc-'))
  try {
    return await work(join(folder, 'sync.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A daemon whose streams change in place: its own copies are not what is measured. */
function changing(streams: readonly StreamStatus[]) {
  const byId = new Map(streams.map((one) => [one.id, one]))
  const status: Status = { ...EMPTY_STATUS, streams: byId }
  const listeners = new Set<(delta: StatusDelta) => void>()
  return {
    ...fakeDaemon(),
    status,
    onStatus: (listener: (delta: StatusDelta) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    report: (delta: StatusDelta) => {
      for (const [id, change] of delta.streams ?? []) byId.set(id, { ...byId.get(id)!, ...change })
      for (const listener of listeners) listener(delta)
    },
  }
}

function streamStatus(id: number): StreamStatus {
  return {
    id,
    name: STREAM,
    params: { list: id },
    priority: 3,
    active: true,
    isDefault: false,
    hasExplicitSubscription: true,
    expiresAt: null,
    lastSyncedAt: null,
    progress: { total: 1, downloaded: 0 },
    error: null,
    holders: ['main 1'],
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function memoryInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
