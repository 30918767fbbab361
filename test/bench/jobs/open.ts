/** Opens a database that the peer has left, until its offline status is known. Loading code is not measured. */
import { loadPeer } from '../peer.ts'
import type { Job, Result } from './job.ts'

export async function runOpen(job: Extract<Job, { do: 'open' }>): Promise<Result> {
  const { dbPath, schema } = job
  const { open } = await loadPeer(job.peer)
  const began = performance.now()
  const peer = await open({ dbPath, schema })
  const ms = performance.now() - began
  await peer.close()
  return { figures: { ms }, digest: null }
}
