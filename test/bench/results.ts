/** All that a run found out, as it stands in the JSON file: which machine, which versions, and every repetition. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import Sqlite from 'better-sqlite3'
import type { Measured } from './measure.ts'
import { loadCore } from './peers/native.ts'
import type { Size } from './suite.ts'

export interface Results {
  readonly size: Size
  readonly machine: { readonly [what: string]: string }
  readonly suites: readonly MeasuredSuite[]
}

export interface MeasuredSuite {
  readonly name: string
  /** When it ended, as ISO text. */
  readonly date: string
  readonly repetitions: number
  /** Load average over a minute at the end: what else ran, and the bench itself (about 1). */
  readonly load: number
  readonly measured: readonly Measured[]
}

/** A suite that has just been measured. */
export function finished(name: string, repetitions: number, measured: readonly Measured[]): MeasuredSuite {
  return { name, date: new Date().toISOString(), repetitions, load: loadavg()[0]!, measured }
}

/** The results with this suite in them, instead of an earlier measurement of it. */
export function withSuite(results: Results, suite: MeasuredSuite): Results {
  return { ...results, suites: [...results.suites.filter(({ name }) => name !== suite.name), suite] }
}

/** What the file has of this size; nothing when there is no such file. Suites can so be run one by one. */
export function readResults(file: string | undefined, size: Size): Results {
  const none: Results = { size, machine: describeMachine(), suites: [] }
  if (file === undefined || !existsSync(file)) return none
  const earlier = JSON.parse(readFileSync(file, 'utf8')) as Results
  return earlier.size === size ? { ...none, suites: earlier.suites } : none
}

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`)
}

function describeMachine(): Results['machine'] {
  const db = new Sqlite(':memory:')
  loadCore(db)
  const versions = db.prepare('SELECT sqlite_version() AS sqlite, powersync_rs_version() AS core').get() as {
    readonly sqlite: string
    readonly core: string
  }
  db.close()
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    'Node.js': process.versions.node,
    'better-sqlite3': versionOf('better-sqlite3'),
    SQLite: versions.sqlite,
    'native core': versions.core,
    '@powersync/node': versionOf('@powersync/node'),
    Headwater: commit(),
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  return (require(`${name}/package.json`) as { readonly version: string }).version
}

/** The commit, with a plus when the sources differ from it. */
function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}
