/** Lines of one op: those that warm up, those that are measured, and what completes them. */
import type { Fixtures } from '../fixtures.ts'
import type { Phase } from '../jobs/job.ts'
import type { MadeUpService } from '../service.ts'

const WARM_UP = 100

export function oneOpLines(fixtures: Fixtures, service: MadeUpService, measured: number): Phase[] {
  const lines = [...service.firstSync(WARM_UP + measured)]
  return [
    fixtures.phase(lines.slice(0, 1 + WARM_UP), false),
    fixtures.phase(lines.slice(1 + WARM_UP, -1), true),
    fixtures.phase(lines.slice(-1), false),
  ]
}
