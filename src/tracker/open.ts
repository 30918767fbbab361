/**
 * The issue tracker's half of the main process: a daemon with the tracker's tables and queries, kept in step
 * with the embedded demo service or with a service that somebody else runs.
 *
 * Invariant: the daemon opens without waiting for the service, so a window shows what the last run left at
 * once. Data of one seed never meets a service of another: each seed has its own files.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from '../connector/connector.ts'
import type { Daemon, SpawnReader } from '../daemon/daemon.ts'
import { openDaemon } from '../daemon/open.ts'
import { startDemoInWorker, type DemoWorker } from '../demo/in-worker.ts'
import { trackerConnector } from './connector.ts'
import { queries } from './queries.ts'
import { schema } from './schema.ts'

export interface TrackerOptions {
  /** Where the database and the demo's data are. Made when it does not exist. */
  readonly directory: string
  /** Sync with this service instead of the embedded demo. */
  readonly service?: Credentials
  /** Decides the demo's data and what its people do. Default 1. */
  readonly seed?: number
  /** The demo's people begin to work only when asked to. Default false. */
  readonly paused?: boolean
  /** The built demo worker, where a bundler moved it. Default: the source file. */
  readonly demoWorkerPath?: string
  /** The built engine worker, where a bundler moved it. Default: the source file. */
  readonly workerPath?: string
  /** Starts the process that reads for windows. Default: a child process of Node. */
  readonly spawnReader?: SpawnReader
  /** The SQLite binary, where a packager moved it. Default: better-sqlite3's own. */
  readonly nativeBinding?: string
  /** Told about failures inside the demo service, one line each. Default: the console. */
  readonly log?: (line: string) => void
}

/** The embedded service's simulation of other people's work. */
export interface Simulation {
  readonly paused: boolean
  setPaused(paused: boolean): Promise<void>
}

export interface Tracker {
  readonly daemon: Daemon
  /** Null where somebody else runs the service. */
  readonly demo: Simulation | null
  /** Close the daemon, then the demo. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens the daemon, starts the demo and connects. Rejects with a `DaemonError` when the database cannot be
 * opened; a demo that cannot start shows in the daemon's status.
 *
 * @example
 * const tracker = await openTracker({ directory: app.getPath('userData'), seed: 7 })
 * const { rows } = await tracker.daemon.query('projects')
 */
export async function openTracker(options: TrackerOptions): Promise<Tracker> {
  const { directory, service, seed = 1, paused = false, workerPath, spawnReader, nativeBinding } = options
  // What was synced is the user's own.
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const demo = service === undefined ? startDemo(options, seed, paused) : null
  const open = openDaemon({
    path: join(directory, service === undefined ? `tracker-${seed}.db` : 'tracker-service.db'),
    schema,
    queries,
    connector: trackerConnector(demo === null ? async () => service ?? null : () => signIn(demo)),
    ...(workerPath !== undefined && { workerPath }),
    ...(spawnReader !== undefined && { spawnReader }),
    ...(nativeBinding !== undefined && { nativeBinding }),
  })
  const closeDemo = async () => {
    const started = await demo?.catch(() => null)
    await started?.close()
  }
  try {
    const daemon = await open
    await daemon.connect()
    return {
      daemon,
      demo: demo === null ? null : simulationOf(demo, paused),
      close: async () => {
        await daemon.close()
        await closeDemo()
      },
    }
  } catch (error) {
    await closeDemo()
    throw error
  }
}

function startDemo(options: TrackerOptions, seed: number, paused: boolean): Promise<DemoWorker> {
  const { directory, demoWorkerPath, log = (line) => console.error(line) } = options
  const started = startDemoInWorker({
    ...(demoWorkerPath !== undefined && { workerPath: demoWorkerPath }),
    seed,
    simulate: !paused,
    directory: join(directory, `demo-${seed}`),
    log,
  })
  // Each use reports the failure; without any, it must not end the process.
  started.catch(() => undefined)
  return started
}

async function signIn(demo: Promise<DemoWorker>): Promise<Credentials> {
  const { url, token } = await demo
  return { endpoint: url, token: await token() }
}

function simulationOf(demo: Promise<DemoWorker>, paused: boolean): Simulation {
  let isPaused = paused
  return {
    get paused() {
      return isPaused
    },
    async setPaused(wanted) {
      const { pause, resume } = await demo
      await (wanted ? pause() : resume())
      isPaused = wanted
    },
  }
}
