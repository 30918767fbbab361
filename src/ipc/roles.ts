/**
 * Who may do what. Every procedure names the capability that it needs; a role has the capabilities that are
 * listed here and no other. `ROLES.md` shows the table, procedure by procedure.
 */
import type { WindowRole } from './window.ts'

/**
 * - `read`: the status, and of which rows changes wait for upload.
 * - `rows`: the rows that the app's named queries give.
 * - `query`, `write`: the app's tables, by SQL of the window's own.
 * - `upload`: retry and give up what waits for upload; read and forget what was rejected.
 * - `hold`: hold streams, which makes the daemon download them.
 * - `control`: connect, disconnect, steer the demo.
 * - `inspect`: look into the daemon: buckets, the upload queue, the log, what crosses to windows.
 */
export type Capability = 'read' | 'rows' | 'query' | 'write' | 'upload' | 'hold' | 'control' | 'inspect'

/** Decided by the host when it makes the window; a page cannot ask for more. */
export const capabilities: { readonly [role in WindowRole]: readonly Capability[] } = {
  app: ['read', 'rows', 'query', 'write', 'upload', 'hold', 'control'],
  inspector: ['read', 'upload', 'hold', 'control', 'inspect'],
  headless: ['read', 'rows', 'hold'],
}

/** False for what is not named, be it a role or a capability. */
export function mayCall(role: WindowRole, capability: Capability | undefined): boolean {
  return (
    capability !== undefined && Object.hasOwn(capabilities, role) && capabilities[role].includes(capability)
  )
}
