/**
 * The versions of the file. `user_version` counts the layouts that were applied, `application_id` says that the
 * file is ours. Both stand in the first 100 bytes, so a file can be judged without opening it as a database.
 */
import { layout0001 } from './0001.ts'
import { layout0002 } from './0002.ts'
import { layout0003 } from './0003.ts'
import { layout0004 } from './0004.ts'
import type { Connection } from '../connection.ts'

/** "HDWR" */
export const APPLICATION_ID = 0x48445752

/** Layouts in order: each is applied once, in a transaction of its own, and never changed after a release. */
const LAYOUTS: readonly string[] = [layout0001, layout0002, layout0003, layout0004]

export const NEWEST_VERSION = LAYOUTS.length

/** Bring the file to the newest layout. */
export function migrate(db: Connection): void {
  const version = db.pragma('user_version', { simple: true }) as number
  for (let next = version; next < LAYOUTS.length; next++) {
    db.transaction(() => {
      db.exec(LAYOUTS[next]!)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${next + 1}`)
    }).immediate()
  }
}
