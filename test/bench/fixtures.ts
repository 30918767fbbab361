/** Files that runs share, in a folder that goes at the end: lines, and databases that others start from. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serialize } from 'bson'
import type { Schema } from '../../src/schema/schema.ts'
import type { StreamFormat } from '../../src/wire/framing.ts'
import type { Job, Phase } from './jobs/job.ts'
import type { PeerName } from './peer.ts'
import { spawnRun } from './spawn.ts'
import type { MadeUpService } from './service.ts'
import type { JobWithoutPath, Plan } from './suite.ts'

export interface Base {
  /** A service that has sent all that is in the database. */
  readonly service: MadeUpService
  /** The peer's database after the first sync. */
  databaseOf(peer: PeerName): Promise<string>
}

export class Fixtures {
  readonly #folder: string
  readonly #bases = new Map<string, Base>()
  readonly #databases = new Map<string, Promise<string>>()
  #files = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async make(): Promise<Fixtures> {
    return new Fixtures(await mkdtemp(join(tmpdir(), 'headwater-bench-')))
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Write lines into a file: a phase of a job. */
  phase(lines: Iterable<string>, measured: boolean, format: StreamFormat = 'ndjson'): Phase {
    const file = this.#path('lines')
    const output = openSync(file, 'w')
    try {
      let pending: Uint8Array[] = []
      let bytes = 0
      const flush = () => {
        if (bytes > 0) writeSync(output, Buffer.concat(pending))
        pending = []
        bytes = 0
      }
      for (const line of lines) {
        const payload = format === 'ndjson' ? Buffer.from(`${line}\n`) : serialize(JSON.parse(line) as object)
        pending.push(payload)
        bytes += payload.length
        if (bytes > 1024 * 1024) flush()
      }
      flush()
    } finally {
      closeSync(output)
    }
    return { file, format, measured }
  }

  /** Databases after a first sync, made once for each name and peer. */
  base(name: string, ops: number, schema: Schema, makeService: () => MadeUpService): Base {
    const known = this.#bases.get(name)
    if (known) return known
    const service = makeService()
    const phase = this.phase(service.firstSync(ops), true)
    const build = async (peer: PeerName): Promise<string> => {
      const dbPath = this.#path('db')
      await spawnRun({ do: 'sync', peer, dbPath, schema, phases: [phase] })
      return dbPath
    }
    const base: Base = {
      service,
      databaseOf: (peer) => {
        const builder = BUILDERS[peer]
        const key = `${name} ${builder}`
        const database = this.#databases.get(key) ?? build(builder)
        this.#databases.set(key, database)
        return database
      },
    }
    this.#bases.set(name, base)
    return base
  }

  /** Carry out a plan on a database of its own, in a process of its own. */
  async run(plan: Plan): Promise<Awaited<ReturnType<typeof spawnRun>>> {
    const dbPath = plan.on === 'itself' ? plan.database : this.#path('db')
    if (plan.on === 'copy') await copyFile(plan.database, dbPath)
    try {
      return await spawnRun(withPath(plan.job, dbPath))
    } finally {
      if (plan.on !== 'itself') await removeDatabase(dbPath)
    }
  }

  #path(extension: string): string {
    return join(this.#folder, `${++this.#files}.${extension}`)
  }
}

/** Who makes the database that a peer starts from: the fastest that leaves the same. */
const BUILDERS: { readonly [K in PeerName]: PeerName } = {
  bare: 'bare',
  daemon: 'headwater',
  headwater: 'headwater',
  'headwater-line-by-line': 'headwater',
  native: 'native-one-transaction',
  'native-one-transaction': 'native-one-transaction',
  sdk: 'native-one-transaction',
}

function withPath(job: JobWithoutPath, dbPath: string): Job {
  return { ...job, dbPath }
}

async function removeDatabase(dbPath: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-lock', '-journal']) await rm(dbPath + suffix, { force: true })
}
