/** `npm run replay -- [--db FILE] FILE…`: runs traces and prints what they do, one JSON line after another. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { failWith, readArguments, UsageError } from '../command-line.ts'
import { replay } from './replay.ts'
import { readStep } from './step.ts'

const usage = `npm run replay -- [--db FILE] TRACE…
  TRACE      a file of JSON lines; test/conformance/traces has some
  --db FILE  uses this database and keeps it; for one trace (default: a fresh one each)`

const { traces, dbPath } = readArguments(usage, () => {
  const { values, positionals } = parseArgs({ options: { db: { type: 'string' } }, allowPositionals: true })
  if (positionals.length === 0) throw new UsageError('No trace is named. See --help.')
  if (values.db !== undefined && positionals.length > 1) throw new UsageError('--db goes with one trace.')
  return { traces: positionals.map((file) => ({ file, text: readTrace(file) })), dbPath: values.db }
})

for (const { file, text } of traces) {
  if (traces.length > 1) process.stdout.write(`${JSON.stringify({ trace: file })}\n`)
  const lines = await replay(text, dbPath === undefined ? {} : { dbPath }).catch((error: unknown) =>
    failWith(`${file} could not be replayed`, error),
  )
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** A step that is wrong is part of a trace, and its replay says so; a file without any step is something else. */
function readTrace(file: string): string {
  const text = readText(file)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const isTrace = lines.length === 0 || lines.some((line) => hasStep(line))
  if (!isTrace) throw new UsageError(`${file} is not a trace: none of its lines is a step.`)
  return text
}

function hasStep(line: string): boolean {
  const read = readStep(line)
  return read.ok || read.code === 'bad_step'
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`${file} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}.`)
  }
}
