/** `npm run replay -- [--db FILE] FILE…`: runs traces and prints what they do, one JSON line after another. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { replay } from './replay.ts'

const { values, positionals } = parseArgs({
  options: { db: { type: 'string' } },
  allowPositionals: true,
})

if (positionals.length === 0 || (values.db !== undefined && positionals.length > 1)) {
  process.stderr.write(
    'Usage: npm run replay -- [--db FILE] TRACE…   (--db keeps the database of one trace)\n',
  )
  process.exitCode = 2
} else {
  for (const file of positionals) {
    const text = await readFile(file, 'utf8')
    if (positionals.length > 1) process.stdout.write(`${JSON.stringify({ trace: file })}\n`)
    const lines = await replay(text, values.db === undefined ? {} : { dbPath: values.db })
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  }
}
