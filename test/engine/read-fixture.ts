/** Read processes over a small database of their own, and what a test asks of processes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect } from 'vitest'
import { forkReader, type SpawnReader } from '../../src/engine/read-process/channel.ts'
import {
  openReadProcess,
  type ReadProcess,
  type ReadProcessOptions,
} from '../../src/engine/read-process/open.ts'
import type { Schema } from '../../src/schema/schema.ts'
import { openStorage } from '../../src/storage/open.ts'

export const entry = new URL('../../src/engine/read-process/entry.ts', import.meta.url)
export const schema: Schema = { tables: { todos: { columns: { text: 'text', n: 'integer' } } } }
export const ENDLESS = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n'

/** A database with two todos. */
export class ReadFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'headwater-read-'))
  readonly dbPath = join(this.folder, 'app.db')
  readonly #open: ReadProcess[] = []

  constructor() {
    openStorage({ path: this.dbPath, schema }).close()
    this.write(`INSERT INTO ps_data__todos(id, text, n) VALUES ('a', 'x', 1), ('b', 'y', 9007199254740993)`)
  }

  open(options: Partial<ReadProcessOptions> = {}): ReadProcess {
    const opened = openReadProcess({ spawn: forkReader(entry), dbPath: this.dbPath, schema, ...options })
    this.#open.push(opened)
    return opened
  }

  write(sql: string): void {
    const db = new Sqlite(this.dbPath)
    db.exec(sql)
    db.close()
  }

  async closeAll(): Promise<void> {
    for (const readers of this.#open.splice(0)) await readers.close()
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** Real processes, by the pids they had. */
export class Processes {
  readonly pids: number[] = []
  readonly spawn: SpawnReader = () => {
    const channel = forkReader(entry)()
    this.pids.push(channel.pid!)
    return channel
  }
}

/** Whether a process runs. One that ended and that nobody has asked about since does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch (error) {
    // Without /proc there is only the signal's word.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux'
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

export function code(code: string): unknown {
  return expect.objectContaining({ name: 'EngineError', code })
}
