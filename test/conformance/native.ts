/**
 * Runs a trace through the native PowerSync core, the way PowerSync's JavaScript SDK drives it, and prints
 * what our own replay prints for the same trace. `node test/conformance/native.ts FILE…` does it by hand.
 *
 * Where the core and its SDK leave a step open, this is how it is mapped:
 * - the core tells of a closed stream only by its instruction: the SDK then shows "not connected"; a hidden
 *   close keeps what was shown until the next line, as a trace wants it;
 * - which streams there are comes from the tables, their priority and progress from the last iteration;
 * - `connect` on an open stream, `clear` and `resync` stop the old one first, as the SDK does;
 * - `uploaded` deletes the entries, sets the gate and, with a write checkpoint, reports the completed upload;
 * - `fail` cannot be put into the core: the next step is left out, which is what it must amount to.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NativeRun } from './native/run.ts'

/** Run a trace on a fresh database and return the JSON lines that it prints. */
export function runNative(traceText: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'native-replay-'))
  const run = new NativeRun(join(folder, 'native.db'))
  try {
    traceText.split('\n').forEach((line, index) => {
      if (line.trim() !== '') run.line(index + 1, line)
    })
    return run.printed
  } finally {
    run.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  for (const file of process.argv.slice(2)) {
    process.stdout.write(
      runNative(readFileSync(file, 'utf8'))
        .map((line) => `${line}\n`)
        .join(''),
    )
  }
}
