/**
 * A daemon without windows: it syncs what a configuration asks for with any compatible service, and says in one
 * line what happens.
 */
import { exec } from 'node:child_process'
import { promisify } from 'node:util'
import { DaemonError } from '../daemon/daemon.ts'
import type { Daemon, SyncStreamSubscription } from '../daemon/daemon.ts'
import { openDaemon } from '../daemon/open.ts'
import type { Connector } from '../connector/connector.ts'
import type { Schema } from '../schema/schema.ts'
import { lastSync } from '../status/read.ts'
import type { Status } from '../status/status.ts'
import type { ServeConfig } from './config.ts'
import { changesInWords } from './words.ts'

const TOKEN_COMMAND_MS = 30_000

export interface Served {
  readonly daemon: Daemon
  /**
   * Resolves with the row counts once everything subscribed has synced in this run. Rejects when a stream cannot
   * sync (unknown, failed), with the signal's reason, and when the daemon closes.
   */
  once(signal: AbortSignal): Promise<{ readonly [table: string]: number }>
}

/** Open, subscribe and connect. `print` gets the ready line first, then a line for each change worth telling. */
export async function serve(config: ServeConfig, print: (line: string) => void): Promise<Served> {
  const daemon = await openDaemon({
    path: config.database,
    schema: config.schema,
    connector: connectorOf(config),
    queries: countQueries(config.schema),
  })
  try {
    const began = Date.now()
    print(`Headwater ready: ${config.database}`)
    for (const line of changesInWords(null, daemon.status)) print(line)
    let told = daemon.status
    daemon.onStatus(() => {
      const { status } = daemon
      for (const line of changesInWords(told, status)) print(line)
      told = status
    })
    const holds: SyncStreamSubscription[] = []
    for (const { name, params, ttl, priority } of config.streams) {
      const options = {
        holder: 'serve',
        ...(ttl !== undefined && { ttl: ttl === 'never' ? Infinity : ttl }),
        ...(priority !== undefined && { priority }),
      }
      holds.push(await daemon.syncStream(name, params).subscribe(options))
    }
    await daemon.connect({ params: config.parameters })
    return {
      daemon,
      once: async (signal) => {
        await until(daemon, signal, (status) => (lastSync(status)?.lastSyncedAt ?? 0) >= began)
        // One that failed keeps the time of its last sync, in an earlier run.
        const failed = holds.find((hold) => (hold.status?.lastSyncedAt ?? 0) < began)
        if (failed !== undefined) {
          const message = failed.status?.error?.message ?? `The stream ${failed.name} has not synced.`
          throw new DaemonError(failed.status?.error?.code ?? 'not_synced', message)
        }
        return await countRows(daemon, config.schema)
      },
    }
  } catch (error) {
    await daemon.close()
    throw error
  }
}

function connectorOf({ endpoint, token, tokenCommand }: ServeConfig): Connector {
  return {
    async fetchCredentials({ signal }) {
      if (tokenCommand === undefined) return token === undefined ? null : { endpoint, token }
      const { stdout } = await promisify(exec)(tokenCommand, { signal, timeout: TOKEN_COMMAND_MS }).catch(
        (error) => {
          // What the command printed may hold a secret; how it ended does not.
          throw new Error(`The token command failed (exit code ${error.code ?? 'none'}).`)
        },
      )
      const fresh = stdout.trim()
      return fresh === '' ? null : { endpoint, token: fresh }
    },
  }
}

/** Tables that can be read, and how each is counted. */
function countQueries(schema: Schema): { readonly [name: string]: { readonly sql: string } } {
  const readable = Object.entries(schema.tables).filter(([, table]) => table.insertOnly !== true)
  return Object.fromEntries(
    readable.map(([name, table]) => {
      const view = (table.viewName ?? name).replaceAll('"', '""')
      return [name, { sql: `SELECT count(*) AS n FROM "${view}"` }]
    }),
  )
}

async function countRows(daemon: Daemon, schema: Schema): Promise<{ readonly [table: string]: number }> {
  const counts: [string, number][] = []
  for (const name of Object.keys(countQueries(schema))) {
    const { rows } = await daemon.query(name)
    counts.push([name, Number(rows[0]?.['n'])])
  }
  return Object.fromEntries(counts)
}

async function until(
  daemon: Daemon,
  signal: AbortSignal,
  wanted: (status: Status) => boolean,
): Promise<void> {
  signal.throwIfAborted()
  if (wanted(daemon.status)) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = daemon.onStatus(() => {
    const { status } = daemon
    if (wanted(status)) resolve()
    else if (status.downloadError?.code === 'engine_failed')
      reject(new DaemonError('engine_failed', status.downloadError.message))
  })
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}
