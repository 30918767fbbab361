/** One process for one run: `node --expose-gc test/bench/run.ts JOB` prints the result as its last line. */
import type { Job, Result } from './jobs/job.ts'
import { runFetch } from './jobs/fetch.ts'
import { runOpen } from './jobs/open.ts'
import { runRead } from './jobs/read.ts'
import { runSync } from './jobs/sync.ts'
import { runWatch } from './jobs/watch.ts'
import { runWrite } from './jobs/write.ts'

const result = await run(JSON.parse(process.argv[2] ?? '') as Job)
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit())

function run(job: Job): Promise<Result> {
  switch (job.do) {
    case 'sync':
      return runSync(job)
    case 'fetch':
      return runFetch(job)
    case 'open':
      return runOpen(job)
    case 'read':
      return runRead(job)
    case 'write':
      return runWrite(job)
    case 'watch':
      return runWatch(job)
    default:
      return job satisfies never
  }
}
