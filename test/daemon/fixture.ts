/** A service and daemons on it, in a folder that goes afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpTransport } from '../../src/connector/http.ts'
import type { Connector } from '../../src/connector/connector.ts'
import type { ConnectOptions, Daemon, DaemonOptions } from '../../src/daemon/daemon.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import type { Status } from '../../src/status/status.ts'
import { scriptedService, todosCheckpoint } from './scripted-service.ts'
import type { ScriptedService } from './scripted-service.ts'

/** Where an engine can run. */
export const places: readonly (readonly [where: string, options: Partial<DaemonOptions>])[] = [
  ['in process', { inProcess: true }],
  ['in a worker thread', {}],
  ['in a worker thread, fetching on main', { transport: httpTransport() }],
]

export const schema = {
  tables: {
    todos: { columns: { description: 'text', done: 'integer' } },
    drafts: { columns: { text: 'text' }, localOnly: true },
  },
} as const

export const queries = {
  todos: { sql: 'SELECT id, description FROM todos ORDER BY id' },
  drafts: { sql: 'SELECT id, text FROM drafts ORDER BY id' },
}

export class DaemonFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'headwater-daemon-'))
  readonly service: ScriptedService
  readonly #place: Partial<DaemonOptions>
  readonly #daemons: Daemon[] = []

  private constructor(service: ScriptedService, place: Partial<DaemonOptions>) {
    this.service = service
    this.#place = place
  }

  static async start(place: Partial<DaemonOptions> = { inProcess: true }): Promise<DaemonFixture> {
    return new DaemonFixture(await scriptedService(), place)
  }

  async open(connector: Partial<Connector> = {}, options: Partial<DaemonOptions> = {}): Promise<Daemon> {
    const daemon = await openDaemon({
      path: join(this.folder, 'app.db'),
      schema,
      queries,
      connector: {
        fetchCredentials: () => Promise.resolve({ endpoint: this.service.url, token: 'token' }),
        ...connector,
      },
      ...this.#place,
      ...options,
    })
    this.#daemons.push(daemon)
    return daemon
  }

  /** A daemon that is connected and has synced these todos. */
  async synced(
    rows: Readonly<Record<string, string>>,
    connector: Partial<Connector> = {},
    options: ConnectOptions = {},
    opening: Partial<DaemonOptions> = {},
  ): Promise<Daemon> {
    const daemon = await this.open(connector, opening)
    await daemon.connect({ uploadThrottleMs: 0, ...options })
    const stream = await this.service.stream(this.service.streams.length)
    stream.say(...todosCheckpoint(rows))
    await until(daemon, ({ priorities }) => priorities.length > 0)
    return daemon
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) await daemon.close()
    await this.service.close()
    rmSync(this.folder, { recursive: true })
  }
}

/** The first status, now or later, that is as wanted. */
export async function until(daemon: Daemon, wanted: (status: Status) => boolean): Promise<Status> {
  if (wanted(daemon.status)) return daemon.status
  const { promise, resolve } = Promise.withResolvers<Status>()
  const stop = daemon.onStatus(() => {
    if (wanted(daemon.status)) resolve(daemon.status)
  })
  try {
    return await promise
  } finally {
    stop()
  }
}

/** The rows of the named query `todos`, as id to description. */
export async function todosOf(daemon: Daemon): Promise<Record<string, unknown>> {
  const { rows } = await daemon.query('todos')
  return Object.fromEntries(rows.map(({ id, description }) => [String(id), description]))
}
