/** Runs a query on the peer's views, warm, on a plain connection that is the same for all peers. */
import { median } from '../spread.ts'
import type { Job, Result } from './job.ts'
import { digestOf, openToRead } from './rows.ts'

export async function runRead({ dbPath, peer, sql, times }: Extract<Job, { do: 'read' }>): Promise<Result> {
  const db = openToRead(dbPath, peer)
  try {
    const query = db.prepare(sql)
    const digest = digestOf(query.all())
    const runs: number[] = []
    for (let run = 0; run < times; run++) {
      const began = performance.now()
      query.all()
      runs.push(performance.now() - began)
    }
    return { figures: { ms: median(runs) }, digest }
  } finally {
    db.close()
  }
}
