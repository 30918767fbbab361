/**
 * Every trace in `traces/` runs through our replay and through the native core, in JSON and in BSON, and the
 * two must print the same but for what `on-purpose.ts` lists. The names of traces begin with the number of the
 * item that they cover: b1 to b4 are the native core's own tests (streams, sync, local writes, schema), b8 what
 * no suite covers, a8 the traps of its SDK.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asBson } from './as-bson.ts'
import { runBoth } from './both.ts'
import { differences } from './compare.ts'
import { onPurpose } from './on-purpose.ts'

const folder = join(import.meta.dirname, 'traces')
const files = readdirSync(folder).map((file) => file.replace(/\.jsonl$/, ''))

/** What is malformed in a JSON text has no counterpart in BSON. */
const forms = [
  { form: 'JSON', traces: files, toForm: (text: string) => text },
  { form: 'BSON', traces: files.filter((trace) => !trace.startsWith('malformed')), toForm: asBson },
]

describe.each(forms)('prints what the native core prints, lines in $form', ({ traces, toForm }) => {
  test.each(traces)('%s', (trace) => {
    const { ours, native } = runBoth(toForm(readFileSync(join(folder, `${trace}.jsonl`), 'utf8')))
    expect(differences(ours, native)).toEqual(onPurpose[trace]?.differences ?? [])
  })
})

test('every difference on purpose belongs to a trace', () => {
  expect(Object.keys(onPurpose).filter((trace) => !files.includes(trace))).toEqual([])
})
