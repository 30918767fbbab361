/** Runs a job in a process of its own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Job, Result } from './jobs/job.ts'

const RUN = fileURLToPath(new URL('run.ts', import.meta.url))

/** Rejects with what the process said when it failed. */
export async function spawnRun(job: Job): Promise<Result> {
  const execute = promisify(execFile)
  const { stdout } = await execute(process.execPath, ['--expose-gc', RUN, JSON.stringify(job)], {
    maxBuffer: 64 * 1024 * 1024,
  })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Result
}
